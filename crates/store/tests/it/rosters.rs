//! Posts, rosters and check-ins, each story on both engines.

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    legal::Legal,
    right::Role,
    roster::{
        CheckIn, Line, Presence, Shift,
        check_in::Held,
        coverage::Trouble,
        pattern,
        rules::{Days, Layer, Override, Person, Swap},
    },
    time::{self, Window},
};
use jiff::civil::Date;
use store::{
    StoreError, Topic, args,
    assignments::Tools,
    both_engines,
    callouts::{self, Filter, Side},
    rosters::{self as r, NewAbsence, NewOverride, NewPost, NewSwap, SwapState, Way},
    testing::{TestDb, TestIds, TestSecrets, minute},
};

mod calendars;
mod layers;
mod seen;
mod shifts;
mod tries;

type BodyId = Id<kind::Body>;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    secrets: TestSecrets,
    legal: Legal,
    /// The province, a department below it, and a neighbour of that.
    bodies: [BodyId; 3],
    /// Three of the department's people, and one of the province's.
    people: [Person; 4],
    post: Id<kind::Post>,
}

fn scope(role: Role, body: BodyId) -> Scope {
    Scope::of(vec![(role, body)])
}

fn window(from: i64, to: i64) -> Window {
    Window { from: minute(from), to: minute(to) }
}

impl<'a> Story<'a> {
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let root = crate::body(&t.db, &ids, None).await;
        let own = crate::body(&t.db, &ids, Some(root)).await;
        let other = crate::body(&t.db, &ids, Some(root)).await;
        let mut people = [Id::new(&ids as &dyn Ids); 4];
        for (n, person) in people.iter_mut().enumerate() {
            *person = Id::new(&ids as &dyn Ids);
            let body = if n == 3 { root } else { own };
            let id = *person;
            let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
                let name = format!("Người {n}");
                tx.run_for_test(
                    "insert into person (id, name, folded, sort_key, lang, created_at) values ($1,$2,$2,$2,'vi',0)",
                    args![id, name],
                ).await?;
                tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![id, body]).await?;
                tx.record("person.created", format!("person:{id}"), Some(body), &"test");
                Ok(())
            });
            made.unwrap();
        }
        let post = Id::new(&ids as &dyn Ids);
        let (legal, secrets) = (Legal::builtin().unwrap(), TestSecrets::default());
        let s = Self { t, ids, secrets, legal, bodies: [root, own, other], people, post };
        s.create(post, own, &[]).await.unwrap();
        s
    }
    fn planner(&self) -> Scope {
        scope(Role::Coordinator, self.bodies[1])
    }
    fn tools(&self) -> Tools<'_> {
        Tools { ids: &self.ids, base: "https://canh.test", pack: self.legal.on(time::date(minute(0))) }
    }
    async fn create(&self, id: Id<kind::Post>, body: BodyId, shared: &[BodyId]) -> Result<(), StoreError> {
        let new = NewPost { id, shared, ..self.new_post(body) };
        let all = scope(Role::Coordinator, self.bodies[0]);
        store::write!(self.t.db, Actor::System, minute(0), tx => r::create(tx, &all, &new).await)
    }
    fn new_post(&self, body: BodyId) -> NewPost<'static> {
        NewPost {
            id: Id::new(&self.ids as &dyn Ids),
            body,
            name: "Trực giám sát",
            presence: Presence::OnSite,
            covered_by: None,
            needed: 1,
            backup: false,
            check_in: CheckIn::default(),
            shared: &[],
        }
    }
    fn layer(&self, crews: &[Person], turn_minutes: u32) -> Layer {
        let (cycle_days, slots) = pattern::turns(crews.len() as u16, turn_minutes, 8 * 60).unwrap();
        Layer {
            id: Id::new(&self.ids as &dyn Ids),
            name: "Ca".into(),
            line: Line::Primary,
            rank: 0,
            days: Days::All,
            first: "2027-01-20".parse::<Date>().unwrap(),
            last: None,
            cycle_days,
            crews: crews.iter().map(|p| vec![*p]).collect(),
            slots,
        }
    }
    async fn add(&self, layer: &Layer) -> Result<(), StoreError> {
        let who = self.planner();
        store::write!(self.t.db, Actor::System, minute(0), tx => r::add_layer(tx, &who, self.post, layer).await)
    }
    async fn publish(
        &self,
        who: &Scope,
        at: i64,
        span: Window,
        forced: Option<&str>,
    ) -> Result<Vec<Trouble>, StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, Actor::System, minute(at), tx => {
            r::publish(tx, who, &tools, self.post, span, forced).await
        })
    }
    async fn shifts(&self, from: i64, to: i64) -> Vec<(usize, i64, i64)> {
        let mut sql = self.t.db.read().await.unwrap();
        let shifts = r::shifts(&mut sql, &Scope::system(), self.post, window(from, to)).await.unwrap();
        let told = |s: &Shift| {
            let at = |t: jiff::Timestamp| (t.as_second() - minute(0).as_second()) / 60;
            (self.people.iter().position(|p| *p == s.person).unwrap(), at(s.from), at(s.to))
        };
        shifts.iter().map(told).collect()
    }
    async fn check_in(&self, person: usize, at: i64) -> Result<r::CheckedIn, StoreError> {
        let tools = self.tools();
        let body = self.bodies[if person == 3 { 0 } else { 1 }];
        let (who, actor) = (scope(Role::DutyOfficer, body), Actor::Person(self.people[person]));
        store::write!(self.t.db, actor, minute(at), tx => {
            r::check_in(tx, &who, &tools, self.post, Way::Page, "").await
        })
    }
    async fn wake(&self, at: i64) -> Option<i64> {
        let tools = self.tools();
        let next: Result<_, StoreError> =
            store::write!(self.t.db, Actor::System, minute(at), tx => r::wake(tx, &tools, self.post).await);
        let mut next = next.unwrap();
        let all = Filter { side: Side::Open, body: None };
        let mut sql = self.t.db.read().await.unwrap();
        let open = callouts::list(&mut sql, &Scope::system(), None, all, None, 100).await.unwrap();
        drop(sql);
        for one in open {
            let id = one.callout.id;
            let then: Result<_, StoreError> = store::write!(self.t.db, Actor::System, minute(at), tx => {
                callouts::step(tx, &tools, &self.secrets, id).await
            });
            next = then.unwrap().into_iter().chain(next).min();
        }
        next.map(|t| (t.as_second() - minute(0).as_second()) / 60)
    }
    /// Messages to whoever is silent, and to others because of them.
    async fn told(&self) -> (i64, i64) {
        let mut sql = self.t.db.read().await.unwrap();
        let same = "select count(*) as n from intent where template = 'check-in-missed'";
        let others = "select count(*) as n from intent where template = 'watch-silent'";
        (sql.count_for_test(same).await.unwrap(), sql.count_for_test(others).await.unwrap())
    }
    async fn minutes(&self, to: i64, now: i64) -> (i64, i64, i64) {
        let mut sql = self.t.db.read().await.unwrap();
        let body = self.bodies[1];
        let found = r::summary(&mut sql, &self.planner(), window(0, to), &[body], minute(now)).await.unwrap();
        let tally = found[&body].tally;
        (tally.watched.as_mins(), tally.unknown.as_mins(), tally.uncovered.as_mins())
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, why: &str) {
    assert!(matches!(&result, Err(StoreError::Refused(code)) if *code == why), "{result:?}, not {why}");
}

