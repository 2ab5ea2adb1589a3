//! How a letter came, and what its file tells besides its words.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use serde_json::Value;

use crate::{Query, Sql, StoreError, Topic, Tx, args, register::require};

/// Attachments shown of one letter; more are still there, in the mailbox or folder they came from.
const ATTACHMENTS: i64 = 100;

/// How a letter came, and what its file tells besides its words. `Null` where there is nothing to tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin {
    /// File name, or from, subject, date and message-id of the mail.
    pub origin: Value,
    /// How it was read from pictures.
    pub scan: Value,
    /// The file's digital signatures as `paper` found them; of those taken in before they were checked, `{"found": true}`.
    pub signatures: Value,
}

impl Origin {
    /// Nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.origin.is_null() && self.scan.is_null() && self.signatures.is_null()
    }
}

/// A file put to a letter beside its original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// SHA-256.
    pub sha256: String,
    /// File name.
    pub name: String,
    /// Sniffed content type.
    pub kind: String,
    /// Length in bytes.
    pub len: i64,
}

/// Keeps it beside a letter just added in the same transaction, whose rights were checked there.
pub async fn remember(tx: &mut Tx, letter: Id<kind::Letter>, origin: &Origin) -> Result<(), StoreError> {
    if origin.is_empty() {
        return Ok(());
    }
    let some = |value: &Value| (!value.is_null()).then(|| value.clone());
    tx.exec(
        "insert into letter_origin (letter, origin, scan, signatures) values ($1,$2,$3,$4)",
        args![
            letter,
            some(&origin.origin).unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            some(&origin.scan),
            some(&origin.signatures)
        ],
    )
    .await?;
    Ok(())
}

/// A person mended the text: the places of doubtful words no longer fit it. Part of [`crate::letters::reread`]'s
/// transaction, whose rights were checked there.
pub async fn mended(tx: &mut Tx, letter: Id<kind::Letter>) -> Result<(), StoreError> {
    let row = tx
        .row("select scan from letter_origin where letter = $1 and scan is not null", args![letter])
        .await?;
    let Some(row) = row else { return Ok(()) };
    let mut scan: Value = row.json("scan")?;
    if let Some(fields) = scan.as_object_mut() {
        fields.insert("low".to_owned(), Value::Array(Vec::new()));
        fields.insert("mended".to_owned(), Value::Bool(true));
    }
    tx.exec("update letter_origin set scan = $1 where letter = $2", args![scan, letter]).await?;
    Ok(())
}

/// Puts a newer check of the file's digital signatures in the place of the old one.
///
/// # Errors
/// [`StoreError::NotFound`] and [`StoreError::Forbidden`] as for every change of the letter.
pub async fn vouched(
    tx: &mut Tx,
    scope: &Scope,
    letter: Id<kind::Letter>,
    signatures: &Value,
) -> Result<(), StoreError> {
    let body = crate::letters::get(tx, scope, letter).await?.row.body;
    require(tx, scope, Right::Prepare, body).await?;
    let kept = (!signatures.is_null()).then(|| signatures.clone());
    tx.exec(
        "insert into letter_origin (letter, origin, signatures) values ($1, '{}', $2)
         on conflict (letter) do update set signatures = excluded.signatures",
        args![letter, kept],
    )
    .await?;
    tx.record("letter.signatures", format!("letter:{letter}"), Some(body), signatures);
    tx.changed(Topic::Letter, format!("letter:{letter}"), Some(body));
    Ok(())
}

/// How a letter came; empty if nothing is known.
pub async fn origin(sql: &mut Sql, scope: &Scope, letter: Id<kind::Letter>) -> Result<Origin, StoreError> {
    let mut query = Query::new(
        "select o.origin, o.scan, o.signatures from letter_origin o join letter l on l.id = o.letter where o.letter =",
    );
    query.bind(letter).push("and").visible(scope, Right::Read, "l.body");
    let Some(row) = query.row(sql).await? else { return Ok(Origin::default()) };
    let json = |text: Option<String>| text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Value::Null);
    Ok(Origin {
        origin: row.json("origin")?,
        scan: json(row.opt_text("scan")?),
        signatures: json(row.opt_text("signatures")?),
    })
}

/// The files put to a letter beside its original.
pub async fn attachments(
    sql: &mut Sql,
    scope: &Scope,
    letter: Id<kind::Letter>,
) -> Result<Vec<Attachment>, StoreError> {
    let mut query = Query::new(
        "select u.sha256, u.name, u.kind, b.len from blob_use u join blob b on b.sha256 = u.sha256
         join letter l on l.body = u.body where u.subject =",
    );
    query.bind(format!("letter:{letter}")).push("and l.id =").bind(letter);
    query.push("and (l.sha256 is null or l.sha256 <> u.sha256) and").visible(scope, Right::Read, "l.body");
    query.push("order by u.created_at, u.name, u.sha256 limit").bind(ATTACHMENTS);
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|r| {
            Ok(Attachment {
                sha256: r.text("sha256")?,
                name: r.text("name")?,
                kind: r.text("kind")?,
                len: r.int("len")?,
            })
        })
        .collect()
}
