//! Reports: begun, edited, signed off, frozen; what they were made from.

use domain::{
    actor::{Actor, Scope},
    fact::kinds,
    id::{Id, Ids, kind},
    legal::Legal,
    report::{ReportKind, ReportState, Value, compare},
    right::Role,
    time,
};
use serde_json::json;
use store::{
    StoreError, Topic, args,
    blobs::Blob,
    both_engines,
    reports::{self, Filter, Frozen, NewReport},
    testing::{TestDb, TestIds, World, fact, issued, minute},
};

fn blob(n: u8) -> Blob {
    Blob { sha256: hex(n), len: 3 }
}

fn hex(n: u8) -> String {
    format!("{n:02x}").repeat(32)
}

fn frozen(digest: &str) -> Frozen {
    Frozen {
        made_at: minute(10),
        digest: digest.to_owned(),
        files: [blob(1), blob(2), blob(3), blob(4)],
        name: "bao-cao".into(),
    }
}

struct Story {
    w: World,
    ids: TestIds,
    legal: Legal,
    who: Actor,
    above: Scope,
}

async fn setting(t: &TestDb) -> Story {
    let ids = TestIds::default();
    let w = issued(&t.db, &ids, 3, &["VFIX", "SELF"], minute(0), minute(100)).await;
    let person: Id<kind::Person> = Id::new(&ids as &dyn Ids);
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into person (id, name, folded, sort_key, created_at) values ($1,'Lê An','le an','le an',0)",
        args![person],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let above = Scope::of(vec![(Role::Coordinator, w.root)]);
    Story { w, ids, legal: Legal::builtin().unwrap(), who: Actor::Person(person), above }
}

impl Story {
    async fn begin(
        &self,
        t: &TestDb,
        scope: &Scope,
        kind: ReportKind,
        of: Option<usize>,
    ) -> Result<Id<kind::Report>, StoreError> {
        let pack = self.legal.on(time::date(minute(0)));
        let body = of.map_or(self.w.root, |n| self.w.bodies[n]);
        let assignment = of.map(|n| self.w.assignments[n]);
        let mut sql = t.db.read().await.unwrap();
        let on = time::date(minute(1));
        let draft =
            reports::propose(&mut sql, pack, kind, body, self.w.campaign, assignment, minute(1), on).await?;
        drop(sql);
        let id = Id::new(&self.ids as &dyn Ids);
        let new = NewReport { id, kind, body, campaign: self.w.campaign, assignment, draft };
        let done: Result<(), StoreError> =
            store::write!(t.db, self.who, minute(1), tx => reports::create(tx, scope, &new).await);
        done.map(|()| id)
    }

    async fn sign(
        &self,
        t: &TestDb,
        scope: &Scope,
        id: Id<kind::Report>,
        version: i64,
    ) -> Result<(), StoreError> {
        let pack = self.legal.on(time::date(minute(0)));
        store::write!(t.db, self.who, minute(10), tx => {
            reports::sign(tx, scope, &self.ids, pack, id, version, &frozen("d")).await
        })
    }
}

