//! The register of requests, each story on both engines: who may, what it leaves behind, that once is once.

mod chased;
mod letters;
mod listed;
mod protected;

use domain::{
    actor::{Actor, Scope},
    fact::kinds,
    id::{Id, Ids, kind},
    legal::Legal,
    request::{
        ItemState, Outcome, RequestKind, RequestState, Standing,
        filter::{self, Item},
    },
    right::Role,
    time::Window,
};
use jiff::Timestamp;
use store::{
    StoreError, args,
    assignments::{self, NewEvidence},
    blobs::Blobs,
    both_engines, facts, intents,
    requests::{
        self as r, Answer, Asker, Decision, Filter, Mark, NewRequest, PassOn, Side, Sort, State, Tools,
    },
    sign_in::{InstanceKey, scope_of},
    testing::{TestDb, TestIds, World, issued, minute},
};

type BodyId = Id<kind::Body>;
type RequestId = Id<kind::Request>;

const HOUR: i64 = 60;
const DUE: i64 = 5 * 24 * HOUR;

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    legal: Legal,
    w: World,
}

struct Who {
    actor: Actor,
    scope: Scope,
}

impl<'a> Story<'a> {
    /// A root with three communes.
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, 3, &["CMPL"], minute(0), minute(DUE)).await;
        Self { t, ids, legal: Legal::builtin().unwrap(), w }
    }

    async fn person(&self, name: &'static str, role: Role, body: BodyId) -> Who {
        let id: Id<kind::Person> = Id::new(&self.ids as &dyn Ids);
        let grant: Id<kind::Grant> = Id::new(&self.ids as &dyn Ids);
        let mut tx = self.t.db.begin_quiet(minute(0)).await.unwrap();
        for (sql, args) in [
            (
                "insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$2,$2,0)",
                args![id, name],
            ),
            (
                "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)",
                args![grant, id, role.name(), body],
            ),
        ] {
            tx.run_for_test(sql, args).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut sql = self.t.db.read().await.unwrap();
        Who { actor: Actor::Person(id), scope: scope_of(&mut sql, id, minute(1)).await.unwrap() }
    }

    fn tools(&self) -> Tools<'_> {
        let common = assignments::Tools {
            ids: &self.ids,
            base: "https://canh.test",
            pack: self.legal.on(domain::time::date(minute(0))),
        };
        Tools { common, key: InstanceKey::new([1; 32]) }
    }

    fn work(&self, to: &[BodyId]) -> NewRequest {
        NewRequest {
            asker: Asker::Body(self.w.root),
            to: to.to_vec(),
            kind: RequestKind::Work,
            title: "Rà soát tài khoản quản trị".into(),
            text: "Rà soát, báo cáo số tài khoản đã thu hồi.".into(),
            basis: "Công văn 12/CAT-PA05".into(),
            under_law: false,
            urgent: false,
            asked: None,
            due: Some(minute(DUE)),
            letter: None,
            items: vec![],
        }
    }

    fn filter(&self, to: &[BodyId], text: &str) -> NewRequest {
        let items: Vec<Item> = filter::read(text, &self.tools().pack.guard()).items;
        NewRequest {
            kind: RequestKind::Filter,
            under_law: true,
            due: None,
            title: "Chặn tên miền giả mạo".into(),
            items,
            ..self.work(to)
        }
    }

    async fn ask(&self, who: &Who, new: &NewRequest, at: i64) -> Result<Vec<RequestId>, StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, who.actor, minute(at), tx => r::ask(tx, &who.scope, &tools, new).await)
    }
    async fn receive(&self, who: &Who, id: RequestId, at: i64) -> Result<bool, StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, who.actor, minute(at), tx => r::receive(tx, &who.scope, &tools, id).await)
    }
    async fn answer(
        &self,
        who: &Who,
        id: RequestId,
        how: Outcome,
        text: &str,
        at: i64,
    ) -> Result<(), StoreError> {
        let tools = self.tools();
        let new = Answer {
            outcome: how,
            text: text.into(),
            count: None,
            proof: None,
            proof_id: Id::new(&self.ids as &dyn Ids),
        };
        store::write!(self.t.db, who.actor, minute(at), tx => r::answer(tx, &who.scope, &tools, id, &new).await)
    }
    async fn decide(&self, who: &Who, id: RequestId, how: &Decision, at: i64) -> Result<(), StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, who.actor, minute(at), tx => r::decide(tx, &who.scope, &tools, id, how).await)
    }
    async fn withdraw(&self, who: &Who, id: RequestId, at: i64) -> Result<(), StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, who.actor, minute(at), tx => r::withdraw(tx, &who.scope, &tools, id, "hết cần").await)
    }
    async fn pass_on(
        &self,
        who: &Who,
        id: RequestId,
        to: &[BodyId],
        at: i64,
    ) -> Result<Vec<RequestId>, StoreError> {
        let tools = self.tools();
        let pass = PassOn { to: to.to_vec(), due: None, note: String::new() };
        store::write!(self.t.db, who.actor, minute(at), tx => r::pass_on(tx, &who.scope, &tools, id, &pass).await)
    }
    async fn mark(
        &self,
        who: &Who,
        id: RequestId,
        which: Mark,
        state: ItemState,
        at: i64,
    ) -> Result<u64, StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, who.actor, minute(at), tx => {
            r::mark(tx, &who.scope, &tools, id, &which, state, "không thuộc mạng của đơn vị").await
        })
    }
    async fn get(&self, who: &Who, id: RequestId, at: i64) -> Result<r::Request, StoreError> {
        r::get(&mut self.t.db.read().await.unwrap(), &who.scope, id).await.map(|found| found.at(minute(at)))
    }
    async fn facts(&self, id: RequestId, kind: &str) -> usize {
        let mut sql = self.t.db.read().await.unwrap();
        facts::about(&mut sql, &Scope::system(), &[format!("request:{id}")], &[kind], 100)
            .await
            .unwrap()
            .len()
    }
    async fn told(&self) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(c) = intents::claim(&self.t.db, minute(7 * 24 * HOUR - 30)).await.unwrap() {
            told.push(c.intent.template.clone());
            let sent = domain::intent::Delivery::Sent { receipt: "ok".into() };
            intents::settle(&self.t.db, minute(7 * 24 * HOUR - 30), &c, &sent).await.unwrap();
        }
        told.sort();
        told
    }
}

