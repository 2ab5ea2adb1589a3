//! The head of a new report, looked up in the register and the legal pack on that day. What is not found stays blank.

use domain::{
    actor::Scope,
    body::BodyKind,
    id::{Id, kind},
    legal::Pack,
    report::{Draft, ReportKind, place, sign_as, signature},
    right::{Right, Role},
    text::fold,
};
use jiff::{Timestamp, civil::Date};

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
    draft.to = addressee(sql, body, parent, campaign, assignment, on).await?.into_iter().collect();
    if let Some((name, position)) = head(sql, body, now).await? {
        let how = sign_as(position.as_deref());
        draft.capacity = signature(pack, what, &draft.issuer, how, position.as_deref());
        draft.signer = name;
    } else {
        draft.capacity = signature(pack, what, &draft.issuer, sign_as(None), None);
    }
    Ok(draft)
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

/// To whom: whoever issued the assignment that is answered; else the body behind the letter's issuer, or its successor
/// for security; else the issuer as the letter writes it; else the body above.
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
    let row = sql
        .row(
            "select l.issuer from campaign c join letter l on l.id = c.letter where c.id = $1",
            args![campaign],
        )
        .await?;
    if let Some(issuer) = row.map(|r| r.opt_text("issuer")).transpose()?.flatten() {
        let known = sql
            .row(
                "select body from body_name where folded = $1 order by alias, body limit 1",
                args![fold(&issuer)],
            )
            .await?;
        match known {
            Some(known) => {
                let carrier = bodies::carrier(sql, known.id("body")?, "security", on).await?;
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

/// Who heads a body: whoever holds the role there itself, by their own right before a delegate.
async fn head(
    sql: &mut Sql,
    body: Id<kind::Body>,
    now: Timestamp,
) -> Result<Option<(String, Option<String>)>, StoreError> {
    let row = sql
        .row(
            "select p.name, p.title, m.position from role_grant g join person p on p.id = g.person
             left join membership m on m.person = p.id and m.body = g.body
             where g.body = $1 and g.role = $3 and g.revoked_at is null and p.closed_at is null
               and (g.from_at is null or g.from_at <= $2) and (g.until_at is null or g.until_at > $2)
             order by case when g.delegated_by is null then 0 else 1 end, p.sort_key, p.id limit 1",
            args![body, now, Role::Head.name()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let name = match row.opt_text("title")? {
        Some(title) => format!("{title} {}", row.text("name")?),
        None => row.text("name")?,
    };
    Ok(Some((name, row.opt_text("position")?)))
}
