//! A campaign as its rounds see it: window, hours, and of whom a report is expected.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::{Legal, Pack},
    order::CampaignState,
    quick_reports::{self as rules, Governed, Round, Terms},
    right::Right,
    time::{self, Window},
};
use jiff::Timestamp;

use super::rule;
use crate::{Query, Row, Sql, StoreError, args};

/// The code of the duty that quick reports prove.
pub(super) const CODE: &str = "RPT";

/// A campaign with its rounds.
#[derive(Debug, Clone)]
pub struct Course {
    /// Which.
    pub campaign: Id<kind::Campaign>,
    /// Its name.
    pub name: String,
    /// Who issued it.
    pub issuer: Id<kind::Body>,
    /// The issuer's name.
    pub issuer_name: String,
    /// The assignment that was passed on, if it was.
    pub parent: Option<Id<kind::Assignment>>,
    /// Where it stands.
    pub state: CampaignState,
    /// Its window.
    pub window: Option<Window>,
    /// Whether the order asks for reports (duty RPT).
    pub ordered: bool,
    /// The rules and from when each governs; empty if no reports are asked for.
    pub governed: Vec<Governed>,
    /// Whether the rules are on record for this campaign, rather than the pack's default.
    pub kept: bool,
    /// The rounds, earliest first.
    pub rounds: Vec<Round>,
}

impl Course {
    /// The round of that hour.
    pub fn round(&self, at: Timestamp) -> Result<Round, StoreError> {
        self.rounds.iter().find(|r| r.at == at).copied().ok_or(StoreError::NotFound("round"))
    }
    /// The round of that name, as addresses write it.
    pub fn round_named(&self, key: &str) -> Result<Round, StoreError> {
        self.rounds.iter().find(|r| r.key() == key).copied().ok_or(StoreError::NotFound("round"))
    }
    /// The rule of a round.
    pub fn rule(&self, round: &Round) -> Option<&rules::Rule> {
        self.governed.get(round.rule).map(|(_, rule)| rule)
    }
    /// The last round that has opened: what is due now, or was due last.
    pub fn current(&self, now: Timestamp) -> Option<Round> {
        self.rounds.iter().rfind(|r| r.opens <= now).copied()
    }
    /// Refuses acts on a campaign that is not in force.
    pub(super) fn in_force(&self) -> Result<(), StoreError> {
        if self.state == CampaignState::Issued { Ok(()) } else { Err(StoreError::Refused("assignment-over")) }
    }
}

/// What the law says of quick reports in a window: as on its first day.
pub(super) fn terms(legal: &Legal, window: Option<Window>, now: Timestamp) -> Option<&Terms> {
    pack(legal, window, now).quick_reports()
}

pub(super) fn pack(legal: &Legal, window: Option<Window>, now: Timestamp) -> &Pack {
    legal.on(time::date(window.map_or(now, |w| w.from)))
}

/// A campaign with its rounds, for whoever may see it: from the issuer's side, or as one of its bodies.
pub async fn course(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    campaign: Id<kind::Campaign>,
    now: Timestamp,
) -> Result<Course, StoreError> {
    let mut query = Query::new(SELECT);
    query.push("where c.id =").bind(campaign).push("and (").visible(scope, Right::See, "c.body");
    query
        .push("or exists (select 1 from assignment a where a.campaign = c.id and a.cancelled_at is null and");
    query.visible(scope, Right::See, "a.body").push("))");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("campaign"))?;
    from_row(sql, legal, &row, now).await
}

/// The campaigns in force that ask for reports and whose window is not long over, for Canh's own use.
pub(super) async fn active(sql: &mut Sql, legal: &Legal, now: Timestamp) -> Result<Vec<Course>, StoreError> {
    let over = now.checked_sub(rules::chase::STALE * 8).unwrap_or(Timestamp::MIN);
    let mut query = Query::new(SELECT);
    query.push("where c.state = 'issued' and c.window_from is not null and c.window_to >").bind(over);
    query.push("order by c.id");
    let rows = query.rows(sql).await?;
    let mut found = Vec::new();
    for row in &rows {
        let course = from_row(sql, legal, row, now).await?;
        if !course.governed.is_empty() {
            found.push(course);
        }
    }
    Ok(found)
}

const SELECT: &str =
    "select c.id, c.name, c.body, b.name as issuer_name, c.parent_assignment, c.state, c.window_from,
    c.window_to, (select count(*) from campaign_duty d where d.campaign = c.id and d.code = 'RPT'
                  and d.withdrawn_at is null) as ordered
    from campaign c join body b on b.id = c.body";

