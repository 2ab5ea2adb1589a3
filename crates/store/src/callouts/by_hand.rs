//! A person calls whoever is on duty, and says why: recorded, escalated and answered like any other call-out, and whoever
//! called hears what became of it.

use domain::{
    actor::Scope,
    id::{Id, kind},
    intent::{To, Urgency},
    paging::{About, Policy, Severity, outside::plain},
    right::Right,
};

use super::{Callout, Entry, New, raise::begin, reach::chosen};
use crate::{
    Query, Sql, StoreError, Tx, args,
    assignments::{Telling, Tools, person_name, somebody, tell, written},
    rosters,
};

/// The sentence that says why: what a telephone shows of a message before it is opened.
pub const WHY_MAX: usize = 200;
/// What more is to be known: an evening's notes, not a file.
const DETAIL_MAX: usize = 2_000;
/// So many calls of one person may be under way: whoever has more is not waiting for an answer any more.
pub const CALLS_MAX: u32 = 10;

/// Who is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Whoever is on duty at a post the scope may see.
    Post(Id<kind::Post>),
    /// Whoever is on duty above a body for which the scope answers.
    Above(Id<kind::Body>),
    /// That person of a body the scope may see.
    Person(Id<kind::Person>),
}

/// A call by hand.
#[derive(Debug, Clone)]
pub struct ByHand<'a> {
    /// The same key of the same person twice is one call-out.
    pub key: &'a str,
    /// Who is wanted.
    pub wanted: Wanted,
    /// How bad it is.
    pub severity: Severity,
    /// Why, in one sentence.
    pub why: &'a str,
    /// What more is to be known; empty for nothing.
    pub detail: &'a str,
    /// By which way: `page`, `api`.
    pub via: &'a str,
}

/// Where a call goes.
struct Place {
    body: Id<kind::Body>,
    body_name: String,
    post: Option<(Id<kind::Post>, String)>,
    person: Option<(Id<kind::Person>, String)>,
}

/// Calls them. Whoever sees who is on duty, and answers for something anywhere, may call: the telephone number beside the
/// name wakes nobody less. `Refused`: `callout-no-reason`, `text-long`, `post-closed`, `callouts-many`, `callout-no-above`.
pub async fn call(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    new: &ByHand<'_>,
) -> Result<Id<kind::Callout>, StoreError> {
    let caller = somebody(tx.actor())?;
    let place = place(tx, scope, new.wanted).await?;
    let (why, detail) = (plain(new.why), new.detail.trim());
    if why.is_empty() {
        return Err(StoreError::Refused("callout-no-reason"));
    }
    if why.chars().count() > WHY_MAX || detail.chars().count() > DETAIL_MAX {
        return Err(StoreError::Refused("text-long"));
    }
    let key = format!("by-hand/{caller}/{}", new.key);
    if let Some(row) = tx.row("select id from callout where key = $1", args![&key]).await? {
        tx.unchanged();
        return row.id("id");
    }
    let open = tx
        .row(
            "select count(*) as n from callout c join callout_event e on e.callout = c.id and e.seq = 0
             where c.about = 'by-hand' and c.standing in ('open', 'acknowledged') and e.person = $1",
            args![caller],
        )
        .await?;
    if open.map_or(Ok(0), |r| r.count("n"))? >= CALLS_MAX {
        return Err(StoreError::Refused("callouts-many"));
    }
    let policy = policy_of(tx, tools, new.wanted, place.body, new.severity).await?;
    let (post, post_name) = place.post.unzip();
    let (person, who) = place.person.unzip();
    let now = tx.now();
    let raised = New {
        key,
        about: About::ByHand,
        subject: match new.wanted {
            Wanted::Post(id) => format!("post:{id}"),
            Wanted::Above(id) => format!("body:{id}"),
            Wanted::Person(id) => format!("person:{id}"),
        },
        body: place.body,
        post,
        person,
        severity: new.severity,
        words: vec![
            ("title", why),
            ("detail", detail.to_owned()),
            ("by", person_name(tx, caller).await?),
            ("post", post_name.unwrap_or_default()),
            ("who", who.unwrap_or_default()),
            ("body", place.body_name),
            ("since", written(now)),
        ],
        since: now,
    };
    let begun = Entry { person: Some(caller), via: new.via, note: detail, ..Entry::default() };
    begin(tx, tools, raised, &policy, begun).await?.ok_or(StoreError::NotFound("callout"))
}

