//! A notice to 20,000 people of an imported list: gathered, sent through a real SMTP server on loopback, each letter
//! once; 20,000 receipts; the pages that show them.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use domain::{
    actor::{Actor, Scope},
    id::{Id, Uuid, kind},
    legal::Legal,
    notice::{Audience, Quiz},
    register::StaffRow,
    right::Role,
    time,
};
use send::{Letterhead, Security, Sender, SmtpChannel, SmtpConfig};
use store::{
    StoreError,
    notices::{self, NewNotice, Opening, PeopleFilter, PersonState, Words, personal},
    register::import,
    sign_in::InstanceKey,
    testing::{World, issued, minute},
};
use watch::{engine::Engine, notices::Notices, outbox::Outbox};
use web::testing::TestApp;

use super::{
    gauge::{Times, begin, ms},
    mail::Server,
};

const BODIES: usize = 1_000;
/// Of each body.
const PEOPLE: usize = 20;
/// Pages fetched for one figure.
const ROUNDS: usize = 25;
/// The order's goal for the notice's page.
const GOAL: Duration = Duration::from_millis(200);
/// Longer than this nobody waits for a figure.
const SENT_MAX: Duration = Duration::from_secs(1_200);
/// By then every letter is due, however slowly they are spread.
const ALL_DUE: i64 = 120;

/// Runs it.
///
/// # Errors
/// When something does not answer, a letter is missing or doubled, or a goal is missed.
pub fn run(_: &[&str]) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let t = TestApp::new().await;
    let legal = Legal::builtin()?;
    let world = issued(&t.db.db, &*t.ids, BODIES, &["AWAR"], minute(0), minute(20_000)).await;
    let notice = issue(&t, &world, &legal).await?;
    let engine = || jobs(&t, &legal);
    let (clock, began) = (Instant::now(), begin());
    engine().run_due(minute(0)).await?;
    println!(
        "gathered    {} people and their letters made in {:.1?}, processor {}",
        BODIES * PEOPLE,
        clock.elapsed(),
        ms(began.cpu())
    );
    send(&t, engine()).await?;
    commit(&t, &world, notice).await?;
    pages(&t, &world, notice).await
}

/// The list imported, the notice written and issued.
async fn issue(t: &TestApp, world: &World, legal: &Legal) -> Result<Id<kind::Notice>> {
    let rules = legal.on(time::date(minute(0))).notice_rules().context("rules of notices")?;
    let scope = Scope::of(vec![(Role::Coordinator, world.root)]);
    let rows = (0..BODIES * PEOPLE).map(|n| {
        let row = StaffRow {
            name: format!("Nguyễn Văn {n:05}"),
            email: format!("canbo{n}@xa.example"),
            body: Some(format!("Xã Số {}", n % BODIES)),
            body_code: None,
        };
        (u32::try_from(n + 2).unwrap_or(u32::MAX), row)
    });
    let rows: Vec<_> = rows.collect();
    let (list, id) = (Id::new(&*t.ids), Id::new(&*t.ids));
    let words = Words {
        title: "Cảnh giác lừa đảo dịp Tết".into(),
        text: "Không bấm vào đường dẫn lạ.\n\nBáo ngay khi nghi ngờ.".into(),
        lang: "vi".into(),
        quiz: Quiz::default(),
        audience: Audience { lists: vec![list], ..Audience::default() },
        campaign: Some(world.campaign),
    };
    let new = NewNotice { id, body: world.root, template: None, words };
    let began = begin();
    let taken: Result<usize, StoreError> = store::write!(t.db.db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into body_name (body, place, text, folded, alias) select id, 0, name, folded, false from body",
            vec![],
        ).await?;
        tx.run_for_test("update campaign set scope = '{}'", vec![]).await?;
        notices::list_create(tx, &scope, list, world.root, "Cán bộ").await?;
        let report = import::staff(tx, &scope, list, world.root, &rows).await?;
        notices::create(tx, &scope, rules, &new).await?;
        notices::issue(tx, &scope, rules, &*t.ids, id, Opening::default()).await?;
        Ok(report.lines.len())
    });
    println!("imported    {} rows, processor {}", taken?, ms(began.cpu()));
    Ok(id)
}

fn jobs(t: &TestApp, legal: &Legal) -> Engine {
    let work = Arc::new(Notices {
        db: t.db.db.clone(),
        ids: t.ids.clone(),
        legal: legal.clone(),
        key: InstanceKey::new(t.app.config.instance_key),
        base: "https://canh.example".into(),
    });
    Engine::new(t.db.db.clone()).job(watch::notices::NOTICE, move |job, now| {
        let work = work.clone();
        async move { work.notice(&job, now).await }
    })
}

