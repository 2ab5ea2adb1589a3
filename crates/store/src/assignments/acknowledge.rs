//! Read and acknowledged.

use domain::{
    actor::{Actor, Scope},
    fact::{Source, kinds},
    id::{Id, kind},
    order::{AckHow, Doubt, OrderMarks, Paper, doubts},
    right::{Right, Role},
};
use serde_json::{Value, json};

use super::{Held, Need, Tools, held, learn, somebody};
use crate::{
    Query, Sql, StoreError, Topic, Tx, args,
    blobs::{self, Blob},
};

/// Writes down that somebody of the body opened it, the first time it happens; a look from above is no reading.
/// Returns whether it was the first.
pub async fn opened(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Assignment>,
) -> Result<bool, StoreError> {
    let of = held(tx, scope, Need::See, id).await?;
    let Some(person) = tx.actor().person() else {
        tx.unchanged();
        return Ok(false);
    };
    if of.read_at.is_some() || of.over || !serves(tx, scope, person, of.body).await? {
        tx.unchanged();
        return Ok(false);
    }
    let now = tx.now();
    let touched = tx
        .exec("update assignment set read_at = $1 where id = $2 and read_at is null", args![now, id])
        .await?;
    if touched == 0 {
        return Ok(false);
    }
    let how = if matches!(tx.actor(), Actor::Link(..)) { "link" } else { "page" };
    let seq = tx.record("assignment.read", of.subject(), Some(of.body), &how);
    let value = json!({"how": how});
    let key = format!("{}/{id}", kinds::READ);
    learn(tx, tools, kinds::READ, key, of.body, of.subject(), Source::Audit(seq), value).await?;
    tx.changed(Topic::Assignment, of.subject(), Some(of.body));
    Ok(true)
}

/// Whether the person works for that very body: a role at it, or a seat in it.
async fn serves(
    sql: &mut Sql,
    scope: &Scope,
    person: Id<kind::Person>,
    body: Id<kind::Body>,
) -> Result<bool, StoreError> {
    if scope.grants().iter().any(|(_, at)| *at == body) {
        return Ok(true);
    }
    let row =
        sql.row("select person from membership where person = $1 and body = $2", args![person, body]).await?;
    Ok(row.is_some())
}

/// Acknowledges as the head of the body: [`Right::Acknowledge`] held **at that very body**, in one's own name or by a
/// delegation in force. A superior's head or coordinator cannot: it would say that somebody knows who does not.
/// Acknowledging again changes nothing and returns `false`.
pub async fn acknowledge(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Assignment>,
) -> Result<bool, StoreError> {
    let of = held(tx, scope, Need::Body(Right::Acknowledge), id).await?;
    let person = somebody(tx.actor())?;
    if !scope.tops(Right::Acknowledge).is_some_and(|tops| tops.contains(&of.body)) {
        return Err(StoreError::NotFound("assignment"));
    }
    if of.acknowledged_at.is_some() {
        tx.unchanged();
        return Ok(false);
    }
    of.in_force()?;
    let how = match tx.actor() {
        Actor::Link(..) => AckHow::Link,
        _ if in_own_name(tx, person, of.body).await? => AckHow::Page,
        _ => AckHow::Delegate,
    };
    opened(tx, scope, tools, id).await?;
    done(tx, tools, &of, person, how, None).await
}

/// Whether the person holds the right to acknowledge at the body themselves, not by delegation.
async fn in_own_name(
    sql: &mut Tx,
    person: Id<kind::Person>,
    body: Id<kind::Body>,
) -> Result<bool, StoreError> {
    let now = sql.now();
    let mut query = Query::new("select id from role_grant where delegated_by is null and revoked_at is null");
    query.push("and person =").bind(person).push("and body =").bind(body).push("and role in");
    query.list(Role::ALL.iter().filter(|r| r.may(Right::Acknowledge)).map(|r| r.name()));
    query.push("and (from_at is null or from_at <=").bind(now);
    query.push(") and (until_at is null or until_at >").bind(now).push(")");
    Ok(query.row(sql).await?.is_some())
}

