//! Bulletins: sent to communes, read out, receipts counted and asked for.

use domain::notice::Schedule;
use jiff::{Timestamp, civil::date};
use store::notices::bulletins::{self as b, NewBulletin, NewReceipt};

use super::*;

/// The test's minute 0 is 20/01/2027 08:00.
fn at(text: &str) -> Timestamp {
    format!("2027-01-{text}:00+07:00").parse().unwrap()
}

fn minutes(to: Timestamp) -> i64 {
    minute(0).duration_until(to).as_secs() / 60
}

async fn issued_bulletin(s: &Story<'_>) -> Id<kind::Bulletin> {
    let new = NewBulletin {
        id: s.id(),
        body: s.w.root,
        template: None,
        words: b::Words {
            title: "Cảnh giác lừa đảo dịp Tết".into(),
            text: "Kính thưa bà con. ".repeat(40),
            lang: "vi".into(),
            schedule: Schedule::read(date(2027, 1, 21), date(2027, 1, 22), "5:30, 17:00").unwrap(),
            tops: vec![s.w.root],
            campaign: Some(s.w.campaign),
        },
    };
    let done: Result<(), StoreError> = store::write!(s.t.db, Actor::System, minute(0), tx => {
        b::create(tx, &s.officer, &s.rules, &new).await?;
        b::issue(tx, &s.officer, &s.ids, new.id, "https://canh.test").await
    });
    done.unwrap();
    new.id
}

async fn run(s: &Story<'_>, id: Id<kind::Bulletin>, at: i64) {
    for _ in 0..1_000 {
        match b::step(&s.t.db, minute(at), &s.rules, &s.ids, "https://canh.test", id).await.unwrap() {
            Some(next) if next <= minute(at) => {}
            _ => return,
        }
    }
    panic!("the job does not end");
}

async fn receipt(
    s: &Story<'_>,
    id: Id<kind::Bulletin>,
    body: usize,
    slot: &str,
    cluster: &str,
) -> Result<(), StoreError> {
    let new = NewReceipt {
        id: s.id(),
        bulletin: id,
        body: s.w.bodies[body],
        slot: at(slot),
        aired: at(slot),
        cluster: cluster.into(),
        by: "Lê Văn Loa".into(),
        note: String::new(),
        recording: None,
    };
    let clerk = Scope::of(vec![(Role::Clerk, s.w.bodies[body])]);
    let now = minutes(at(slot)) + 10;
    store::write!(s.t.db, Actor::System, minute(now), tx => b::record(tx, &clerk, &s.rules, &s.ids, &new).await)
}

async fn told(s: &Story<'_>, body: Id<kind::Body>) -> Vec<(u64, u64)> {
    let mut sql = s.t.db.read().await.unwrap();
    let subject = format!("body:{body}");
    let found =
        facts::about(&mut sql, &Scope::system(), &[subject], &[kinds::BULLETIN_TALLY], 10).await.unwrap();
    found.iter().map(|f| (f.value["handled"].as_u64().unwrap(), f.value["all"].as_u64().unwrap())).collect()
}

