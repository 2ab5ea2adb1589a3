//! What is told of a request by mail. Whoever may answer for the body gets a link of their own, by which they answer
//! without signing in; everybody else the page.

use std::ops::Deref;

use domain::{
    id::{Id, kind},
    intent::{To, Urgency},
    right::{Right, Role},
};
use jiff::{SignedDuration, Timestamp};

use super::Held;
use crate::{
    Query, StoreError, Tx, addressees,
    assignments::{self, CHANNEL, Telling, tell},
    sign_in::{
        InstanceKey,
        links::{self, Purpose},
    },
};

/// A link in a letter outlives the due time by this: what is overdue is still owed.
const LINK_LIVES: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What writes of requests need from outside: as everywhere, and the key one-time links are made with.
#[derive(Clone)]
pub struct Tools<'a> {
    /// As everywhere.
    pub common: assignments::Tools<'a>,
    /// The key of the installation.
    pub key: InstanceKey,
}

impl<'a> Deref for Tools<'a> {
    type Target = assignments::Tools<'a>;
    fn deref(&self) -> &Self::Target {
        &self.common
    }
}

/// A letter about a request, once per key.
pub(super) struct Letter<'a> {
    pub key: String,
    pub template: &'a str,
    pub vars: Vec<(&'a str, String)>,
    pub urgency: Urgency,
}

/// Tells the body of whom it is asked. While none of its people can be reached, the letter waits for the body as such.
pub(super) async fn to_body(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    letter: Letter<'_>,
) -> Result<(), StoreError> {
    let people = addressees::find(tx, &To::Body(of.body), CHANNEL, false).await?;
    let people: Vec<_> = people.into_iter().filter_map(|p| p.person).collect();
    if people.is_empty() {
        let Letter { key, template, mut vars, urgency } = letter;
        vars.push(("link", of.page(tools)));
        return tell(tx, tools, Telling { key, to: To::Body(of.body), template, vars, urgency })
            .await
            .map(|_| ());
    }
    for person in people {
        to_person(tx, tools, of, person, &letter).await?;
    }
    Ok(())
}

/// Tells one person, by a link to answer if they may answer for the body.
pub(super) async fn to_person(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    person: Id<kind::Person>,
    letter: &Letter<'_>,
) -> Result<(), StoreError> {
    let link = if answers(tx, of.body, person).await? {
        let (id, now) = (Id::new(tools.ids), tx.now());
        let ends = of.due.max(now).checked_add(LINK_LIVES).unwrap_or(Timestamp::MAX);
        links::create(tx, id, person, Purpose::Request, &of.subject(), ends).await?;
        links::url(&tools.key, tools.base, id)
    } else {
        of.page(tools)
    };
    let mut vars = letter.vars.clone();
    vars.push(("link", link));
    let key = format!("{}/{person}", letter.key);
    let Letter { template, urgency, .. } = *letter;
    tell(tx, tools, Telling { key, to: To::Person(person), template, vars, urgency }).await.map(|_| ())
}

/// Whether that person answers for that very body now, in their own name or by delegation.
async fn answers(sql: &mut Tx, body: Id<kind::Body>, person: Id<kind::Person>) -> Result<bool, StoreError> {
    let now = sql.now();
    let mut query = Query::new("select g.id from role_grant g where g.revoked_at is null and g.body =");
    query.bind(body).push("and g.person =").bind(person).push("and g.role in");
    query.list(Role::ALL.iter().filter(|r| r.may(Right::Answer)).map(|r| r.name()));
    query.push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now).push(") limit 1");
    Ok(query.row(sql).await?.is_some())
}

/// Which request a link answers.
pub fn of_link(link: &links::Link) -> Option<Id<kind::Request>> {
    link.subject_id("request")
}

/// Takes back the links that were not used: nothing is left to answer.
pub(super) async fn take_back(tx: &mut Tx, of: &Held) -> Result<(), StoreError> {
    links::revoke_on(tx, &of.subject()).await.map(|_| ())
}
