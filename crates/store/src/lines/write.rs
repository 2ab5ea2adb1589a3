//! The lines themselves.

use domain::{
    actor::Scope,
    id::{Id, kind},
    line::LineKind,
    right::Right,
    text::{fold, sort_key},
};

use super::{Need, held};
use crate::{StoreError, Topic, Tx, args, assignments::said, register::require};

/// What a line or its provider is called.
pub const NAME_MAX: usize = 200;
/// A body with more lines than this enters trunks, not lines.
const LINES_MAX: u32 = 500;

/// A line as it is entered.
#[derive(Debug, Clone)]
pub struct NewLine {
    /// Its id.
    pub id: Id<kind::Line>,
    /// Whose line it is: who reports.
    pub body: Id<kind::Body>,
    /// The body it serves; `None`: several.
    pub served: Option<Id<kind::Body>>,
    /// What it is called.
    pub name: String,
    /// What kind.
    pub kind: LineKind,
    /// Who provides it, if that is another.
    pub provider: String,
}

/// Enters a line; needs [`Right::Answer`] over its body, and sight of the body served. `Refused`: `text-empty`,
/// `text-long`, `lines-many`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewLine) -> Result<(), StoreError> {
    require(tx, scope, Right::Answer, new.body).await?;
    let (name, provider) = checked(tx, scope, new).await?;
    let row = tx
        .row("select count(*) as n from line where body = $1 and closed_at is null", args![new.body])
        .await?;
    if row.map_or(Ok(0), |r| r.count("n"))? >= LINES_MAX {
        return Err(StoreError::Refused("lines-many"));
    }
    let now = tx.now();
    tx.exec(
        "insert into line (id, body, served, name, folded, sort_key, kind, provider, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![
            new.id,
            new.body,
            new.served,
            &name,
            fold(&format!("{name} {provider}")),
            sort_key(&name),
            new.kind.name(),
            &provider,
            now
        ],
    )
    .await?;
    wrote(tx, "line.created", new, &(&name, &provider, new.kind, new.served));
    Ok(())
}

/// Changes what is said of a line; its body stays. Needs [`Right::Answer`] over its body.
pub async fn change(tx: &mut Tx, scope: &Scope, line: &NewLine) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Own, line.id).await?;
    of.in_use()?;
    let line = &NewLine { body: of.body, ..line.clone() };
    let (name, provider) = checked(tx, scope, line).await?;
    tx.exec(
        "update line set served = $1, name = $2, folded = $3, sort_key = $4, kind = $5, provider = $6 where id = $7",
        args![
            line.served,
            &name,
            fold(&format!("{name} {provider}")),
            sort_key(&name),
            line.kind.name(),
            &provider,
            line.id
        ],
    )
    .await?;
    wrote(tx, "line.changed", line, &(&name, &provider, line.kind, line.served));
    Ok(())
}

/// Gives a line up; what was known of it stays.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Line>) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Own, id).await?;
    of.in_use()?;
    let now = tx.now();
    tx.exec("update line set closed_at = $1 where id = $2", args![now, id]).await?;
    tx.exec("update outage set to_at = $1 where line = $2 and to_at is null", args![now, id]).await?;
    tx.record("line.closed", of.subject(), Some(of.body), &of.name);
    tx.changed(Topic::Line, of.subject(), Some(of.body));
    Ok(())
}

async fn checked(tx: &mut Tx, scope: &Scope, line: &NewLine) -> Result<(String, String), StoreError> {
    if let Some(served) = line.served {
        require(tx, scope, Right::See, served).await?;
    }
    let provider = match line.provider.trim() {
        "" => String::new(),
        text => said(text, NAME_MAX)?,
    };
    Ok((said(&line.name, NAME_MAX)?, provider))
}

fn wrote(tx: &mut Tx, action: &'static str, line: &NewLine, detail: &impl serde::Serialize) {
    let subject = format!("line:{}", line.id);
    tx.record(action, subject.clone(), Some(line.body), detail);
    tx.changed(Topic::Line, subject, Some(line.body));
}
