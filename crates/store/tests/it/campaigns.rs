use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    job::Outcome,
    legal::Legal,
    order::{CampaignState, LineRole},
    right::Role,
    time::Window,
};
use jiff::civil::date;
use store::{
    Sql, StoreError, both_engines,
    campaigns::{self, Amendment, Head, NewCampaign, NewDuty, NewLine},
    jobs,
    testing::{TestDb, TestIds, minute},
};

use crate::{body, letters};

mod killed;

const URL: &str = "https://canh.test";

fn legal() -> Legal {
    Legal::builtin().unwrap()
}

fn day() -> jiff::civil::Date {
    date(2027, 1, 20)
}

pub fn duty(ids: &TestIds, code: &str, actor: Option<&str>, standing: bool) -> NewDuty {
    NewDuty {
        id: Id::new(ids as &dyn Ids),
        code: code.into(),
        path: "1".into(),
        quote: "Trực 24/7".into(),
        actor: actor.map(Into::into),
        due_at: None,
        evidence: String::new(),
        standing,
    }
}

pub fn line(role: LineRole, line: &str, bodies: Vec<Id<kind::Body>>) -> NewLine {
    NewLine { role, line: line.into(), resolved: true, bodies }
}

pub fn campaign(
    ids: &TestIds,
    body: Id<kind::Body>,
    duties: Vec<NewDuty>,
    lines: Vec<NewLine>,
) -> NewCampaign {
    let window = Some(Window::days(date(2027, 2, 4), date(2027, 2, 12)));
    let head =
        Head { name: "Tết Đinh Mùi".into(), window, window_by: Some("rule".into()), ..Head::default() };
    NewCampaign { id: Id::new(ids as &dyn Ids), body, letter: None, head, duties, lines }
}

pub async fn create(t: &TestDb, scope: &Scope, new: &NewCampaign) -> Result<(), StoreError> {
    store::write!(t.db, Actor::System, minute(1), tx => campaigns::create(tx, scope, new).await)
}

pub async fn issue(
    t: &TestDb,
    ids: &TestIds,
    scope: &Scope,
    id: Id<kind::Campaign>,
) -> Result<(), StoreError> {
    let legal = legal();
    store::write!(t.db, Actor::System, minute(2), tx => campaigns::issue(tx, scope, id, legal.on(day()), ids, URL).await)
}

async fn amend(
    t: &TestDb,
    ids: &TestIds,
    scope: &Scope,
    id: Id<kind::Campaign>,
    change: &Amendment,
) -> Result<(), StoreError> {
    let legal = legal();
    store::write!(t.db, Actor::System, minute(5), tx => campaigns::amend(tx, scope, id, change, legal.on(day()), ids, URL).await)
}

