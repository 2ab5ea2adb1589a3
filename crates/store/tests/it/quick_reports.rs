//! Quick reports on both engines: who may confirm, what is frozen, how sub-bodies add up, who is chased.

mod chased;

use domain::{
    actor::{Actor, Scope},
    fact::kinds,
    id::{Id, Ids, kind},
    legal::Legal,
    quick_reports::{Figure, Rule, Said},
    right::Role,
};
use jiff::Timestamp;
use store::{
    StoreError, args, both_engines,
    quick_reports::{self, Confirmed, Desk, NewReport, VoiceKind},
    sign_in::InstanceKey,
    testing::{TestDb, TestIds, World, issued, minute},
};

/// Minutes of the test's time: it starts at 08:00.
const HOUR: i64 = 60;
/// The round of 16:00 on the first day.
const FIRST: i64 = 8 * HOUR;
const DAY: i64 = 24 * HOUR;

pub struct Ground {
    pub w: World,
    pub legal: Legal,
    pub key: InstanceKey,
    pub ids: TestIds,
}

impl Ground {
    pub async fn new(t: &TestDb, bodies: usize, days: i64) -> Self {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, bodies, &["RPT", "VREV"], minute(0), minute(days * DAY)).await;
        Self { w, legal: Legal::builtin().unwrap(), key: InstanceKey::new([5; 32]), ids }
    }
    pub fn desk(&self) -> Desk<'_> {
        Desk { ids: &self.ids, legal: &self.legal, base: "https://canh.test", key: &self.key }
    }
    /// Somebody with a role at a body and a verified address.
    pub async fn person(
        &self,
        t: &TestDb,
        role: Role,
        body: Id<kind::Body>,
        by: Option<Id<kind::Person>>,
    ) -> Player {
        let id: Id<kind::Person> = Id::new(&self.ids);
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, created_at) values ($1, 'Lê Thị Na', 'le thi na', 'na', 0)",
            args![id],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into channel (id, person, kind, address, verified_at, created_at) values ($1,$2,'email','a@example.invalid',1,0)",
            args![Id::<kind::Channel>::new(&self.ids), id],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, delegated_by, created_at) values ($1,$2,$3,$4,$5,0)",
            args![Id::<kind::Grant>::new(&self.ids), id, role.name(), body, by],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Player { id, scope: Scope::of(vec![(role, body)]) }
    }
    /// Confirms the report of a body for the round at minute `round`.
    pub async fn confirm(
        &self,
        t: &TestDb,
        who: &Player,
        body: usize,
        (round, at): (i64, i64),
        said: &Said,
        corrects: u32,
    ) -> Result<Confirmed, StoreError> {
        self.confirm_for(t, who, self.w.assignments[body], (round, at), said, corrects).await
    }
    async fn confirm_for(
        &self,
        t: &TestDb,
        who: &Player,
        assignment: Id<kind::Assignment>,
        (round, at): (i64, i64),
        said: &Said,
        corrects: u32,
    ) -> Result<Confirmed, StoreError> {
        let desk = self.desk();
        let new = NewReport {
            id: Id::new(&self.ids as &dyn Ids),
            assignment,
            round: minute(round),
            corrects,
            shown: None,
            said,
        };
        store::write!(t.db, Actor::Person(who.id), minute(at), tx => {
            quick_reports::confirm(tx, &who.scope, &desk, &new).await
        })
    }
    async fn draft(
        &self,
        t: &TestDb,
        who: &Player,
        body: usize,
        round: i64,
        at: i64,
    ) -> quick_reports::Filled {
        let mut sql = t.db.read().await.unwrap();
        quick_reports::draft(
            &mut sql,
            &who.scope,
            &self.legal,
            self.w.assignments[body],
            minute(round),
            minute(at),
        )
        .await
        .unwrap()
    }
    async fn counts(&self, t: &TestDb, body: usize, at: i64) -> quick_reports::Counts {
        let mut sql = t.db.read().await.unwrap();
        let found =
            quick_reports::counts(&mut sql, &self.legal, self.w.campaign, &self.w.assignments, minute(at))
                .await;
        found.unwrap()[&self.w.assignments[body]]
    }
}

