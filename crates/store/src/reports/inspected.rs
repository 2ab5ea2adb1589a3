//! Inspections of the bodies a report speaks of, from the day the order went out.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    board::Board,
    report::{Below, Section},
    time::{self, Window},
};
use jiff::Timestamp;

use super::Report;
use crate::{Sql, StoreError, args, inspections};

/// Visits between the day of issue and the end of the window, or now where there is none; of addressees and of those
/// below them. `None` where none was planned: whether somebody inspected otherwise is not known.
pub(super) async fn inspected(
    sql: &mut Sql,
    scope: &Scope,
    of: &Report,
    board: &Board,
    below: &[Below],
    window: Option<Window>,
    now: Timestamp,
) -> Result<Option<Section>, StoreError> {
    let issued = sql
        .row("select coalesce(issued_at, created_at) as at from campaign where id = $1", args![of.campaign])
        .await?
        .ok_or(StoreError::NotFound("campaign"))?
        .time("at")?;
    let bodies: Vec<_> =
        board.rows.iter().chain(below.iter().flat_map(|b| &b.board.rows)).map(|r| r.body).collect();
    let window = Window { from: issued, to: window.map_or(now, |w| w.to) };
    let all = inspections::summary(sql, scope, window, Some(&bodies), now).await?;
    if all.all.planned == 0 {
        return Ok(None);
    }
    let mut lines: Vec<_> = all.bodies.values().collect();
    lines.sort_by(|a, b| a.name.cmp(&b.name));
    let rows = lines.into_iter().map(|b| {
        let last = b
            .last
            .map_or_else(|| "Chưa kiểm tra".to_owned(), |at| time::date(at).strftime("%d/%m/%Y").to_string());
        let open = b.findings.saturating_sub(b.closed);
        vec![
            b.name.clone(),
            format!("{}/{}", b.done, b.planned),
            last,
            b.findings.to_string(),
            b.closed.to_string(),
            open.to_string(),
            b.overdue.to_string(),
        ]
    });
    Ok(Some(Section {
        href: "/inspections".to_owned(),
        numbers: BTreeMap::from([
            ("inspections", u64::from(all.all.done)),
            ("inspections_planned", u64::from(all.all.planned)),
            ("inspected_bodies", u64::from(all.inspected)),
            ("findings", u64::from(all.all.findings)),
            ("findings_open", u64::from(all.all.findings.saturating_sub(all.all.closed))),
            ("findings_overdue", u64::from(all.all.overdue)),
        ]),
        columns: [
            "Cơ quan, đơn vị",
            "Đã kiểm tra/ kế hoạch",
            "Gần nhất",
            "Tồn tại",
            "Đã khắc phục",
            "Chưa khắc phục",
            "Quá hạn",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
        ..Section::default()
    }))
}
