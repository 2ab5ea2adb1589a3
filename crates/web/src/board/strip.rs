//! The figures above a board; the same that a live page gets told.

use domain::{actor::Scope, board::Board};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    Sql, StoreError,
    board::{self, Campaign},
};

use crate::Visit;

/// The figures, as text.
pub(crate) struct Strip {
    /// Bodies and duties.
    pub bodies: u32,
    /// Cells met, of all that count.
    pub met: String,
    /// Not met.
    pub not_met: String,
    /// In so many bodies.
    pub not_met_bodies: u32,
    /// Unknown.
    pub unknown: String,
    /// Overdue.
    pub overdue: String,
    /// Waiting for somebody's decision.
    pub awaiting: String,
    /// Machines handled of all; empty where none are counted.
    pub machines: String,
    /// The states as a line of a hundred: class, start, width.
    pub mix: Vec<(&'static str, u32, u32)>,
}

impl Strip {
    /// Texts by the id of the element that shows them.
    pub(crate) fn texts(&self) -> Value {
        json!({
            "n-met": self.met, "n-not": self.not_met, "n-unknown": self.unknown, "n-late": self.overdue,
            "n-review": self.awaiting, "n-machines": self.machines,
        })
    }
}

/// The figures of a whole board within the scope, whatever a filter leaves of it.
pub(crate) async fn strip(
    visit: &Visit,
    sql: &mut Sql,
    scope: &Scope,
    campaign: &Campaign,
    whole: &Board,
) -> Result<Strip, StoreError> {
    let pack = visit.pack();
    let f = whole.figures(|code| pack.duty(code).is_some_and(|d| d.counted));
    let awaiting = board::awaiting(sql, scope, campaign.id).await?;
    let shares = [
        ("m", f.met),
        ("p", f.partly),
        ("u", f.unknown),
        ("n", f.not_met),
        ("d", f.not_yet_due),
        ("x", f.apart),
    ];
    let mut from = 0;
    let mix = shares
        .into_iter()
        .map(|(class, n)| {
            let width = (n * 1000).checked_div(f.cells).unwrap_or(0);
            from += width;
            (class, from - width, width)
        })
        .filter(|(.., width)| *width > 0)
        .collect();
    Ok(Strip {
        bodies: f.bodies,
        met: format!("{}/{}", number(f.met.into()), number((f.cells - f.apart).into())),
        not_met: number(f.not_met.into()),
        not_met_bodies: f.not_met_bodies,
        unknown: number(f.unknown.into()),
        overdue: number(f.overdue.into()),
        awaiting: number(awaiting.into()),
        machines: if f.total == 0 {
            String::new()
        } else {
            format!("{}/{}", number(f.handled), number(f.total))
        },
        mix,
    })
}

/// `12.345`, as both languages of the product can read it in a table of figures.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// How long something is away, in the words of the page: days and hours, or hours and minutes.
pub(crate) fn span(visit: &Visit, from: Timestamp, to: Timestamp) -> String {
    let minutes = to.duration_since(from).as_secs().max(0) / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let clock = format!("{hours:02}:{minutes:02}");
    if days == 0 {
        clock
    } else {
        visit.words().with("board-days", [("n", days.into()), ("clock", clock.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn thousands_are_parted() {
        assert_eq!(["0", "999", "1.000", "12.345.678"], [0, 999, 1000, 12_345_678].map(number)[..]);
    }
}
