//! What came and went, day by day.

use domain::{actor::Scope, right::Right};
use jiff::{Timestamp, civil::Date};

use crate::{Query, Sql, StoreError};

/// What came and went on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// Found or come back.
    pub found: u32,
    /// Mended.
    pub fixed: u32,
}

const DAY_SECONDS: i64 = 86_400;
/// Hà Nội keeps one offset all year.
const OFFSET_SECONDS: i64 = 7 * 3_600;

/// The day of Hà Nội as sums are kept by it: days since 1970.
pub(super) fn day_number(at: Timestamp) -> i64 {
    (at.as_second() + OFFSET_SECONDS).div_euclid(DAY_SECONDS)
}

/// What came and went since, day by day; days on which nothing did are left out.
pub async fn trend(sql: &mut Sql, scope: &Scope, since: Timestamp) -> Result<Vec<Day>, StoreError> {
    let mut query = Query::new(
        "select d.day, cast(sum(d.found) as bigint) as n_found, cast(sum(d.fixed) as bigint) as n_fixed
         from flaw_day d where d.day >=",
    );
    query.bind(day_number(since)).push("and").visible(scope, Right::See, "d.body");
    query.push("group by d.day order by d.day");
    let mut days = Vec::new();
    for r in query.rows(sql).await? {
        let seconds = r.int("day")?.saturating_mul(DAY_SECONDS);
        let at =
            Timestamp::from_second(seconds).map_err(|e| StoreError::Corrupt("flaw_day", e.to_string()))?;
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        days.push(Day { day, found: r.count("n_found")?, fixed: r.count("n_fixed")? });
    }
    Ok(days)
}