both_engines! {
    async fn a_gap_is_not_published_unless_the_head_says_why(t: &TestDb) {
        let s = Story::new(t).await;
        let day_only = Layer { days: Days::Working, ..s.layer(&s.people[..1], 12 * 60) };
        s.add(&Layer { slots: day_only.slots[..1].to_vec(), ..day_only }).await.unwrap();
        let planner = s.planner();
        refused(s.publish(&planner, 0, window(0, DAY), None).await, "roster-gap");
        assert!(s.shifts(0, DAY).await.is_empty());
        let forced = s.publish(&planner, 0, window(0, DAY), Some("Thiếu người")).await;
        assert!(matches!(forced, Err(StoreError::NotFound(_))), "a coordinator is no head: {forced:?}");
        let head = scope(Role::Head, s.bodies[1]);
        let troubles = s.publish(&head, 0, window(0, DAY), Some("Thiếu người")).await.unwrap();
        assert!(troubles.iter().any(Trouble::forbids));
        assert_eq!(s.shifts(0, DAY).await, [(0, 0, 12 * HOUR)]);
        s.add(&Layer { crews: vec![vec![s.people[1]]], ..s.layer(&s.people[1..2], DAY as u32) }).await.unwrap();
        s.publish(&planner, 0, window(0, DAY), None).await.unwrap();
        assert_eq!(s.shifts(0, DAY).await, [(0, 0, 12 * HOUR), (1, 0, DAY)]);
    }

    async fn changes_by_hand_move_what_is_to_come_and_leave_what_has_been(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 8 * 60)).await.unwrap();
        let (planner, pack) = (s.planner(), s.tools().pack);
        s.publish(&planner, 0, window(0, DAY), None).await.unwrap();
        let plain = [(0, 0, 8 * HOUR), (1, 8 * HOUR, 16 * HOUR), (0, 16 * HOUR, DAY)];
        assert_eq!(s.shifts(0, DAY).await, plain);

        let over = Override {
            id: Id::new(&s.ids as &dyn Ids),
            line: Line::Primary,
            span: window(2 * HOUR, 10 * HOUR),
            people: vec![s.people[2]],
        };
        let new = NewOverride { settled: over.clone(), why: "Ốm" };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(4 * HOUR), tx => {
            r::settle(tx, &planner, pack, s.post, &new).await
        });
        done.unwrap();
        assert_eq!(
            s.shifts(0, DAY).await,
            [(0, 0, 4 * HOUR), (2, 4 * HOUR, 10 * HOUR), (1, 10 * HOUR, 16 * HOUR), (0, 16 * HOUR, DAY)]
        );
        let back: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(6 * HOUR), tx => {
            r::unsettle(tx, &planner, pack, over.id).await
        });
        back.unwrap();
        assert_eq!(
            s.shifts(0, DAY).await,
            [(0, 0, 4 * HOUR), (2, 4 * HOUR, 6 * HOUR), (0, 6 * HOUR, 8 * HOUR), (1, 8 * HOUR, 16 * HOUR), (0, 16 * HOUR, DAY)]
        );
        let absence = NewAbsence {
            id: Id::new(&s.ids as &dyn Ids),
            person: s.people[1],
            post: s.post,
            span: window(12 * HOUR, 2 * DAY),
            why: "Nghỉ phép",
        };
        let away: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(6 * HOUR), tx => {
            r::be_absent(tx, &planner, pack, &absence).await
        });
        away.unwrap();
        assert_eq!(s.shifts(8 * HOUR, DAY).await, [(1, 8 * HOUR, 12 * HOUR), (0, 16 * HOUR, DAY)]);
        let home: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(7 * HOUR), tx => {
            r::come_back(tx, &planner, pack, absence.id).await
        });
        home.unwrap();
        assert_eq!(s.shifts(8 * HOUR, DAY).await, [(1, 8 * HOUR, 16 * HOUR), (0, 16 * HOUR, DAY)]);
    }

    async fn a_swap_stands_once_both_and_the_planner_agree(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 8 * 60)).await.unwrap();
        let (planner, pack) = (s.planner(), s.tools().pack);
        s.publish(&planner, 0, window(0, DAY), None).await.unwrap();
        let officer = scope(Role::DutyOfficer, s.bodies[1]);
        let id = Id::new(&s.ids as &dyn Ids);
        let swap = Swap { id, from: s.people[1], to: s.people[2], span: window(8 * HOUR, 16 * HOUR) };
        let new = NewSwap { swap: swap.clone(), why: "Việc nhà" };
        let by = |n: usize| Actor::Person(s.people[n]);
        let done: Result<(), StoreError> =
            store::write!(t.db, by(0), minute(1), tx => r::ask_swap(tx, &officer, s.post, &new).await);
        refused(done, "swap-not-yours");
        let done: Result<(), StoreError> =
            store::write!(t.db, by(1), minute(1), tx => r::ask_swap(tx, &officer, s.post, &new).await);
        done.unwrap();
        let early: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(2), tx => r::decide_swap(tx, &planner, pack, id, true).await);
        refused(early, "swap-state");
        let agreed: Result<(), StoreError> =
            store::write!(t.db, by(2), minute(3), tx => r::agree(tx, &officer, id, true).await);
        agreed.unwrap();
        let approved: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(4), tx => r::decide_swap(tx, &planner, pack, id, true).await);
        approved.unwrap();
        assert_eq!(s.shifts(0, DAY).await, [(0, 0, 8 * HOUR), (2, 8 * HOUR, 16 * HOUR), (0, 16 * HOUR, DAY)]);
        let mut sql = t.db.read().await.unwrap();
        let found = r::swaps(&mut sql, &planner, s.post, minute(0)).await.unwrap();
        assert_eq!((found.len(), found[0].state), (1, SwapState::Approved));
    }

    async fn a_missed_check_in_wakes_in_order_and_a_take_over_ends_it(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 8 * 60)).await.unwrap();
        let planner = s.planner();
        s.publish(&planner, 0, window(0, DAY), None).await.unwrap();
        s.check_in(0, 5).await.unwrap();
        assert_eq!(s.wake(10).await, Some(70), "nothing is due before the end: it only looks again");
        // The first hands over to nobody; the second does not come.
        assert_eq!(s.wake(8 * HOUR + 15).await, Some(8 * HOUR + 20), "the deputy's turn is next");
        let before = s.told().await;
        assert_eq!(before, (2, 0));
        assert_eq!(s.wake(8 * HOUR + 16).await, Some(8 * HOUR + 20));
        assert_eq!(s.told().await, before, "nobody is called twice");
        s.wake(8 * HOUR + 45).await;
        let taken = s.check_in(2, 8 * HOUR + 50).await.unwrap();
        assert_eq!(taken.took_over, [s.people[1]]);
        assert_eq!(
            s.shifts(8 * HOUR, 16 * HOUR).await,
            [(1, 8 * HOUR, 8 * HOUR + 50), (2, 8 * HOUR + 50, 16 * HOUR)]
        );
        let mut sql = t.db.read().await.unwrap();
        let missed = r::missed(&mut sql, &planner, s.post, minute(0)).await.unwrap();
        assert!(missed.iter().all(|m| m.answered.is_some()), "{missed:?}");
        drop(sql);
        let told = s.told().await;
        s.wake(9 * HOUR).await;
        assert_eq!(s.told().await, told, "it is answered");
    }

    async fn minutes_count_only_where_somebody_said_so(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 8 * 60)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, DAY), None).await.unwrap();
        s.check_in(0, 2).await.unwrap();
        s.check_in(1, 8 * HOUR + 3).await.unwrap();
        assert_eq!(s.minutes(2 * DAY, 10 * HOUR).await, (10 * HOUR, 0, 0));
        assert_eq!(s.minutes(2 * DAY, DAY + HOUR).await, (8 * HOUR, 16 * HOUR, HOUR), "nobody took the third turn over");
        refused(s.check_in(2, 10 * HOUR).await, "not-on-duty");
        // Looked back on: what nobody took over and what nobody was planned for are gaps, a neighbour without posts is unknown.
        let [_, own, other] = s.bodies;
        let looked = async |who: &Scope| {
            let mut sql = t.db.read().await.unwrap();
            r::watch(&mut sql, who, window(0, 2 * DAY), &[own, other], minute(DAY + HOUR)).await.unwrap()
        };
        let back = looked(&scope(Role::Coordinator, s.bodies[0])).await;
        assert_eq!(back.tally, back.bodies[0].1);
        assert_eq!((back.bodies.len(), back.bodies[0].0, &back.without[..]), (1, own, &[other][..]));
        let told: Vec<_> = back.gaps.iter().map(|g| (g.held, g.span)).collect();
        assert_eq!(told, [(Held::Uncovered, window(DAY, DAY + HOUR)), (Held::Unknown, window(8 * HOUR, DAY))]);
        assert_eq!(looked(&scope(Role::Clerk, other)).await, r::Watch { without: vec![other], ..r::Watch::default() });
    }

    async fn those_a_post_watches_for_hear_of_its_changes(t: &TestDb) {
        let s = Story::new(t).await;
        let all = scope(Role::Coordinator, s.bodies[0]);
        let (presence, covered_by) = (Presence::Covered, Some(s.post));
        let covered = NewPost { name: "Trực thay", presence, covered_by, ..s.new_post(s.bodies[2]) };
        let made: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(0), tx => r::create(tx, &all, &covered).await);
        made.unwrap();
        s.add(&s.layer(&s.people[..1], DAY as u32)).await.unwrap();
        let before = t.db.last_change().await.unwrap();
        s.publish(&s.planner(), 0, window(0, DAY), None).await.unwrap();
        let told = t.db.changes(before, &[Topic::Roster]).now().await.unwrap();
        assert!(told.iter().any(|c| c.body == Some(s.bodies[2])), "{told:?}");
    }

    async fn a_neighbour_sees_nothing_and_a_sharer_sees_the_post(t: &TestDb) {
        let s = Story::new(t).await;
        let other = scope(Role::Coordinator, s.bodies[2]);
        let mut sql = t.db.read().await.unwrap();
        assert!(r::list(&mut sql, &other, None, false).await.unwrap().is_empty());
        assert!(matches!(r::shifts(&mut sql, &other, s.post, window(0, DAY)).await, Err(StoreError::NotFound(_))));
        drop(sql);
        let shared = Id::new(&s.ids as &dyn Ids);
        s.create(shared, s.bodies[1], &[s.bodies[2]]).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let seen = r::list(&mut sql, &other, Some(s.bodies[2]), false).await.unwrap();
        assert_eq!(seen.iter().map(|p| p.post.id).collect::<Vec<_>>(), [shared]);
        drop(sql);
        let layer = s.layer(&s.people[..1], DAY as u32);
        let done: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(0), tx => r::add_layer(tx, &other, shared, &layer).await);
        assert!(matches!(done, Err(StoreError::NotFound(_))), "sharing is not planning: {done:?}");
    }
}
