//! A call-out begins.

use std::collections::BTreeMap;

use domain::{
    fact::kinds,
    id::{Id, kind},
    paging::{About, Policy, Rule, Severity, State},
};
use jiff::Timestamp;
use serde_json::json;

use super::{Callout, Entry, JOB, any, keep, reach::chosen, step::learn, write};
use crate::{StoreError, Topic, Tx, args, assignments::Tools, jobs};

/// A call-out to be raised.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// The same reason twice is one call-out.
    pub key: String,
    /// What it is about.
    pub about: About,
    /// Which one, as `noun:id`.
    pub subject: String,
    /// Whose.
    pub body: Id<kind::Body>,
    /// At which post.
    pub post: Option<Id<kind::Post>>,
    /// Whom it is about.
    pub person: Option<Id<kind::Person>>,
    /// How bad it is.
    pub severity: Severity,
    /// Variables of its sentences and messages.
    pub words: Vec<(&'a str, String)>,
    /// From when its policy's minutes count.
    pub since: Timestamp,
}

/// Raises a call-out, with the policy it follows as that is now, and has its job look at it at once. `None` if that
/// reason was raised already.
pub async fn raise(
    tx: &mut Tx,
    tools: &Tools<'_>,
    new: New<'_>,
) -> Result<Option<Id<kind::Callout>>, StoreError> {
    let policy = chosen(tx, tools, new.body, new.about, new.severity).await?;
    let policy = policy.ok_or(StoreError::Refused("roster-no-terms"))?;
    let begun = Entry { note: &policy.name, ..Entry::default() };
    begin(tx, tools, new, &policy, begun).await
}

/// The same, by a policy that is given and with what the log says of how it began.
pub(super) async fn begin(
    tx: &mut Tx,
    tools: &Tools<'_>,
    new: New<'_>,
    policy: &Policy,
    begun: Entry<'_>,
) -> Result<Option<Id<kind::Callout>>, StoreError> {
    let id: Id<kind::Callout> = Id::new(tools.ids);
    let now = tx.now();
    let words: BTreeMap<&str, String> = new.words.into_iter().collect();
    let json = |e: serde_json::Error| StoreError::Corrupt("callout", e.to_string());
    let added = tx
        .exec(
            "insert into callout (id, key, about, subject, body, post, person, severity, words, policy, standing,
               since, taken, round, touched, at)
             values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'open',$11,0,0,$11,$12) on conflict (key) do nothing",
            args![
                id,
                &new.key,
                new.about.name(),
                &new.subject,
                new.body,
                new.post,
                new.person,
                new.severity.name(),
                serde_json::to_string(&words).map_err(json)?,
                serde_json::to_string(policy).map_err(json)?,
                new.since,
                now
            ],
        )
        .await?;
    if added == 0 {
        return Ok(None);
    }
    keep(tx, id, &State::new(new.since)).await?;
    write(tx, id, Entry { what: "raised", ..begun }).await?;
    let subject = Callout::subject_of(id);
    tx.record("callout.raised", &subject, Some(new.body), &(new.about, &new.subject, new.severity, policy));
    tx.changed(Topic::Callout, subject, Some(new.body));
    let of = any(tx, id).await?;
    learn(tx, tools, &of, kinds::CALLOUT_RAISED, "raised", json!({})).await?;
    wake(tx, tools, id, now).await?;
    Ok(Some(id))
}

/// Has the call-out's job look at it then at the latest.
pub(super) async fn wake(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Callout>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let key = format!("{JOB}/{id}");
    jobs::enqueue(tx, Id::new(tools.ids), JOB, &key, at, &json!({ "callout": id })).await?;
    Ok(())
}

/// The rules of a body and of those above it, with how far above each is held.
pub(super) async fn rules(tx: &mut crate::Sql, body: Id<kind::Body>) -> Result<Vec<(u32, Rule)>, StoreError> {
    let rows = tx
        .rows(
            "select p.rule, c.depth from escalation_policy p join body_closure c on c.above = p.body
             where c.below = $1 and p.retired_at is null order by c.depth, p.sort_key, p.id",
            args![body],
        )
        .await?;
    rows.iter().map(|r| Ok((r.count("depth")?, r.json("rule")?))).collect()
}