async fn from_row(sql: &mut Sql, legal: &Legal, row: &Row, now: Timestamp) -> Result<Course, StoreError> {
    let campaign = row.id("id")?;
    let window = row.opt_time("window_from")?.zip(row.opt_time("window_to")?);
    let window = window.map(|(from, to)| Window { from, to });
    let ordered = row.count("ordered")? > 0;
    let kept = rule::kept(sql, campaign).await?;
    let is_kept = !kept.is_empty();
    let governed = match terms(legal, window, now) {
        _ if is_kept => kept,
        Some(terms) if ordered => vec![(Timestamp::MIN, terms.rule.clone())],
        _ => Vec::new(),
    };
    let rounds = window.map_or_else(Vec::new, |w| rules::rounds(&governed, w, &time::zone()));
    Ok(Course {
        campaign,
        name: row.text("name")?,
        issuer: row.id("body")?,
        issuer_name: row.text("issuer_name")?,
        parent: row.opt_id("parent_assignment")?,
        state: row.word("state", CampaignState::parse)?,
        window,
        ordered,
        kept: is_kept,
        governed,
        rounds,
    })
}

/// A body from which the rounds of a campaign expect reports.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Its assignment.
    pub assignment: Id<kind::Assignment>,
    /// Which body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// When it received the order.
    pub received: Timestamp,
    /// Spans in which it is excused from reporting.
    excused: Vec<(Timestamp, Timestamp)>,
}

/// Whether a round expects a report of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Expected,
    /// The body received the order only after the round's hour: nothing before counts against it.
    NotYetReceived,
    /// Excused, or reporting does not apply to it.
    Excused,
}

impl Expected {
    /// Where the body stands in a round.
    pub fn standing(&self, round: &Round) -> Standing {
        match () {
            () if self.received > round.at => Standing::NotYetReceived,
            () if self.excused.iter().any(|(from, to)| *from <= round.due && round.due < *to) => {
                Standing::Excused
            }
            () => Standing::Expected,
        }
    }
    /// Whether a round expects its report.
    pub fn owes(&self, round: &Round) -> bool {
        self.standing(round) == Standing::Expected
    }
}

/// The bodies of a campaign from which reports are expected, by name: those with duty RPT, or all of them where reports
/// were asked for without that duty. Only those the scope sees.
pub(super) async fn expected(
    sql: &mut Sql,
    scope: &Scope,
    course: &Course,
) -> Result<Vec<Expected>, StoreError> {
    let mut query = Query::new(
        "select a.id, a.body, a.received_at, b.name from assignment a join body b on b.id = a.body
         join campaign c on c.id = a.campaign where a.cancelled_at is null and a.campaign =",
    );
    query.bind(course.campaign);
    if course.ordered {
        query.push(
            "and exists (select 1 from task t where t.assignment = a.id and t.code = 'RPT' and t.withdrawn_at is null)",
        );
    }
    query.push("and (").visible(scope, Right::See, "a.body").push("or").visible(scope, Right::See, "c.body");
    query.push(") order by b.sort_key, b.id");
    let rows = query.rows(sql).await?;
    let excuses = excuses(sql, course.campaign).await?;
    rows.iter()
        .map(|row| {
            let assignment = row.id("id")?;
            let spans = excuses.iter().filter(|(of, ..)| *of == assignment).map(|(_, from, to)| (*from, *to));
            Ok(Expected {
                assignment,
                body: row.id("body")?,
                name: row.text("name")?,
                received: row.time("received_at")?,
                excused: spans.collect(),
            })
        })
        .collect()
}

/// From when to when which assignments of a campaign are excused from reporting.
async fn excuses(
    sql: &mut Sql,
    campaign: Id<kind::Campaign>,
) -> Result<Vec<(Id<kind::Assignment>, Timestamp, Timestamp)>, StoreError> {
    let rows = sql
        .rows(
            "select t.assignment, e.from_at, e.until_at, e.ended_at from excuse e join task t on t.id = e.task
             where t.campaign = $1 and t.code = $2 and t.withdrawn_at is null",
            args![campaign, CODE],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let ends = [row.opt_time("until_at")?, row.opt_time("ended_at")?];
            let to = ends.into_iter().flatten().min().unwrap_or(Timestamp::MAX);
            Ok((row.id("assignment")?, row.time("from_at")?, to))
        })
        .collect()
}
