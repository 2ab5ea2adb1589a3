//! The life of an assignment, each story on both engines: who may, what it leaves behind, and that once is once.

mod chased;

use domain::{
    actor::{Actor, Scope},
    evidence::Count,
    fact::{Fact, Source, kinds},
    id::{Id, Ids, kind},
    legal::Legal,
    order::{AckHow, Affected, ExcuseKind, Paper, QuestionKind, Signer, SubmissionState, chase::Reminder},
    right::Role,
};
use store::{
    StoreError, Tx, args, assignments as a,
    assignments::{Decision, NewEvidence, NewExcuse, NewQuestion, NewSubmission, Tools},
    blobs::{Blob, Blobs},
    both_engines, facts, intents, jobs,
    sign_in::scope_of,
    testing::{TestDb, TestIds, World, issued, minute},
};

type PersonId = Id<kind::Person>;
type BodyId = Id<kind::Body>;

/// An hour of the story in minutes.
const HOUR: i64 = 60;
const DUE: i64 = 5 * 24 * HOUR;

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    legal: Legal,
    w: World,
}

impl<'a> Story<'a> {
    /// A campaign of a root to three communes; the first has a child.
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, 3, &["LEAD", "VFIX", "WARN"], minute(0), minute(DUE)).await;
        Self { t, ids, legal: Legal::builtin().unwrap(), w }
    }

    async fn person(&self, name: &'static str, role: Role, body: BodyId) -> Who {
        let id: PersonId = Id::new(&self.ids as &dyn Ids);
        let grant: Id<kind::Grant> = Id::new(&self.ids as &dyn Ids);
        let mut tx = self.t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$2,$2,0)",
            args![id, name],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)",
            args![grant, id, role.name(), body],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        self.who(id).await
    }

    async fn who(&self, id: PersonId) -> Who {
        let mut sql = self.t.db.read().await.unwrap();
        Who { actor: Actor::Person(id), scope: scope_of(&mut sql, id, minute(1)).await.unwrap() }
    }

    fn tools(&self) -> Tools<'_> {
        let pack = self.legal.on(domain::time::date(minute(0)));
        Tools { ids: &self.ids, base: "https://canh.test", pack }
    }

    async fn facts(&self, subject: String, kind: &str) -> Vec<Fact> {
        let mut sql = self.t.db.read().await.unwrap();
        facts::about(&mut sql, &Scope::system(), &[subject], &[kind], 100).await.unwrap()
    }

    async fn acknowledge(&self, who: &Who, at: i64, of: usize) -> Result<bool, StoreError> {
        let (tools, id) = (self.tools(), self.w.assignments[of]);
        store::write!(self.t.db, who.actor, minute(at), tx => a::acknowledge(tx, &who.scope, &tools, id).await)
    }

    async fn note(
        &self,
        who: &Who,
        text: &str,
        body: usize,
        task: usize,
    ) -> Result<Id<kind::Submission>, StoreError> {
        let (tools, id) = (self.tools(), Id::new(&self.ids as &dyn Ids));
        let tasks =
            [NewSubmission { id, task: self.w.tasks[body][task], count: Some(Count { handled: 3, all: 4 }) }];
        let evidence = NewEvidence::Note(text.into());
        let done: Result<u32, StoreError> = store::write!(self.t.db, who.actor, minute(10), tx => {
            a::hand_in(tx, &who.scope, &tools, &evidence, &tasks).await
        });
        done.map(|_| id)
    }

    async fn decide(
        &self,
        who: &Who,
        ids: &[Id<kind::Submission>],
        decision: &Decision,
    ) -> Result<u32, StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, who.actor, minute(20), tx => {
            a::decide(tx, &who.scope, &tools, ids, decision).await
        })
    }

    async fn told(&self) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(c) = intents::claim(&self.t.db, minute(DUE)).await.unwrap() {
            told.push(c.intent.template.clone());
            let sent = domain::intent::Delivery::Sent { receipt: "ok".into() };
            intents::settle(&self.t.db, minute(DUE), &c, &sent).await.unwrap();
        }
        told.sort();
        told
    }
}

