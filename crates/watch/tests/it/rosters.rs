//! DUTY on a clock of the test: from a published roster through check-ins and a missed one to the verdict.

use domain::{
    actor::{Actor, Scope},
    evidence::{State, Verdict},
    id::{Id, Ids, kind},
    job::Outcome,
    legal::Legal,
    paging::About,
    right::Role,
    roster::{
        CheckIn, Line, Presence, pattern,
        rules::{Days, Layer, Person},
    },
    time::{self, Window},
};
use jiff::Timestamp;
use store::{
    StoreError,
    assignments::Tools,
    both_engines,
    callouts::{self, Act, Filter, Side},
    jobs,
    rosters::{self, NewPost, Way},
    testing::{TestDb, TestIds, World, issued, minute},
    tries, verdicts,
};
use watch::evidence;

const HOUR: i64 = 60;
/// The window: a day and a half from the test's first minute.
const END: i64 = 36 * HOUR;
/// A turn.
const TURN: i64 = 12 * HOUR;

struct Ground<'a> {
    t: &'a TestDb,
    ids: TestIds,
    legal: Legal,
    w: World,
    post: Id<kind::Post>,
    people: [Person; 2],
}

impl<'a> Ground<'a> {
    /// Two people take turns of twelve hours from the first minute on, and check in at the start and the end.
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, 1, &["DUTY"], minute(0), minute(END)).await;
        let mut people = [Id::new(&ids as &dyn Ids); 2];
        for person in &mut people {
            *person = crate::person(&t.db, &ids, w.bodies[0], "vi", false, &[]).await;
        }
        let g = Self { t, legal: Legal::builtin().unwrap(), post: Id::new(&ids as &dyn Ids), ids, w, people };
        let scope = g.scope(Role::Coordinator);
        let new = NewPost {
            id: g.post,
            body: g.w.bodies[0],
            name: "Trực",
            presence: Presence::OnSite,
            covered_by: None,
            needed: 1,
            backup: false,
            check_in: CheckIn::default(),
            shared: &[],
        };
        let local = time::local(minute(0));
        let start = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap();
        let (cycle_days, slots) = pattern::turns(2, 12 * 60, start).unwrap();
        let layer = Layer {
            id: Id::new(&g.ids as &dyn Ids),
            name: "Ca".into(),
            line: Line::Primary,
            rank: 0,
            days: Days::All,
            first: local.date(),
            last: None,
            cycle_days,
            crews: g.people.iter().map(|p| vec![*p]).collect(),
            slots,
        };
        let tools = g.tools();
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            rosters::create(tx, &scope, &new).await?;
            rosters::add_layer(tx, &scope, g.post, &layer).await?;
            let window = Window { from: minute(0), to: minute(END) };
            rosters::publish(tx, &scope, &tools, g.post, window, None).await.map(|_| ())
        });
        made.unwrap();
        g
    }
    fn scope(&self, role: Role) -> Scope {
        Scope::of(vec![(role, self.w.bodies[0])])
    }
    fn tools(&self) -> Tools<'_> {
        Tools { ids: &self.ids, base: "https://canh.test", pack: self.legal.on(time::date(minute(0))) }
    }
    async fn check_in(&self, person: usize, at: i64) {
        let (tools, scope) = (self.tools(), self.scope(Role::DutyOfficer));
        let actor = Actor::Person(self.people[person]);
        let done: Result<_, StoreError> = store::write!(self.t.db, actor, minute(at), tx => {
            rosters::check_in(tx, &scope, &tools, self.post, Way::Page, "").await
        });
        done.unwrap();
    }
    /// The post's job, as the worker runs it when it is due; when it wants to run again.
    async fn job(&self, at: i64) -> Timestamp {
        let due = jobs::claim(&self.t.db, minute(at)).await.unwrap();
        let job = due.expect("the post's job is due");
        assert_eq!(job.kind, watch::rosters::KIND);
        let done =
            watch::rosters::run(&self.t.db, &self.ids, &self.legal, "https://canh.test", &job, minute(at))
                .await
                .unwrap();
        let Outcome::Again(next) = done else { panic!("the post is still there: {done:?}") };
        jobs::finish(&self.t.db, minute(at), &job, &Outcome::Again(next)).await.unwrap();
        next
    }
    async fn verdict(&self, at: i64) -> Verdict {
        evidence::evaluate_now(&self.t.db, &self.legal, minute(at)).await.unwrap();
        let mut sql = self.t.db.read().await.unwrap();
        verdicts::load(&mut sql, &self.w.tasks[0]).await.unwrap().remove(0).verdict
    }
    /// The clock calls whoever is on duty, and they answer; says whether there was a call to answer.
    async fn answer_test_call(&self, person: usize, at: i64) -> bool {
        let key = store::sign_in::InstanceKey::new([1; 32]);
        tries::look(&self.t.db, &self.tools(), &key, minute(at)).await.unwrap();
        let all = Filter { side: Side::Open, body: None };
        let open =
            callouts::list(&mut self.t.db.read().await.unwrap(), &Scope::system(), None, all, None, 100)
                .await;
        let of = open
            .unwrap()
            .into_iter()
            .find(|c| c.callout.about == About::TestCall && c.callout.person == Some(self.people[person]));
        let Some(of) = of else { return false };
        let (tools, scope) = (self.tools(), self.scope(Role::DutyOfficer));
        let actor = Actor::Person(self.people[person]);
        let done: Result<_, StoreError> = store::write!(self.t.db, actor, minute(at), tx => {
            callouts::act(tx, &scope, &tools, of.callout.id, &Act::Acknowledge, "page").await
        });
        done.unwrap().changed
    }
    async fn missed(&self) -> i64 {
        let mut sql = self.t.db.read().await.unwrap();
        sql.count_for_test("select count(*) as n from missed_check_in").await.unwrap()
    }
}