fn gone<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::NotFound(_))), "{result:?}");
}
fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, why: &str) {
    assert!(matches!(result, Err(StoreError::Refused(w)) if w == why), "{result:?}");
}

both_engines! {
    async fn a_request_is_asked_taken_answered_returned_and_accepted(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let id = s.ask(&above, &s.work(&s.w.bodies[..1]), 5).await.unwrap()[0];
        let found = s.get(&clerk, id, 6).await.unwrap();
        assert_eq!((found.brief.state, found.brief.standing), (RequestState::Asked, Standing::Open));
        assert!(found.rights.answer && !found.rights.decide);
        assert!(s.receive(&clerk, id, 10).await.unwrap());
        assert!(!s.receive(&clerk, id, 11).await.unwrap(), "taken once");
        refused(s.answer(&clerk, id, Outcome::Done, " ", 12).await, "request-proof");
        refused(s.answer(&clerk, id, Outcome::Impossible, " ", 12).await, "request-why");
        s.answer(&clerk, id, Outcome::Partly, "Còn 2 tài khoản.", 20).await.unwrap();
        assert_eq!(s.get(&clerk, id, 21).await.unwrap().brief.standing, Standing::Open);
        s.answer(&clerk, id, Outcome::Done, "Đã thu hồi 7 tài khoản.", 30).await.unwrap();
        gone(s.decide(&clerk, id, &Decision::Accept, 31).await);
        s.decide(&above, id, &Decision::Return("Thiếu danh sách".into(), None), 40).await.unwrap();
        let found = s.get(&above, id, 41).await.unwrap();
        assert_eq!((found.brief.state, found.brief.standing), (RequestState::Received, Standing::Open));
        s.answer(&clerk, id, Outcome::Done, "Kèm danh sách.", DUE + 5).await.unwrap();
        assert_eq!(s.get(&clerk, id, DUE + 6).await.unwrap().brief.standing, Standing::Late);
        s.decide(&above, id, &Decision::Accept, DUE + 7).await.unwrap();
        refused(s.answer(&clerk, id, Outcome::Done, "nữa", DUE + 8).await, "request-accepted");
        assert_eq!(s.facts(id, kinds::REQUEST_ANSWERED).await, 3);
        assert_eq!(s.facts(id, kinds::REQUEST_RECEIVED).await, 1);
        let mut sql = t.db.read().await.unwrap();
        let kinds: Vec<_> = r::events(&mut sql, &clerk.scope, id).await.unwrap().into_iter().map(|e| e.kind).collect();
        assert_eq!(kinds, ["asked", "received", "partly", "done", "returned", "done", "accepted"]);
        assert_eq!(s.told().await.iter().filter(|w| *w == "request-returned").count(), 1);
    }

    async fn another_body_sees_nothing_and_may_nothing(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let neighbour = s.person("Láng giềng", Role::Head, s.w.bodies[1]).await;
        let viewer = s.person("Người xem", Role::Viewer, s.w.bodies[0]).await;
        let id = s.ask(&above, &s.filter(&s.w.bodies[..1], "evil.com"), 5).await.unwrap()[0];
        gone(s.get(&neighbour, id, 6).await);
        gone(s.receive(&neighbour, id, 6).await);
        gone(s.answer(&neighbour, id, Outcome::Done, "x", 6).await);
        gone(s.decide(&neighbour, id, &Decision::Accept, 6).await);
        gone(s.withdraw(&neighbour, id, 6).await);
        gone(s.pass_on(&neighbour, id, &s.w.bodies[1..2], 6).await);
        gone(s.mark(&neighbour, id, Mark::Rest, ItemState::Done, 6).await);
        refused(s.ask(&neighbour, &NewRequest { asker: Asker::Body(s.w.bodies[1]), ..s.work(&s.w.bodies[..1]) }, 6).await, "body-not-yours");
        gone(s.ask(&neighbour, &s.work(&s.w.bodies[..1]), 6).await);
        refused(s.ask(&neighbour, &NewRequest { asker: Asker::Outside("Cục A".into()), ..s.work(&s.w.bodies[..1]) }, 6).await, "body-not-yours");
        let mut sql = t.db.read().await.unwrap();
        let all = r::list(&mut sql, &neighbour.scope, &Filter::default(), minute(6), 0, 10).await.unwrap();
        assert!(all.is_empty());
        gone(r::items(&mut sql, &neighbour.scope, id, 0).await);
        gone(r::events(&mut sql, &neighbour.scope, id).await);
        gone(r::proofs(&mut sql, &neighbour.scope, id).await);
        gone(r::descendants(&mut sql, &neighbour.scope, id, minute(6)).await);
        let window = Window { from: minute(0), to: minute(DUE) };
        let sums = r::summary(&mut sql, &neighbour.scope, window, &s.w.bodies, minute(6)).await.unwrap();
        assert!(sums.values().all(|sum| sum.asked.is_empty()));
        // Whoever may see but not read learns that there is one, not what it says.
        let seen = r::get(&mut sql, &viewer.scope, id).await.unwrap();
        assert_eq!((seen.text.as_str(), seen.rights.read), ("", false));
        gone(r::items(&mut sql, &viewer.scope, id, 0).await);
    }

    async fn an_outside_authority_is_recorded_by_the_body_and_judged_by_nobody_below(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let new = NewRequest { asker: Asker::Outside("Phòng PA05".into()), asked: Some(minute(1)), ..s.work(&s.w.bodies[..1]) };
        let id = s.ask(&clerk, &new, 5).await.unwrap()[0];
        refused(s.ask(&clerk, &NewRequest { asked: Some(minute(9)), ..new.clone() }, 5).await, "request-asked");
        s.answer(&clerk, id, Outcome::Impossible, "Không quản lý hệ thống này.", 6).await.unwrap();
        gone(s.decide(&head, id, &Decision::Accept, 7).await);
        assert_eq!(s.get(&head, id, 7).await.unwrap().brief.standing, Standing::Impossible);
        s.decide(&above, id, &Decision::Accept, 8).await.unwrap();
        assert_eq!(s.get(&head, id, 9).await.unwrap().brief.standing, Standing::Released);
        let second = s.ask(&clerk, &new, 10).await.unwrap()[0];
        gone(s.withdraw(&clerk, second, 11).await);
        s.withdraw(&head, second, 12).await.unwrap();
        let ours = s.ask(&above, &s.work(&s.w.bodies[..1]), 13).await.unwrap()[0];
        gone(s.withdraw(&head, ours, 14).await);
    }

    async fn a_receipt_holds_what_was_taken_and_never_changes(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư An", Role::Clerk, s.w.bodies[0]).await;
        let id = s.ask(&above, &s.filter(&s.w.bodies[..1], "evil.com\n203.0.113.9"), 5).await.unwrap()[0];
        let read = async || r::receipt(&mut t.db.read().await.unwrap(), &above.scope, id).await;
        gone(read().await);
        s.receive(&clerk, id, 10).await.unwrap();
        let first = read().await.unwrap();
        assert!(first.json.contains("Văn thư An") && first.json.contains("evil.com"), "{}", first.json);
        assert_eq!(first.sha256.len(), 64);
        s.mark(&clerk, id, Mark::Rest, ItemState::Done, 20).await.unwrap();
        assert_eq!(read().await.unwrap(), first);
        let mut sql = t.db.read().await.unwrap();
        let told = facts::about(&mut sql, &Scope::system(), &[format!("request:{id}")], &[kinds::REQUEST_RECEIVED], 9).await.unwrap();
        assert_eq!(told[0].value["receipt"], first.sha256);
    }

    async fn what_is_handed_in_as_proof_is_opened_by_both_sides(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let id = s.ask(&above, &s.work(&s.w.bodies[..1]), 5).await.unwrap()[0];
        let blobs = Blobs::open_dir(&t.dir.path().join("blobs")).await.unwrap();
        let blob = blobs.put(s.ids.next(), &b"ket qua"[..], 100).await.unwrap();
        let file = NewEvidence::File { blob: blob.clone(), name: "ket-qua.txt".into(), mime: "text/plain".into(), note: String::new() };
        let new = Answer { outcome: Outcome::Done, text: String::new(), count: None, proof: Some(file), proof_id: Id::new(&s.ids) };
        let tools = s.tools();
        let done: Result<(), StoreError> = store::write!(t.db, clerk.actor, minute(9), tx => r::answer(tx, &clerk.scope, &tools, id, &new).await);
        done.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(r::proofs(&mut sql, &above.scope, id).await.unwrap()[0].file_name.as_deref(), Some("ket-qua.txt"));
        assert!(blobs.open(&mut sql, &above.scope, &blob.sha256).await.is_ok());
        drop(sql);
        refused(s.answer(&clerk, id, Outcome::Done, "", 10).await, "request-proof");
    }

    async fn entries_have_their_own_times_and_answer_the_list_when_none_is_open(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Kỹ thuật", Role::DutyOfficer, s.w.bodies[0]).await;
        let id = s.ask(&above, &s.filter(&s.w.bodies[..1], "a.top b.top c.top 203.0.113.9"), 5).await.unwrap()[0];
        let found = s.get(&clerk, id, 5).await.unwrap();
        assert_eq!((found.brief.due, found.due_basis.is_some()), (minute(5 + 24 * HOUR), true), "24 h by law");
        refused(s.answer(&clerk, id, Outcome::Done, "xong", 6).await, "request-items-open");
        assert_eq!(s.mark(&clerk, id, Mark::Some(vec![1, 2, 99]), ItemState::Done, 10).await.unwrap(), 2);
        assert_eq!(s.mark(&clerk, id, Mark::Some(vec![1]), ItemState::Done, 11).await.unwrap(), 0);
        assert_eq!(s.mark(&clerk, id, Mark::Some(vec![3]), ItemState::Impossible, 12).await.unwrap(), 1);
        assert!(s.get(&clerk, id, 13).await.unwrap().brief.state.is_open());
        s.mark(&clerk, id, Mark::Rest, ItemState::Done, 25 * HOUR).await.unwrap();
        let found = s.get(&clerk, id, 26 * HOUR).await.unwrap();
        assert_eq!((found.brief.state, found.brief.standing), (RequestState::Partly, Standing::Impossible));
        assert_eq!(found.brief.items, (4, 4));
        // One cannot be filtered: nobody says that all of it is done, nor that none of it could be.
        refused(s.answer(&clerk, id, Outcome::Done, "xong", 26 * HOUR).await, "request-items-impossible");
        s.answer(&clerk, id, Outcome::Impossible, "một mục không chặn được", 26 * HOUR).await.unwrap();
        assert_eq!(s.get(&clerk, id, 26 * HOUR).await.unwrap().brief.state, RequestState::Partly);
        let mut sql = t.db.read().await.unwrap();
        let rows = r::items(&mut sql, &clerk.scope, id, 0).await.unwrap();
        assert_eq!((rows[0].at, rows[3].at), (Some(minute(10)), Some(minute(25 * HOUR))));
        assert_eq!(rows[2].reason, "không thuộc mạng của đơn vị");
        let window = Window { from: minute(0), to: minute(DUE) };
        let sum = &r::summary(&mut sql, &above.scope, window, &s.w.bodies, minute(26 * HOUR)).await.unwrap()[&s.w.bodies[0]];
        let items = sum.items;
        assert_eq!((items.all, items.done, items.late, items.impossible, items.open), (4, 3, 1, 1, 0));
        drop(sql);
        // Returned: what was impossible is asked anew, what was filtered stays.
        s.decide(&above, id, &Decision::Return("Vẫn phải chặn".into(), Some(minute(60 * HOUR))), 27 * HOUR).await.unwrap();
        let found = s.get(&clerk, id, 28 * HOUR).await.unwrap();
        assert_eq!((found.brief.items, found.brief.standing), ((3, 4), Standing::Open));
    }
}