/// Runs the waiting job to its end.
pub async fn run(t: &TestDb, ids: &TestIds, at: i64) {
    while let Some(job) = jobs::claim(&t.db, minute(at)).await.unwrap() {
        let outcome = campaigns::run(&t.db, minute(at), ids, &job).await;
        assert!(!matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
        jobs::finish(&t.db, minute(at), &job, &outcome).await.unwrap();
    }
}

async fn count(sql: &mut Sql, text: &'static str) -> i64 {
    sql.count_for_test(text).await.unwrap()
}

/// Root with three bodies below it, the first of which has one of its own.
async fn tree(t: &TestDb, ids: &TestIds) -> (Id<kind::Body>, Vec<Id<kind::Body>>, Id<kind::Body>) {
    let root = body(&t.db, ids, None).await;
    let mut below = Vec::new();
    for _ in 0..3 {
        below.push(body(&t.db, ids, Some(root)).await);
    }
    let leaf = body(&t.db, ids, Some(below[0])).await;
    (root, below, leaf)
}

both_engines! {
    async fn everybody_gets_what_is_theirs_once(t: &TestDb) {
        let ids = TestIds::default();
        let (root, below, _) = tree(t, &ids).await;
        let head = Scope::of(vec![(Role::Head, root)]);
        let new = campaign(&ids, root,
            vec![duty(&ids, "DUTY", None, false), duty(&ids, "ISPF", Some("providers"), false), duty(&ids, "CASC", None, true)],
            vec![line(LineRole::To, "Các sở", vec![below[0], below[1]]), line(LineRole::Actor, "providers", vec![below[1], below[2]])]);
        create(t, &head, &new).await.unwrap();
        issue(t, &ids, &head, new.id).await.unwrap();
        run(t, &ids, 3).await;
        let mut sql = t.db.read().await.unwrap();
        let got = campaigns::addressees(&mut sql, &head, new.id, &campaigns::Addressees::default(), 10).await.unwrap();
        let tasks = |b| got.iter().find(|(_, a)| a.body == b).map(|(_, a)| a.tasks);
        // The first has a body below it, hence CASC; the second is meant twice; the third only as a provider.
        assert_eq!((tasks(below[0]), tasks(below[1]), tasks(below[2])), (Some(2), Some(2), Some(1)));
        assert_eq!(count(&mut sql, "select count(*) as n from intent where template = 'assignment-issued'").await, 3);
        assert_eq!(count(&mut sql, "select count(*) as n from fact where kind = 'assignment.received'").await, 3);
        assert_eq!(count(&mut sql, "select count(*) as n from job where kind = 'campaign.issue'").await, 0);
        assert_eq!(count(&mut sql, "select count(*) as n from job where kind = 'chase.assignment'").await, 3);
        drop(sql);
        // Again changes nothing.
        assert_eq!(campaigns::fill(&t.db, minute(9), &ids, new.id, URL).await.unwrap(), campaigns::Filled::default());
        let progress = campaigns::progress(&mut t.db.read().await.unwrap(), &head, new.id).await.unwrap();
        assert_eq!((progress.bodies, progress.assigned, progress.tasks), (3, 3, 5));
    }

    async fn what_is_open_blocks_issuing(t: &TestDb) {
        let ids = TestIds::default();
        let (root, below, _) = tree(t, &ids).await;
        let head = Scope::of(vec![(Role::Head, root)]);
        let open = NewLine { resolved: false, ..line(LineRole::To, "Các sở", vec![below[0]]) };
        let mut no_window = campaign(&ids, root, vec![duty(&ids, "VREV", None, false)], vec![line(LineRole::To, "Các sở", vec![below[0]])]);
        no_window.head.window = None;
        let cases = [
            (campaign(&ids, root, vec![duty(&ids, "DUTY", None, false)], vec![open.clone()]), "line-unresolved"),
            (campaign(&ids, root, vec![duty(&ids, "DUTY", None, false)], vec![line(LineRole::To, "Các sở", vec![])]), "no-addressee"),
            (campaign(&ids, root, vec![], vec![line(LineRole::To, "Các sở", vec![below[0]])]), "no-duty"),
            (campaign(&ids, root, vec![duty(&ids, "ISPF", Some("providers"), false)], vec![line(LineRole::To, "Các sở", vec![below[0]])]), "actor-without-line"),
            (no_window, "window-missing"),
        ];
        for (new, why) in cases {
            create(t, &head, &new).await.unwrap();
            match issue(t, &ids, &head, new.id).await {
                Err(StoreError::Refused(found)) => assert_eq!(found, why),
                other => panic!("{why}: {other:?}"),
            }
        }
        // A clerk prepares but does not issue; a head of one body does not order its neighbour.
        let new = campaign(&ids, root, vec![duty(&ids, "DUTY", None, false)], vec![open]);
        create(t, &head, &new).await.unwrap();
        let clerk = Scope::of(vec![(Role::Clerk, root)]);
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx =>
            campaigns::set_line(tx, &clerk, new.id, LineRole::To, "Các sở", &[below[0]]).await);
        done.unwrap();
        assert!(matches!(issue(t, &ids, &clerk, new.id).await, Err(StoreError::NotFound(_))));
        let neighbour = Scope::of(vec![(Role::Head, below[0])]);
        let new = campaign(&ids, below[0], vec![duty(&ids, "DUTY", None, false)], vec![line(LineRole::To, "Các sở", vec![below[1]])]);
        create(t, &neighbour, &new).await.unwrap();
        assert!(matches!(issue(t, &ids, &neighbour, new.id).await, Err(StoreError::Refused("body-not-yours"))));
    }

    async fn drafts_are_their_makers_and_orders_their_addressees(t: &TestDb) {
        let ids = TestIds::default();
        let (root, below, _) = tree(t, &ids).await;
        let head = Scope::of(vec![(Role::Head, root)]);
        let new = campaign(&ids, root, vec![duty(&ids, "DUTY", None, false)], vec![line(LineRole::To, "Các sở", vec![below[0], below[1]])]);
        create(t, &head, &new).await.unwrap();
        let (mine, other) = (Scope::of(vec![(Role::Viewer, below[0])]), Scope::of(vec![(Role::Head, below[2])]));
        let seen = async |scope: &Scope| campaigns::get(&mut t.db.read().await.unwrap(), scope, new.id).await.is_ok();
        assert!(!seen(&mine).await && seen(&head).await);
        issue(t, &ids, &head, new.id).await.unwrap();
        run(t, &ids, 3).await;
        assert!(seen(&mine).await && !seen(&other).await);
        let mut sql = t.db.read().await.unwrap();
        let got = campaigns::addressees(&mut sql, &mine, new.id, &campaigns::Addressees::default(), 10).await.unwrap();
        assert_eq!(got.iter().map(|(_, a)| a.body).collect::<Vec<_>>(), [below[0]], "a neighbour's row is not theirs");
        let rows = campaigns::list(&mut sql, &head, &campaigns::Filter { q: "dinh mui", ..Default::default() }, 10).await.unwrap();
        assert_eq!((rows.len(), rows[0].bodies), (1, 2));
    }

    async fn an_order_is_amended_cancelled_and_keeps_its_history(t: &TestDb) {
        let ids = TestIds::default();
        let (root, below, _) = tree(t, &ids).await;
        let head = Scope::of(vec![(Role::Head, root)]);
        let (stays, goes) = (duty(&ids, "DUTY", None, false), duty(&ids, "MALW", None, false));
        let gone = goes.id;
        let new = campaign(&ids, root, vec![stays.clone(), goes], vec![line(LineRole::To, "Các sở", vec![below[0]])]);
        create(t, &head, &new).await.unwrap();
        issue(t, &ids, &head, new.id).await.unwrap();
        run(t, &ids, 3).await;
        assert!(matches!(amend(t, &ids, &head, new.id, &Amendment { note: "x".into(), ..Default::default() }).await, Err(StoreError::Refused("amendment-empty"))));
        let change = Amendment {
            note: "Thêm săn lùng, bớt bóc gỡ".into(),
            withdraw: vec![gone],
            due: vec![(stays.id, minute(999))],
            add: vec![duty(&ids, "HUNT", None, false)],
            ..Default::default()
        }.bodies("Bổ sung", vec![below[2]]);
        amend(t, &ids, &head, new.id, &change).await.unwrap();
        run(t, &ids, 6).await;
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(count(&mut sql, "select count(*) as n from task where withdrawn_at is null").await, 4);
        assert_eq!(count(&mut sql, "select count(*) as n from task where withdrawn_at is not null").await, 1);
        assert_eq!(count(&mut sql, "select count(*) as n from intent where template = 'order-amended'").await, 1);
        assert_eq!(count(&mut sql, "select count(*) as n from assignment").await, 2);
        let history = campaigns::history(&mut sql, new.id).await.unwrap();
        assert_eq!(history.iter().map(|r| r.kind.as_str()).collect::<Vec<_>>(), ["issued", "amended"]);
        assert_eq!(history[1].before["duties"].as_array().unwrap().len(), 2);
        drop(sql);
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(7), tx => campaigns::cancel(tx, &head, new.id, "Nhầm", &ids, URL).await);
        done.unwrap();
        assert!(matches!(amend(t, &ids, &head, new.id, &change).await, Err(StoreError::Refused("campaign-not-issued"))));
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(count(&mut sql, "select count(*) as n from assignment where cancelled_at is null").await, 0);
        assert_eq!(count(&mut sql, "select count(*) as n from intent where template = 'order-cancelled'").await, 2);
        assert_eq!(campaigns::get(&mut sql, &head, new.id).await.unwrap().state, CampaignState::Cancelled);
    }

    async fn an_order_is_passed_on_and_the_chain_seen_both_ways(t: &TestDb) {
        let ids = TestIds::default();
        let (root, below, leaf) = tree(t, &ids).await;
        let head = Scope::of(vec![(Role::Head, root)]);
        let (kept, left) = (duty(&ids, "DUTY", None, false), duty(&ids, "MALW", None, false));
        let keep = [kept.id];
        let new = campaign(&ids, root, vec![kept, left], vec![line(LineRole::To, "Các sở", vec![below[0], below[1]])]);
        create(t, &head, &new).await.unwrap();
        issue(t, &ids, &head, new.id).await.unwrap();
        run(t, &ids, 3).await;
        let mut sql = t.db.read().await.unwrap();
        let got = campaigns::addressees(&mut sql, &head, new.id, &campaigns::Addressees::default(), 10).await.unwrap();
        drop(sql);
        let of = |b| got.iter().find(|(_, a)| a.body == b).unwrap().1.assignment;
        let unit = Scope::of(vec![(Role::Head, below[0])]);
        let sub: Id<kind::Campaign> = Id::new(&ids as &dyn Ids);
        let pass = async |assignment| -> Result<(), StoreError> {
            store::write!(t.db, Actor::System, minute(4), tx => campaigns::pass_on(tx, &unit, assignment, sub, Some(&keep), None, &ids).await)
        };
        assert!(matches!(pass(of(below[1])).await, Err(StoreError::NotFound(_))), "a neighbour's assignment");
        pass(of(below[0])).await.unwrap();
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(5), tx => {
            let lines = campaigns::lines(tx, sub).await?;
            let bodies: Vec<_> = lines[0].bodies.iter().map(|b| b.0).collect();
            campaigns::set_line(tx, &unit, sub, lines[0].role, &lines[0].line, &bodies).await
        });
        done.unwrap();
        issue(t, &ids, &unit, sub).await.unwrap();
        run(t, &ids, 6).await;
        let mut sql = t.db.read().await.unwrap();
        let codes: Vec<_> = campaigns::duties(&mut sql, sub).await.unwrap().into_iter().map(|d| d.code).collect();
        assert_eq!(codes, ["DUTY", "LEAD", "CONT", "CASC"]);
        let down = campaigns::below(&mut sql, &head, new.id).await.unwrap();
        assert_eq!((down.len(), down[0].campaign, down[0].bodies), (1, sub, 1));
        let there = campaigns::get(&mut sql, &Scope::of(vec![(Role::Viewer, leaf)]), sub).await.unwrap();
        let up = campaigns::above(&mut sql, &Scope::of(vec![(Role::Viewer, leaf)]), &there).await.unwrap();
        assert_eq!((up.len(), up[0].campaign, up[0].open), (1, new.id, false), "named, not opened");
        assert_eq!(count(&mut sql, "select count(*) as n from fact where kind = 'assignment.passed-on'").await, 1);
        assert_eq!(count(&mut sql, "select count(*) as n from assignment where passed_on_at is not null").await, 1);
        assert_eq!(count(&mut sql, "select count(*) as n from assignment where parent is not null").await, 1);
    }

    async fn a_campaign_needs_its_letter_confirmed(t: &TestDb) {
        let ids = TestIds::default();
        let (root, below, _) = tree(t, &ids).await;
        let head = Scope::of(vec![(Role::Head, root)]);
        let letter = letters::add(t, &ids, &head, root, &letters::reading()).await.unwrap();
        let new = NewCampaign { letter: Some(letter), ..campaign(&ids, root, vec![duty(&ids, "DUTY", None, false)], vec![line(LineRole::To, "Các sở", vec![below[0]])]) };
        assert!(matches!(create(t, &head, &new).await, Err(StoreError::Refused("letter-unconfirmed"))));
        letters::confirm(t, &head, letter).await;
        create(t, &head, &new).await.unwrap();
        issue(t, &ids, &head, new.id).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let made = campaigns::get(&mut sql, &head, new.id).await.unwrap();
        assert_eq!(made.reference.as_deref(), Some("112/CAT-PA05"));
        assert_eq!(campaigns::of_letter(&mut sql, &head, letter).await.unwrap().len(), 1);
    }
}
