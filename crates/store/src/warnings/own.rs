//! Warnings that agencies write themselves: the advisory among all others, the warning over it, and every version of both.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    own::{Own, WHY_MAX},
    right::Right,
    text::fold,
    time,
    warning::Item,
};
use jiff::{Timestamp, civil::Date};

use super::{expand, get};
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, advisories, args,
    findings::{self, judge_all},
    jobs,
    register::require,
};

/// What became of one in a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Written.
    Published,
    /// Changed.
    Edited,
    /// Taken back.
    Withdrawn,
}

/// One as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnWarning {
    /// The number it goes by.
    pub number: String,
    /// How often it was written.
    pub version: u32,
    /// What it says.
    pub own: Own,
}

/// One version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The how manieth.
    pub version: u32,
    /// What became of it.
    pub change: Change,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<String>,
    /// Why.
    pub why: String,
    /// What it said from then on.
    pub own: Own,
}

/// Writes one: an advisory and the warning over it. Needs [`Right::Issue`] over the body.
/// Refusals: those of [`Own::wrong`].
pub async fn publish(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    (id, body, on): (Id<kind::Warning>, Id<kind::Body>, Date),
    own: &Own,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Issue, body).await?;
    checked(own)?;
    let number = next_number(tx, on).await?;
    let (now, title) = (tx.now(), own.title.trim());
    tx.exec(
        "insert into warning (id, body, campaign, title, folded, on_day, is_open, due_at, created_at)
         values ($1,$2,null,$3,$4,$5,false,$6,$7)",
        args![
            id,
            body,
            title,
            fold(&format!("{number} {title}")),
            on.to_string(),
            own.due.map(time::end_of),
            now
        ],
    )
    .await?;
    tx.exec(
        "insert into own_advisory (id, number, content, version) values ($1,$2,$3,1)",
        args![id, &number, content(own)?],
    )
    .await?;
    version(tx, id, 1, Change::Published, own, "").await?;
    stand(tx, ids, id, &number, on, own).await?;
    done(tx, "warning.written", id, body, own);
    Ok(())
}

/// Writes it anew. What it no longer names is no longer warned of; what was found of it is judged again.
/// Refusals: as [`publish`]; `own-why`, `own-withdrawn`.
pub async fn edit(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::Warning>,
    own: &Own,
    why: &str,
) -> Result<(), StoreError> {
    let (warning, old) = mine(tx, scope, id).await?;
    checked(own)?;
    if *own == old.own {
        tx.nothing_to_do();
        return Ok(());
    }
    let (why, title) = (reason(why)?, own.title.trim());
    tx.exec(
        "update warning set title = $1, folded = $2, due_at = $3 where id = $4",
        args![title, fold(&format!("{} {title}", old.number)), own.due.map(time::end_of), id],
    )
    .await?;
    let next = old.version + 1;
    tx.exec(
        "update own_advisory set content = $1, version = $2 where id = $3",
        args![content(own)?, next, id],
    )
    .await?;
    version(tx, id, next, Change::Edited, own, why).await?;
    stand(tx, ids, id, &old.number, warning.on, own).await?;
    judge_all(tx).await?;
    done(tx, "warning.edited", id, warning.body, own);
    Ok(())
}

/// Takes it back: it warns of nothing any more, and what only it said of machines is said no more. It stays to be read.
/// Refusals: `own-why`, `own-withdrawn`.
pub async fn take_back(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::Warning>,
    why: &str,
) -> Result<(), StoreError> {
    let (warning, old) = mine(tx, scope, id).await?;
    let (why, now) = (reason(why)?, tx.now());
    tx.exec("update warning set closed_at = $1 where id = $2", args![now, id]).await?;
    let next = old.version + 1;
    tx.exec("update own_advisory set version = $1 where id = $2", args![next, id]).await?;
    version(tx, id, next, Change::Withdrawn, &old.own, why).await?;
    if old.own.names_flaws() {
        let advisory = review::advisory::own(&old.number, warning.on, &old.own, true);
        advisories::own(tx, ids, &advisory).await?;
    }
    judge_all(tx).await?;
    done(tx, "warning.withdrawn", id, warning.body, &old.own);
    Ok(())
}

/// What was written of a warning; none if it was not written by an agency. Whoever sees the warning sees it.
pub async fn of(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Warning>,
) -> Result<Option<OwnWarning>, StoreError> {
    get(sql, scope, id).await?;
    let row = sql.row("select number, content, version from own_advisory where id = $1", args![id]).await?;
    let read = |r: &Row| {
        Ok(OwnWarning { number: r.text("number")?, version: r.count("version")?, own: r.json("content")? })
    };
    row.as_ref().map(read).transpose()
}

