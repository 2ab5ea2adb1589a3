//! A small province: a root, our body below it with a child and a neighbour, and somebody who serves us.

use std::sync::Arc;

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    right::Role,
};
use store::{StoreError, Tx, args};
use web::{User, testing::TestApp};

/// What nobody but us and those above may ever read on a page.
pub const OURS: &str = "Sở Thử nghiệm Riêng tư";

/// The ids of the fixture.
pub struct Fixture {
    pub root: Id<kind::Body>,
    pub ours: Id<kind::Body>,
    pub child: Id<kind::Body>,
    pub neighbour: Id<kind::Body>,
    /// Serves `ours`, without an account.
    pub person: Id<kind::Person>,
    /// Serves nobody yet: whoever asks in tests.
    pub asker: Id<kind::Person>,
}

impl Fixture {
    pub async fn new(t: &TestApp) -> Self {
        let ids = &*t.ids;
        let f = Self {
            root: Id::new(ids),
            ours: Id::new(ids),
            child: Id::new(ids),
            neighbour: Id::new(ids),
            person: Id::new(ids),
            asker: Id::new(ids),
        };
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            body(tx, f.root, None, "Tỉnh Thử nghiệm").await?;
            body(tx, f.ours, Some(f.root), OURS).await?;
            body(tx, f.child, Some(f.ours), "Trung tâm Trực thuộc").await?;
            body(tx, f.neighbour, Some(f.root), "Sở Láng giềng").await?;
            person(tx, f.person, "Trần Văn Riêng Tư").await?;
            person(tx, f.asker, "Người Hỏi").await?;
            tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![f.person, f.ours]).await?;
            tx.record("test.ground", "test", None, &());
            Ok(())
        });
        made.unwrap();
        f
    }

    /// A letter that our body received.
    pub async fn letter(&self, t: &TestApp) -> Id<kind::Letter> {
        let id: Id<kind::Letter> = Id::new(&*t.ids);
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            tx.run_for_test(
                "insert into letter (id, body, state, received_at, source, text, reading, corrected, folded) values ($1,$2,'read',0,'paste','x','{}','{}','x')",
                args![id, self.ours],
            ).await?;
            tx.record("test.letter", "test", None, &());
            Ok(())
        });
        made.unwrap();
        id
    }

    /// A channel and a role of our person, a system of ours and its host.
    pub async fn register(&self, t: &TestApp) -> [String; 4] {
        let ids: [String; 4] = std::array::from_fn(|_| t.ids.next().to_string());
        let [channel, grant, system, host] = &ids;
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            for (sql, args) in [
                ("insert into channel (id, person, kind, address, created_at) values ($1,$2,'email','rieng@example.vn',0)", args![channel, self.person]),
                ("insert into role_grant (id, person, role, body, created_at) values ($1,$2,'viewer',$3,0)", args![grant, self.person, self.ours]),
                ("insert into system (id, body, name, folded, sort_key, created_at) values ($1,$2,'Hệ thống Riêng Tư','x','x',0)", args![system, self.ours]),
                ("insert into host (id, body, system, name, sort_key, search, source, created_at) values ($1,$2,$3,'may-rieng','x','may-rieng','hand',0)", args![host, self.ours, system]),
                ("insert into host_key (host, kind, value, look, told) values ($1,'name','may-rieng','may-rieng',true)", args![host]),
                ("insert into body_successor (body, function, successor, valid_from) values ($1,'all',$2,'2025-07-01')", args![self.ours, self.root]),
            ] {
                tx.run_for_test(sql, args).await?;
            }
            tx.record("test.register", "test", None, &());
            Ok(())
        });
        made.unwrap();
        ids
    }

    /// A fact about our body.
    pub async fn fact(&self, t: &TestApp) -> String {
        let id = t.ids.next().to_string();
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            tx.run_for_test(
                "insert into fact (id, key, kind, body, subject, from_at, to_at, learnt_at, source, value) values ($1,$1,'read',$2,'assignment:1',0,0,0,'{\"audit\":0}','{}')",
                args![&id, self.ours],
            ).await?;
            tx.record("test.fact", "test", None, &());
            Ok(())
        });
        made.unwrap();
        id
    }

    /// An order of the root to our body, with one duty; the person becomes our head.
    pub async fn assignment(&self, t: &TestApp) -> Id<kind::Assignment> {
        self.order(t, self.root, self.ours).await.2
    }

    /// Evidence, with its file, and a question on an assignment of ours: ids of task, question, submission, and digest.
    pub async fn evidence(&self, t: &TestApp, assignment: Id<kind::Assignment>) -> [String; 4] {
        let sha256 = "ab".repeat(32);
        let (question, submission) = (t.ids.next().to_string(), t.ids.next().to_string());
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            tx.run_for_test(
                "insert into question (id, assignment, kind, text, asked_at) values ($1,$2,'question','x',0)",
                args![&question, assignment],
            ).await?;
            tx.run_for_test("insert into blob (sha256, len, created_at) values ($1,1,0)", args![&sha256]).await?;
            tx.run_for_test(
                "insert into blob_use (sha256, body, subject, name, kind, created_at) values ($1,$2,'test','x','text/plain',0)",
                args![&sha256, self.ours],
            ).await?;
            tx.run_for_test(
                "insert into submission (id, task, body, kind, text, state, submitted_at)
                 select $1, t.id, t.body, 'note', 'x', 'submitted', 0 from task t where t.assignment = $2",
                args![&submission, assignment],
            ).await?;
            tx.record("test.evidence", "test", None, &());
            Ok(())
        });
        made.unwrap();
        let mut sql = t.app.db.read().await.unwrap();
        let tasks =
            store::assignments::tasks(&mut sql, &domain::actor::Scope::system(), assignment).await.unwrap();
        [tasks[0].id.to_string(), question, submission, sha256]
    }

    /// A quick report of ours on an order of ours: the round's name in addresses, and the report's id.
    pub async fn quick_report(
        &self,
        t: &TestApp,
        campaign: &str,
        assignment: Id<kind::Assignment>,
    ) -> [String; 2] {
        use store::quick_reports::{Desk, NewReport, confirm};
        let (report, legal) = (Id::new(&*t.ids), &t.app.legal);
        let key = store::sign_in::InstanceKey::new(t.app.config.instance_key);
        let desk = Desk { ids: &*t.ids, legal, base: "", key: &key };
        let said = domain::quick_reports::Said { nil: true, ..Default::default() };
        let round = store::testing::minute(8 * 60);
        let new = NewReport { id: report, assignment, round, corrects: 0, shown: None, said: &said };
        let (duty, task) = (t.ids.next().to_string(), t.ids.next().to_string());
        let scope = Scope::of(vec![(Role::Head, self.ours)]);
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::Person(self.person), round, tx => {
            tx.run_for_test(
                "update campaign set window_from = $1, window_to = $2 where id = $3",
                args![store::testing::minute(0), store::testing::minute(3 * 1440), campaign],
            ).await?;
            tx.run_for_test(
                "insert into campaign_duty (id, campaign, place, code, path, quote) values ($1,$2,2,'RPT','2','báo cáo')",
                args![&duty, campaign],
            ).await?;
            tx.run_for_test(
                "insert into task (id, assignment, campaign, body, duty, code, due_at) values ($1,$2,$3,$4,$5,'RPT',$6)",
                args![&task, assignment, campaign, self.ours, &duty, store::testing::minute(600)],
            ).await?;
            confirm(tx, &scope, &desk, &new).await.map(|_| ())
        });
        made.unwrap();
        ["2027-01-20-1600".to_owned(), report.to_string()]
    }

    /// Something that came in by itself and could not be read.
    pub async fn inbox_item(&self, t: &TestApp) -> String {
        let id = t.ids.next().to_string();
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            tx.run_for_test(
                "insert into inbox_item (id, body, key, source, at, state, reason, name, origin)
                 values ($1,$2,'folder:1','folder',0,'trouble','damaged','Bao cao kin.pdf','{}')",
                args![&id, self.ours],
            ).await?;
            tx.record("test.inbox", "test", None, &());
            Ok(())
        });
        made.unwrap();
        id
    }

    /// An order with one duty: campaign, duty, assignment. The person becomes our head.
    pub async fn order(
        &self,
        t: &TestApp,
        by: Id<kind::Body>,
        to: Id<kind::Body>,
    ) -> (String, String, Id<kind::Assignment>) {
        let ids: [String; 4] = std::array::from_fn(|_| t.ids.next().to_string());
        let [campaign, duty, assignment, task] = &ids;
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            tx.run_for_test(
                "insert into campaign (id, body, name, folded, state, created_at) values ($1,$2,'Chiến dịch Tết','chien dich tet','issued',0)",
                args![campaign, by],
            ).await?;
            tx.run_for_test(
                "insert into campaign_duty (id, campaign, place, code, path, quote, due_at) values ($1,$2,1,'LEAD','1','quán triệt đến từng người',$3)",
                args![duty, campaign, store::testing::minute(600)],
            ).await?;
            tx.run_for_test(
                "insert into assignment (id, campaign, body, received_at) values ($1,$2,$3,0)",
                args![assignment, campaign, to],
            ).await?;
            tx.run_for_test(
                "insert into task (id, assignment, campaign, body, duty, code, due_at) values ($1,$2,$3,$4,$5,'LEAD',$6)",
                args![task, assignment, campaign, to, duty, store::testing::minute(600)],
            ).await?;
            tx.run_for_test(
                "insert into role_grant (id, person, role, body, created_at) values ($1,$2,'head',$3,0)",
                args![t.ids.next(), self.person, self.ours],
            ).await?;
            tx.record("test.order", "test", None, &());
            Ok(())
        });
        made.unwrap();
        (campaign.clone(), duty.clone(), assignment.parse().unwrap())
    }

    /// A draft of a report of ours on a campaign of ours.
    pub async fn report(&self, t: &TestApp, campaign: &str) -> String {
        let id = t.ids.next().to_string();
        let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
            tx.run_for_test(
                "insert into report (id, kind, body, campaign, state, draft, created_at, changed_at)
                 values ($1,'campaign',$2,$3,'draft','{\"subject\":\"Riêng tư\",\"issuer\":\"Sở\"}',0,0)",
                args![&id, self.ours, campaign],
            ).await?;
            tx.record("test.report", "test", None, &());
            Ok(())
        });
        made.unwrap();
        id
    }

    /// Somebody who holds every role over a subtree, with a session.
    pub fn everything(&self, t: &TestApp, top: Id<kind::Body>) -> Arc<User> {
        let roles: Vec<_> = Role::ALL.iter().map(|r| (*r, top)).collect();
        t.user(self.asker, &roles)
    }

    /// Somebody signed in who holds no role.
    pub fn nothing(&self, t: &TestApp) -> Arc<User> {
        t.user(self.asker, &[])
    }
}

async fn body(
    tx: &mut Tx,
    id: Id<kind::Body>,
    parent: Option<Id<kind::Body>>,
    name: &'static str,
) -> Result<(), StoreError> {
    tx.run_for_test(
        "insert into body (id, parent, kind, name, folded, sort_key, created_at) values ($1,$2,'department',$3,$4,$4,0)",
        args![id, parent, name, domain::text::fold(name)],
    )
    .await?;
    tx.run_for_test("insert into body_closure (above, below, depth) values ($1, $1, 0)", args![id]).await?;
    if let Some(parent) = parent {
        tx.run_for_test(
            "insert into body_closure (above, below, depth) select above, $1, depth + 1 from body_closure where below = $2",
            args![id, parent],
        )
        .await?;
    }
    Ok(())
}

async fn person(tx: &mut Tx, id: Id<kind::Person>, name: &'static str) -> Result<(), StoreError> {
    tx.run_for_test(
        "insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$3,$3,0)",
        args![id, name, domain::text::fold(name)],
    )
    .await
    .map(|_| ())
}