both_engines! {
    async fn communes_read_it_out_and_the_silent_are_asked_once_a_round(db: &TestDb) {
        let s = Story::new(db).await;
        let id = issued_bulletin(&s).await;
        run(&s, id, 1).await;
        run(&s, id, 2).await;
        // Nobody has a verified address here; the letters are made all the same, once.
        assert_eq!(s.count("select count(*) as n from intent where template = 'bulletin-sent'").await, 3);
        assert_eq!(told(&s, s.w.bodies[0]).await, [(0, 0)], "nothing is due yet");
        let mut sql = db.db.read().await.unwrap();
        let bulletin = b::get(&mut sql, &s.officer, id).await.unwrap();
        assert_eq!((bulletin.seconds, bulletin.schedule.slots().len()), (65, 4));
        drop(sql);

        receipt(&s, id, 0, "21T05:30", "Cụm loa thôn 1").await.unwrap();
        receipt(&s, id, 0, "21T05:30", "Cụm loa thôn 2").await.unwrap();
        let twice = receipt(&s, id, 0, "21T05:30", "Cụm loa thôn 2").await;
        assert!(matches!(twice, Err(StoreError::Refused("bulletin-twice"))));
        let other = receipt(&s, id, 0, "21T05:45", "Cụm loa thôn 1").await;
        assert!(matches!(other, Err(StoreError::Refused("bulletin-slot"))));
        assert_eq!(told(&s, s.w.bodies[0]).await, [(1, 1)], "two clusters are one broadcast");

        // 08:30: the first receipt is due; one commune has it.
        run(&s, id, minutes(at("21T08:30"))).await;
        assert_eq!((told(&s, s.w.bodies[0]).await, told(&s, s.w.bodies[1]).await), (vec![(1, 1)], vec![(0, 1)]));
        assert_eq!(told(&s, s.w.root).await, [(1, 3)], "one commune of three is nothing behind");
        let missing = "select count(*) as n from intent where template = 'bulletin-missing'";
        assert_eq!(s.count(missing).await, 0, "asked once a day, after the last broadcast of the day");
        for _ in 0..2 {
            run(&s, id, minutes(at("21T20:00"))).await;
        }
        assert_eq!(s.count(missing).await, 3, "now the first commune misses one as well");
        let now = at("21T20:00");
        let mut sql = db.db.read().await.unwrap();
        let rows = b::bodies(&mut sql, &s.officer, &bulletin, &Default::default(), (3, now), 10).await.unwrap();
        let behind: Vec<_> = rows.iter().map(|r| (r.broadcast, r.missing, r.chased)).collect();
        assert_eq!(behind, [(0, 2, 1), (0, 2, 1), (1, 1, 1)]);
        // A commune sees itself only.
        let clerk = Scope::of(vec![(Role::Clerk, s.w.bodies[2])]);
        let own = b::bodies(&mut sql, &clerk, &bulletin, &Default::default(), (3, now), 10).await.unwrap();
        assert_eq!(own.iter().map(|r| r.body).collect::<Vec<_>>(), [s.w.bodies[2]]);
        assert_eq!(b::receipts(&mut sql, &clerk, id, None, 10).await.unwrap(), []);
        let all = n::summary(&mut sql, &s.officer, &Default::default()).await.unwrap();
        assert_eq!((all.bulletins, all.communes, all.scheduled, all.broadcast), (1, 3, 12, 1));
        drop(sql);

        // Everybody reports in the end; after the last days nobody is asked any more and it closes by itself.
        run(&s, id, minutes(at("22T20:00"))).await;
        run(&s, id, minutes(at("27T20:00"))).await;
        let mut sql = db.db.read().await.unwrap();
        assert_eq!(b::get(&mut sql, &s.officer, id).await.unwrap().state, domain::notice::NoticeState::Closed);
        drop(sql);
        let late = receipt(&s, id, 1, "22T17:00", "Cụm 1").await;
        assert!(matches!(late, Err(StoreError::Refused("bulletin-over"))));
    }

    async fn only_the_commune_itself_gives_receipts(db: &TestDb) {
        let s = Story::new(db).await;
        let id = issued_bulletin(&s).await;
        let new = NewReceipt {
            id: s.id(), bulletin: id, body: s.w.bodies[1], slot: at("21T05:30"), aired: at("21T05:31"),
            cluster: "Cụm 1".into(), by: "X".into(), note: String::new(), recording: None,
        };
        let other = Scope::of(vec![(Role::Clerk, s.w.bodies[0])]);
        let viewer = Scope::of(vec![(Role::Viewer, s.w.bodies[1])]);
        for scope in [other, viewer] {
            let done: Result<(), StoreError> = store::write!(db.db, Actor::System, at("21T06:00"), tx => {
                b::record(tx, &scope, &s.rules, &s.ids, &new).await
            });
            assert!(matches!(done, Err(StoreError::NotFound(_))));
        }
        // Nor before it happened.
        let clerk = Scope::of(vec![(Role::Clerk, s.w.bodies[1])]);
        let done: Result<(), StoreError> = store::write!(db.db, Actor::System, at("21T05:00"), tx => {
            b::record(tx, &clerk, &s.rules, &s.ids, &new).await
        });
        assert!(matches!(done, Err(StoreError::Refused("bulletin-aired"))));
    }

    async fn a_bulletin_taken_back_counts_no_more(db: &TestDb) {
        let s = Story::new(db).await;
        let id = issued_bulletin(&s).await;
        run(&s, id, 1).await;
        assert_eq!(told(&s, s.w.bodies[0]).await.len(), 1);
        let done: Result<(), StoreError> = store::write!(db.db, Actor::System, minute(2), tx => b::cancel(tx, &s.officer, id).await);
        done.unwrap();
        assert_eq!(told(&s, s.w.bodies[0]).await, []);
    }
}
