//! What other rooms count and list, each behind one [`Section`]. A room that has nothing to say for a campaign is left
//! out, which papers write as *chưa có số liệu*.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    board::Board,
    counts::Source,
    legal::Legal,
    quick_reports::Figure,
    report::{Difficulty, Section},
    time::{self, Window},
};
use jiff::Timestamp;

use super::Report;
use crate::{Sql, StoreError, counts, notices, quick_reports, requests};

/// The sections of a report by name.
type Sections = BTreeMap<&'static str, Section>;

/// Every room's section, as the reporting body sees it, and what bodies said in words in their quick reports.
pub(super) async fn sections(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    of: &Report,
    board: &Board,
    window: Option<Window>,
    now: Timestamp,
) -> Result<(Sections, Vec<Difficulty>), StoreError> {
    let mut found = Sections::new();
    let said = quick(sql, scope, legal, of, board, now, &mut found).await?;
    machines(sql, scope, legal, board, now, &mut found).await?;
    told(sql, scope, of, board, window, &mut found).await?;
    if let Some(window) = window {
        asked(sql, scope, board, window, now, &mut found).await?;
    }
    Ok((found, said))
}

pub(super) fn columns(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|t| (*t).to_owned()).collect()
}

/// Quick reports: rounds kept, late, missed; what they state of incidents and outages.
async fn quick(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    of: &Report,
    board: &Board,
    now: Timestamp,
    found: &mut Sections,
) -> Result<Vec<Difficulty>, StoreError> {
    let bodies: Vec<_> = board.rows.iter().map(|r| r.body).collect();
    let all = quick_reports::summary(sql, scope, legal, of.campaign, &bodies, now).await?;
    // No round has come due: there is nothing to report yet, which is not the same as none missed.
    if all.rounds == 0 || bodies.is_empty() {
        return Ok(Vec::new());
    }
    let href = format!("/reports/quick?campaign={}", of.campaign);
    let len = |n: usize| n as u64;
    let numbers = BTreeMap::from([
        ("quick_due", u64::from(all.expected)),
        ("quick_missing", len(all.missing.len())),
        ("quick_late", len(all.late.len())),
        ("nil_reports", u64::from(all.nil)),
    ]);
    let mut by_body: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for missed in &all.missing {
        by_body.entry(&missed.name).or_default().0 += 1;
    }
    for late in &all.late {
        by_body.entry(&late.name).or_default().1 += 1;
    }
    let rows = by_body
        .iter()
        .map(|(name, (missing, late))| vec![(*name).to_owned(), missing.to_string(), late.to_string()]);
    let section = Section {
        href: href.clone(),
        numbers,
        columns: columns(&["Cơ quan, đơn vị", "Chưa nộp", "Nộp muộn"]),
        rows: rows.collect(),
        ..Section::default()
    };
    found.insert("quick", section);
    // What the reports state stands until the room of incidents or lines says it better.
    for (room, name, figure) in
        [("incidents", "incidents", Figure::Incidents), ("outages", "outages", Figure::Outages)]
    {
        if let Some(n) = all.totals.get(&figure) {
            let numbers = BTreeMap::from([(name, u64::from(*n))]);
            found.insert(room, Section { href: href.clone(), numbers, ..Section::default() });
        }
    }
    let voice = |v: quick_reports::Voice| Difficulty {
        href: format!("/reports/quick/report/{}", v.report),
        body: v.name,
        kind: domain::order::QuestionKind::Difficulty,
        code: None,
        text: v.text,
        answer: None,
        said: true,
    };
    Ok(all.voices.into_iter().map(voice).collect())
}

