//! Lines and outages, each story on both engines.

use domain::{
    actor::{Actor, Scope},
    fact::kinds,
    id::{Id, Ids, kind},
    legal::Legal,
    line::{LineKind, LineState, Minutes, hold},
    right::Role,
    time::Window,
};
use store::{
    StoreError,
    assignments::Tools,
    both_engines, facts,
    lines::{self as l, Filter, NewLine, NewOutage, OutageChange},
    testing::{TestDb, TestIds, minute},
};

type BodyId = Id<kind::Body>;
type LineId = Id<kind::Line>;
const HOUR: i64 = 60;

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    legal: Legal,
    /// An operator, the body it serves, and one with neither.
    bodies: [BodyId; 3],
    line: LineId,
}

fn scope(role: Role, body: BodyId) -> Scope {
    Scope::of(vec![(role, body)])
}

impl<'a> Story<'a> {
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let root = crate::body(&t.db, &ids, None).await;
        let mut bodies = [root; 3];
        for body in &mut bodies {
            *body = crate::body(&t.db, &ids, Some(root)).await;
        }
        let line = Id::new(&ids as &dyn Ids);
        let s = Self { t, ids, legal: Legal::builtin().unwrap(), bodies, line };
        let new = s.new_line(line);
        let all = scope(Role::Coordinator, root);
        let done: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(0), tx => l::create(tx, &all, &new).await);
        done.unwrap();
        s
    }
    fn new_line(&self, id: LineId) -> NewLine {
        NewLine {
            id,
            body: self.bodies[0],
            served: Some(self.bodies[1]),
            name: "Kênh TSLCD 1".into(),
            kind: LineKind::Dedicated,
            provider: "Viễn thông Sông Trà".into(),
        }
    }
    fn tools(&self) -> Tools<'_> {
        let pack = self.legal.on(domain::time::date(minute(0)));
        Tools { ids: &self.ids, base: "https://canh.test", pack }
    }
    async fn report(&self, who: &Scope, state: LineState, at: i64) -> Result<(), StoreError> {
        let tools = self.tools();
        store::write!(self.t.db, Actor::System, minute(at), tx => {
            l::report(tx, who, &tools, self.line, state, "").await
        })
    }
    async fn summary(&self, who: &Scope, now: i64) -> l::Summary {
        let window = Window { from: minute(0), to: minute(48 * HOUR) };
        let hold = hold(self.tools().pack);
        let mut sql = self.t.db.read().await.unwrap();
        let mut found =
            l::summary(&mut sql, who, window, &self.bodies[..1], minute(now), hold).await.unwrap();
        found.remove(&self.bodies[0]).unwrap()
    }
    async fn facts(&self, kind: &str) -> Vec<domain::fact::Fact> {
        let mut sql = self.t.db.read().await.unwrap();
        facts::about(&mut sql, &Scope::system(), &[format!("line:{}", self.line)], &[kind], 99).await.unwrap()
    }
}

fn gone<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::NotFound(_))), "{result:?}");
}