fn says(verdict: &Verdict, sentence: &str) -> bool {
    verdict.because.iter().any(|b| b.sentence == sentence)
}

both_engines! {
    async fn a_window_watched_to_its_end_is_met_minute_by_minute(t: &TestDb) {
        let g = Ground::new(t).await;
        // Whoever takes over ends the watch of whoever they take it from.
        for (person, at) in [(0, 2), (1, TURN + 3), (0, 2 * TURN + 1)] {
            g.check_in(person, at).await;
            assert!(g.answer_test_call(person, at + HOUR).await);
        }
        let running = g.verdict(2 * TURN + 5).await;
        assert!(says(&running, "evidence-watch-held"), "{running:?}");
        g.check_in(0, END).await;
        let verdict = g.verdict(END + 20).await;
        assert_eq!((verdict.state, verdict.handled, verdict.all), (State::Met, END as u32, END as u32), "{verdict:?}");
        assert_eq!(g.missed().await, 0);
    }

    async fn a_shift_without_an_answered_test_call_is_a_part_at_most_and_says_so(t: &TestDb) {
        let g = Ground::new(t).await;
        for (person, at) in [(0, 2), (1, TURN + 3), (0, 2 * TURN + 1)] {
            g.check_in(person, at).await;
            // The centre's clocks stand still during the second shift: nobody is called in it.
            assert!(person == 1 || g.answer_test_call(person, at + HOUR).await);
        }
        g.check_in(0, END).await;
        let before = g.verdict(2 * TURN - 1).await;
        assert!(!says(&before, "evidence-watch-untested"), "there is time left for it: {before:?}");
        let verdict = g.verdict(END + 20).await;
        assert_eq!((verdict.state, verdict.handled), (State::Partly, END as u32), "{verdict:?}");
        assert!(says(&verdict, "evidence-watch-untested"), "{verdict:?}");
        let (scope, own) = (g.scope(Role::Coordinator), g.w.bodies[0]);
        let window = Window { from: minute(0), to: minute(END) };
        let rule = g.legal.on(time::date(minute(END))).duty_roster().and_then(|t| t.test_call);
        let mut sql = t.db.read().await.unwrap();
        let (posts, names) =
            rosters::minutes(&mut sql, &scope, own, window, minute(END + 20), rule).await.unwrap();
        let second = Window { from: minute(TURN), to: minute(2 * TURN) };
        assert_eq!(posts[0].untested, [(second, g.people[1])]);
        assert!(names.contains_key(&g.people[1]));
    }

    async fn a_missed_check_in_leaves_its_minutes_unknown_and_says_so(t: &TestDb) {
        let g = Ground::new(t).await;
        g.check_in(0, 2).await;
        let first = g.job(3).await;
        // The second turn begins, and nobody says anything.
        let missed = TURN + 15;
        assert!(first <= minute(missed), "the job looks when the next check-in is missed");
        let held = g.verdict(TURN + 14).await;
        assert!(says(&held, "evidence-watch-held"), "still in time: {held:?}");
        g.job(missed).await;
        assert!(g.missed().await > 0);
        let silent = g.verdict(missed + 1).await;
        assert_eq!(silent.state, State::Unknown, "a name on a list has never woken up: {silent:?}");
        assert!(says(&silent, "evidence-watch-silent"));

        // Two hours late they say that they are there: from then on it counts, not before.
        g.check_in(1, TURN + 2 * HOUR).await;
        g.check_in(0, 2 * TURN + 1).await;
        g.check_in(0, END).await;
        let over = g.verdict(END + 20).await;
        let proved = (END - 2 * HOUR) as u32;
        assert_eq!((over.handled, over.all), (proved, END as u32), "the two hours are unknown: {over:?}");
        assert!(says(&over, "evidence-watch-unproved") && over.state != State::Met, "{over:?}");
    }
}
