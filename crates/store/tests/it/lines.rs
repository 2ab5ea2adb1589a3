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
    root: BodyId,
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
        let s = Self { t, ids, legal: Legal::builtin().unwrap(), bodies, root, line };
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
            code: "ST-01".into(),
            capacity: "1 Gbps".into(),
            hotline: "18001166".into(),
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
        let change = OutageChange { from: minute(50), to: Some(minute(130)), cause: "Đứt cáp".into(), effect: "Mất họp trực tuyến".into(), bodies: vec![s.bodies[1]] };
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
        let was: Vec<_> = shown[0].was.iter().map(|w| (w.from, w.to)).collect();
        assert_eq!(was, [(minute(60), Some(minute(120))), (minute(60), None)], "nothing said is lost");
        // The operator corrects its own outage and leaves whom it does not see.
        let change = OutageChange { cause: "Đứt cáp quang".into(), bodies: vec![], ..change };
        amend(&own, &change).await.unwrap();
        drop(sql);
        let (line, found) = l::one(&mut t.db.read().await.unwrap(), &above, id).await.unwrap();
        assert_eq!((line, found.cause.as_str(), found.bodies.len(), found.was.len()), (s.line, "Đứt cáp quang", 1, 3));
        let window = Window { from: minute(0), to: minute(600) };
        let log = async |who: Scope, text: &str, open: bool| {
            l::log(&mut t.db.read().await.unwrap(), &who, window, text, open).await.unwrap().len()
        };
        let other = scope(Role::Head, s.bodies[2]);
        assert_eq!((log(own.clone(), "tslcd", false).await, log(own.clone(), "", true).await), (1, 0));
        assert_eq!((log(own, "khác", false).await, log(other, "", false).await), (0, 0));
    }

    async fn what_lasts_today_is_no_outage_of_a_window_to_come(t: &TestDb) {
        let s = Story::new(t).await;
        let own = scope(Role::Clerk, s.bodies[0]);
        s.report(&own, LineState::Down, 60).await.unwrap();
        let window = Window { from: minute(24 * HOUR), to: minute(48 * HOUR) };
        let outages = async |now: i64| {
            let mut sql = s.t.db.read().await.unwrap();
            let found = l::courses(&mut sql, &own, window, &s.bodies[..1], minute(now), hold(s.tools().pack)).await;
            found.unwrap().iter().map(|c| c.outages.len()).sum::<usize>()
        };
        assert_eq!((outages(2 * HOUR).await, outages(24 * HOUR).await, outages(25 * HOUR).await), (0, 0, 1));
    }

    async fn a_batch_is_taken_whole_or_not_at_all(t: &TestDb) {
        let s = Story::new(t).await;
        let own = scope(Role::Clerk, s.bodies[0]);
        let second = NewLine { code: "ST-02".into(), name: "Kênh TSLCD 2".into(), ..s.new_line(Id::new(&s.ids)) };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(1), tx => l::create(tx, &own, &second).await);
        gone(done); // The operator's clerk does not see the body it would serve.
        let second = NewLine { served: None, ..second };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(1), tx => l::create(tx, &own, &second).await);
        done.unwrap();
        let twin = NewLine { id: Id::new(&s.ids), ..second.clone() };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(1), tx => l::create(tx, &own, &twin).await);
        assert!(matches!(done, Err(StoreError::Refused("line-code"))));
        let found = l::find(&mut t.db.read().await.unwrap(), &own, s.bodies[0], "ST-02").await.unwrap();
        assert_eq!(found, second.id);
        let say = |line, state| l::Said { line, state, note: String::new() };
        let tools = s.tools();
        let send = async |who: &Scope, all: Vec<l::Said>, at: i64| -> Result<(), StoreError> {
            store::write!(t.db, Actor::System, minute(at), tx => l::report_many(tx, who, &tools, &all).await)
        };
        let both = vec![say(s.line, LineState::Ok), say(second.id, LineState::Down)];
        gone(send(&scope(Role::Clerk, s.bodies[2]), both.clone(), 2).await);
        gone(send(&own, vec![say(s.line, LineState::Ok), say(Id::new(&s.ids), LineState::Ok)], 2).await);
        let twice = vec![say(s.line, LineState::Ok), say(s.line, LineState::Down)];
        assert!(matches!(send(&own, twice, 2).await, Err(StoreError::Refused("line-twice"))));
        assert_eq!(s.summary(&own, 2).await.count(None), 2, "nothing of the refused batches was kept");
        for at in [3, 4] {
            send(&own, both.clone(), at).await.unwrap();
        }
        let found = s.summary(&own, 5).await;
        assert_eq!((found.count(Some(LineState::Ok)), found.count(Some(LineState::Down)), found.outages.len()), (1, 1, 1));
        assert_eq!(s.facts(kinds::LINE_REPORTED).await.len(), 1, "sent twice, said once");
        let most = vec![say(s.line, LineState::Ok); l::BATCH_MAX + 1];
        assert!(matches!(send(&own, most, 6).await, Err(StoreError::Refused("lines-many"))));
    }

    async fn a_table_of_lines_comes_in_and_what_goes_out_changes_nothing(t: &TestDb) {
        use domain::register::{LineRow, line_cells, read_lines, headings, LINE_COLUMNS};
        use store::register::{export, import::{self, What}};
        let s = Story::new(t).await;
        let own = scope(Role::Coordinator, s.bodies[0]);
        let take = async |who: &Scope, rows: Vec<(u32, LineRow)>| {
            let mut tx = t.db.begin(Actor::System, minute(5)).await.unwrap();
            let report = import::lines(&mut tx, who, s.bodies[0], &rows, &s.ids).await.unwrap();
            if report.problems.is_empty() {
                tx.commit().await.unwrap();
            } else {
                tx.rollback().await;
            }
            report
        };
        let row = |name: &str, code: Option<&str>| LineRow {
            code: code.map(str::to_owned), name: name.into(), kind: LineKind::Dedicated, body: None, body_code: None,
            served: None, served_code: None, provider: None, capacity: Some("2 Gbps".into()), hotline: None,
        };
        let rows = vec![(2, row("Kênh đổi tên", Some("st-01"))), (3, row("Kênh mới", None)), (4, row("kênh mới", None))];
        let report = take(&own, rows).await;
        assert_eq!((report.count(What::New), report.count(What::Changed)), (1, 1));
        assert_eq!(report.lines[0].fields, ["line-code", "line", "capacity"], "found by its mark, renamed");
        assert_eq!((report.problems[0].row, report.problems[0].code), (4, "import-twice"));
        let rows = vec![(2, row("Kênh đổi tên", Some("ST-01"))), (3, row("Kênh mới", None))];
        assert!(take(&own, rows).await.problems.is_empty());
        let refused = take(&scope(Role::Viewer, s.bodies[0]), vec![(2, row("Kênh khác", None))]).await;
        assert_eq!(refused.problems[0].code, "import-not-yours");
        let out = export::lines(&mut t.db.read().await.unwrap(), &own, s.bodies[0]).await.unwrap();
        assert_eq!(out.len(), 2);
        assert_eq!((out[0].name.as_str(), out[0].hotline.as_deref()), ("Kênh đổi tên", Some("18001166")), "a blank erases nothing");
        let cells = |lang| {
            let head = headings(LINE_COLUMNS, lang).into_iter().map(str::to_owned).collect();
            (1..).zip(std::iter::once(head).chain(out.iter().map(|r| line_cells(r, lang)))).collect::<Vec<_>>()
        };
        let all = scope(Role::Coordinator, s.root);
        let mut read = read_lines(&cells(domain::person::Lang::En));
        assert!(read.problems.is_empty());
        assert_eq!(take(&all, read.rows.clone()).await.problems[0].code, "import-body-unknown", "names that the register does not hold");
        for (_, row) in &mut read.rows {
            (row.body, row.served) = (None, None);
        }
        let mut tx = t.db.begin(Actor::System, minute(6)).await.unwrap();
        let report = import::lines(&mut tx, &all, s.bodies[0], &read.rows, &s.ids).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(report.count(What::Same), 2);
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
        let new = NewOutage { id: Id::new(&s.ids), line: s.line, said: OutageChange { from: minute(0), to: None, cause: String::new(), effect: String::new(), bodies: vec![] } };
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
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(91), tx => l::close(tx, &own, &s.tools(), s.line).await);
        done.unwrap();
        assert!(list(Filter::default()).await.is_empty());
        assert!(matches!(s.report(&own, LineState::Ok, 92).await, Err(StoreError::Refused("line-closed"))));
    }
}