both_engines! {
    async fn a_report_is_begun_edited_and_signed_off_once(t: &TestDb) {
        let s = setting(t).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let report = reports::get(&mut sql, &s.above, id).await.unwrap();
        assert_eq!((report.state, report.version, report.rights.sign), (ReportState::Draft, 1, true));
        assert_eq!(report.draft.title, "BÁO CÁO");
        assert_eq!(report.draft.unfit(), []);
        drop(sql);
        let draft = domain::report::Draft { place: "Sông Trà".into(), ..report.draft.clone() };
        let save = async |version| -> Result<(), StoreError> {
            store::write!(t.db, s.who, minute(2), tx => reports::save(tx, &s.above, id, version, &draft).await)
        };
        save(1).await.unwrap();
        assert!(matches!(save(1).await, Err(StoreError::Stale)), "somebody was faster");
        let clerk = Scope::of(vec![(Role::Clerk, s.w.root)]);
        assert!(matches!(s.sign(t, &clerk, id, 2).await, Err(StoreError::NotFound(_) | StoreError::Refused(_))));
        s.sign(t, &s.above, id, 2).await.unwrap();
        assert!(matches!(s.sign(t, &s.above, id, 3).await, Err(StoreError::Refused("report-signed"))));
        assert!(matches!(save(3).await, Err(StoreError::Refused("report-signed"))));
        let mut sql = t.db.read().await.unwrap();
        let report = reports::get(&mut sql, &s.above, id).await.unwrap();
        let signed = report.signed.unwrap();
        assert_eq!((signed.digest.as_str(), signed.pdf), ("d", hex(3)));
        assert!(!report.rights.prepare && !report.rights.sign);
        assert_eq!(reports::of_file(&mut sql, &s.above, &hex(4)).await.unwrap().id, id);
        assert_eq!(reports::list(&mut sql, &s.above, &Filter::default(), 10).await.unwrap().len(), 1);
    }

    async fn another_body_gets_nothing_and_the_one_above_only_what_was_handed_up(t: &TestDb) {
        let s = setting(t).await;
        let own = Scope::of(vec![(Role::Head, s.w.bodies[0])]);
        let other = Scope::of(vec![(Role::Head, s.w.bodies[1])]);
        assert!(s.begin(t, &other, ReportKind::Reply, Some(0)).await.is_err());
        assert!(s.begin(t, &own, ReportKind::Campaign, None).await.is_err());
        let id = s.begin(t, &own, ReportKind::Reply, Some(0)).await.unwrap();
        // The root's own people outside the tree of the body: a scope over the root's centre alone.
        let mut sql = t.db.read().await.unwrap();
        assert!(reports::get(&mut sql, &other, id).await.is_err());
        let report = reports::get(&mut sql, &own, id).await.unwrap();
        assert_eq!(report.draft.to, ["Sở Công an giả định"]);
        let figures = reports::figures(&mut sql, &report, &s.legal, minute(5)).await.unwrap();
        assert_eq!(figures.value("bodies"), Some(Value::Number(1, format!("/assignments/{}", s.w.assignments[0]))));
        assert_eq!(figures.value("incidents"), Some(Value::Missing));
        drop(sql);
        s.sign(t, &own, id, 1).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert!(reports::get(&mut sql, &other, id).await.is_err(), "a neighbour still sees nothing");
        assert!(reports::get(&mut sql, &s.above, id).await.is_ok());
        // Handed up through Canh, it is the result the self-review asks for, and of nothing else.
        let submitted = store::facts::about(&mut sql, &Scope::system(), &[format!("task:{}", s.w.tasks[0][1])], &[kinds::SUBMITTED], 9).await.unwrap();
        assert_eq!(submitted.len(), 1);
        assert_eq!(submitted[0].source, domain::fact::Source::Report(format!("report:{id}")));
        let other = store::facts::about(&mut sql, &Scope::system(), &[format!("task:{}", s.w.tasks[0][0])], &[kinds::SUBMITTED], 9).await.unwrap();
        assert!(other.is_empty());
    }

    async fn what_it_was_made_from_tells_time_from_tampering(t: &TestDb) {
        let s = setting(t).await;
        let subject = format!("task:{}", s.w.tasks[0][0]);
        fact(&t.db, &s.ids, Topic::Task, kinds::SUBMITTED, s.w.bodies[0], &subject, json!({"submission": "a"}), minute(2)).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let now = async || {
            let mut sql = t.db.read().await.unwrap();
            let report = reports::get(&mut sql, &s.above, id).await.unwrap();
            {
                let figures = reports::figures(&mut sql, &report, &s.legal, minute(9)).await.unwrap();
                reports::basis(&mut sql, &report, &figures, minute(3)).await.unwrap()
            }
        };
        let then = now().await;
        assert_eq!((then.facts.len(), then.verdicts.len()), (4, 6));
        // Later facts are later: they change nothing of what was known then.
        fact(&t.db, &s.ids, Topic::Task, kinds::ACCEPTED, s.w.bodies[0], &subject, json!({"submission": "a"}), minute(8)).await;
        assert_eq!(compare(&then, &now().await), domain::report::Compared::default());
        assert_eq!(reports::digest(&then), reports::digest(&now().await));
        let mut tx = t.db.begin_quiet(minute(9)).await.unwrap();
        tx.run_for_test("update fact set value = '{\"submission\":\"b\"}' where kind = 'evidence.submitted'", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let found = compare(&then, &now().await);
        assert!(!found.untouched() && found.altered.len() == 1);
    }
}
