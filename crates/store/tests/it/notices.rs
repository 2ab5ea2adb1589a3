//! Notices and bulletins, each story on both engines: who gets what once, what counts and what does not, who may know.

mod bulletins;
mod excused;
mod unforgeable;

use domain::{
    actor::{Actor, Scope},
    fact::{Fact, kinds},
    id::{Id, Ids, kind},
    intent::Delivery,
    legal::Legal,
    notice::{Audience, NoticeRules, Question, Quiz, Rates},
    register::StaffRow,
    right::Role,
};
use store::{
    StoreError, args, both_engines, facts, intents,
    notices::{
        self as n, BodyFilter, Mine, NewNotice, Opening, PeopleFilter, PersonState, Tools, Words, personal,
    },
    register::import::{self, Report},
    sign_in::{InstanceKey, scope_of},
    testing::{TestDb, TestIds, World, issued, minute},
};

type NoticeId = Id<kind::Notice>;

const HOUR: i64 = 60;
const DUE: i64 = 20 * 24 * HOUR;
const CLOSES: i64 = 10 * 24 * HOUR;

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    rules: NoticeRules,
    key: InstanceKey,
    w: World,
    officer: Scope,
}

fn rules() -> NoticeRules {
    let legal = Legal::builtin().unwrap();
    legal.on(domain::time::date(minute(0))).notice_rules().unwrap().clone()
}

impl<'a> Story<'a> {
    /// A root with three communes, and somebody of the root who may do everything with notices.
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, 3, &["AWAR", "CASC"], minute(0), minute(DUE)).await;
        let officer = Scope::of(vec![(Role::Coordinator, w.root)]);
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test(
            "insert into body_name (body, place, text, folded, alias) select id, 0, name, folded, false from body",
            args![],
        )
        .await
        .unwrap();
        let scope = serde_json::to_string(&domain::system::SystemScope::default()).unwrap();
        tx.run_for_test("update campaign set scope = $1", args![scope]).await.unwrap();
        tx.commit().await.unwrap();
        Self { t, ids, rules: rules(), key: InstanceKey::new([9; 32]), w, officer }
    }

    fn tools(&self) -> Tools<'_> {
        Tools { ids: &self.ids, base: "https://canh.test", key: &self.key, rules: &self.rules }
    }

    fn id<K>(&self) -> Id<K> {
        Id::new(&self.ids as &dyn Ids)
    }

    /// `people` in each commune, on one list.
    async fn list(&self, people: usize) -> Id<kind::StaffList> {
        let mut rows = Vec::new();
        for place in 0..3 {
            for n in 0..people {
                let row = StaffRow {
                    name: format!("Người {place}.{n:03}"),
                    email: format!("p{place}-{n}@xa.gov.vn"),
                    body: Some(format!("Xã Số {place}")),
                    body_code: None,
                };
                rows.push((u32::try_from(rows.len() + 2).unwrap(), row));
            }
        }
        let (id, report) = self.import(&rows).await.unwrap();
        assert_eq!((report.problems.len(), report.lines.len()), (0, 3 * people));
        id
    }

    async fn import(&self, rows: &[(u32, StaffRow)]) -> Result<(Id<kind::StaffList>, Report), StoreError> {
        let id = self.id();
        store::write!(self.t.db, Actor::System, minute(0), tx => {
            n::list_create(tx, &self.officer, id, self.w.root, "Cán bộ").await?;
            import::staff(tx, &self.officer, id, self.w.root, rows).await.map(|r| (id, r))
        })
    }

    async fn draft(&self, words: Words) -> Result<NoticeId, StoreError> {
        let new = NewNotice { id: self.id(), body: self.w.root, template: None, words };
        store::write!(self.t.db, Actor::System, minute(0), tx => {
            n::create(tx, &self.officer, &self.rules, &new).await.map(|()| new.id)
        })
    }

    async fn issue(&self, id: NoticeId) -> Result<(), StoreError> {
        let opening = Opening { opens: None, closes: Some(minute(CLOSES)) };
        store::write!(self.t.db, Actor::System, minute(0), tx => {
            n::issue(tx, &self.officer, &self.rules, &self.ids, id, opening).await
        })
    }

    /// Runs the job's steps until it has nothing more to do at that minute.
    async fn run(&self, id: NoticeId, at: i64) {
        for _ in 0..10_000 {
            match n::step(&self.t.db, minute(at), &self.tools(), id).await.unwrap() {
                Some(next) if next <= minute(at) => {}
                _ => return,
            }
        }
        panic!("the job does not end");
    }

    /// A notice to a list of so many people in each commune, gathered and handed to the outbox.
    async fn out(&self, people: usize, quiz: Quiz) -> NoticeId {
        let list = self.list(people).await;
        let id = self.draft(words(list, quiz)).await.unwrap();
        self.issue(id).await.unwrap();
        self.run(id, 1).await;
        id
    }

    async fn recipients(&self, id: NoticeId) -> Vec<n::PersonRow> {
        let mut sql = self.t.db.read().await.unwrap();
        let notice = n::get(&mut sql, &self.officer, id).await.unwrap();
        let all = PeopleFilter { body: None, state: PersonState::All, q: "", after: None };
        n::people(&mut sql, &self.officer, &notice, &all, 10_000).await.unwrap()
    }

    async fn rates(&self, id: NoticeId) -> Rates {
        let mut sql = self.t.db.read().await.unwrap();
        let notice = n::get(&mut sql, &self.officer, id).await.unwrap();
        n::rates(&mut sql, &self.officer, &notice).await.unwrap()
    }

    async fn mine(&self, id: Id<kind::Recipient>) -> Mine {
        personal::find(&mut self.t.db.read().await.unwrap(), id).await.unwrap().unwrap()
    }

    async fn open(&self, id: Id<kind::Recipient>, at: i64) -> Result<(), StoreError> {
        store::write!(self.t.db, Actor::Recipient(id), minute(at), tx => personal::opened(tx, id).await)
    }

    async fn commit(&self, id: Id<kind::Recipient>, at: i64) -> Result<u64, StoreError> {
        store::write!(self.t.db, Actor::Recipient(id), minute(at), tx => personal::commit(tx, &self.ids, id, "link").await)
    }

    async fn answer(
        &self,
        id: Id<kind::Recipient>,
        before: u32,
        answers: &[usize],
    ) -> Result<bool, StoreError> {
        store::write!(self.t.db, Actor::Recipient(id), minute(5), tx => {
            personal::answer(tx, &self.ids, id, before, answers).await.map(|m| m.passed)
        })
    }

    async fn facts(&self, body: usize) -> Vec<Fact> {
        let subject = format!("body:{}", self.w.bodies[body]);
        let mut sql = self.t.db.read().await.unwrap();
        facts::about(&mut sql, &Scope::system(), &[subject], &[kinds::NOTICE_TALLY], 100).await.unwrap()
    }

    /// What the outbox would send by then.
    async fn sent(&self, at: i64) -> Vec<intents::Claimed> {
        let mut sent = Vec::new();
        while let Some(c) = intents::claim(&self.t.db, minute(at)).await.unwrap() {
            let done = Delivery::Sent { receipt: "250".into() };
            intents::settle(&self.t.db, minute(at), &c, &done).await.unwrap();
            sent.push(c);
        }
        sent
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.t.db.read().await.unwrap().count_for_test(sql).await.unwrap()
    }
}