/// What authorities asked of the bodies within the window, and what came of it.
async fn asked(
    sql: &mut Sql,
    scope: &Scope,
    board: &Board,
    window: Window,
    now: Timestamp,
    found: &mut Sections,
) -> Result<(), StoreError> {
    let bodies: Vec<_> = board.rows.iter().map(|r| r.body).collect();
    let all = requests::summary(sql, scope, window, &bodies, now).await?;
    let sum = |of: fn(&requests::Summary) -> usize| all.values().map(|s| of(s) as u64).sum::<u64>();
    // The register holds none for them: whether any was asked past it is not known.
    if sum(|s| s.asked.len()) == 0 {
        return Ok(());
    }
    let numbers = BTreeMap::from([
        ("requests", sum(|s| s.asked.len())),
        ("requests_done", sum(|s| s.done.len())),
        ("requests_late", sum(|s| s.late.len())),
        ("requests_partly", sum(|s| s.partly.len())),
        ("requests_impossible", sum(|s| s.impossible.len())),
        ("requests_overdue", sum(|s| s.overdue.len())),
    ]);
    let mut rows: Vec<&domain::board::Row> = board.rows.iter().collect();
    rows.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
    let line = |row: &domain::board::Row| {
        let of = all.get(&row.body).filter(|s| !s.asked.is_empty())?;
        let counts = [&of.asked, &of.done, &of.late, &of.partly, &of.impossible, &of.overdue];
        let counts = counts.into_iter().map(|ids| ids.len().to_string());
        Some(std::iter::once(row.name.clone()).chain(counts).collect())
    };
    let section = Section {
        href: "/requests".to_owned(),
        numbers,
        columns: columns(&[
            "Cơ quan, đơn vị",
            "Được yêu cầu",
            "Đã xong",
            "Trong đó muộn",
            "Một phần",
            "Không thực hiện được",
            "Quá hạn",
        ]),
        rows: rows.into_iter().filter_map(line).collect(),
        ..Section::default()
    };
    found.insert("requests", section);
    Ok(())
}

/// Notices and bulletins of the campaign: to how many, read and committed to by how many, broadcast how often.
async fn told(
    sql: &mut Sql,
    scope: &Scope,
    of: &Report,
    board: &Board,
    window: Option<Window>,
    found: &mut Sections,
) -> Result<(), StoreError> {
    let bodies: Vec<_> = board.rows.iter().map(|r| r.body).collect();
    let asked = notices::SummaryOf { campaign: Some(of.campaign), window, bodies: Some(bodies.as_slice()) };
    let all = notices::summary(sql, scope, &asked).await?;
    // Nothing was told through Canh: whether people were told otherwise is not known.
    if all.notices == 0 && all.bulletins == 0 {
        return Ok(());
    }
    let line = |what: &str, done: u32, of: u32| vec![what.to_owned(), done.to_string(), of.to_string()];
    let section = Section {
        href: "/notices".to_owned(),
        numbers: BTreeMap::from([
            ("notices", u64::from(all.notices)),
            ("notice_people", u64::from(all.rates.recipients)),
            ("notice_read", u64::from(all.rates.committed)),
        ]),
        columns: columns(&["Nội dung", "Đã thực hiện", "Tổng số"]),
        rows: vec![
            line("Người đã đọc và cam kết", all.rates.committed, all.rates.expected()),
            line("Người đạt bài kiểm tra", all.rates.passed, all.rates.asked),
            line("Đơn vị có mọi người đã cam kết", all.bodies_complete, all.bodies),
            line("Lượt phát bản tin trên loa truyền thanh", all.broadcast, all.scheduled),
        ],
        ..Section::default()
    };
    found.insert("notices", section);
    Ok(())
}

/// Bodies whose machines others count higher than the register.
async fn machines(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    board: &Board,
    now: Timestamp,
    found: &mut Sections,
) -> Result<(), StoreError> {
    let today = time::date(now);
    let bodies: Vec<_> = board.rows.iter().map(|r| r.body).collect();
    let counted = counts::of(sql, scope, legal.on(today), &bodies, today).await?;
    if counted.values().all(|c| c.lines.is_empty()) {
        return Ok(());
    }
    let mut rows: Vec<&domain::board::Row> = board.rows.iter().collect();
    rows.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
    let gaps: Vec<Vec<String>> = rows
        .into_iter()
        .filter_map(|row| {
            let compared = counted.get(&row.body)?;
            let more = compared.more()?;
            let by = format!("{} ({})", source(more.source), more.on.strftime("%d/%m/%Y"));
            Some(vec![row.name.clone(), compared.registered.to_string(), more.machines.to_string(), by])
        })
        .collect();
    let section = Section {
        href: "/register/counts".to_owned(),
        numbers: BTreeMap::from([("counts_gap", gaps.len() as u64)]),
        columns: columns(&["Cơ quan, đơn vị", "Đã đăng ký", "Nguồn khác đếm", "Nguồn, ngày"]),
        rows: gaps,
        ..Section::default()
    };
    found.insert("counts", section);
    Ok(())
}

/// A source of counts as papers say it.
fn source(of: Source) -> &'static str {
    match of {
        Source::Directory => "Danh bạ máy",
        Source::Dhcp => "Máy chủ DHCP",
        Source::AntiMalware => "Phòng, chống mã độc tập trung",
        Source::Staff => "Danh sách nhân sự",
        Source::Other => "Danh sách khác",
    }
}
