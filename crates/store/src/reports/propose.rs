//! The head of a new report, looked up in the register and the legal pack on that day. What is not found stays blank.

use domain::{
    actor::Scope,
    body::BodyKind,
    id::{Id, kind},
    legal::Pack,
    report::{Draft, ReportKind, SignAs, place, signature},
    right::Right,
    text::fold,
};
use jiff::{Timestamp, civil::Date};

use super::signer::signers;
use crate::{Query, Sql, StoreError, args, register::bodies};

/// The first draft of a report on a campaign: wording from the pack; issuer, superior, place, addressee, symbol,
/// capacity and signer as they are on `on`.
#[allow(clippy::too_many_arguments)] // who reports on what to whom, by which law, when
pub async fn propose(
    sql: &mut Sql,
    pack: &Pack,
    kind: ReportKind,
    body: Id<kind::Body>,
    campaign: Id<kind::Campaign>,
    assignment: Option<Id<kind::Assignment>>,
    now: Timestamp,
    on: Date,
) -> Result<Draft, StoreError> {
    let mut draft = pack.report(kind.name()).map(domain::legal::ReportForm::draft).unwrap_or_default();
    if kind == ReportKind::Reply && !has_lines(sql, body).await? {
        draft.blocks.retain(|b| !OF_LINES.contains(&b.table.as_str()));
        draft.appendices.retain(|a| !OF_LINES.contains(&a.as_str()));
    }
    if kind == ReportKind::Reply && !has_machines(sql, body).await? {
        draft.blocks.retain(|b| !b.text.contains("{{machines_"));
        draft.appendices.retain(|a| a != "machines");
    }
    let parent = heads(sql, pack, &mut draft, body, now, on).await?;
    draft.to = addressee(sql, body, parent, campaign, assignment, on).await?.into_iter().collect();
    Ok(draft)
}

/// The head and the foot of any paper of a body: issuer, superior, place, symbol, capacity and signer as on `on`.
pub async fn head(
    sql: &mut Sql,
    pack: &Pack,
    body: Id<kind::Body>,
    now: Timestamp,
    on: Date,
) -> Result<Draft, StoreError> {
    let mut draft = Draft { symbol: "BC".into(), ..Draft::default() };
    heads(sql, pack, &mut draft, body, now, on).await?;
    Ok(draft)
}

/// Fills them in; returns the body above.
async fn heads(
    sql: &mut Sql,
    pack: &Pack,
    draft: &mut Draft,
    body: Id<kind::Body>,
    now: Timestamp,
    on: Date,
) -> Result<Option<Id<kind::Body>>, StoreError> {
    let row = sql
        .row("select kind, name, parent from body where id = $1", args![body])
        .await?
        .ok_or(StoreError::NotFound("body"))?;
    let (what, parent) = (row.word("kind", BodyKind::parse)?, row.opt_id::<kind::Body>("parent")?);
    draft.issuer = name_on(sql, body, on).await?.unwrap_or(row.text("name")?);
    let own = pack.capacity(what, &draft.issuer);
    // A committee names no superior in its head.
    if own.is_none_or(|c| c.collective.is_none())
        && let Some(parent) = parent
    {
        draft.superior = name_on(sql, parent, on).await?.unwrap_or_default();
    }
    let mut above = Vec::new();
    for a in bodies::ancestors(sql, &Scope::system(), body).await?.iter().rev() {
        above.push(a.name.clone());
    }
    let names: Vec<&str> =
        std::iter::once(draft.issuer.as_str()).chain(above.iter().map(String::as_str)).collect();
    draft.place = place(&names).unwrap_or_default();
    if let Some(short) = abbreviation(sql, body).await? {
        let parts = [draft.symbol.as_str(), short.as_str()];
        draft.symbol = parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join("-");
    }
    if let Some(signer) = signers(sql, body, None, now).await?.into_iter().next() {
        draft.capacity = signer.capacity(pack, what, &draft.issuer);
        draft.signer = signer.name;
    } else {
        draft.capacity = signature(pack, what, &draft.issuer, SignAs::Head, None);
    }
    Ok(parent)
}

/// Tables of lines: most bodies have none, and their letters need not say so.
const OF_LINES: [&str; 3] = ["providers", "lines", "outages"];

/// Whether the register knows a line of the body or of one below it, in use or not.
async fn has_lines(sql: &mut Sql, body: Id<kind::Body>) -> Result<bool, StoreError> {
    let row = sql
        .row(
            "select 1 as one from line l join body_closure u on u.below = l.body or u.below = l.served
             where u.above = $1 limit 1",
            args![body],
        )
        .await?;
    Ok(row.is_some())
}

/// Whether the register knows a machine of the body.
async fn has_machines(sql: &mut Sql, body: Id<kind::Body>) -> Result<bool, StoreError> {
    let row =
        sql.row("select id from host where body = $1 and closed_at is null limit 1", args![body]).await?;
    Ok(row.is_some())
}

/// The assignment which a campaign passes on, and to which a report on it is therefore handed up.
pub async fn answers(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
) -> Result<Option<Id<kind::Assignment>>, StoreError> {
    let mut query = Query::new("select c.parent_assignment from campaign c where c.id =");
    query.bind(campaign).push("and").visible(scope, Right::See, "c.body");
    query.row(sql).await?.ok_or(StoreError::NotFound("campaign"))?.opt_id("parent_assignment")
}

/// At most so many letters up from the one a campaign carries out: ministry, province, commune, and some more.
const CHAIN_MAX: usize = 8;

