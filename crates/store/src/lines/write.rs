//! The lines themselves.

use domain::{
    actor::Scope,
    id::{Id, kind},
    line::LineKind,
    right::Right,
    text::{fold, sort_key},
};

use super::{Held, Need, held, outages};
use crate::{
    StoreError, Topic, Tx, args,
    assignments::{Tools, said},
    register::require,
};

/// What a line or its provider is called.
pub const NAME_MAX: usize = 200;
/// An operator's own mark of a line.
pub const CODE_MAX: usize = 60;
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
    /// The mark by which files and machines name it, one of its kind within its body; may be empty.
    pub code: String,
    /// How much it carries, as people write it: `1 Gbps`.
    pub capacity: String,
    /// Whom to call when it fails.
    pub hotline: String,
}

/// Enters a line; needs [`Right::Answer`] over its body, and sight of the body served. `Refused`: `text-empty`,
/// `text-long`, `lines-many`, `line-code` (another line has that mark).
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewLine) -> Result<(), StoreError> {
    require(tx, scope, Right::Answer, new.body).await?;
    let new = &checked(tx, scope, new, None).await?;
    let row = tx
        .row("select count(*) as n from line where body = $1 and closed_at is null", args![new.body])
        .await?;
    if row.map_or(Ok(0), |r| r.count("n"))? >= LINES_MAX {
        return Err(StoreError::Refused("lines-many"));
    }
    let now = tx.now();
    tx.exec(
        "insert into line (id, body, served, name, folded, sort_key, kind, provider, code, capacity, hotline, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        args![
            new.id,
            new.body,
            new.served,
            &new.name,
            words(new),
            sort_key(&new.name),
            new.kind.name(),
            &new.provider,
            &new.code,
            &new.capacity,
            &new.hotline,
            now
        ],
    )
    .await?;
    wrote(tx, "line.created", new);
    Ok(())
}

/// Changes what is said of a line; its body stays. Needs [`Right::Answer`] over its body.
pub async fn change(tx: &mut Tx, scope: &Scope, line: &NewLine) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Own, line.id).await?;
    of.in_use()?;
    let line = &checked(tx, scope, &NewLine { body: of.body, ..line.clone() }, Some(&of)).await?;
    tx.exec(
        "update line set served = $1, name = $2, folded = $3, sort_key = $4, kind = $5, provider = $6,
            code = $7, capacity = $8, hotline = $9 where id = $10",
        args![
            line.served,
            &line.name,
            words(line),
            sort_key(&line.name),
            line.kind.name(),
            &line.provider,
            &line.code,
            &line.capacity,
            &line.hotline,
            line.id
        ],
    )
    .await?;
    wrote(tx, "line.changed", line);
    Ok(())
}

/// Gives a line up; what was known of it stays, and an outage that lasts ends with it.
pub async fn close(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Line>,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Own, id).await?;
    of.in_use()?;
    let now = tx.now();
    tx.exec("update line set closed_at = $1 where id = $2", args![now, id]).await?;
    let seq = tx.record("line.closed", of.subject(), Some(of.body), &of.name);
    tx.changed(Topic::Line, of.subject(), Some(of.body));
    outages::over(tx, tools, &of, seq).await
}

/// The line with its texts tidied. `was`: the line it changes; the body that one serves may stay, also unseen: an
/// operator's people see only their own.
async fn checked(
    tx: &mut Tx,
    scope: &Scope,
    line: &NewLine,
    was: Option<&Held>,
) -> Result<NewLine, StoreError> {
    if let Some(served) = line.served.filter(|served| was.is_none_or(|w| w.served != Some(*served))) {
        require(tx, scope, Right::See, served).await?;
    }
    let optional = |text: &str, most: usize| match text.trim() {
        "" => Ok(String::new()),
        text => said(text, most),
    };
    let tidy = NewLine {
        name: said(&line.name, NAME_MAX)?,
        provider: optional(&line.provider, NAME_MAX)?,
        code: optional(&line.code, CODE_MAX)?,
        capacity: optional(&line.capacity, NAME_MAX)?,
        hotline: optional(&line.hotline, NAME_MAX)?,
        ..line.clone()
    };
    if !tidy.code.is_empty() {
        let row = tx
            .row(
                "select 1 as n from line where body = $1 and code = $2 and id <> $3 and closed_at is null",
                args![line.body, &tidy.code, line.id],
            )
            .await?;
        if row.is_some() {
            return Err(StoreError::Refused("line-code"));
        }
    }
    Ok(tidy)
}

/// What a search looks in.
fn words(line: &NewLine) -> String {
    fold(&format!("{} {} {}", line.name, line.provider, line.code))
}

fn wrote(tx: &mut Tx, action: &'static str, line: &NewLine) {
    let subject = format!("line:{}", line.id);
    let detail =
        (&line.name, &line.provider, line.kind, line.served, &line.code, &line.capacity, &line.hotline);
    tx.record(action, subject.clone(), Some(line.body), &detail);
    tx.changed(Topic::Line, subject, Some(line.body));
}
