//! The demonstration: the fictional province of Sông Trà, from a seed, made through the product's own commands — the
//! functions the pages and the API call, with their rights, audit entries and facts. No verdict is written here: the
//! evidence worker comes to them by itself.

mod callouts;
mod cast;
mod hunts;
mod indicators;
mod inspections;
mod knowledge;
mod life;
mod lines;
pub mod live;
mod logs;
mod machines;
mod notices;
mod order;
mod papers;
mod province;
mod quick_reports;
mod remains;
mod report;
mod requests;
mod rosters;
mod test_calls;
mod upkeep;

use anyhow::{Context, Result};
use domain::{
    actor::{Actor, Scope},
    order::Change,
    right::Role,
};
use jiff::{SignedDuration, Timestamp};
use letter::{Lexicon, Reader};
use serde_json::json;
use store::{StoreError, campaigns, letters, register::grants};

use self::{
    cast::Player,
    life::Pace,
    order::after,
    province::{Dice, LEAD},
};
use crate::{
    centre::Centre,
    first::{self, FirstLogin},
};

/// The province is always the same.
pub const SEED: u64 = 6_022_027;
/// In the list of the province.
const FIRST_DEPARTMENT: usize = 1;
const NAME: &str = "Công an tỉnh Sông Trà";
const BO: (&str, &str) = ("5120-A05-P5.txt", include_str!("letters/bo-dinh-mui.txt"));
const TINH: (&str, &str) = ("112-CAT-PA05.txt", include_str!("letters/tinh-dinh-mui.txt"));
const TRUOC: (&str, &str) = ("87-CAT-PA05.txt", include_str!("letters/tinh-binh-ngo.txt"));