/// The policy a call would follow now.
pub async fn policy_of(
    sql: &mut Sql,
    tools: &Tools<'_>,
    wanted: Wanted,
    body: Id<kind::Body>,
    severity: Severity,
) -> Result<Policy, StoreError> {
    let policy = match wanted {
        Wanted::Post(_) => chosen(sql, tools, body, About::ByHand, severity).await?,
        Wanted::Above(_) => tools.pack.duty_roster().map(|t| t.policy_above()),
        Wanted::Person(person) => tools.pack.duty_roster().map(|t| t.policy_person(person)),
    };
    policy.ok_or(StoreError::Refused("roster-no-terms"))
}

/// Whose call it would be, and of which post; refuses as [`call`] does.
pub async fn whose(
    sql: &mut Sql,
    scope: &Scope,
    wanted: Wanted,
) -> Result<(Id<kind::Body>, Option<Id<kind::Post>>), StoreError> {
    let place = place(sql, scope, wanted).await?;
    Ok((place.body, place.post.map(|(id, _)| id)))
}

async fn place(sql: &mut Sql, scope: &Scope, wanted: Wanted) -> Result<Place, StoreError> {
    match wanted {
        Wanted::Post(id) => at(sql, scope, id).await,
        Wanted::Above(body) => above(sql, scope, body).await,
        Wanted::Person(person) => named(sql, scope, person).await,
    }
}

/// A post the scope may see, open still.
async fn at(sql: &mut Sql, scope: &Scope, id: Id<kind::Post>) -> Result<Place, StoreError> {
    if !scope.anywhere(Right::Answer) {
        return Err(StoreError::NotFound("post"));
    }
    let post = rosters::held(sql, scope, rosters::Need::See, id).await?;
    let row = sql
        .row(
            "select b.name, p.closed_at from post p join body b on b.id = p.body where p.id = $1",
            args![post.id],
        )
        .await?
        .ok_or(StoreError::NotFound("post"))?;
    if row.opt_int("closed_at")?.is_some() {
        return Err(StoreError::Refused("post-closed"));
    }
    Ok(Place {
        body: post.body,
        body_name: row.text("name")?,
        post: Some((post.id, post.name)),
        person: None,
    })
}

/// Somebody of a body the scope may see; the body for which they are the contact, where they serve several.
async fn named(sql: &mut Sql, scope: &Scope, person: Id<kind::Person>) -> Result<Place, StoreError> {
    if !scope.anywhere(Right::Answer) {
        return Err(StoreError::NotFound("person"));
    }
    let mut query = Query::new(
        "select m.body, b.name, p.name as person from membership m join body b on b.id = m.body
         join person p on p.id = m.person and p.closed_at is null where m.person =",
    );
    query.bind(person).push("and").visible(scope, Right::See, "m.body");
    query.push("order by case when m.contact = true then 0 else 1 end, b.sort_key, b.id limit 1");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("person"))?;
    let who = row.text("person")?;
    Ok(Place { body: row.id("body")?, body_name: row.text("name")?, post: None, person: Some((person, who)) })
}

/// A body for which the scope answers, with somebody above it.
async fn above(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<Place, StoreError> {
    let mut query = Query::new("select b.name, b.parent from body b where b.id =");
    query.bind(body).push("and").visible(scope, Right::Answer, "b.id");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("body"))?;
    if row.opt_id::<kind::Body>("parent")?.is_none() {
        return Err(StoreError::Refused("callout-no-above"));
    }
    Ok(Place { body, body_name: row.text("name")?, post: None, person: None })
}

/// Whoever called by hand hears who took it, or that nobody did.
pub(super) async fn tell_caller(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Callout,
    taker: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    if of.about != About::ByHand {
        return Ok(());
    }
    let row = tx.row("select person from callout_event where callout = $1 and seq = 0", args![of.id]).await?;
    let caller: Option<Id<kind::Person>> = row.map(|r| r.opt_id("person")).transpose()?.flatten();
    let Some(caller) = caller.filter(|c| Some(*c) != taker) else { return Ok(()) };
    let now = tx.now();
    let mut vars = vec![
        ("person", person_name(tx, caller).await?),
        ("title", of.words.get("title").cloned().unwrap_or_default()),
        ("link", format!("{}/roster/callouts/{}", tools.base, of.id)),
    ];
    if let Some(taker) = taker {
        vars.push(("who", person_name(tx, taker).await?));
    }
    let telling = Telling {
        key: format!("callout-caller/{}/{}", of.id, now.as_microsecond()),
        to: To::Person(caller),
        template: if taker.is_some() { "duty-call-taken" } else { "duty-call-unanswered" },
        vars,
        urgency: if taker.is_some() { Urgency::Normal } else { of.severity.urgency() },
    };
    tell(tx, tools, telling).await.map(|_| ())
}
