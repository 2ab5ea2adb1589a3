//! Lines of the bodies a report speaks of, and their outages, through the campaign's window.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    board::Board,
    id::{Id, kind},
    legal::Legal,
    line,
    report::{Below, Section},
    time::{self, Window},
};
use jiff::Timestamp;

use super::{Report, sections::columns};
use crate::{
    Sql, StoreError,
    lines::{self, Course, Told, Total},
};

/// The lines of addressees and of those below them: by provider, line by line, outage by outage. Nothing where the
/// register holds none of theirs: whether any failed is not known.
pub(super) async fn outages(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    of: &Report,
    (board, below): (&Board, &[Below]),
    window: Window,
    now: Timestamp,
) -> Result<(Vec<Id<kind::Line>>, Vec<(&'static str, Section)>), StoreError> {
    let mut bodies: Vec<_> =
        board.rows.iter().chain(below.iter().flat_map(|b| &b.board.rows)).map(|r| r.body).collect();
    bodies.sort();
    bodies.dedup();
    let hold = line::hold(legal.on(time::date(now)));
    let all = lines::courses(sql, scope, window, &bodies, now, hold).await?;
    if all.is_empty() {
        return Ok(Default::default());
    }
    let href = format!("/lines/outages?campaign={}", of.campaign);
    let section = |columns, rows: Vec<(String, Vec<String>)>| {
        let (opens, rows) = rows.into_iter().unzip();
        Section { href: href.clone(), columns, rows, opens, ..Section::default() }
    };
    let total = Total::of(&all);
    let numbers = BTreeMap::from([
        ("lines", total.lines),
        ("lines_unknown_minutes", u64::from(total.minutes.unknown)),
        ("outages", total.outages),
        ("outages_open", total.lasting),
        ("outages_unexplained", total.unexplained),
        ("outage_minutes", u64::from(total.minutes.down)),
        // To the nearest hour.
        ("outage_hours", u64::from(total.minutes.down.saturating_add(30) / 60)),
    ]);
    let providers = Total::by_provider(&all).into_iter().map(|(name, sum)| {
        let counts =
            [sum.lines, sum.outages, sum.lasting, sum.minutes.down.into(), sum.minutes.unknown.into()];
        (String::new(), [name].into_iter().chain(counts.map(|n| n.to_string())).collect())
    });
    let providers = section(
        columns(&[
            "Nhà cung cấp",
            "Số đường",
            "Lần gián đoạn",
            "Đang gián đoạn",
            "Phút gián đoạn",
            "Phút chưa rõ",
        ]),
        providers.collect(),
    );
    let troubled = all.iter().filter(|c| !c.outages.is_empty() || c.minutes.unknown > 0);
    let by_line = section(
        columns(&[
            "Đường truyền",
            "Nhà cung cấp",
            "Lần gián đoạn",
            "Phút gián đoạn",
            "Phút chưa rõ",
            "Nguyên nhân",
        ]),
        troubled.map(by_line).collect(),
    );
    let mut told: Vec<(&Course, &Told)> =
        all.iter().flat_map(|c| c.outages.iter().map(move |o| (c, o))).collect();
    told.sort_by_key(|(_, o)| (o.from, o.id));
    let by_outage = section(
        columns(&[
            "Đường truyền",
            "Nhà cung cấp",
            "Bắt đầu",
            "Kết thúc",
            "Số phút",
            "Nguyên nhân",
            "Ghi nhận",
            "Người báo",
        ]),
        told.into_iter().map(by_outage).collect(),
    );
    let found =
        vec![("providers", providers), ("lines", by_line), ("outages", Section { numbers, ..by_outage })];
    Ok((all.iter().map(|c| c.line).collect(), found))
}

fn at(line: &Course) -> String {
    format!("/lines/{}", line.line)
}

fn by_line(of: &Course) -> (String, Vec<String>) {
    let mut causes: Vec<&str> = Vec::new();
    for cause in of.outages.iter().map(cause) {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    let cells = vec![
        of.name.clone(),
        of.provider.clone(),
        of.outages.len().to_string(),
        of.minutes.down.to_string(),
        of.minutes.unknown.to_string(),
        causes.join("; "),
    ];
    (at(of), cells)
}

fn by_outage((of, told): (&Course, &Told)) -> (String, Vec<String>) {
    let written = |at: Timestamp| time::local(at).strftime("%H:%M %d/%m/%Y").to_string();
    let state = match (told.to, told.corrected) {
        (None, false) => "Đang gián đoạn",
        (None, true) => "Đang gián đoạn; đã đính chính",
        (Some(_), false) => "Đã khắc phục",
        (Some(_), true) => "Đã khắc phục; đã đính chính",
    };
    let cells = vec![
        of.name.clone(),
        of.provider.clone(),
        written(told.from),
        told.to.map_or_else(|| "–".to_owned(), written),
        told.minutes.to_string(),
        cause(told).to_owned(),
        state.to_owned(),
        told.by.clone().unwrap_or_else(|| "Hệ thống của nhà mạng".to_owned()),
    ];
    (at(of), cells)
}

fn cause(told: &Told) -> &str {
    if told.cause.is_empty() { "Chưa rõ nguyên nhân" } else { &told.cause }
}
