//! Inlets: addresses at which outside systems report.

use domain::{
    actor::Scope,
    id::{Id, Secrets, kind},
    paging::{Severity, outside::Tongue},
    right::Right,
    text::sort_key,
};
use jiff::Timestamp;

use super::Pause;
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, args, assignments::said, kept::seal, sign_in::InstanceKey,
};

/// Longest name.
const NAME_MAX: usize = 120;
/// Inlets of one body.
const EACH_MAX: i64 = 50;

/// An inlet to be made.
#[derive(Debug, Clone)]
pub struct NewInlet {
    /// Its id.
    pub id: Id<kind::Inlet>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// What reports there: a name people know.
    pub name: String,
    /// How it speaks.
    pub tongue: Tongue,
    /// SHA-256 of the secret in its address.
    pub digest: String,
    /// What its messages are signed with, `whsec_…`; of no use where it does not sign.
    pub secret: String,
    /// How bad a report is that does not say.
    pub severity: Severity,
}

/// An inlet as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inlet {
    /// Its id.
    pub id: Id<kind::Inlet>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// What reports there.
    pub name: String,
    /// How it speaks.
    pub tongue: Tongue,
    /// How bad a report is that does not say.
    pub severity: Severity,
    /// The last report.
    pub last_at: Option<Timestamp>,
    /// Its call-outs under way.
    pub open: u32,
    /// Whether what is reported there calls nobody now.
    pub paused: Option<Pause>,
    /// Whether the scope may close it.
    pub may_change: bool,
}

/// Makes an inlet. Needs [`Right::Prepare`] over the body. `Refused`: `text-empty`, `text-long`, `inlets-many`.
pub async fn make_inlet(
    tx: &mut Tx,
    scope: &Scope,
    key: &InstanceKey,
    secrets: &dyn Secrets,
    new: &NewInlet,
) -> Result<(), StoreError> {
    may(tx, scope, new.body).await?;
    let name = said(&new.name, NAME_MAX)?;
    let held = tx
        .row("select count(*) as n from inlet where body = $1 and closed_at is null", args![new.body])
        .await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= EACH_MAX {
        return Err(StoreError::Refused("inlets-many"));
    }
    let secret = match new.tongue {
        Tongue::Alertmanager => String::new(),
        Tongue::Signed => seal(key, secrets, &place(new.id), &new.secret)?,
    };
    let now = tx.now();
    tx.exec(
        "insert into inlet (id, body, name, sort_key, tongue, digest, secret, severity, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![
            new.id,
            new.body,
            &name,
            sort_key(&name),
            new.tongue.name(),
            &new.digest,
            secret,
            new.severity.name(),
            now
        ],
    )
    .await?;
    let subject = subject_of(new.id);
    tx.record("inlet.created", &subject, Some(new.body), &(&name, new.tongue, new.severity));
    tx.changed(Topic::Callout, subject, Some(new.body));
    Ok(())
}

/// Closes an inlet: nobody is heard there any more. Its call-outs go on.
pub async fn close_inlet(tx: &mut Tx, scope: &Scope, id: Id<kind::Inlet>) -> Result<(), StoreError> {
    let body = changeable(tx, scope, id).await?;
    let now = tx.now();
    tx.exec("update inlet set closed_at = $2 where id = $1", args![id, now]).await?;
    tx.record("inlet.closed", subject_of(id), Some(body), &());
    tx.changed(Topic::Callout, subject_of(id), Some(body));
    Ok(())
}

/// The inlets a scope may see.
pub async fn inlets(sql: &mut Sql, scope: &Scope, now: Timestamp) -> Result<Vec<Inlet>, StoreError> {
    let mut query = Query::new("select i.*, b.name as body_name, cast(case when");
    query.visible(scope, Right::Prepare, "i.body");
    query.push(
        "then 1 else 0 end as bigint) as may, (select count(*) from callout c
             where c.subject = 'inlet:' || i.id and c.standing in ('open', 'acknowledged')) as open
         from inlet i join body b on b.id = i.body where i.closed_at is null and",
    );
    query.visible(scope, Right::See, "i.body").push("order by b.sort_key, b.id, i.sort_key, i.id limit 1000");
    query.rows(sql).await?.iter().map(|row| inlet(row, now)).collect()
}

fn inlet(row: &Row, now: Timestamp) -> Result<Inlet, StoreError> {
    Ok(Inlet {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        name: row.text("name")?,
        tongue: row.word("tongue", Tongue::parse)?,
        severity: row.word("severity", Severity::parse)?,
        last_at: row.opt_time("last_at")?,
        open: row.count("open")?,
        paused: Pause::of(row, now)?,
        may_change: row.int("may")? > 0,
    })
}

pub(super) fn subject_of(id: Id<kind::Inlet>) -> String {
    format!("inlet:{id}")
}

/// For what its secret is sealed.
pub(super) fn place(id: Id<kind::Inlet>) -> String {
    subject_of(id)
}

pub(super) async fn changeable(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Inlet>,
) -> Result<Id<kind::Body>, StoreError> {
    let row = sql.row("select body from inlet where id = $1 and closed_at is null", args![id]).await?;
    let body = row.ok_or(StoreError::NotFound("inlet"))?.id("body")?;
    may(sql, scope, body).await.map_err(|_| StoreError::NotFound("inlet"))?;
    Ok(body)
}

async fn may(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and").visible(scope, Right::Prepare, "b.id");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}