/// Every version of it, the newest first.
pub async fn history(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Warning>,
) -> Result<Vec<Version>, StoreError> {
    get(sql, scope, id).await?;
    let mut query = Query::new(
        "select v.version, v.kind, v.at, v.why, v.content, p.name from own_advisory_version v
         left join person p on p.id = v.by_person where v.advisory =",
    );
    query.bind(id).push("order by v.version desc");
    let read = |r: &Row| {
        Ok(Version {
            version: r.count("version")?,
            change: r.word("kind", Change::parse)?,
            at: r.time("at")?,
            by: r.opt_text("name")?,
            why: r.text("why")?,
            own: r.json("content")?,
        })
    };
    query.rows(sql).await?.iter().map(read).collect()
}

impl Change {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Change::Published => "published",
            Change::Edited => "edited",
            Change::Withdrawn => "withdrawn",
        }
    }
    fn parse(name: &str) -> Option<Self> {
        [Change::Published, Change::Edited, Change::Withdrawn].into_iter().find(|c| c.name() == name)
    }
}

/// One that still stands, of a body the scope warns for.
async fn mine(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Warning>,
) -> Result<(super::Warning, OwnWarning), StoreError> {
    let missing = || StoreError::NotFound("warning");
    let warning = get(tx, scope, id).await?;
    require(tx, scope, Right::Issue, warning.body).await.map_err(|e| match e {
        StoreError::NotFound(_) => missing(),
        e => e,
    })?;
    let own = of(tx, scope, id).await?.ok_or_else(missing)?;
    if warning.closed_at.is_some() {
        return Err(StoreError::Refused("own-withdrawn"));
    }
    Ok((warning, own))
}

fn checked(own: &Own) -> Result<(), StoreError> {
    own.wrong().map_or(Ok(()), |code| Err(StoreError::Refused(code)))
}

fn reason(why: &str) -> Result<&str, StoreError> {
    let why = why.trim();
    let fits = !why.is_empty() && why.chars().count() <= WHY_MAX;
    if fits { Ok(why) } else { Err(StoreError::Refused("own-why")) }
}

fn content(own: &Own) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(own).map_err(|e| StoreError::Corrupt("own_advisory", e.to_string()))
}

/// `CB-2026-0007`: the next of its year.
async fn next_number(tx: &mut Tx, on: Date) -> Result<String, StoreError> {
    let year = format!("CB-{:04}-", on.year());
    let row = tx
        .row("select count(*) as n from own_advisory where number like $1", args![format!("{year}%")])
        .await?;
    let n = row.map_or(Ok(0), |r| r.count("n"))?;
    Ok(format!("{year}{:04}", n + 1))
}

async fn version(
    tx: &mut Tx,
    id: Id<kind::Warning>,
    n: u32,
    change: Change,
    own: &Own,
    why: &str,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into own_advisory_version (advisory, version, kind, at, by_person, why, content)
         values ($1,$2,$3,$4,$5,$6,$7)",
        args![id, n, change.name(), now, by, why, content(own)?],
    )
    .await?;
    Ok(())
}

/// Makes what is known and what is warned of say what it says now.
async fn stand(
    tx: &mut Tx,
    ids: &dyn Ids,
    id: Id<kind::Warning>,
    number: &str,
    on: Date,
    own: &Own,
) -> Result<(), StoreError> {
    // One that names no flaw any more takes back what it said of any.
    let known = !advisories::by_number(tx, &Scope::system(), number).await?.is_empty();
    if own.names_flaws() || known {
        let advisory = review::advisory::own(number, on, own, !own.names_flaws());
        advisories::own(tx, ids, &advisory).await?;
    }
    let numbers = own.flaws(number);
    let mut query = Query::new("delete from warning_flaw where warning =");
    query.bind(id).push("and flaw not in").list(numbers.iter());
    query.exec(tx).await?;
    tx.exec("delete from warning_item where warning = $1", args![id]).await?;
    let item = Item::Flaws { name: None, numbers };
    let item = serde_json::to_value(&item).map_err(|e| StoreError::Corrupt("warning", e.to_string()))?;
    tx.exec("insert into warning_item (warning, n, content) values ($1,0,$2)", args![id, item]).await?;
    expand(tx, id).await?;
    // The province knows within the minute whom it concerns.
    let now = tx.now();
    jobs::enqueue(tx, Id::new(ids), findings::JOB, findings::JOB, now, &serde_json::Value::Null).await?;
    Ok(())
}

fn done(tx: &mut Tx, action: &'static str, id: Id<kind::Warning>, body: Id<kind::Body>, own: &Own) {
    tx.record(action, format!("warning:{id}"), Some(body), own);
    tx.changed(Topic::Advisory, format!("warning:{id}"), Some(body));
}