/// To whom: whoever issued the assignment that is answered; else the first issuer that is somebody else in the chain of
/// letters the campaign carries out — the body known by that name, or its successor for security; else the issuer as the
/// letter writes it; else the body above. One's own letter is not answered, but the one it rests on.
async fn addressee(
    sql: &mut Sql,
    body: Id<kind::Body>,
    parent: Option<Id<kind::Body>>,
    campaign: Id<kind::Campaign>,
    assignment: Option<Id<kind::Assignment>>,
    on: Date,
) -> Result<Option<String>, StoreError> {
    if let Some(assignment) = assignment {
        let row = sql
            .row(
                "select c.body from assignment a join campaign c on c.id = a.campaign where a.id = $1",
                args![assignment],
            )
            .await?;
        if let Some(row) = row {
            return name_on(sql, row.id("body")?, on).await;
        }
    }
    for letter in chain(sql, campaign).await? {
        let Some(issuer) = letter.issuer else { continue };
        if is_own(sql, body, &issuer).await? {
            continue;
        }
        match known(sql, &issuer).await? {
            Some(known) => {
                let carrier = bodies::carrier(sql, known, "security", on).await?;
                if carrier != body {
                    return name_on(sql, carrier, on).await;
                }
            }
            None => return Ok(Some(issuer)),
        }
    }
    match parent {
        Some(parent) => name_on(sql, parent, on).await,
        None => Ok(None),
    }
}

/// A letter of the chain a campaign rests on.
pub(super) struct Cited {
    /// Its number.
    pub number: Option<String>,
    /// Its symbol.
    pub symbol: Option<String>,
    /// Its day.
    pub date: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
}

impl Cited {
    /// *Văn bản số 112/CAT-PA05 ngày 05/01/2027 của Công an tỉnh*, with what is known of it.
    pub(super) fn text(&self) -> Option<String> {
        let reference = match (&self.number, &self.symbol) {
            (Some(n), Some(s)) => format!("{n}/{s}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => return None,
        };
        let day = self.date.as_deref().and_then(|d| d.parse::<Date>().ok());
        let day = day.map(|d| d.strftime(" ngày %d/%m/%Y").to_string()).unwrap_or_default();
        let issuer = self.issuer.as_ref().map(|i| format!(" của {i}")).unwrap_or_default();
        Some(format!("Văn bản số {reference}{day}{issuer}"))
    }
}

/// The letter a campaign carries out, the one that rests on, and so on up. What was passed on without a letter of its
/// own carries out that of the campaign above.
pub(super) async fn chain(sql: &mut Sql, campaign: Id<kind::Campaign>) -> Result<Vec<Cited>, StoreError> {
    let row = sql
        .row(
            "select coalesce(c.letter, p.letter) as letter from campaign c
             left join assignment a on a.id = c.parent_assignment left join campaign p on p.id = a.campaign
             where c.id = $1",
            args![campaign],
        )
        .await?;
    let mut next: Option<Id<kind::Letter>> = row.map(|row| row.opt_id("letter")).transpose()?.flatten();
    let mut found = Vec::new();
    while let Some(letter) = next.filter(|_| found.len() < CHAIN_MAX) {
        let Some(row) = sql
            .row(
                "select number, symbol, date, issuer, parent_letter from letter where id = $1",
                args![letter],
            )
            .await?
        else {
            break;
        };
        found.push(Cited {
            number: row.opt_text("number")?,
            symbol: row.opt_text("symbol")?,
            date: row.opt_text("date")?,
            issuer: row.opt_text("issuer")?,
        });
        next = row.opt_id("parent_letter")?;
    }
    Ok(found)
}

/// Whether a letter's issuer is that very body: by one of its names, or a short form of its own (*Công an tỉnh* of
/// *Công an tỉnh Sông Trà*).
pub(super) async fn is_own(sql: &mut Sql, body: Id<kind::Body>, issuer: &str) -> Result<bool, StoreError> {
    let issuer = fold(issuer);
    let row = sql.row("select name from body where id = $1", args![body]).await?;
    let name = row.ok_or(StoreError::NotFound("body"))?.text("name")?;
    if !issuer.is_empty() && fold(&name).starts_with(&issuer) {
        return Ok(true);
    }
    let named = bodies::names_of(sql, body).await?;
    Ok(named.iter().any(|n| fold(&n.text) == issuer))
}

/// The body of the register that bears a name.
async fn known(sql: &mut Sql, name: &str) -> Result<Option<Id<kind::Body>>, StoreError> {
    let row = sql
        .row("select body from body_name where folded = $1 order by alias, body limit 1", args![fold(name)])
        .await?;
    row.map(|r| r.id("body")).transpose()
}

/// The official name of a body on that day.
async fn name_on(sql: &mut Sql, body: Id<kind::Body>, on: Date) -> Result<Option<String>, StoreError> {
    let names = bodies::names_of(sql, body).await?;
    let valid = names.into_iter().rfind(|n| !n.alias && n.on(on)).map(|n| n.text);
    if valid.is_some() {
        return Ok(valid);
    }
    sql.row("select name from body where id = $1", args![body]).await?.map(|r| r.text("name")).transpose()
}

/// The body's shortest alias in capitals, as symbols use them: *SKHCN*.
async fn abbreviation(sql: &mut Sql, body: Id<kind::Body>) -> Result<Option<String>, StoreError> {
    let names = bodies::names_of(sql, body).await?;
    let short = |text: &str| {
        text.chars().count() <= 12 && text.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || c == '-')
    };
    Ok(names.into_iter().filter(|n| n.alias && short(&n.text)).map(|n| n.text).min_by_key(String::len))
}
