//! How lines went through a window, outage by outage, with who said so: for reports up and for looking back.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    actor::Scope,
    id::{Id, kind},
    line::{Gone, Minutes},
    right::Right,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    either,
    summary::{CHUNK, inside, known},
};
use crate::{Query, Row, Sql, StoreError};

/// A line through a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Which line.
    pub line: Id<kind::Line>,
    /// What it is called.
    pub name: String,
    /// Who provides it: as written, else whose line it is.
    pub provider: String,
    /// Whom it serves; where it serves several, whose line it is.
    pub body: String,
    /// Its minutes of the window, until it was given up.
    pub minutes: Minutes,
    /// Its outages that touch the window, oldest first.
    pub outages: Vec<Told>,
}

/// An outage with who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: Id<kind::Outage>,
    /// First moment, also before the window.
    pub from: Timestamp,
    /// First moment after; `None`: it lasts.
    pub to: Option<Timestamp>,
    /// Why; empty while nobody has said.
    pub cause: String,
    /// Who said so first; `None`: a machine.
    pub by: Option<String>,
    /// Something that had been said of it was said otherwise later: its beginning, its end or its cause.
    pub corrected: bool,
    /// Minutes of it inside the window and the past.
    pub minutes: u32,
}

/// What a provider's lines, or all lines together, went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// Lines.
    pub lines: u64,
    /// Outages.
    pub outages: u64,
    /// Of those, that last.
    pub lasting: u64,
    /// Of those, of which nobody has said why.
    pub unexplained: u64,
    /// Their minutes.
    pub minutes: Minutes,
}

impl Total {
    /// The sum of those lines.
    pub fn of<'a>(courses: impl IntoIterator<Item = &'a Course>) -> Self {
        let mut all = Self::default();
        for course in courses {
            let count = |of: fn(&&Told) -> bool| course.outages.iter().filter(of).count() as u64;
            all.lines += 1;
            all.outages += count(|_| true);
            all.lasting += count(|o| o.to.is_none());
            all.unexplained += count(|o| o.cause.is_empty());
            all.minutes = all.minutes.and(course.minutes);
        }
        all
    }

    /// By provider, most minutes of outage first.
    pub fn by_provider(courses: &[Course]) -> Vec<(String, Self)> {
        Self::by(courses, |course| &course.provider)
    }

    /// By the body they serve, most minutes of outage first.
    pub fn by_body(courses: &[Course]) -> Vec<(String, Self)> {
        Self::by(courses, |course| &course.body)
    }

    fn by(courses: &[Course], of: fn(&Course) -> &str) -> Vec<(String, Self)> {
        let mut by: BTreeMap<&str, Vec<&Course>> = BTreeMap::new();
        for course in courses {
            by.entry(of(course)).or_default().push(course);
        }
        let mut all: Vec<_> = by.into_iter().map(|(name, own)| (name.to_owned(), Self::of(own))).collect();
        all.sort_by_key(|(_, total)| std::cmp::Reverse((total.minutes.down, total.minutes.unknown)));
        all
    }
}

/// The lines of those bodies, and those that serve them, that were in use within the window: most minutes of outage
/// first. A report is believed for `hold` (see [`domain::line::hold`]).
pub async fn courses(
    sql: &mut Sql,
    scope: &Scope,
    window: Window,
    bodies: &[Id<kind::Body>],
    now: Timestamp,
    hold: SignedDuration,
) -> Result<Vec<Course>, StoreError> {
    let (mut lines, mut seen) = (Vec::new(), HashSet::new());
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new(
            "select l.id, l.name, l.provider, l.closed_at, b.name as body_name,
               coalesce(s.name, b.name) as serves
             from line l join body b on b.id = l.body left join body s on s.id = l.served where (l.body in",
        );
        query.list(some.iter().copied()).push("or l.served in").list(some.iter().copied());
        query.push(") and l.created_at <").bind(window.to);
        query.push("and (l.closed_at is null or l.closed_at >").bind(window.from).push(") and");
        either(&mut query, scope, Right::See);
        query.push("order by b.sort_key, l.sort_key, l.id");
        for row in query.rows(sql).await? {
            let line: Id<kind::Line> = row.id("id")?;
            if seen.insert(line) {
                lines.push((line, row));
            }
        }
    }
    let ids: Vec<_> = lines.iter().map(|(line, _)| *line).collect();
    let mut said = known(sql, &ids, window, hold).await?;
    let mut outages = told(sql, &ids, window, now).await?;
    let mut found = Vec::with_capacity(lines.len());
    for (line, row) in lines {
        // What came after it was given up is nobody's.
        let until = row.opt_time("closed_at")?.unwrap_or(window.to).min(window.to);
        let (_, minutes) =
            said.remove(&line).unwrap_or_default().through(Window { to: until, ..window }, now, hold);
        let provider = Some(row.text("provider")?).filter(|p| !p.is_empty());
        found.push(Course {
            line,
            name: row.text("name")?,
            provider: provider.map_or_else(|| row.text("body_name"), Ok)?,
            body: row.text("serves")?,
            minutes,
            outages: outages.remove(&line).unwrap_or_default(),
        });
    }
    found.sort_by_key(|c| std::cmp::Reverse((c.minutes.down, c.outages.len(), c.minutes.unknown)));
    Ok(found)
}

/// Outages of those lines that touch the window, as they are known now.
async fn told(
    sql: &mut Sql,
    lines: &[Id<kind::Line>],
    window: Window,
    now: Timestamp,
) -> Result<HashMap<Id<kind::Line>, Vec<Told>>, StoreError> {
    let mut found: HashMap<_, Vec<Told>> = HashMap::new();
    // A window that is still to come has none: what lasts today may be mended before it begins.
    if now <= window.from {
        return Ok(found);
    }
    for some in lines.chunks(CHUNK) {
        // Who said it first stands in what is now, or in what was said before it was changed.
        let mut query = Query::new(
            "select o.id, o.line, o.from_at, o.to_at, o.cause, p.name as by_name,
               (select count(*) from outage_was w where w.outage = o.id and (w.from_at <> o.from_at
                 or w.to_at <> coalesce(o.to_at, 0) or (w.cause <> '' and w.cause <> o.cause))) as otherwise
             from outage o left join outage_was w0 on w0.outage = o.id and w0.revision = 0
             left join person p on p.id = case when w0.outage is null then o.by_person else w0.by_person end
             where o.line in",
        );
        query.list(some.iter().copied()).push("and o.from_at <").bind(window.to.min(now));
        query.push("and (o.to_at is null or o.to_at >").bind(window.from);
        query.push(") order by o.line, o.from_at, o.id");
        for row in query.rows(sql).await? {
            found.entry(row.id("line")?).or_default().push(one(&row, window, now)?);
        }
    }
    Ok(found)
}

fn one(row: &Row, window: Window, now: Timestamp) -> Result<Told, StoreError> {
    let (from, to) = (row.time("from_at")?, row.opt_time("to_at")?);
    Ok(Told {
        id: row.id("id")?,
        from,
        to,
        cause: row.text("cause")?,
        by: row.opt_text("by_name")?,
        corrected: row.count("otherwise")? > 0,
        minutes: inside(Gone { from, to }, window, now),
    })
}