/// Fills an empty centre. Returns the sign-in to print.
pub async fn load(centre: &Centre) -> Result<FirstLogin> {
    let now = centre.clock.now();
    std::fs::write(centre.data.path(live::MARK), "").context("the mark of a demonstration")?;
    let start = instant("2026-01-05T08:00:00+07:00")?;
    let founded = first::found_as(centre, NAME, start).await?;
    let admin = Player {
        person: founded.person,
        scope: Scope::of(vec![(Role::Administrator, founded.root), (Role::Coordinator, founded.root)]),
    };
    let mut dice = Dice::new(SEED);
    // Whoever tries the demo does the lead body's work with the account that is printed.
    let grant = grants::NewGrant {
        id: domain::id::Id::new(&*centre.ids),
        person: founded.person,
        role: Role::Coordinator,
        body: founded.root,
        from: None,
        until: None,
    };
    order::written(store::write!(centre.db, Actor::System, start, tx => {
        grants::give(tx, &Scope::system(), &grant).await
    }))?;
    let members = cast::assemble(centre, &admin, founded.root, after(start, 30), &mut dice)
        .await
        .context("the register")?;
    let lead = members.get(LEAD).context("the lead body")?;
    let reader = Reader::new(&Lexicon::builtin());
    let officer = &lead.officer;

    knowledge::learn(centre, &admin, after(start, 45)).await.context("the feed")?;

    // Last year's Tết: carried out and closed.
    let received = instant("2026-01-12T09:00:00+07:00")?;
    let letter = order::receive(centre, &reader, officer, lead.body, TRUOC, &[], received)
        .await
        .context("last year's letter")?;
    let last = order::issue(centre, officer, lead.body, letter, after(received, 60)).await?;
    quick_reports::none(centre, officer, last, after(received, 85)).await?;
    let pace = Pace { acknowledge: 100, evidence: 97, reviewed: 100, accepted: 96, hours: 24 * 24 };
    let ended = instant("2026-02-25T16:00:00+07:00")?;
    let window = store::board::campaign(&mut centre.db.read().await?, &officer.scope, last).await?.window;
    let nets = lines::entered(centre, &members, after(received, 70)).await?;
    if let Some(window) = window {
        rosters::tet(centre, &members, after(received, 75), window, ended)
            .await
            .context("last year's duty")?;
        lines::tet(centre, &nets, window).await?;
        logs::tet(centre, &members, after(received, 80), window).await.context("logs of last year's Tết")?;
    }
    life::live(centre, last, officer, &members, &pace, after(received, 90), ended, &mut dice).await?;
    watch::evidence::evaluate_now(&centre.db, &centre.legal, ended).await?;
    if let Some(first) = members.get(FIRST_DEPARTMENT) {
        report::reply(centre, first, last, ended).await.context("a reply")?;
    }
    let up = report::begin(centre, officer, lead.body, &on(last), after(ended, 20)).await?;
    report::submit(centre, officer, up, after(ended, 60)).await?;
    report::sign(centre, &lead.head, up, "bao-cao-tet-binh-ngo", after(ended, 90))
        .await
        .context("last year's report")?;
    let closed = after(ended, 120);
    order::written(store::write!(centre.db, officer.actor(), closed, tx => {
        campaigns::close(tx, &officer.scope, last, "Kết thúc đợt, đã tổng hợp báo cáo.").await
    }))?;
    remains::learn(centre, officer, last, closed).await.context("what was learnt")?;

    // This year's: the ministry's letter, the province's own from it, half-way.
    let received = instant("2026-11-05T09:10:00+07:00")?;
    let above = order::receive(centre, &reader, officer, lead.body, BO, &[], received).await?;
    let issued = instant("2026-11-09T08:40:00+07:00")?;
    let mend = [Change::Set { pointer: "/place".into(), value: json!("Sông Trà") }];
    let letter = order::receive(centre, &reader, officer, lead.body, TINH, &mend, issued).await?;
    let version = letters::get(&mut centre.db.read().await?, &officer.scope, letter).await?.version;
    let linked: std::result::Result<(), StoreError> = store::write!(centre.db, officer.actor(), after(issued, 20), tx => {
        letters::link(tx, &officer.scope, letter, version, Some(above)).await
    });
    linked?;
    let before = quick_reports::issued_at(issued);
    lines::live(centre, &nets, issued, now).await?;
    quick_reports::live(centre, officer, lead.body, &members, before, now, &mut Dice::new(SEED))
        .await
        .context("quick reports")?;
    let campaign = order::issue(centre, officer, lead.body, letter, after(issued, 30)).await?;
    let half = after(issued, 12 * 24 * 60).min(now);
    let pace = Pace { acknowledge: 86, evidence: 58, reviewed: 72, accepted: 85, hours: 12 * 24 };
    pass_down(centre, campaign, officer, &members, issued, half, &mut dice).await?;
    life::live(centre, campaign, officer, &members, &pace, after(issued, 60), half, &mut dice).await?;
    let scene = notices::Scene { centre, officer, lead: lead.body, campaign, members: &members, until: half };
    notices::play(&scene, issued, &mut dice).await.context("notices")?;
    papers::come(centre, issued, now).await.context("papers by themselves")?;
    knowledge::write(centre, officer, lead.body, after(issued, 25 * 60).min(now))
        .await
        .context("a warning of its own")?;
    knowledge::warn(centre, officer, lead.body, after(issued, 26 * 60).min(now))
        .await
        .context("a warning")?;
    machines::report(centre, &members, issued, now).await.context("machines")?;
    knowledge::read(centre, &admin, now).await.context("the feed again")?;
    inspections::count(centre, &members, after(issued, 5 * 24 * 60).min(now)).await?;
    inspections::visit(centre, &members, after(issued, 24 * 60), now).await.context("inspections")?;
    let mut sql = centre.db.read().await?;
    let window = store::board::campaign(&mut sql, &officer.scope, campaign).await?.window;
    drop(sql);
    let watch = rosters::live(centre, &members, window, now).await.context("duty")?;
    callouts::live(centre, lead, watch, now).await.context("call-outs")?;
    test_calls::of_channels(centre, now).await.context("tests of channels")?;
    requests::play(centre, &members, issued, now).await.context("requests")?;
    indicators::watched(centre, &members, after(issued, 60).min(now)).await.context("indicators")?;
    let log = logs::come(centre, &members, now).await.context("logs")?;
    // A second later: what came just now lies before it.
    let times = (after(issued, 90).min(now), now.checked_add(SignedDuration::from_secs(1))?);
    hunts::hunted(centre, &members, &log, times).await.context("hunts")?;
    drop(log);
    watch::evidence::evaluate_now(&centre.db, &centre.legal, now).await?;
    let up = report::begin(centre, officer, lead.body, &on(campaign), half).await.context("the report")?;
    report::submit(centre, officer, up, after(half, 10).min(now))
        .await
        .context("the report for its signer")?;
    first::again(centre, founded.person, founded.login, false).await.map_err(Into::into)
}

/// The departments with units below pass the order on, and these live too.
async fn pass_down(
    centre: &Centre,
    campaign: domain::id::Id<domain::id::kind::Campaign>,
    officer: &Player,
    members: &[cast::Member],
    issued: Timestamp,
    half: Timestamp,
    dice: &mut Dice,
) -> Result<()> {
    let filter = store::assignments::Filter { campaign: Some(campaign), ..Default::default() };
    let briefs =
        store::assignments::list(&mut centre.db.read().await?, &officer.scope, &filter, None, 500).await?;
    for (index, member) in members.iter().enumerate() {
        let has_children = members.iter().any(|m| m.place.parent == Some(index));
        if index == LEAD || !has_children {
            continue;
        }
        let Some(brief) = briefs.iter().find(|b| b.body == member.body) else { continue };
        let at = issued.checked_add(SignedDuration::from_hours(26 + i64::try_from(index).unwrap_or(0)))?;
        let below = order::pass_on(centre, &member.officer, brief.id, at).await.context("passing on")?;
        let pace = Pace { acknowledge: 75, evidence: 45, reviewed: 60, accepted: 85, hours: 10 * 24 };
        life::live(centre, below, &member.officer, members, &pace, after(at, 30), half, dice).await?;
    }
    Ok(())
}

/// A report on a whole campaign.
fn on(campaign: domain::id::Id<domain::id::kind::Campaign>) -> report::On {
    report::On { kind: domain::report::ReportKind::Campaign, campaign, assignment: None }
}

fn instant(text: &str) -> Result<Timestamp> {
    text.parse().with_context(|| format!("the demo's {text}"))
}
