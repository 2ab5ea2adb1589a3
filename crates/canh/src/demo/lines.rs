//! Lines of the network operators: reported three times a day, some outages, one that lasts, one operator that is silent.

use anyhow::{Context, Result};
use domain::{
    body::BodyKind,
    id::{Id, kind},
    line::{LineKind, LineState},
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError,
    assignments::Tools,
    lines::{self, NewLine, OutageChange, Said},
};

use super::{
    cast::{Member, Player},
    order::{after, written},
    province::LEAD,
};
use crate::centre::Centre;

/// Between two reports of an operator.
const EVERY: SignedDuration = SignedDuration::from_hours(8);
/// So long the second operator has said nothing: longer than a report is believed.
const SILENT: SignedDuration = SignedDuration::from_hours(19);
/// Lines of one operator to bodies of the province, besides its own.
const SERVED: usize = 9;
/// An outage that is over: hours before the end of what is told, line, minutes, cause, effect.
type Over = (i64, usize, i64, &'static str, &'static str);
const OUTAGES: [Over; 4] = [
    (211, 2, 95, "Đứt cáp quang do thi công đường", "Một cửa điện tử của đơn vị phải tiếp nhận giấy"),
    (140, 0, 25, "Mất điện trạm, máy nổ khởi động chậm", ""),
    (66, 5, 180, "Hỏng thiết bị đầu cuối, đã thay", "Không họp trực tuyến được buổi chiều"),
    (20, 3, 12, "Nâng cấp phần mềm thiết bị, đã báo trước", ""),
];
/// Of last year's Tết; of the last one nobody ever said why.
const TET: [Over; 3] = [
    (182, 4, 140, "Xe tải kéo đứt cáp treo", "Không tiếp nhận được hồ sơ trực tuyến buổi sáng"),
    (97, 1, 35, "Mất điện lưới, chuyển sang máy nổ", ""),
    (31, 6, 55, "", ""),
];

/// An operator with its lines.
pub struct Net<'a> {
    operator: &'a Member,
    lines: Vec<Id<kind::Line>>,
}

/// Enters the lines.
pub async fn entered<'a>(centre: &Centre, members: &'a [Member], at: Timestamp) -> Result<Vec<Net<'a>>> {
    let lead = members.get(LEAD).context("the lead body")?;
    let served: Vec<&Member> = members
        .iter()
        .filter(|m| matches!(m.place.kind, BodyKind::Department | BodyKind::Commune | BodyKind::Ward))
        .collect();
    let mut nets = Vec::new();
    for (n, operator) in members.iter().filter(|m| m.place.kind == BodyKind::Operator).enumerate() {
        let some = served.iter().skip(n * SERVED).take(SERVED).copied();
        let lines = enter(centre, &lead.officer, operator, some, at).await.context("lines")?;
        nets.push(Net { operator, lines });
    }
    Ok(nets)
}