pub struct Player {
    pub id: Id<kind::Person>,
    pub scope: Scope,
}

pub fn nil() -> Said {
    Said { nil: true, ..Said::default() }
}

fn refused(result: Result<Confirmed, StoreError>) -> &'static str {
    match result {
        Err(StoreError::Refused(why)) => why,
        Err(StoreError::NotFound(_)) => "not-found",
        other => panic!("{other:?}"),
    }
}

both_engines! {
    async fn line_status_is_filled_in_and_silence_leaves_it_blank(t: &TestDb) {
        let g = Ground::new(t, 1, 3).await;
        let clerk = g.person(t, Role::Clerk, g.w.bodies[0], None).await;
        let figures = async |at: i64| {
            let draft = g.draft(t, &clerk, 0, FIRST, at).await.draft;
            let of = |f| draft.figures.iter().find(|p| p.figure == f).map(|p| (p.value, p.source.clone()));
            [Figure::LinesUp, Figure::LinesAll, Figure::Outages].map(of)
        };
        assert_eq!(figures(FIRST).await, [None, None, None], "a body without lines is not asked");
        let tools = store::assignments::Tools { ids: &g.ids, base: "", pack: g.legal.on(domain::time::date(minute(0))) };
        let line = store::lines::NewLine {
            id: Id::new(&g.ids), body: g.w.bodies[0], served: None, name: "Internet".into(),
            kind: domain::line::LineKind::Internet, provider: String::new(), code: String::new(),
            capacity: String::new(), hotline: String::new(),
        };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(clerk.id), minute(1), tx => {
            store::lines::create(tx, &clerk.scope, &line).await
        });
        done.unwrap();
        let known = |n: u32| Some((Some(n), "lines".to_owned()));
        let blank = Some((None, String::new()));
        assert_eq!(figures(FIRST).await, [blank.clone(), known(1), blank], "nobody has said how it is");
        for (state, at) in [(domain::line::LineState::Down, FIRST - 20), (domain::line::LineState::Ok, FIRST - 10)] {
            let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(clerk.id), minute(at), tx => {
                store::lines::report(tx, &clerk.scope, &tools, line.id, state, "").await
            });
            done.unwrap();
        }
        assert_eq!(figures(FIRST).await, [known(1), known(1), known(1)]);
    }

    async fn a_nil_report_is_signed_frozen_and_proved_by_the_log(t: &TestDb) {
        let g = Ground::new(t, 2, 3).await;
        let duty = g.person(t, Role::DutyOfficer, g.w.bodies[0], None).await;
        let draft = g.draft(t, &duty, 0, FIRST, FIRST - 30).await;
        let figure = |f| draft.draft.figures.iter().find(|p| p.figure == f).unwrap();
        assert_eq!(figure(Figure::Incidents).value, None, "Canh keeps no incidents: blank, not zero");
        assert_eq!(figure(Figure::DutiesAll).value, None, "nothing was judged yet: not known");
        assert_eq!(refused(g.confirm(t, &duty, 0, (FIRST, FIRST - 61), &nil(), 0).await), "quick-not-open");
        assert_eq!(refused(g.confirm(t, &duty, 0, (FIRST, FIRST), &Said::default(), 0).await), "quick-blank-incidents");
        let done = g.confirm(t, &duty, 0, (FIRST, FIRST + 5), &nil(), 0).await.unwrap();
        assert!(!done.late && done.version == 1);

        let mut sql = t.db.read().await.unwrap();
        let reports = quick_reports::versions(&mut sql, &duty.scope, g.w.assignments[0], minute(FIRST)).await.unwrap();
        let report = &reports[0];
        assert!(report.intact && report.content.nil && report.digest == done.digest);
        assert!(report.content.statement.contains("08:00 20/01/2027 đến 16:00 20/01/2027, Xã Số 0 không có sự cố"));
        assert_eq!((report.content.by, report.content.by_name.as_str()), (duty.id, "Lê Thị Na"));
        // The log's entry carries the same digest.
        let logged = store::audit::list::list(&mut sql, &Scope::system(), &store::audit::list::Filter {
            subject: Some(format!("quick-report:{}", report.id)), ..Default::default()
        }, None, 5).await.unwrap();
        assert_eq!(logged[0].entry.digest, done.digest);
        assert_eq!(logged[0].entry.seq, report.entry);
        let facts = store::facts::about(
            &mut sql, &Scope::system(), &[format!("assignment:{}", g.w.assignments[0])], &[kinds::QUICK_REPORT], 9,
        ).await.unwrap();
        assert_eq!((facts.len(), facts[0].value["nil"].as_bool(), facts[0].value["late"].as_bool()), (1, Some(true), Some(false)));
        drop(sql);

        // A row that is changed behind Canh's back is found out.
        let mut tx = t.db.begin_quiet(minute(FIRST + 6)).await.unwrap();
        tx.run_for_test("update quick_report set content = replace(content, 'không có sự cố', 'có sự cố')", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let report = quick_reports::report(&mut t.db.read().await.unwrap(), &duty.scope, report.id).await.unwrap();
        assert!(!report.intact);
    }

    async fn only_the_body_itself_confirms_and_others_learn_nothing(t: &TestDb) {
        let g = Ground::new(t, 2, 3).await;
        let viewer = g.person(t, Role::Viewer, g.w.bodies[0], None).await;
        let neighbour = g.person(t, Role::Head, g.w.bodies[1], None).await;
        let above = g.person(t, Role::Coordinator, g.w.root, None).await;
        let head = g.person(t, Role::Head, g.w.bodies[0], None).await;
        let delegate = g.person(t, Role::Clerk, g.w.bodies[0], Some(head.id)).await;
        for who in [&viewer, &neighbour, &above] {
            assert_eq!(refused(g.confirm(t, who, 0, (FIRST, FIRST), &nil(), 0).await), "not-found");
        }
        let system = Player { id: head.id, scope: Scope::system() };
        assert_eq!(refused(g.confirm(t, &system, 0, (FIRST, FIRST), &nil(), 0).await), "not-found");
        g.confirm(t, &delegate, 0, (FIRST, FIRST), &nil(), 0).await.unwrap();
        g.confirm(t, &head, 0, (FIRST, FIRST), &nil(), 1).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let seen = |n: usize| n;
        for (who, count) in [(&neighbour, 0), (&viewer, 2), (&above, 2)] {
            let found = quick_reports::versions(&mut sql, &who.scope, g.w.assignments[0], minute(FIRST)).await.unwrap();
            assert_eq!(seen(found.len()), count);
        }
        assert!(quick_reports::draft(&mut sql, &neighbour.scope, &g.legal, g.w.assignments[0], minute(FIRST), minute(FIRST)).await.is_err());
        let course = quick_reports::course(&mut sql, &neighbour.scope, &g.legal, g.w.campaign, minute(FIRST)).await.unwrap();
        let round = course.rounds[0];
        let sheet = quick_reports::sheet(&mut sql, &neighbour.scope, course, round).await.unwrap();
        assert_eq!(sheet.rows.iter().map(|r| r.body).collect::<Vec<_>>(), [g.w.bodies[1]], "its own line only");
        let sum = quick_reports::summary(&mut sql, &neighbour.scope, &g.legal, g.w.campaign, &[], minute(FIRST + 61)).await.unwrap();
        assert_eq!((sum.expected, sum.in_time, sum.missing.len()), (1, 0, 1));
    }

    async fn a_correction_is_a_new_version_and_the_old_one_stays(t: &TestDb) {
        let g = Ground::new(t, 1, 3).await;
        let duty = g.person(t, Role::DutyOfficer, g.w.bodies[0], None).await;
        g.confirm(t, &duty, 0, (FIRST, FIRST), &nil(), 0).await.unwrap();
        assert_eq!(refused(g.confirm(t, &duty, 0, (FIRST, FIRST + 1), &nil(), 0).await), "quick-already", "pressed twice");
        let said = Said { figures: vec![(Figure::Incidents, 1), (Figure::Alerts, 2)], difficulties: "Mất điện".into(), ..Said::default() };
        let done = g.confirm(t, &duty, 0, (FIRST, FIRST + 300), &said, 1).await.unwrap();
        assert!(done.version == 2 && !done.late, "the round was answered in time by the first version");
        let mut sql = t.db.read().await.unwrap();
        let all = quick_reports::versions(&mut sql, &duty.scope, g.w.assignments[0], minute(FIRST)).await.unwrap();
        assert_eq!(all.iter().map(|r| (r.content.version, r.content.nil, r.superseded_at.is_some())).collect::<Vec<_>>(),
            [(2, false, false), (1, true, true)]);
        let facts = store::facts::about(
            &mut sql, &Scope::system(), &[format!("assignment:{}", g.w.assignments[0])], &[kinds::QUICK_REPORT], 9,
        ).await.unwrap();
        assert_eq!((facts.len(), facts[0].value["version"].as_i64()), (1, Some(2)), "the old fact no longer counts");
        let sum = quick_reports::summary(&mut sql, &duty.scope, &g.legal, g.w.campaign, &g.w.bodies, minute(FIRST + 301)).await.unwrap();
        assert_eq!((sum.totals[&Figure::Incidents], sum.totals[&Figure::Alerts], sum.nil), (1, 2, 0));
        assert_eq!((sum.voices.len(), sum.voices[0].kind, sum.voices[0].text.as_str()), (1, VoiceKind::Difficulty, "Mất điện"));
    }

    async fn what_changed_since_it_was_shown_is_not_signed_unseen(t: &TestDb) {
        let g = Ground::new(t, 1, 3).await;
        let duty = g.person(t, Role::DutyOfficer, g.w.bodies[0], None).await;
        let shown = g.draft(t, &duty, 0, FIRST, FIRST).await.draft;
        let shown = quick_reports::fingerprint(&shown);
        let mut tx = t.db.begin_quiet(minute(FIRST)).await.unwrap();
        tx.run_for_test("update task set evaluated_at = 1, rank = 5, state = 'met'", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let desk = g.desk();
        let try_with = async |shown: &str| {
            let said = nil();
            let new = NewReport { id: Id::new(&g.ids as &dyn Ids), assignment: g.w.assignments[0], round: minute(FIRST), corrects: 0, shown: Some(shown), said: &said };
            let done: Result<Confirmed, StoreError> = store::write!(t.db, Actor::Person(duty.id), minute(FIRST + 1), tx => {
                quick_reports::confirm(tx, &duty.scope, &desk, &new).await
            });
            done
        };
        assert_eq!(refused(try_with(&shown).await), "quick-changed");
        let now = g.draft(t, &duty, 0, FIRST, FIRST + 1).await.draft;
        assert!(now.figures.iter().any(|f| f.figure == Figure::DutiesMet && f.value == Some(2) && f.source == "verdicts"));
        try_with(&quick_reports::fingerprint(&now)).await.unwrap();
    }

    async fn the_evidence_counts_rounds_in_time_late_and_missing(t: &TestDb) {
        let g = Ground::new(t, 2, 3).await;
        let duty = g.person(t, Role::DutyOfficer, g.w.bodies[0], None).await;
        let before = g.counts(t, 0, FIRST + 59).await;
        assert_eq!((before.rounds.all, before.next), (0, Some(minute(FIRST + 60))));
        g.confirm(t, &duty, 0, (FIRST, FIRST + 10), &nil(), 0).await.unwrap();
        // The second round, of 08:00, an hour too late; the third is missing.
        g.confirm(t, &duty, 0, (DAY, DAY + 120), &nil(), 0).await.unwrap();
        let after = g.counts(t, 0, DAY + FIRST + 60).await;
        assert_eq!((after.rounds.handled, after.late.handled, after.rounds.all), (1, 1, 3));
        let other = g.counts(t, 1, DAY + FIRST + 60).await;
        assert_eq!((other.rounds.handled, other.late.handled, other.rounds.all), (0, 0, 3));
        // An excuse takes the rounds of its time out of the count.
        let mut tx = t.db.begin_quiet(minute(1)).await.unwrap();
        tx.run_for_test(
            "insert into excuse (id, task, kind, reason, from_at, until_at) values ('e1', $1, 'excused', 'x', $2, $3)",
            args![g.w.tasks[1][0], minute(0), minute(DAY)],
        ).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(g.counts(t, 1, DAY + FIRST + 60).await.rounds.all, 2);
        let done = g.confirm(t, &Player { id: duty.id, scope: Scope::of(vec![(Role::Clerk, g.w.bodies[1])]) }, 1, (FIRST, FIRST), &nil(), 0).await;
        assert_eq!(refused(done), "quick-not-owed");
    }

    async fn other_hours_hold_from_the_next_round_on(t: &TestDb) {
        let g = Ground::new(t, 1, 3).await;
        let head = g.person(t, Role::Head, g.w.root, None).await;
        let clerk = g.person(t, Role::Clerk, g.w.root, None).await;
        let desk = g.desk();
        let set = async |who: &Player, at: i64, change: fn(&mut Rule)| {
            let mut rule = g.legal.on(jiff::civil::date(2027, 1, 20)).quick_reports().unwrap().rule.clone();
            change(&mut rule);
            let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(who.id), minute(at), tx => {
                quick_reports::set_rule(tx, &who.scope, desk.legal, desk.ids, g.w.campaign, rule.clone()).await
            });
            done
        };
        let noon: fn(&mut Rule) = |r| r.hours = vec![jiff::civil::time(12, 0, 0, 0)];
        assert!(matches!(set(&clerk, 1, noon).await, Err(StoreError::NotFound(_))), "only who may issue");
        assert!(matches!(set(&head, 1, |r| r.hours.clear()).await, Err(StoreError::Refused("quick-hours"))));
        // At 15:30 of the first day: the round of 16:00 is open and stays.
        set(&head, FIRST - 30, noon).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let course = quick_reports::course(&mut sql, &head.scope, &g.legal, g.w.campaign, minute(FIRST)).await.unwrap();
        let keys: Vec<String> = course.rounds.iter().map(|r| r.key()).collect();
        assert_eq!(keys, ["2027-01-20-1600", "2027-01-21-1200", "2027-01-22-1200"]);
        drop(sql);
        set(&head, FIRST, |r| r.on = false).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let setting = quick_reports::setting(&mut sql, &head.scope, &g.legal, g.w.campaign, minute(FIRST)).await.unwrap();
        assert!(!setting.rule.on && setting.may && !setting.default && setting.course.rounds.len() == 1);
    }

    async fn sub_bodies_fill_the_report_above_them(t: &TestDb) {
        let g = Ground::new(t, 2, 3).await;
        let duty = g.person(t, Role::DutyOfficer, g.w.bodies[0], None).await;
        let children = pass_on(t, &g).await;
        let mut who = Vec::new();
        for (body, _) in &children {
            who.push(g.person(t, Role::Clerk, *body, None).await);
        }
        let two = Said { figures: vec![(Figure::Incidents, 2), (Figure::Alerts, 3)], ..Said::default() };
        g.confirm_for(t, &who[0], children[0].1, (FIRST, FIRST - 20), &two, 0).await.unwrap();
        let filled = g.draft(t, &duty, 0, FIRST, FIRST).await.draft;
        assert_eq!((filled.below.all, filled.below.reported, filled.below.missing.as_slice()), (2, 1, &["Trường 1".to_owned()][..]));
        assert_eq!(filled.below(Figure::Incidents), 2);
        assert_eq!(refused(g.confirm(t, &duty, 0, (FIRST, FIRST), &nil(), 0).await), "quick-not-nil");
        let own = Said { figures: vec![(Figure::Incidents, 1), (Figure::Alerts, 0)], ..Said::default() };
        g.confirm(t, &duty, 0, (FIRST, FIRST), &own, 0).await.unwrap();
        // A school that comes later changes nothing of what was signed; the next version has it.
        g.confirm_for(t, &who[1], children[1].1, (FIRST, FIRST + 30), &nil(), 0).await.unwrap();
        let above = g.person(t, Role::Coordinator, g.w.root, None).await;
        let mut sql = t.db.read().await.unwrap();
        let report = quick_reports::versions(&mut sql, &above.scope, g.w.assignments[0], minute(FIRST)).await.unwrap().remove(0);
        assert_eq!((report.content.total(Figure::Incidents), report.content.total(Figure::Alerts)), (Some(3), Some(3)));
        assert!(report.content.statement.ends_with("1/2 đơn vị trực thuộc chưa báo cáo."));
        let course = quick_reports::course(&mut sql, &above.scope, &g.legal, g.w.campaign, minute(FIRST)).await.unwrap();
        let round = course.rounds[0];
        let sheet = quick_reports::sheet(&mut sql, &above.scope, course, round).await.unwrap();
        assert!(sheet.rows[0].below.is_some() && sheet.rows[1].below.is_none(), "one can go further down");
    }
}