/// Everything due, as fast as it goes: what paces letters in use is the rule, not this.
async fn send(t: &TestApp, engine: Engine) -> Result<()> {
    let server = Server::start()?;
    let mut config = SmtpConfig::new("127.0.0.1");
    (config.port, config.security) = (Some(server.port()), Security::None);
    let from = Sender { name: "Canh".into(), address: "canh@canh.example".into(), reply_to: None };
    let channel = Arc::new(SmtpChannel::new(&config, &from, 1 << 20)?);
    let head = Letterhead { centre: "Trung tâm giả định".into(), contact: None };
    let engine = engine.outbox(Outbox::new(t.db.db.clone(), vec![channel], head));
    t.clock.move_to_minute(ALL_DUE);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let (clock, began) = (Instant::now(), begin());
    let running = tokio::spawn(engine.run(t.clock.clone(), stopped));
    let all = i64::try_from(BODIES * PEOPLE)?;
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let sent =
            t.db.db
                .read()
                .await?
                .count_for_test("select count(*) as n from delivery where state = 'sent'")
                .await?;
        if sent == all {
            break;
        }
        ensure!(clock.elapsed() < SENT_MAX, "only {sent} of {all} letters are out after {SENT_MAX:?}");
    }
    let took = clock.elapsed();
    stop.send(true)?;
    running.await?;
    println!(
        "sent        {all} letters in {took:.1?}: {:.0} a second; processor {} a letter of ours",
        all as f64 / took.as_secs_f64(),
        ms(began.cpu() / u32::try_from(all)?),
    );
    let accepted = server.accepted()?;
    let people: BTreeSet<&String> = accepted.iter().collect();
    ensure!(accepted.len() == BODIES * PEOPLE, "the server took {} letters", accepted.len());
    ensure!(people.len() == accepted.len(), "{} people got a letter", people.len());
    println!("accepted    by the server: each of {} addresses once", people.len());
    Ok(())
}

/// Everybody opens it and commits: 20,000 receipts.
async fn commit(t: &TestApp, world: &World, id: Id<kind::Notice>) -> Result<()> {
    let scope = Scope::of(vec![(Role::Coordinator, world.root)]);
    let all = PeopleFilter { body: None, state: PersonState::All, q: "", after: None };
    let mut sql = t.db.db.read().await?;
    let notice = notices::get(&mut sql, &scope, id).await?;
    let people = notices::people(&mut sql, &scope, &notice, &all, BODIES * PEOPLE + 1).await?;
    drop(sql);
    let (mut times, ids) = (Times::default(), &*t.ids);
    for person in &people {
        let (who, at) = (person.id, minute(ALL_DUE + 1));
        let opened: Result<(), StoreError> =
            store::write!(t.db.db, Actor::Recipient(who), at, tx => personal::opened(tx, who).await);
        opened?;
        let began = begin();
        let done: Result<u64, StoreError> = store::write!(t.db.db, Actor::Recipient(who), at, tx => {
            personal::commit(tx, ids, who, "link").await
        });
        done?;
        times.end(&began);
    }
    times.print("one commitment", &format!("of {}", people.len()));
    Ok(())
}

async fn pages(t: &TestApp, world: &World, id: Id<kind::Notice>) -> Result<()> {
    t.clock.move_to_minute(ALL_DUE + 2);
    let user = t.user(Id::from_uuid(Uuid::from_u128(1)), &[(Role::Coordinator, world.root)]);
    let one = world.bodies.get(77).context("a body")?;
    let mut slow = Vec::new();
    for (name, path) in [
        ("the notice", format!("/notices/{id}")),
        ("its last bodies", format!("/notices/{id}?sort=name&from=900")),
        ("people, done", format!("/notices/{id}/people?state=done")),
        ("people of a body", format!("/notices/{id}/people?state=all&body={one}")),
        ("people, a name", format!("/notices/{id}/people?state=all&q=van+19999")),
        ("notices", "/notices".to_owned()),
        ("api", format!("/api/v1/notices/{id}")),
    ] {
        let (mut times, mut weight) = (Times::default(), 0);
        for _ in 0..ROUNDS {
            let began = begin();
            let bytes = t.fetch(Some(&user), &path, Some("br")).await.with_context(|| path.clone())?;
            times.end(&began);
            weight = bytes.len();
        }
        times.print(name, &format!("{weight} bytes"));
        if times.wall(95) > GOAL {
            slow.push(format!("{name} {}", ms(times.wall(95))));
        }
    }
    ensure!(slow.is_empty(), "over {GOAL:?}: {}", slow.join(", "));
    Ok(())
}