struct Who {
    actor: Actor,
    scope: Scope,
}

fn gone<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::NotFound(_))), "{result:?}");
}
fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, code: &str) {
    assert!(matches!(result, Err(StoreError::Refused(c)) if c == code), "{result:?}, not {code}");
}

async fn delegate(s: &Story<'_>, from: &Who, to: &Who, body: BodyId) -> Who {
    let (giver, clerk) = (from.actor.person().unwrap(), to.actor.person().unwrap());
    let mut tx = s.t.db.begin_quiet(minute(0)).await.unwrap();
    let id: Id<kind::Grant> = Id::new(&s.ids as &dyn Ids);
    tx.run_for_test(
        "insert into role_grant (id, person, role, body, delegated_by, until_at, created_at) values ($1,$2,'head',$3,$4,$5,0)",
        args![id, clerk, body, giver, minute(DUE)],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    s.who(clerk).await
}

both_engines! {
    async fn reading_is_noticed_once_and_only_by_the_body_itself(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let stranger = s.person("Người lạ", Role::Head, s.w.bodies[1]).await;
        let (tools, id) = (s.tools(), s.w.assignments[0]);
        let open = async |who: &Who| -> Result<bool, StoreError> {
            store::write!(t.db, who.actor, minute(2), tx => a::opened(tx, &who.scope, &tools, id).await)
        };
        assert!(!open(&above).await.unwrap(), "a look from above is no reading");
        gone(open(&stranger).await);
        assert!(open(&clerk).await.unwrap());
        assert!(!open(&clerk).await.unwrap());
        let read = s.facts(format!("assignment:{id}"), kinds::READ).await;
        assert_eq!(read.len(), 1);
        assert!(matches!(read[0].source, Source::Audit(_)));
        let shown = a::get(&mut t.db.read().await.unwrap(), &above.scope, id).await.unwrap();
        assert_eq!(shown.read_at, Some(minute(2)));
        assert!(shown.rights.review && !shown.rights.acknowledge);
    }

    async fn only_the_head_of_the_body_acknowledges_and_only_once(t: &TestDb) {
        let s = Story::new(t).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Head, s.w.bodies[1]).await;
        let coordinator = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let above = s.person("Thủ trưởng cấp trên", Role::Head, s.w.root).await;
        let child = crate::body(&t.db, &s.ids, Some(s.w.bodies[0])).await;
        let child = s.person("Cấp dưới", Role::Head, child).await;
        for who in [&clerk, &neighbour, &coordinator, &above, &child] {
            gone(s.acknowledge(who, 5, 0).await);
        }
        assert!(s.acknowledge(&head, 5, 0).await.unwrap());
        assert!(!s.acknowledge(&head, 6, 0).await.unwrap(), "once is once");
        let facts = s.facts(format!("assignment:{}", s.w.assignments[0]), kinds::ACKNOWLEDGED).await;
        assert_eq!(facts.len(), 1);
        assert_eq!(facts[0].value["how"], "page");
        assert_eq!(facts[0].from, minute(5));
        let shown = a::get(&mut t.db.read().await.unwrap(), &clerk.scope, s.w.assignments[0]).await.unwrap();
        let acknowledged = shown.acknowledged.unwrap();
        assert_eq!((acknowledged.at, acknowledged.by.as_str(), acknowledged.how), (minute(5), "Thủ trưởng", AckHow::Page));
        assert_eq!(shown.read_at, Some(minute(5)), "whoever acknowledges has read");
    }

    async fn a_clerk_acknowledges_by_delegation_and_a_link_by_link(t: &TestDb) {
        let s = Story::new(t).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let clerk = delegate(&s, &head, &clerk, s.w.bodies[0]).await;
        assert!(s.acknowledge(&clerk, 5, 0).await.unwrap());
        let other = s.person("Thủ trưởng khác", Role::Head, s.w.bodies[1]).await;
        let link = Who { actor: Actor::Link(Id::new(&s.ids), other.actor.person().unwrap()), ..other };
        assert!(s.acknowledge(&link, 5, 1).await.unwrap());
        for (n, how) in ["delegate", "link"].into_iter().enumerate() {
            let facts = s.facts(format!("assignment:{}", s.w.assignments[n]), kinds::ACKNOWLEDGED).await;
            assert_eq!(facts[0].value["how"], how);
        }
    }

    async fn the_units_own_letter_acknowledges_when_it_names_the_order(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Head, s.w.bodies[1]).await;
        let blobs = Blobs::open_dir(&t.dir.path().join("blobs")).await.unwrap();
        let blob = blobs.put(s.ids.next(), &b"cong van"[..], 100).await.unwrap();
        let signer = Some(Signer { name: Some("Lê Văn Hùng".into()), ..Signer::default() });
        let by = async |who: &Who, issuer: &str, text: &str| -> Result<bool, StoreError> {
            let paper = Paper { issuer: Some(issuer.into()), signer: signer.clone(), ..Paper::default() };
            let signatures = serde_json::json!({"found": true, "list": []});
            let (name, kind) = ("cv.pdf", "application/pdf");
            let letter = a::ByLetter { blob: &blob, name, kind, paper: &paper, text, signatures: &signatures };
            let (tools, id) = (s.tools(), s.w.assignments[0]);
            store::write!(t.db, who.actor, minute(7), tx => {
                a::acknowledge_by_letter(tx, &who.scope, &tools, id, &letter).await
            })
        };
        let text = "Thực hiện chỉ đạo Tết thử nghiệm, xã đã quán triệt.";
        gone(by(&neighbour, "Xã Số 0", text).await);
        refused(by(&clerk, "Xã Số 1", text).await, "letter-other-issuer");
        refused(by(&clerk, "Xã Số 0", "về việc khác").await, "letter-other-order");
        assert!(by(&clerk, "XÃ SỐ 0", text).await.unwrap());
        let facts = s.facts(format!("assignment:{}", s.w.assignments[0]), kinds::ACKNOWLEDGED).await;
        assert_eq!(facts[0].source, Source::Blob(blob.sha256.clone()));
        assert_eq!(facts[0].value["signer"], "Lê Văn Hùng");
        let seen = a::get(&mut t.db.read().await.unwrap(), &clerk.scope, s.w.assignments[0]).await.unwrap();
        assert_eq!(seen.acknowledged.unwrap().signatures["found"], true);
        let mut sql = t.db.read().await.unwrap();
        assert!(blobs.open(&mut sql, &clerk.scope, &blob.sha256).await.is_ok());
        gone(blobs.open(&mut sql, &neighbour.scope, &blob.sha256).await.map(|_| ()));
    }

    async fn a_warning_is_triaged_and_the_newer_word_counts(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let viewer = s.person("Người xem", Role::Viewer, s.w.bodies[0]).await;
        let (tools, id) = (s.tools(), s.w.assignments[0]);
        let say = async |who: &Who, affected, note: &str| -> Result<bool, StoreError> {
            store::write!(t.db, who.actor, minute(3), tx => {
                a::triage(tx, &who.scope, &tools, id, affected, note).await
            })
        };
        gone(say(&viewer, Affected::Affected, "").await);
        refused(say(&clerk, Affected::NotAffected, "  ").await, "triage-note-missing");
        assert!(say(&clerk, Affected::Unknown, "đang kiểm tra").await.unwrap());
        assert!(!say(&clerk, Affected::Unknown, "đang kiểm tra").await.unwrap());
        assert!(say(&clerk, Affected::NotAffected, "không dùng sản phẩm này").await.unwrap());
        let facts = s.facts(format!("assignment:{id}"), kinds::TRIAGED).await;
        assert_eq!(facts.len(), 1, "the older word is superseded");
        assert_eq!(facts[0].value["affected"], "not-affected");
    }

    async fn a_question_is_answered_once_and_both_sides_see_it(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let own_head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Head, s.w.bodies[1]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let tools = s.tools();
        let new = NewQuestion {
            id: Id::new(&s.ids),
            assignment: s.w.assignments[0],
            task: Some(s.w.tasks[0][1]),
            kind: QuestionKind::Difficulty,
            text: "Máy chủ cũ không còn bản vá.".into(),
        };
        let ask = async |who: &Who, new: &NewQuestion| -> Result<(), StoreError> {
            store::write!(t.db, who.actor, minute(3), tx => a::ask(tx, &who.scope, &tools, new).await)
        };
        gone(ask(&neighbour, &new).await);
        gone(ask(&clerk, &NewQuestion { task: Some(s.w.tasks[1][1]), ..new.clone() }).await);
        refused(ask(&clerk, &NewQuestion { text: " ".into(), ..new.clone() }).await, "text-empty");
        ask(&clerk, &new).await.unwrap();
        let say = async |who: &Who| -> Result<Id<kind::Assignment>, StoreError> {
            store::write!(t.db, who.actor, minute(4), tx => {
                a::answer(tx, &who.scope, &tools, new.id, "Dùng giải pháp thay thế.").await
            })
        };
        gone(say(&neighbour).await);
        gone(say(&own_head).await);
        say(&above).await.unwrap();
        refused(say(&above).await, "question-answered");
        let mut sql = t.db.read().await.unwrap();
        for who in [&clerk, &above] {
            let all = a::questions(&mut sql, &who.scope, s.w.assignments[0]).await.unwrap();
            assert_eq!(all[0].answer.as_deref(), Some("Dùng giải pháp thay thế."));
            assert_eq!((all[0].code.as_deref(), all[0].answered_by.as_deref()), (Some("VFIX"), Some("Điều phối")));
        }
        gone(a::question(&mut sql, &neighbour.scope, new.id).await);
        drop(sql);
        assert_eq!(s.told().await, ["question-answered", "question-asked"]);
    }

    async fn evidence_is_handed_in_reviewed_by_the_superior_and_never_by_oneself(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let own_head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Coordinator, s.w.bodies[1]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        gone(s.note(&neighbour, "xong", 0, 1).await);
        let first = s.note(&clerk, "đã vá 3/4 máy", 0, 1).await.unwrap();
        s.note(&clerk, "đã vá 3/4 máy", 0, 1).await.unwrap();
        let subject = format!("task:{}", s.w.tasks[0][1]);
        assert_eq!(s.facts(subject.clone(), kinds::SUBMITTED).await.len(), 1, "not doubled");
        for who in [&clerk, &own_head, &neighbour] {
            gone(s.decide(who, &[first], &Decision::Accept).await);
            let mut sql = t.db.read().await.unwrap();
            assert!(a::pending(&mut sql, &who.scope, &Default::default(), None, 10).await.unwrap().is_empty());
        }
        let waiting =
            a::pending(&mut t.db.read().await.unwrap(), &above.scope, &Default::default(), None, 10).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].code.as_str(), waiting[0].submission.id), (1, "VFIX", first));
        refused(s.decide(&above, &[first], &Decision::Return(" ".into())).await, "text-empty");
        assert_eq!(s.decide(&above, &[first], &Decision::Accept).await.unwrap(), 1);
        assert_eq!(s.decide(&above, &[first], &Decision::Accept).await.unwrap(), 0, "once is once");
        refused(s.decide(&above, &[first], &Decision::Return("lý do".into())).await, "evidence-decided");
        let accepted = s.facts(subject, kinds::ACCEPTED).await;
        assert_eq!((accepted[0].value["handled"].as_u64(), accepted[0].value["all"].as_u64()), (Some(3), Some(4)));
        assert_eq!(accepted[0].value["submission"], first.to_string());
        // A superior may answer for the body, but then somebody else must decide.
        let own = s.note(&above, "cấp trên làm thay", 0, 1).await.unwrap();
        refused(s.decide(&above, &[own], &Decision::Accept).await, "evidence-own");
        assert_eq!(s.told().await, ["evidence-accepted"]);
    }

    async fn a_bulk_is_decided_whole_or_not_at_all_and_each_body_hears_once(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let one = s.person("Văn thư 0", Role::Clerk, s.w.bodies[0]).await;
        let two = s.person("Văn thư 1", Role::Clerk, s.w.bodies[1]).await;
        let ids = [
            s.note(&one, "a", 0, 1).await.unwrap(),
            s.note(&one, "b", 0, 2).await.unwrap(),
            s.note(&two, "c", 1, 1).await.unwrap(),
        ];
        let own = s.note(&above, "d", 2, 1).await.unwrap();
        let with_own = [ids[0], own];
        refused(s.decide(&above, &with_own, &Decision::Accept).await, "evidence-own");
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(a::of_task(&mut sql, &above.scope, s.w.tasks[0][1]).await.unwrap()[0].state, SubmissionState::Submitted);
        drop(sql);
        assert_eq!(s.decide(&above, &ids, &Decision::Return("thiếu biên bản".into())).await.unwrap(), 3);
        assert_eq!(s.told().await, ["evidence-returned", "evidence-returned"]);
    }

    async fn what_was_handed_in_can_be_taken_back_until_somebody_decides(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Head, s.w.bodies[1]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let (first, second) = (s.note(&clerk, "nhầm", 0, 1).await.unwrap(), s.note(&clerk, "đúng", 0, 1).await.unwrap());
        let tools = s.tools();
        let back = async |who: &Who, id| -> Result<Id<kind::Task>, StoreError> {
            store::write!(t.db, who.actor, minute(12), tx => a::withdraw(tx, &who.scope, &tools, id).await)
        };
        gone(back(&neighbour, first).await);
        back(&clerk, first).await.unwrap();
        refused(back(&clerk, first).await, "evidence-decided");
        let left = s.facts(format!("task:{}", s.w.tasks[0][1]), kinds::SUBMITTED).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].value["submission"], second.to_string());
        refused(s.decide(&above, &[first], &Decision::Accept).await, "evidence-decided");
        s.decide(&above, &[second], &Decision::Accept).await.unwrap();
        refused(back(&clerk, second).await, "evidence-decided");
    }

    async fn one_file_serves_several_duties_and_only_those_concerned_open_it(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let viewer = s.person("Người xem", Role::Viewer, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Head, s.w.bodies[1]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let blobs = Blobs::open_dir(&t.dir.path().join("blobs")).await.unwrap();
        let blob: Blob = blobs.put(s.ids.next(), &b"bien ban"[..], 100).await.unwrap();
        let evidence = NewEvidence::File {
            blob: blob.clone(),
            name: "biên bản.pdf".into(),
            mime: "application/pdf".into(),
            note: String::new(),
        };
        let tools = s.tools();
        let hand = async |who: &Who, tasks: &[NewSubmission]| -> Result<u32, StoreError> {
            store::write!(t.db, who.actor, minute(10), tx => {
                a::hand_in(tx, &who.scope, &tools, &evidence, tasks).await
            })
        };
        let new = |body: usize, task: usize, count| NewSubmission { id: Id::new(&s.ids), task: s.w.tasks[body][task], count };
        gone(hand(&clerk, &[new(0, 0, None), new(1, 0, None)]).await);
        refused(hand(&clerk, &[new(0, 1, Some(Count { handled: 5, all: 4 }))]).await, "evidence-count");
        refused(hand(&clerk, &[new(0, 1, Some(Count { handled: 0, all: 0 }))]).await, "evidence-count");
        refused(hand(&clerk, &[]).await, "evidence-no-task");
        assert_eq!(hand(&clerk, &[new(0, 0, None), new(0, 1, None)]).await.unwrap(), 2);
        let facts = s.facts(format!("task:{}", s.w.tasks[0][0]), kinds::SUBMITTED).await;
        assert_eq!(facts[0].source, Source::Blob(blob.sha256.clone()));
        let mut sql = t.db.read().await.unwrap();
        for (who, may) in [(&clerk, true), (&above, true), (&viewer, false), (&neighbour, false)] {
            assert_eq!(blobs.open(&mut sql, &who.scope, &blob.sha256).await.is_ok(), may);
        }
        let seen = a::of_task(&mut sql, &viewer.scope, s.w.tasks[0][0]).await.unwrap();
        assert_eq!((seen.len(), seen[0].sha256.as_deref()), (1, None), "that there is some, not what it says");
        gone(a::of_task(&mut sql, &neighbour.scope, s.w.tasks[0][0]).await);
    }
}