/// A unit's own signed letter, read and stored.
pub struct ByLetter<'a> {
    /// The stored file.
    pub blob: &'a Blob,
    /// Its file name.
    pub name: &'a str,
    /// Its sniffed content type.
    pub kind: &'a str,
    /// Its reading.
    pub paper: &'a Paper,
    /// Its whole text.
    pub text: &'a str,
    /// What the check of its digital signatures found; null without any. It is told, and decides nothing: a paper signed
    /// by hand and scanned counts as well.
    pub signatures: &'a Value,
}

/// Acknowledges by the unit's own signed letter; whoever presses the button vouches that it is genuine: somebody who
/// answers for the body ([`Right::Answer`]) or a superior ([`Right::Review`]), and it counts as the signer's word.
/// `Refused` with `letter-other-issuer`, `letter-other-order` or `letter-unsigned` when the reading speaks against it.
pub async fn acknowledge_by_letter(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Assignment>,
    letter: &ByLetter<'_>,
) -> Result<bool, StoreError> {
    let of = match held(tx, scope, Need::Body(Right::Answer), id).await {
        Err(StoreError::NotFound(_)) => held(tx, scope, Need::Body(Right::Review), id).await?,
        other => other?,
    };
    let person = somebody(tx.actor())?;
    if of.acknowledged_at.is_some() {
        tx.unchanged();
        return Ok(false);
    }
    of.in_force()?;
    let (names, marks) = letter_marks(tx, scope, id).await?;
    if let Some(doubt) = doubts(letter.paper, letter.text, &names, &marks).first() {
        return Err(StoreError::Refused(match doubt {
            Doubt::OtherIssuer => "letter-other-issuer",
            Doubt::OtherOrder => "letter-other-order",
            Doubt::Unsigned => "letter-unsigned",
        }));
    }
    blobs::attach(tx, letter.blob, of.body, &of.subject(), letter.name, letter.kind).await?;
    blobs::attach(tx, letter.blob, of.issuer, &of.subject(), letter.name, letter.kind).await?;
    done(tx, tools, &of, person, AckHow::Letter, Some(letter)).await
}

/// What a letter is compared with: the names of the owing body, and what the order is known by.
pub async fn letter_marks(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Assignment>,
) -> Result<(Vec<String>, OrderMarks), StoreError> {
    let of = held(sql, scope, Need::See, id).await?;
    let mut names = vec![of.body_name.clone()];
    for row in sql.rows("select text from body_name where body = $1", args![of.body]).await? {
        names.push(row.text("text")?);
    }
    let row = sql
        .row(
            "select l.number, l.symbol, coalesce(l.subject, c.name) as subject from campaign c
             left join letter l on l.id = c.letter where c.id = $1",
            args![of.campaign],
        )
        .await?
        .ok_or(StoreError::NotFound("campaign"))?;
    let marks = OrderMarks {
        number: row.opt_text("number")?,
        symbol: row.opt_text("symbol")?,
        subject: row.opt_text("subject")?,
    };
    Ok((names, marks))
}

async fn done(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    person: Id<kind::Person>,
    how: AckHow,
    letter: Option<&ByLetter<'_>>,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let touched = tx
        .exec(
            "update assignment set acknowledged_at = $1, acknowledged_by = $2, ack_how = $3
             where id = $4 and acknowledged_at is null",
            args![now, person, how.name(), of.id],
        )
        .await?;
    if touched == 0 {
        return Ok(false);
    }
    let sha256 = letter.map(|l| l.blob.sha256.as_str());
    let seq = tx.record("assignment.acknowledged", of.subject(), Some(of.body), &(how, person, sha256));
    let (source, value) = match letter {
        Some(letter) => {
            let signer = letter.paper.signer.as_ref().and_then(|s| s.name.clone());
            let mut value = json!({"how": how.name(), "by": person, "signer": signer});
            if let Some(fields) = value.as_object_mut().filter(|_| !letter.signatures.is_null()) {
                fields.insert("signatures".to_owned(), letter.signatures.clone());
            }
            (Source::Blob(letter.blob.sha256.clone()), value)
        }
        None => (Source::Audit(seq), json!({"how": how.name(), "by": person})),
    };
    let key = format!("{}/{}", kinds::ACKNOWLEDGED, of.id);
    learn(tx, tools, kinds::ACKNOWLEDGED, key, of.body, of.subject(), source, value).await?;
    tx.changed(Topic::Assignment, of.subject(), Some(of.body));
    Ok(true)
}
