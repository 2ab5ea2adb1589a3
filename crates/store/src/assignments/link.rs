//! A one-time link for the head of a body, so that somebody who comes once a year need not sign in.

use domain::{
    actor::Scope,
    id::{Id, kind},
    intent::{To, Urgency},
    right::{Right, Role},
};
use jiff::{SignedDuration, Timestamp};

use super::{Need, Telling, Tools, held, person_name, somebody, tell, written};
use crate::{
    Query, Sql, StoreError, Topic, Tx, args,
    sign_in::links::{self, Purpose},
};

/// A week: over a weekend and a mail box that is opened on Mondays.
pub const LINK_LIVES: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The same head gets no second link for the same order within this time.
const LINK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Who may acknowledge for the owing body now, in their own name or by delegation: those a link can be sent to.
pub async fn heads(
    sql: &mut Sql,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
    now: Timestamp,
) -> Result<Vec<(Id<kind::Person>, String)>, StoreError> {
    let of = held(sql, scope, Need::See, assignment).await?;
    let mut query = Query::new(
        "select p.id, p.name, min(case when g.delegated_by is null then 0 else 1 end) as place
         from role_grant g join person p on p.id = g.person and p.closed_at is null
         where g.revoked_at is null and g.body =",
    );
    query.bind(of.body).push("and g.role in");
    query.list(Role::ALL.iter().filter(|r| r.may(Right::Acknowledge)).map(|r| r.name()));
    query.push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now);
    query.push(") group by p.id, p.name, p.sort_key order by place, p.sort_key, p.id");
    query.rows(sql).await?.iter().map(|row| Ok((row.id("id")?, row.text("name")?))).collect()
}

/// Makes a link by which that head acknowledges, and sends it to their verified address. `link` is the id of the new
/// link and `url` its address, which the caller makes with the instance key ([`links::url`]). Needs the right to
/// decide at the issuing body, or [`Right::Answer`] over the owing one (the clerk asks the head).
/// `Refused`: `link-not-head`, `link-acknowledged`, `link-recent`.
pub async fn send_link(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    assignment: Id<kind::Assignment>,
    person: Id<kind::Person>,
    link: Id<kind::Link>,
    url: &str,
) -> Result<(), StoreError> {
    let of = match held(tx, scope, Need::Review, assignment).await {
        Err(StoreError::NotFound(_)) => held(tx, scope, Need::Body(Right::Answer), assignment).await?,
        other => other?,
    };
    somebody(tx.actor())?;
    of.in_force()?;
    if of.acknowledged_at.is_some() {
        return Err(StoreError::Refused("link-acknowledged"));
    }
    let now = tx.now();
    if !heads(tx, scope, assignment, now).await?.iter().any(|(id, _)| *id == person) {
        return Err(StoreError::Refused("link-not-head"));
    }
    let recent = now.checked_sub(LINK_EVERY).unwrap_or(Timestamp::MIN);
    let row = tx
        .row(
            "select id from one_time_link where person = $1 and subject = $2 and purpose = $3 and created_at > $4",
            args![person, of.subject(), Purpose::Acknowledge.name(), recent],
        )
        .await?;
    if row.is_some() {
        return Err(StoreError::Refused("link-recent"));
    }
    let expires = now.checked_add(LINK_LIVES).unwrap_or(Timestamp::MAX);
    links::create(tx, link, person, Purpose::Acknowledge, &of.subject(), expires).await?;
    tx.record("assignment.link-sent", of.subject(), Some(of.body), &(link, person));
    tx.changed(Topic::Assignment, of.subject(), Some(of.body));
    let mut vars = vec![
        ("person", person_name(tx, person).await?),
        ("body", of.body_name.clone()),
        ("order", of.order.clone()),
        ("issuer", of.issuer_name.clone()),
        ("duties", of.tasks.to_string()),
        ("expires", written(expires)),
        ("link", url.to_owned()),
    ];
    vars.extend(of.due.map(|due| ("due", written(due))));
    let telling = Telling {
        key: format!("acknowledgement-link/{link}"),
        to: To::Person(person),
        template: "acknowledgement-link",
        vars,
        urgency: Urgency::Normal,
    };
    tell(tx, tools, telling).await?;
    Ok(())
}