both_engines! {
    async fn reports_extend_a_stretch_and_silence_is_unknown(t: &TestDb) {
        let s = Story::new(t).await;
        let own = scope(Role::DutyOfficer, s.bodies[0]);
        for at in [0, 8 * HOUR, 24 * HOUR] {
            s.report(&own, LineState::Ok, at).await.unwrap();
        }
        assert_eq!(s.facts(kinds::LINE_REPORTED).await.len(), 1, "8 and 16 hours apart: one stretch");
        s.report(&own, LineState::Ok, 45 * HOUR).await.unwrap();
        assert_eq!(s.facts(kinds::LINE_REPORTED).await.len(), 2, "21 hours apart: a gap");
        let found = s.summary(&own, 48 * HOUR).await;
        let minutes = |hours: i64| u32::try_from(hours * HOUR).unwrap();
        let expected = Minutes { up: minutes(43), unknown: minutes(5), all: minutes(48), ..Minutes::default() };
        assert_eq!(found.minutes, expected);
        assert_eq!((found.count(Some(LineState::Ok)), found.count(None)), (1, 0));
        assert_eq!(s.summary(&own, 44 * HOUR).await.count(None), 1);
    }

    async fn down_opens_an_outage_and_ok_ends_it(t: &TestDb) {
        let s = Story::new(t).await;
        let (own, served) = (scope(Role::Clerk, s.bodies[0]), scope(Role::DutyOfficer, s.bodies[1]));
        s.report(&own, LineState::Ok, 0).await.unwrap();
        s.report(&served, LineState::Down, 60).await.unwrap();
        s.report(&own, LineState::Down, 70).await.unwrap();
        let found = s.summary(&own, 100).await;
        assert_eq!((found.outages.len(), found.minutes.down, found.outages[0].to), (1, 40, None));
        s.report(&own, LineState::Ok, 120).await.unwrap();
        let found = s.summary(&own, 200).await;
        assert_eq!((found.minutes.down, found.outages[0].minutes), (60, 60));
        let facts = s.facts(kinds::LINE_OUT).await;
        assert_eq!((facts.len(), facts[0].from, facts[0].to), (1, minute(60), minute(120)), "superseded, not doubled");
        let id = found.outages[0].id;
        let tools = s.tools();
        let change = OutageChange { from: minute(50), to: Some(minute(130)), cause: "Đứt cáp".into(), bodies: vec![s.bodies[1]] };
        let amend = async |who: &Scope, change: &OutageChange| -> Result<LineId, StoreError> {
            store::write!(t.db, Actor::System, minute(300), tx => l::amend(tx, who, &tools, id, change).await)
        };
        gone(amend(&served, &change).await);
        // An operator's clerk sees only its own; whoever is hit is named by who sees both.
        let above = Scope::of(vec![(Role::Coordinator, s.bodies[0]), (Role::Viewer, s.bodies[1])]);
        amend(&above, &change).await.unwrap();
        assert_eq!(s.summary(&own, 300).await.minutes.down, 80);
        let bad = OutageChange { to: Some(minute(400)), ..change.clone() };
        assert!(matches!(amend(&above, &bad).await, Err(StoreError::Refused("outage-times"))));
        let mut sql = t.db.read().await.unwrap();
        let shown = l::of_line(&mut sql, &above, s.line).await.unwrap();
        assert_eq!((shown[0].cause.as_str(), shown[0].bodies.len()), ("Đứt cáp", 1));
    }

    async fn another_body_sees_no_line(t: &TestDb) {
        let s = Story::new(t).await;
        let other = scope(Role::Head, s.bodies[2]);
        gone(s.report(&other, LineState::Ok, 1).await);
        let window = Window { from: minute(0), to: minute(60) };
        let hold = hold(s.tools().pack);
        let mut sql = t.db.read().await.unwrap();
        assert!(l::list(&mut sql, &other, &Filter::default(), window, minute(1), hold).await.unwrap().is_empty());
        gone(l::get(&mut sql, &other, s.line, window, minute(1), hold).await);
        gone(l::reports(&mut sql, &other, s.line).await);
        gone(l::of_line(&mut sql, &other, s.line).await);
        drop(sql);
        assert!(s.summary(&other, 1).await.lines.is_empty());
        let viewer = scope(Role::Viewer, s.bodies[1]);
        gone(s.report(&viewer, LineState::Ok, 1).await);
        let tools = s.tools();
        let new = NewOutage { id: Id::new(&s.ids), line: s.line, said: OutageChange { from: minute(0), to: None, cause: String::new(), bodies: vec![] } };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx => l::open(tx, &other, &tools, &new).await);
        gone(done);
        let line = s.new_line(s.line);
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx => l::change(tx, &other, &line).await);
        gone(done);
    }

    async fn a_line_is_listed_with_its_strip_and_given_up(t: &TestDb) {
        let s = Story::new(t).await;
        let own = scope(Role::Clerk, s.bodies[0]);
        s.report(&own, LineState::Degraded, 30).await.unwrap();
        let window = Window { from: minute(0), to: minute(120) };
        let hold = hold(s.tools().pack);
        let list = async |filter: Filter| {
            l::list(&mut t.db.read().await.unwrap(), &own, &filter, window, minute(90), hold).await.unwrap()
        };
        let found = list(Filter { kind: Some(LineKind::Dedicated), text: Some("tslcd".into()), ..Filter::default() }).await;
        assert_eq!(found[0].strip.iter().map(|p| p.state).collect::<Vec<_>>(), [None, Some(LineState::Degraded)]);
        assert_eq!((found[0].now, found[0].may_report, found[0].may_change), (Some(LineState::Degraded), true, true));
        assert!(list(Filter { kind: Some(LineKind::Power), ..Filter::default() }).await.is_empty());
        assert_eq!(list(Filter { body: Some(s.bodies[1]), ..Filter::default() }).await.len(), 1);
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(91), tx => l::close(tx, &own, s.line).await);
        done.unwrap();
        assert!(list(Filter::default()).await.is_empty());
        assert!(matches!(s.report(&own, LineState::Ok, 92).await, Err(StoreError::Refused("line-closed"))));
    }
}
