//! Machines and what was warned of: handled of those concerned, reviewed of all; each machine in a body's own reply, each
//! body in a report of many.

use std::collections::BTreeMap;

use domain::{actor::Scope, board::Board, report::Section, time};

use super::{Report, sections::columns};
use crate::{
    Sql, StoreError,
    findings::{self, Machine},
    warnings,
};

/// An appendix of more nobody reads; the page of the warning has the rest, and the paper says so.
const ROWS_MAX: usize = 1_000;

/// The section; none where no machine is registered: papers then say that there is no data.
pub(super) async fn machines(
    sql: &mut Sql,
    scope: &Scope,
    of: &Report,
    board: &Board,
    reply: bool,
) -> Result<Option<Section>, StoreError> {
    let bodies: Vec<_> = board.rows.iter().map(|r| r.body).collect();
    let warning = warnings::under(sql, of.campaign).await?;
    let all = findings::machines(sql, scope, &bodies, warning).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let count = |is: fn(&Machine) -> bool| all.iter().filter(|m| is(m)).count() as u64;
    let numbers = BTreeMap::from([
        ("machines_all", all.len() as u64),
        ("machines_reviewed", count(|m| m.judged_on.is_some())),
        ("machines_concerned", count(Machine::is_concerned)),
        ("machines_handled", count(Machine::is_handled)),
        ("machines_unclear", count(Machine::is_unclear)),
    ]);
    let href = warning.map_or_else(|| "/review/findings".to_owned(), |w| format!("/review/warnings/{w}"));
    let mut section = Section { href, numbers, ..Section::default() };
    if reply {
        each(&mut section, &all);
    } else {
        by_body(&mut section, board, &all);
    }
    Ok(Some(section))
}

fn each(section: &mut Section, all: &[Machine]) {
    section.columns =
        columns(&["Tên máy", "Hệ điều hành", "Rà soát theo báo cáo ngày", "Đã xử lý/ phải xử lý", "Kết quả"]);
    for machine in all.iter().take(ROWS_MAX) {
        let day = machine.judged_on.map(|at| time::date(at).strftime("%d/%m/%Y").to_string());
        let flaws = format!("{}/{}", machine.handled, machine.open + machine.handled);
        section.rows.push(vec![
            machine.name.clone(),
            machine.os.clone().unwrap_or_else(|| "–".into()),
            day.unwrap_or_else(|| "chưa rà soát".into()),
            if machine.is_concerned() { flaws } else { "–".into() },
            word(machine).into(),
        ]);
        section.opens.push(format!("/register/hosts/{}", machine.host));
    }
    if all.len() > ROWS_MAX {
        let more = format!("và {} máy khác, xem tại trang cảnh báo", all.len() - ROWS_MAX);
        section.rows.push(vec![more, String::new(), String::new(), String::new(), String::new()]);
        section.opens.push(section.href.clone());
    }
}

/// How a machine stands, as papers say it.
fn word(machine: &Machine) -> &'static str {
    match machine {
        m if m.open > 0 && m.handled > 0 => "Đã xử lý một phần",
        m if m.open > 0 => "Chưa xử lý",
        m if m.is_unclear() => "Chưa rõ",
        m if m.handled > 0 => "Đã xử lý",
        _ => "Không liên quan",
    }
}

fn by_body(section: &mut Section, board: &Board, all: &[Machine]) {
    section.columns =
        columns(&["Cơ quan, đơn vị", "Tổng số máy", "Đã rà soát", "Đã xử lý/ liên quan", "Chưa rõ"]);
    let mut rows: Vec<&domain::board::Row> = board.rows.iter().collect();
    rows.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
    for row in rows {
        let own = || all.iter().filter(|m| m.body == row.body);
        let count = |is: fn(&Machine) -> bool| own().filter(|m| is(m)).count();
        if own().next().is_none() {
            continue;
        }
        section.rows.push(vec![
            row.name.clone(),
            own().count().to_string(),
            count(|m| m.judged_on.is_some()).to_string(),
            format!("{}/{}", count(Machine::is_handled), count(Machine::is_concerned)),
            count(Machine::is_unclear).to_string(),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{Id, Ids};

    use super::*;
    use crate::testing::{TestIds, minute};

    fn machine(open: u32, handled: u32, unclear: u32, judged: bool) -> Machine {
        let ids = TestIds::default();
        Machine {
            host: Id::new(&ids as &dyn Ids),
            name: "may01".into(),
            body: Id::new(&ids as &dyn Ids),
            os: None,
            judged_on: judged.then(|| minute(0)),
            open,
            handled,
            unclear,
        }
    }

    #[test]
    fn a_machine_nobody_judged_is_unclear_and_never_fine() {
        let words = [
            (0, 0, 0, false),
            (0, 0, 1, true),
            (1, 1, 0, true),
            (1, 0, 3, true),
            (0, 2, 0, true),
            (0, 0, 0, true),
        ];
        let told: Vec<_> = words.iter().map(|(o, h, u, j)| word(&machine(*o, *h, *u, *j))).collect();
        assert_eq!(
            told,
            ["Chưa rõ", "Chưa rõ", "Đã xử lý một phần", "Chưa xử lý", "Đã xử lý", "Không liên quan"]
        );
        let mut section = Section::default();
        each(&mut section, &vec![machine(0, 2, 0, true); ROWS_MAX + 5]);
        assert_eq!((section.rows.len(), section.opens.len()), (ROWS_MAX + 1, ROWS_MAX + 1));
        assert!(section.rows[ROWS_MAX][0].contains("5 máy khác"));
    }
}