fn words(list: Id<kind::StaffList>, quiz: Quiz) -> Words {
    Words {
        title: "Cảnh giác lừa đảo".into(),
        text: "Không bấm vào đường dẫn lạ.".into(),
        lang: "vi".into(),
        quiz,
        audience: Audience { lists: vec![list], ..Audience::default() },
        campaign: None,
    }
}

fn quiz() -> Quiz {
    let question = Question {
        ask: "Nhận được đường dẫn lạ?".into(),
        options: vec!["Bấm".into(), "Báo".into()],
        right: 2,
        because: "Báo để được kiểm tra.".into(),
    };
    Quiz { questions: vec![question; 5], pass_percent: 80, attempts: 2 }
}

both_engines! {
    async fn everybody_on_a_list_gets_one_letter_spread_over_time(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(300, Quiz::default()).await;
        // Two more workers look again at once.
        s.run(id, 1).await;
        s.run(id, 2).await;
        assert_eq!(s.count("select count(*) as n from notice_recipient").await, 900);
        assert_eq!(s.count("select count(*) as n from delivery").await, 900);
        assert_eq!(s.rates(id).await, Rates { recipients: 900, ..Rates::default() });
        // 600 a minute: after a minute two thirds are out, and none earlier than planned.
        let first = s.sent(2).await;
        assert_eq!(first.len(), 600 + 1);
        assert_eq!(s.sent(10).await.len(), 299);
        assert_eq!(s.rates(id).await.delivered, 900);
        let link = &first[0].intent.vars["link"];
        let token = link.strip_prefix("https://canh.test/n/").unwrap();
        assert!(personal::read_token(&s.key, token).is_some());
        assert_eq!(personal::read_token(&InstanceKey::new([8; 32]), token), None);
        assert_eq!(store::sign_in::links::read_token(&s.key, token), None, "good for this purpose alone");
    }

    async fn a_person_opens_and_commits_once_and_the_figures_follow(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(2, Quiz::default()).await;
        let people = s.recipients(id).await;
        let one = people[0].id;
        assert!(matches!(s.commit(one, 3).await, Err(StoreError::Refused("notice-unopened"))));
        s.open(one, 3).await.unwrap();
        s.open(one, 4).await.unwrap();
        assert_eq!(s.rates(id).await, Rates { recipients: 6, opened: 1, ..Rates::default() });
        let receipt = s.commit(one, 5).await.unwrap();
        assert_eq!(s.commit(one, 6).await.unwrap(), receipt, "a replay gives the same receipt");
        assert_eq!(s.rates(id).await, Rates { recipients: 6, opened: 1, committed: 1, ..Rates::default() });
        let mine = s.mine(one).await;
        assert_eq!((mine.committed_at, mine.receipt), (Some(minute(5)), Some(receipt)));
        let entries = "select count(*) as n from audit_entry where action = 'notice.committed'";
        assert_eq!(s.count(entries).await, 1);
        // The board learns it at once, by one fact that counts, which opens to the receipt.
        let facts = s.facts(0).await;
        assert_eq!(facts.len(), 1);
        assert_eq!((facts[0].value["handled"].as_u64(), facts[0].value["all"].as_u64()), (Some(1), Some(2)));
        assert_eq!(facts[0].source, domain::fact::Source::Audit(receipt));
        assert_eq!(s.facts(1).await[0].value["handled"].as_u64(), Some(0), "others stay");
        // The sums are those of the rows.
        let sums = "select count(*) as n from notice_sum s where s.committed <> (select count(r.committed_at)
                      from notice_recipient r where r.notice = s.notice and r.body = s.body)";
        assert_eq!(s.count(sums).await, 0);
    }

    async fn a_quiz_is_marked_and_its_answers_are_not_kept(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(1, quiz()).await;
        let people = s.recipients(id).await;
        let (one, two) = (people[0].id, people[1].id);
        s.open(one, 3).await.unwrap();
        assert!(matches!(s.answer(one, 0, &[2; 5]).await, Err(StoreError::Refused("quiz-uncommitted"))));
        s.commit(one, 3).await.unwrap();
        assert!(!s.answer(one, 0, &[2, 2, 1, 1, 2]).await.unwrap());
        assert!(matches!(s.answer(one, 0, &[2; 5]).await, Err(StoreError::Refused("quiz-answered"))), "sent twice");
        let mine = s.mine(one).await;
        assert_eq!((mine.attempts, mine.score, mine.wrong.clone()), (1, Some(3), vec![3, 4]));
        assert_eq!(s.rates(id).await.done(), 0, "committed alone is not all that is asked");
        assert!(s.answer(one, 1, &[2; 5]).await.unwrap());
        assert!(matches!(s.answer(one, 2, &[2; 5]).await, Err(StoreError::Refused("quiz-over"))));
        let rates = s.rates(id).await;
        assert_eq!((rates.committed, rates.asked, rates.passed), (1, 3, 1));
        s.open(two, 3).await.unwrap();
        s.commit(two, 3).await.unwrap();
        for before in 0..2 {
            assert!(!s.answer(two, before, &[1; 5]).await.unwrap());
        }
        assert!(matches!(s.answer(two, 2, &[2; 5]).await, Err(StoreError::Refused("quiz-over"))), "no more attempts");
    }

    async fn only_those_who_miss_are_reminded_each_round_once(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(1, Quiz::default()).await;
        let people = s.recipients(id).await;
        s.open(people[0].id, 3).await.unwrap();
        s.commit(people[0].id, 3).await.unwrap();
        s.sent(10).await;
        let round = 72 * HOUR;
        s.run(id, round - 1).await;
        assert_eq!(s.sent(round - 1).await.len(), 0);
        for _ in 0..2 {
            s.run(id, round).await;
        }
        let sent = s.sent(round + 10).await;
        assert_eq!(sent.len(), 2);
        assert!(sent.iter().all(|c| c.intent.template == "notice-reminder"));
        // Canh stood still over the second round and comes back after the third: one letter, not two.
        s.run(id, CLOSES - 2 * HOUR).await;
        assert_eq!(s.sent(CLOSES - HOUR).await.len(), 2);
        // It closes by itself: its last figures are facts, its links have ended.
        s.run(id, CLOSES).await;
        assert!(matches!(s.open(people[1].id, CLOSES).await, Err(StoreError::Refused("notice-ended"))));
        assert!(matches!(s.commit(people[1].id, CLOSES + 1).await, Err(StoreError::Refused("notice-ended"))));
        assert_eq!(s.facts(0).await[0].value["handled"].as_u64(), Some(1));
        assert_eq!(n::step(&db.db, minute(CLOSES + 1), &s.tools(), id).await.unwrap(), None);
    }

    async fn what_is_taken_back_counts_no_more(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(1, Quiz::default()).await;
        let one = s.recipients(id).await[0].id;
        assert_eq!(s.facts(0).await.len(), 1);
        let done: Result<(), StoreError> = store::write!(db.db, Actor::System, minute(1), tx => {
            n::cancel(tx, &s.officer, &s.ids, id).await
        });
        done.unwrap();
        assert_eq!(s.facts(0).await, []);
        assert!(matches!(s.open(one, 2).await, Err(StoreError::Refused("notice-ended"))));
        assert_eq!(s.sent(10).await.len(), 0, "letters not sent stay unsent");
    }

    async fn each_sees_figures_of_their_bodies_and_names_only_with_the_right(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(2, Quiz::default()).await;
        let draft = s.draft(words(s.list(1).await, Quiz::default())).await.unwrap();
        let (clerk, viewer) = (
            Scope::of(vec![(Role::Clerk, s.w.bodies[0])]),
            Scope::of(vec![(Role::Viewer, s.w.root)]),
        );
        let mut sql = db.db.read().await.unwrap();
        let notice = n::get(&mut sql, &clerk, id).await.unwrap();
        let rows = n::bodies(&mut sql, &clerk, &notice, &BodyFilter::default(), 10).await.unwrap();
        assert_eq!(rows.iter().map(|r| r.body).collect::<Vec<_>>(), [s.w.bodies[0]]);
        assert_eq!(n::rates(&mut sql, &clerk, &notice).await.unwrap().recipients, 2);
        let all = PeopleFilter { body: None, state: PersonState::Missing, q: "", after: None };
        assert_eq!(n::people(&mut sql, &clerk, &notice, &all, 10).await.unwrap().len(), 2);
        // A viewer sees every figure and no name.
        assert_eq!(n::bodies(&mut sql, &viewer, &notice, &BodyFilter::default(), 10).await.unwrap().len(), 3);
        assert_eq!(n::people(&mut sql, &viewer, &notice, &all, 10).await.unwrap(), []);
        // Drafts are for who may prepare them; strangers see nothing.
        assert!(n::get(&mut sql, &viewer, draft).await.is_err());
        let stranger = Scope::of(vec![(Role::Head, s.id())]);
        assert!(n::get(&mut sql, &stranger, id).await.is_err());
        assert_eq!(n::list(&mut sql, &stranger, &Default::default(), 10).await.unwrap(), []);
        drop(sql);
        // A clerk of a commune issues nothing to others.
        let done: Result<(), StoreError> = store::write!(db.db, Actor::System, minute(1), tx => {
            n::issue(tx, &clerk, &s.rules, &s.ids, draft, Opening::default()).await
        });
        assert!(matches!(done, Err(StoreError::NotFound(_))));
    }

    async fn a_bad_list_is_told_row_by_row(db: &TestDb) {
        let s = Story::new(db).await;
        let row = |name: &str, email: &str, body: &str| StaffRow {
            name: name.into(), email: email.into(), body: Some(body.into()), body_code: None,
        };
        let rows = [
            (2, row("A", "a@x.gov.vn", "Xã Số 0")),
            (3, row("B", "a@x.gov.vn", "Xã Số 0")),
            (4, row("C", "c@x.gov.vn", "Xã Không Có")),
        ];
        let (_, report) = s.import(&rows).await.unwrap();
        let said: Vec<_> = report.problems.iter().map(|p| (p.row, p.column, p.code)).collect();
        assert_eq!(said, [(3, "email", "import-twice"), (4, "body", "import-body-unknown")]);
        // Somebody of one commune lists nobody of another.
        let clerk = Scope::of(vec![(Role::Clerk, s.w.bodies[0])]);
        let (list, rows) = (s.id(), [(2, row("D", "d@x.gov.vn", "Xã Số 0")), (3, row("E", "e@x.gov.vn", "Xã Số 1"))]);
        let report: Result<Report, StoreError> = store::write!(db.db, Actor::System, minute(0), tx => {
            n::list_create(tx, &clerk, list, s.w.bodies[0], "x").await?;
            import::staff(tx, &clerk, list, s.w.bodies[0], &rows).await
        });
        let report = report.unwrap();
        assert_eq!((report.lines.len(), report.problems[0].row), (1, 3));
    }

    async fn people_of_the_register_are_found_by_subtree_and_role(db: &TestDb) {
        let s = Story::new(db).await;
        let mut tx = db.db.begin_quiet(minute(0)).await.unwrap();
        let mut people = Vec::new();
        for (n, body) in [s.w.bodies[0], s.w.bodies[0], s.w.bodies[1]].into_iter().enumerate() {
            let (person, channel): (Id<kind::Person>, Id<kind::Channel>) = (s.id(), s.id());
            let name = format!("Cán bộ {n}");
            tx.run_for_test("insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$2,$2,0)", args![person, &name]).await.unwrap();
            tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![person, body]).await.unwrap();
            // The last has no verified address.
            let verified = (n < 2).then(|| minute(0));
            tx.run_for_test(
                "insert into channel (id, person, kind, address, verified_at, created_at) values ($1,$2,'email',$3,$4,0)",
                args![channel, person, format!("c{n}@xa.gov.vn"), verified],
            ).await.unwrap();
            people.push(person);
        }
        let grant: Id<kind::Grant> = s.id();
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, created_at) values ($1,$2,'head',$3,0)",
            args![grant, people[1], s.w.bodies[0]],
        ).await.unwrap();
        tx.commit().await.unwrap();
        let audience = |roles| Audience { tops: vec![s.w.root], roles, lists: vec![] };
        for (roles, want, without) in [(vec![], 3, 1), (vec![Role::Head], 1, 0)] {
            let words = Words { audience: audience(roles), ..words(s.id(), Quiz::default()) };
            let id = s.draft(words).await.unwrap();
            s.issue(id).await.unwrap();
            s.run(id, 1).await;
            let got = s.recipients(id).await;
            assert_eq!(got.len(), want);
            assert_eq!(got.iter().filter(|p| p.email.is_none()).count(), without);
            if want == 3 {
                // Who has no address can still sign in and commit.
                let mut sql = db.db.read().await.unwrap();
                let mine = personal::of_person(&mut sql, people[2], minute(2), 10).await.unwrap();
                assert_eq!((mine.len(), mine[0].notice), (1, id));
                assert_eq!(mine[0].actor(), Actor::Link(mine[0].id.cast(), people[2]));
            }
        }
        // Nobody at all is refused.
        let words = Words { audience: audience(vec![Role::Auditor]), ..words(s.id(), Quiz::default()) };
        let id = s.draft(words).await.unwrap();
        assert!(matches!(s.issue(id).await, Err(StoreError::Refused("notice-nobody"))));
        let _ = scope_of(&mut db.db.read().await.unwrap(), people[0], minute(1)).await.unwrap();
    }

    async fn a_summary_counts_what_one_may_see(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(2, quiz()).await;
        let one = s.recipients(id).await[0].id;
        s.open(one, 2).await.unwrap();
        s.commit(one, 2).await.unwrap();
        let mut sql = db.db.read().await.unwrap();
        let all = n::summary(&mut sql, &s.officer, &n::SummaryOf::default()).await.unwrap();
        assert_eq!((all.notices, all.bodies, all.rates.recipients, all.rates.asked), (1, 3, 6, 6));
        assert_eq!((all.rates.committed, all.rates.passed, all.bodies_complete), (1, 0, 0));
        let bodies = [s.w.bodies[1]];
        let of = n::SummaryOf { bodies: Some(&bodies), ..Default::default() };
        let some = n::summary(&mut sql, &s.officer, &of).await.unwrap();
        assert_eq!((some.rates.recipients, some.rates.committed), (2, 0));
        let before = domain::time::Window { from: minute(-100), to: minute(-50) };
        let of = n::SummaryOf { window: Some(before), ..Default::default() };
        assert_eq!(n::summary(&mut sql, &s.officer, &of).await.unwrap().notices, 0);
        let clerk = Scope::of(vec![(Role::Clerk, s.w.bodies[0])]);
        assert_eq!(n::summary(&mut sql, &clerk, &Default::default()).await.unwrap().rates.recipients, 2);
    }
}
