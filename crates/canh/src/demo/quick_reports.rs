//! An order whose window runs now, with rounds of quick reports: confirmed, late, missing, nil, and with difficulties.

use anyhow::{Context, Result};
use domain::{
    body::BodyKind,
    id::{Id, kind},
    order::LineRole,
    quick_reports::{Figure, Round, Rule, Said},
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use store::{
    StoreError,
    assignments::Filter,
    campaigns,
    quick_reports::{self, Desk, NewReport},
    sign_in::InstanceKey,
};

use super::{
    cast::{Member, Player},
    order::{self, after, written},
    province::Dice,
};
use crate::centre::Centre;

const NAME: &str = "Bảo đảm an ninh mạng kỳ họp Hội đồng nhân dân tỉnh";
/// The session began two days ago and lasts another four.
const BEFORE: i32 = 2;
const AFTER: i32 = 4;
/// Of a hundred bodies so many confirm in time, and of the rest so many late.
const IN_TIME: u64 = 82;
const LATE: u64 = 55;

const DIFFICULTIES: [&str; 4] = [
    "Đường truyền của xã chập chờn từ chiều qua, đã báo nhà mạng.",
    "Chỉ có một cán bộ công nghệ thông tin, trực đêm phải luân phiên với văn phòng.",
    "Máy chủ một cửa hết hạn bản quyền phần mềm phòng, chống mã độc.",
    "Hai máy trạm tại bộ phận tiếp dân không cập nhật được bản vá.",
];
const PROPOSALS: [&str; 2] = [
    "Đề nghị tỉnh hỗ trợ một cán bộ trực trong hai ngày họp.",
    "Đề nghị cấp bổ sung bản quyền phòng, chống mã độc.",
];

/// Issues the order and lets its rounds pass until now.
pub async fn live(
    centre: &Centre,
    by: &Player,
    lead: Id<kind::Body>,
    members: &[Member],
    at: Timestamp,
    now: Timestamp,
    dice: &mut Dice,
) -> Result<()> {
    let today = time::date(now);
    let window = Window::days(today.checked_sub(BEFORE.days())?, today.checked_add(AFTER.days())?);
    let id = issue(centre, by, lead, members, at, window).await?;
    let mut reporting = vec![id];
    // The department of the schools asks its schools in turn.
    if let Some((index, department)) = members
        .iter()
        .enumerate()
        .find(|(n, m)| m.place.kind == BodyKind::Department && parent_of(members, *n))
    {
        let filter = Filter { campaign: Some(id), body: Some(department.body), ..Filter::default() };
        let briefs =
            store::assignments::list(&mut centre.db.read().await?, &by.scope, &filter, None, 1).await?;
        if let Some(brief) = briefs.first() {
            let below = order::pass_on(centre, &department.officer, brief.id, after(at, 240)).await;
            // Schools first, so that the department's report adds them up.
            reporting.insert(0, below.with_context(|| format!("passing on to those below {index}"))?);
        }
    }
    for campaign in reporting {
        report(centre, by, campaign, members, now, dice).await?;
    }
    Ok(())
}

fn parent_of(members: &[Member], index: usize) -> bool {
    members.iter().any(|m| m.place.parent == Some(index))
}

async fn issue(
    centre: &Centre,
    by: &Player,
    lead: Id<kind::Body>,
    members: &[Member],
    at: Timestamp,
    window: Window,
) -> Result<Id<kind::Campaign>> {
    let id = Id::new(&*centre.ids);
    let asked =
        |kind| matches!(kind, BodyKind::Department | BodyKind::Commune | BodyKind::Ward | BodyKind::Operator);
    let bodies = members.iter().filter(|m| asked(m.place.kind)).map(|m| m.body).collect();
    let duty = |code: &str, path: &str, quote: &str| campaigns::NewDuty {
        id: Id::new(&*centre.ids),
        code: code.to_owned(),
        path: path.to_owned(),
        quote: quote.to_owned(),
        actor: None,
        due_at: None,
        evidence: String::new(),
        standing: false,
    };
    let new = campaigns::NewCampaign {
        id,
        body: lead,
        letter: None,
        head: campaigns::Head {
            name: NAME.to_owned(),
            occasion: None,
            window: Some(window),
            window_by: Some("person".to_owned()),
            scope: Default::default(),
            contacts: Vec::new(),
            note: None,
        },
        duties: vec![
            duty("LEAD", "1", "Người đứng đầu đơn vị quán triệt và chịu trách nhiệm trong thời gian kỳ họp."),
            duty("RPT", "2", "Báo cáo nhanh hằng ngày trong thời gian kỳ họp, kể cả khi không có sự cố."),
            duty("DUTY", "3", "Bố trí lực lượng trực giám sát an ninh mạng 24/7 trong thời gian kỳ họp."),
        ],
        lines: vec![campaigns::NewLine {
            role: LineRole::To,
            line: "Các sở, ban, ngành; UBND các xã, phường; các doanh nghiệp viễn thông".to_owned(),
            resolved: true,
            bodies,
        }],
    };
    written(store::write!(centre.db, by.actor(), at, tx => campaigns::create(tx, &by.scope, &new).await))?;
    order::put_in_force(centre, by, id, after(at, 20)).await?;
    Ok(id)
}

/// What every body of a campaign says in every round that has opened.
async fn report(
    centre: &Centre,
    by: &Player,
    campaign: Id<kind::Campaign>,
    members: &[Member],
    now: Timestamp,
    dice: &mut Dice,
) -> Result<()> {
    let filter = Filter { campaign: Some(campaign), ..Filter::default() };
    let mut sql = centre.db.read().await?;
    let briefs = store::assignments::list(&mut sql, &by.scope, &filter, None, 500).await?;
    let course = quick_reports::course(&mut sql, &by.scope, &centre.legal, campaign, now).await?;
    drop(sql);
    for round in course.rounds.iter().filter(|r| r.opens <= now) {
        let mut deeds: Vec<(Timestamp, &Member, Id<kind::Assignment>, Said)> = Vec::new();
        for brief in &briefs {
            let Some(member) = members.iter().find(|m| m.body == brief.body) else { continue };
            if let Some(at) = moment(round, dice).filter(|at| *at <= now) {
                deeds.push((at, member, brief.id, said(dice)));
            }
        }
        deeds.sort_by_key(|(at, ..)| *at);
        for (at, member, assignment, said) in deeds {
            confirm(centre, member, assignment, round, at, said).await?;
        }
    }
    Ok(())
}

/// When a body confirms a round, if it does.
fn moment(round: &Round, dice: &mut Dice) -> Option<Timestamp> {
    let minutes = |dice: &mut Dice, n: u64| i64::try_from(dice.below(n)).unwrap_or(0);
    if dice.chance(IN_TIME) {
        Some(after(round.opens, 15 + minutes(dice, 100)))
    } else if dice.chance(LATE) {
        Some(after(round.due, 5 + minutes(dice, 110)))
    } else {
        None
    }
}

fn said(dice: &mut Dice) -> Said {
    let small = |dice: &mut Dice, n: u64| u32::try_from(dice.below(n)).unwrap_or(0);
    let mut said = if dice.chance(85) {
        Said { nil: true, ..Said::default() }
    } else {
        let incidents = u32::from(dice.chance(25));
        let figures = vec![(Figure::Incidents, incidents), (Figure::Alerts, 1 + small(dice, 6))];
        Said { figures, ..Said::default() }
    };
    if dice.chance(8) {
        said.difficulties = (*dice.pick(&DIFFICULTIES).unwrap_or(&DIFFICULTIES[0])).to_owned();
        if dice.chance(50) {
            said.proposals = (*dice.pick(&PROPOSALS).unwrap_or(&PROPOSALS[0])).to_owned();
        }
    }
    said
}

async fn confirm(
    centre: &Centre,
    member: &Member,
    assignment: Id<kind::Assignment>,
    round: &Round,
    at: Timestamp,
    mut said: Said,
) -> Result<()> {
    let officer = &member.officer;
    let (base, key) =
        (centre.config.public_url(), InstanceKey::new(centre.data.instance_key(&*centre.secrets)?));
    let desk = Desk { ids: &*centre.ids, legal: &centre.legal, base: &base, key: &key };
    let draft = quick_reports::draft(
        &mut centre.db.read().await?,
        &officer.scope,
        &centre.legal,
        assignment,
        round.at,
        at,
    )
    .await?
    .draft;
    if said.nil && draft.below(Figure::Incidents) + draft.below(Figure::Alerts) > 0 {
        said.nil = false;
        said.figures = vec![(Figure::Incidents, 0), (Figure::Alerts, 0)];
    }
    let new = NewReport {
        id: Id::new(&*centre.ids),
        assignment,
        round: round.at,
        corrects: 0,
        shown: None,
        said: &said,
    };
    let done: Result<_, StoreError> = store::write!(centre.db, officer.actor(), at, tx => {
        quick_reports::confirm(tx, &officer.scope, &desk, &new).await
    });
    match done {
        // A body whose clock of receipt lies after the round owes nothing.
        Ok(_) | Err(StoreError::Refused("quick-not-owed")) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Long before the order of this year's Tết, so that the board opens at that one.
pub fn issued_at(main: Timestamp) -> Timestamp {
    main.checked_sub(SignedDuration::from_hours(5 * 24)).unwrap_or(main)
}

/// Last year there were no rounds: reports came as letters, and their evidence counts.
pub async fn none(centre: &Centre, by: &Player, campaign: Id<kind::Campaign>, at: Timestamp) -> Result<()> {
    let Some(terms) = centre.legal.on(time::date(at)).quick_reports() else { return Ok(()) };
    let rule = Rule { on: false, ..terms.rule.clone() };
    written(store::write!(centre.db, by.actor(), at, tx => {
        quick_reports::set_rule(tx, &by.scope, &centre.legal, &*centre.ids, campaign, rule.clone()).await
    }))
}