/// The first body passes the order on to two schools; returns them with their assignments.
async fn pass_on(t: &TestDb, g: &Ground) -> Vec<(Id<kind::Body>, Id<kind::Assignment>)> {
    let campaign: Id<kind::Campaign> = Id::new(&g.ids);
    let duty: Id<kind::Duty> = Id::new(&g.ids);
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into campaign (id, body, parent_assignment, name, folded, window_from, window_to, state, issued_at, created_at)
         values ($1,$2,$3,'Phổ biến','pho bien',$4,$5,'issued',$4,$4)",
        args![campaign, g.w.bodies[0], g.w.assignments[0], minute(0), minute(3 * DAY)],
    )
    .await
    .unwrap();
    tx.run_for_test(
        "insert into campaign_duty (id, campaign, place, code, path, quote) values ($1,$2,0,'RPT','','…')",
        args![duty, campaign],
    )
    .await
    .unwrap();
    let mut made = Vec::new();
    for name in ["Trường 0", "Trường 1"] {
        let (body, assignment): (Id<kind::Body>, Id<kind::Assignment>) = (Id::new(&g.ids), Id::new(&g.ids));
        tx.run_for_test(
            "insert into body (id, parent, kind, name, folded, sort_key, created_at) values ($1,$2,'school',$3,$3,$3,0)",
            args![body, g.w.bodies[0], name],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into body_closure (above, below, depth) select above, $1, depth + 1 from body_closure where below = $2",
            args![body, g.w.bodies[0]],
        )
        .await
        .unwrap();
        tx.run_for_test("insert into body_closure (above, below, depth) values ($1,$1,0)", args![body])
            .await
            .unwrap();
        tx.run_for_test(
            "insert into assignment (id, campaign, body, parent, received_at) values ($1,$2,$3,$4,$5)",
            args![assignment, campaign, body, g.w.assignments[0], minute(0)],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into task (id, assignment, campaign, body, duty, code, due_at) values ($1,$2,$3,$4,$5,'RPT',$6)",
            args![Id::<kind::Task>::new(&g.ids), assignment, campaign, body, duty, minute(3 * DAY)],
        )
        .await
        .unwrap();
        made.push((body, assignment));
    }
    tx.commit().await.unwrap();
    made
}

#[test]
fn subjects_name_assignment_and_round() {
    let id: Id<kind::Assignment> = "01900000-0000-7000-8000-000000000001".parse().unwrap();
    let at = minute(FIRST);
    let text = quick_reports::subject(id, at);
    assert_eq!(quick_reports::read_subject(&text), Some((id, at)));
    for bad in ["", "quick-report:", "quick-report:x@1", "assignment:01900000-0000-7000-8000-000000000001@1"]
    {
        assert_eq!(quick_reports::read_subject(bad), None);
    }
    let _: Timestamp = at;
}
