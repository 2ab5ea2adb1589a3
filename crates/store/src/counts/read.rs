//! What is known of machines.

use std::collections::{BTreeMap, HashMap};

use domain::{
    actor::Scope,
    counts::{Comparison, Counted, Kind, LeftOut, Source, compare},
    id::{Id, kind},
    legal::Pack,
    right::Right,
};
use jiff::{Timestamp, civil::Date};

use crate::{Query, Row, Sql, StoreError, verdicts};

/// One count as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// Its id.
    pub id: Id<kind::MachineCount>,
    /// Whose machines.
    pub body: Id<kind::Body>,
    /// Who counted.
    pub source: Source,
    /// What was counted.
    pub kind: Kind,
    /// How many.
    pub n: u32,
    /// On which day.
    pub on: Date,
    /// Words beside it.
    pub note: String,
    /// The list, for those who may read.
    pub sha256: Option<String>,
    /// Its name.
    pub file_name: Option<String>,
    /// Lines of it that did not count.
    pub left_out: BTreeMap<LeftOut, u32>,
    /// When it arrived.
    pub at: Timestamp,
    /// From whom.
    pub by: Option<String>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// Why.
    pub withdrawn_why: Option<String>,
}

/// The register beside the counts, by body. Every visible body that was asked for is there.
pub type Machines = HashMap<Id<kind::Body>, Comparison>;

/// Sets the register of each of those bodies against its independent counts. Bodies the scope may not see are left
/// out: for board, report and evidence alike.
pub async fn of(
    sql: &mut Sql,
    scope: &Scope,
    pack: &Pack,
    bodies: &[Id<kind::Body>],
    today: Date,
) -> Result<Machines, StoreError> {
    let mut query = Query::new("select b.id from body b where b.id in");
    query.list(bodies.iter().copied()).push("and").visible(scope, Right::See, "b.id");
    let mut seen: Vec<Id<kind::Body>> = Vec::new();
    for row in query.rows(sql).await? {
        seen.push(row.id("id")?);
    }
    let hosts = verdicts::hosts(sql, &seen).await?;
    let mut counts = known(sql, &seen).await?;
    Ok(seen
        .into_iter()
        .map(|body| {
            let registered = hosts.get(&body).map_or(0, |c| c.all);
            let counts = counts.remove(&body).unwrap_or_default();
            (body, compare(registered, &counts, today, pack.count_rules(), pack.count_shares()))
        })
        .collect())
}

/// The counts that stand of those bodies, oldest learnt first. For those who see everything or have asked already.
pub(crate) async fn known(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
) -> Result<HashMap<Id<kind::Body>, Vec<Counted>>, StoreError> {
    let mut query = Query::new(
        "select c.body, c.source, c.kind, c.n, c.counted_on, f.id as fact from machine_count c
         left join fact f on f.key = 'machines.counted/' || c.id where c.withdrawn_at is null and c.body in",
    );
    query.list(bodies.iter().copied()).push("order by c.at, c.id");
    let mut found: HashMap<_, Vec<Counted>> = HashMap::new();
    for row in query.rows(sql).await? {
        found.entry(row.id("body")?).or_default().push(Counted {
            fact: row.opt_id("fact")?,
            source: row.word("source", Source::parse)?,
            kind: row.word("kind", Kind::parse)?,
            on: on(&row)?,
            n: row.count("n")?,
        });
    }
    Ok(found)
}

const COUNT: &str =
    "select c.*, p.name as counter from machine_count c left join person p on p.id = c.by_person where";

/// Every count of a body, newest first, also those taken back. Needs [`Right::See`]; the list itself [`Right::Read`].
pub async fn history(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<Vec<Count>, StoreError> {
    let readable = readable(sql, scope, body).await?;
    let mut query = Query::new(COUNT);
    query.push("c.body =").bind(body).push("and").visible(scope, Right::See, "c.body");
    query.push("order by c.counted_on desc, c.at desc, c.id desc limit").bind(HISTORY_MAX);
    query.rows(sql).await?.iter().map(|row| count(row, readable)).collect()
}

/// So many counts of one body are shown; older ones are in the audit log.
const HISTORY_MAX: u32 = 300;

/// One count.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::MachineCount>) -> Result<Count, StoreError> {
    let mut query = Query::new(COUNT);
    query.push("c.id =").bind(id).push("and").visible(scope, Right::See, "c.body");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("count"))?;
    let readable = readable(sql, scope, row.id("body")?).await?;
    count(&row, readable)
}

async fn readable(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<bool, StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and").visible(scope, Right::Read, "b.id");
    Ok(query.row(sql).await?.is_some())
}

fn on(row: &Row) -> Result<Date, StoreError> {
    row.opt_date("counted_on")?.ok_or(StoreError::Corrupt("machine_count", "no day".into()))
}

fn count(row: &Row, readable: bool) -> Result<Count, StoreError> {
    Ok(Count {
        id: row.id("id")?,
        body: row.id("body")?,
        source: row.word("source", Source::parse)?,
        kind: row.word("kind", Kind::parse)?,
        n: row.count("n")?,
        on: on(row)?,
        note: row.text("note")?,
        sha256: row.opt_text("sha256")?.filter(|_| readable),
        file_name: row.opt_text("file_name")?.filter(|_| readable),
        left_out: row.json("left_out")?,
        at: row.time("at")?,
        by: row.opt_text("counter")?,
        withdrawn_at: row.opt_time("withdrawn_at")?,
        withdrawn_why: row.opt_text("withdrawn_why")?,
    })
}
