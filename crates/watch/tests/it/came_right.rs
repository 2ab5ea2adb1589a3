//! Whoever was called is told that it came right by itself.

use std::sync::Arc;

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids},
    legal::Legal,
    paging::{About, Hours, Policy, Rule, Severity, Step, Target},
    right::Role,
    time,
};
use store::{
    StoreError, args,
    assignments::Tools,
    callouts::{self, Answer, Filter, NewMonitor, NewPolicy, Side},
    testing::{TestIds, TestSecrets, minute, sqlite},
};
use watch::engine::Engine;

use crate::{
    body,
    paging::{Fake, also, outbox, taken},
    person,
};

#[tokio::test]
async fn messages_say_that_it_came_right_by_itself_and_nobody_is_called_any_more() {
    let (t, ids, secrets) = (sqlite().await, TestIds::default(), TestSecrets::default());
    let of = body(&t.db, &ids).await;
    let stands: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
        let itself = "insert into body_closure (above, below, depth) values ($1, $1, 0)";
        tx.run_for_test(itself, args![of]).await?;
        tx.unchanged();
        Ok(())
    });
    stands.unwrap();
    let one = person(&t.db, &ids, of, "vi", true, &[]).await;
    let two = person(&t.db, &ids, of, "en", true, &[]).await;
    also(&t.db, &ids, one, "telegram", "@abcde", 1).await;
    also(&t.db, &ids, two, "telegram", "@fghij", 1).await;
    let telegram = Fake::new("telegram", vec![taken()]);
    let ways = outbox(&t.db, std::slice::from_ref(&telegram));
    let legal = Arc::new(Legal::builtin().unwrap());
    let tools = Tools { ids: &ids, base: "https://canh.test", pack: legal.on(time::date(minute(0))) };
    let monitor = NewMonitor {
        id: Id::new(&ids as &dyn Ids),
        body: of,
        name: "Sao lưu".into(),
        digest: store::sign_in::digest("tick"),
        every_minutes: 5,
        grace_minutes: 0,
        severity: Severity::High,
    };
    let step = |after_minutes, person| Step {
        after_minutes,
        only: Hours::Always,
        targets: vec![Target::Person(person)],
    };
    let policy = Policy {
        name: "Đêm".into(),
        steps: vec![step(0, one), step(1, two), step(30, one)],
        repeats: 0,
        pause_minutes: 60,
        lapse_minutes: None,
    };
    let new = NewPolicy {
        id: Id::new(&ids as &dyn Ids),
        body: of,
        rule: Rule { about: vec![About::Monitor], from: Severity::Low, policy },
    };
    let all = Scope::of(vec![(Role::Coordinator, of)]);
    let made: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
        callouts::make_monitor(tx, &all, &monitor).await?;
        callouts::create(tx, &all, &new).await
    });
    made.unwrap();
    let looked: Result<_, StoreError> =
        store::write!(t.db, Actor::System, minute(5), tx => callouts::look(tx, &tools).await);
    looked.unwrap();
    let seen = Filter { side: Side::All, body: None };
    let found = callouts::list(&mut t.db.read().await.unwrap(), &all, None, seen, None, 9).await.unwrap();
    let id = found[0].callout.id;
    for at in [5, 6] {
        let stepped: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(at), tx => callouts::step(tx, &tools, &secrets, id).await);
        stepped.unwrap();
    }
    let (other, again) = (ways.clone(), ways.clone());
    let engine = Engine::new(t.db.clone()).job(watch::callouts::REVISE, move |job, now| {
        let ways = other.clone();
        async move { watch::callouts::revise(&ways, &job, now).await }
    });
    let engine = engine.job(callouts::JOB, |_, _| async { Ok(domain::job::Outcome::Done) }).outbox(again);
    // The one in Vietnamese is sent, and they take it; the one in English is told who did.
    engine.run_due(minute(7)).await.unwrap();
    assert_eq!(telegram.to(), ["@abcde", "@fghij"]);
    let token = telegram.tokens.lock().unwrap()["@abcde"].clone();
    callouts::answer(&t.db, &tools, minute(8), &token, Answer::Acknowledge, "telegram").await.unwrap();
    engine.run_due(minute(9)).await.unwrap();
    callouts::beat(&t.db, &tools, minute(10), "tick").await.unwrap();
    engine.run_due(minute(11)).await.unwrap();
    let changed = telegram.changed.lock().unwrap().clone();
    let said: Vec<_> = changed.iter().map(|(to, said)| (to.as_str(), said.as_str())).collect();
    let took = "Nguyễn Văn A đã nhận lúc 08:08 20/01/2027";
    assert_eq!(said[0], ("@abcde", took));
    assert!(said[1].0 == "@fghij" && said[1].1.contains("took it at 08:08"), "{said:?}");
    let right = format!("{took}. Đã tự trở lại bình thường lúc 08:10 20/01/2027");
    assert_eq!(said[2], ("@abcde", right.as_str()));
    assert!(said[3].1.ends_with("It came right by itself at 08:10 20/01/2027"), "{said:?}");
    assert_eq!(changed.len(), 4);
}