/// Lives with them from `from` to `now`.
pub async fn live(centre: &Centre, nets: &[Net<'_>], from: Timestamp, now: Timestamp) -> Result<()> {
    for (n, net) in nets.iter().enumerate() {
        let (until, over): (_, &[Over]) =
            if n == 0 { (now, &OUTAGES) } else { (now.checked_sub(SILENT)?, &[]) };
        let mut story = told(from, until, over)?;
        if n == 0 {
            story.push((after(until, -70), Some(7), LineState::Down, ("", "")));
            story.push((after(until, -30), Some(4), LineState::Degraded, ("", "")));
        }
        report(centre, net, story, from).await.context("reports of lines")?;
    }
    Ok(())
}

/// Lives with them through last year's Tết; the second operator was silent at its end.
pub async fn tet(centre: &Centre, nets: &[Net<'_>], window: Window) -> Result<()> {
    let from = window.from.checked_sub(EVERY)?;
    for (n, net) in nets.iter().enumerate() {
        let (until, over): (_, &[Over]) =
            if n == 0 { (window.to, &TET) } else { (window.to.checked_sub(SILENT)?, &[]) };
        report(centre, net, told(from, until, over)?, from).await.context("reports of Tết")?;
    }
    Ok(())
}

async fn enter(
    centre: &Centre,
    officer: &Player,
    operator: &Member,
    served: impl Iterator<Item = &Member>,
    at: Timestamp,
) -> Result<Vec<Id<kind::Line>>> {
    let trunk = ("Cổng Internet quốc tế của tỉnh".to_owned(), LineKind::Internet, None, "20 Gbps");
    let own = served.map(|m| {
        let name = format!("Kênh TSLCD {}", m.place.name.replace("Ủy ban nhân dân", "UBND"));
        (name, LineKind::Dedicated, Some(m.body), "200 Mbps")
    });
    let mut all = Vec::new();
    for (n, (name, kind, served, capacity)) in std::iter::once(trunk).chain(own).enumerate() {
        let line = NewLine {
            id: Id::new(&*centre.ids),
            body: operator.body,
            served,
            name,
            kind,
            provider: String::new(),
            code: format!("ST-{:03}", n + 1),
            capacity: capacity.to_owned(),
            hotline: "1800 0000".to_owned(),
        };
        written(store::write!(centre.db, officer.actor(), at, tx => {
            lines::create(tx, &officer.scope, &line).await
        }))?;
        all.push(line.id);
    }
    Ok(all)
}

/// What happens when: to which line, or to all; how it is then; cause and effect once they are known.
type Event = (Timestamp, Option<usize>, LineState, (&'static str, &'static str));

/// Everything works; a line breaks; it works again, with the cause said.
fn told(from: Timestamp, until: Timestamp, outages: &[Over]) -> Result<Vec<Event>> {
    let mut story: Vec<Event> = Vec::new();
    let mut at = from;
    while at <= until {
        story.push((at, None, LineState::Ok, ("", "")));
        at = at.checked_add(EVERY)?;
    }
    for &(hours, line, minutes, cause, effect) in outages {
        let begin = until.checked_sub(SignedDuration::from_hours(hours))?;
        story.push((begin, Some(line), LineState::Down, ("", "")));
        story.push((after(begin, minutes), Some(line), LineState::Ok, (cause, effect)));
    }
    Ok(story)
}

async fn report(centre: &Centre, net: &Net<'_>, mut story: Vec<Event>, from: Timestamp) -> Result<()> {
    let Net { operator, lines: all } = net;
    story.retain(|(at, ..)| from <= *at);
    story.sort_by_key(|(at, ..)| *at);
    let mut down: Vec<usize> = Vec::new();
    for (at, line, state, why) in story {
        let said: Vec<Said> = all
            .iter()
            .enumerate()
            .filter(|(n, _)| line.map_or(!down.contains(n), |one| one == *n))
            .map(|(_, id)| Said { line: *id, state, note: String::new() })
            .collect();
        if let Some(n) = line {
            down.retain(|other| *other != n);
            if state == LineState::Down {
                down.push(n);
            }
        }
        let player = &operator.officer;
        let tools = tools(centre, at);
        written(store::write!(centre.db, player.actor(), at, tx => {
            lines::report_many(tx, &player.scope, &tools, &said).await
        }))?;
        if let Some(id) = line.and_then(|n| all.get(n)).filter(|_| !why.0.is_empty()) {
            explain(centre, player, *id, why, after(at, 15)).await?;
        }
    }
    Ok(())
}

async fn explain(
    centre: &Centre,
    player: &Player,
    line: Id<kind::Line>,
    (cause, effect): (&str, &str),
    at: Timestamp,
) -> Result<()> {
    let found = lines::of_line(&mut centre.db.read().await?, &player.scope, line).await?;
    let Some(outage) = found.first() else { return Ok(()) };
    let change = OutageChange {
        from: outage.from,
        to: outage.to,
        cause: cause.to_owned(),
        effect: effect.to_owned(),
        bodies: Vec::new(),
    };
    let tools = tools(centre, at);
    let done: Result<Id<kind::Line>, StoreError> = store::write!(centre.db, player.actor(), at, tx => {
        lines::amend(tx, &player.scope, &tools, outage.id, &change).await
    });
    done?;
    Ok(())
}

fn tools(centre: &Centre, at: Timestamp) -> Tools<'_> {
    Tools { ids: &*centre.ids, base: "http://localhost", pack: centre.legal.on(time::date(at)) }
}
