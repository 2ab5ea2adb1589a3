//! Escalation policies: of a body, for it and those below it.

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::{About, Policy, Rule, Severity, Target},
    right::Right,
    text::sort_key,
};
use jiff::Timestamp;

use super::reach::chosen;
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, args,
    assignments::{Tools, said},
};

/// Longest name.
const NAME_MAX: usize = 120;
/// Policies of one body.
const EACH_MAX: i64 = 50;

/// A policy as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its id.
    pub id: Id<kind::Policy>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// What it says.
    pub rule: Rule,
    /// Since when.
    pub at: Timestamp,
    /// Optimistic lock.
    pub version: i64,
    /// Whether the scope may change it.
    pub may_change: bool,
}

/// A policy to be kept.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// Its id.
    pub id: Id<kind::Policy>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// What it says.
    pub rule: Rule,
}

/// Keeps a new policy. Needs [`Right::Issue`] over the body: who is woken at night is an order. `Refused`:
/// `text-empty`, `text-long`, `policies-many`, `policy-person`, and the words of [`Policy::check`].
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewPolicy) -> Result<(), StoreError> {
    may(tx, scope, new.body).await?;
    let rule = fit(tx, scope, &new.rule).await?;
    let held = tx
        .row(
            "select count(*) as n from escalation_policy where body = $1 and retired_at is null",
            args![new.body],
        )
        .await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= EACH_MAX {
        return Err(StoreError::Refused("policies-many"));
    }
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into escalation_policy (id, body, rule, name, sort_key, at, by_person) values ($1,$2,$3,$4,$5,$6,$7)",
        args![new.id, new.body, json(&rule)?, &rule.policy.name, sort_key(&rule.policy.name), now, by],
    )
    .await?;
    noted(tx, "policy.created", new.id, new.body, &rule);
    Ok(())
}

/// Changes a policy; call-outs under way go on by what they began with. `Stale` if somebody else was faster.
pub async fn change(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Policy>,
    version: i64,
    rule: &Rule,
) -> Result<(), StoreError> {
    let body = body_of(tx, scope, id).await?;
    let rule = fit(tx, scope, rule).await?;
    let now = tx.now();
    let touched = tx
        .exec(
            "update escalation_policy set rule = $1, name = $2, sort_key = $3, at = $4, version = version + 1
             where id = $5 and version = $6",
            args![json(&rule)?, &rule.policy.name, sort_key(&rule.policy.name), now, id, version],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::Stale);
    }
    noted(tx, "policy.changed", id, body, &rule);
    Ok(())
}

/// Takes a policy out of use.
pub async fn retire(tx: &mut Tx, scope: &Scope, id: Id<kind::Policy>) -> Result<(), StoreError> {
    let body = body_of(tx, scope, id).await?;
    let now = tx.now();
    tx.exec("update escalation_policy set retired_at = $1 where id = $2", args![now, id]).await?;
    tx.record("policy.retired", format!("policy:{id}"), Some(body), &());
    tx.changed(Topic::Callout, format!("policy:{id}"), Some(body));
    Ok(())
}

/// The policies in use that a scope may see, by body and name.
pub async fn list(sql: &mut Sql, scope: &Scope) -> Result<Vec<Kept>, StoreError> {
    let mut query = Query::new(KEPT);
    query.push("p.retired_at is null and").visible(scope, Right::See, "p.body");
    query.push("order by b.sort_key, b.id, p.sort_key, p.id limit 500");
    let rows = query.rows(sql).await?;
    let mut found = Vec::new();
    for row in &rows {
        let mut one = kept(row)?;
        one.may_change = may(sql, scope, one.body).await.is_ok();
        found.push(one);
    }
    Ok(found)
}

/// One policy in use.
pub async fn one(sql: &mut Sql, scope: &Scope, id: Id<kind::Policy>) -> Result<Kept, StoreError> {
    let mut query = Query::new(KEPT);
    query.push("p.retired_at is null and p.id =").bind(id).push("and").visible(scope, Right::See, "p.body");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("policy"))?;
    let mut one = kept(&row)?;
    one.may_change = may(sql, scope, one.body).await.is_ok();
    Ok(one)
}

/// The policy a call-out of that reason would follow now, whoever made it; without a name it is the legal pack's.
pub async fn in_force(
    sql: &mut Sql,
    tools: &Tools<'_>,
    body: Id<kind::Body>,
    about: About,
    severity: Severity,
) -> Result<Policy, StoreError> {
    chosen(sql, tools, body, about, severity).await?.ok_or(StoreError::Refused("roster-no-terms"))
}

const KEPT: &str =
    "select p.*, b.name as body_name from escalation_policy p join body b on b.id = p.body where";

fn kept(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        rule: row.json("rule")?,
        at: row.time("at")?,
        version: row.int("version")?,
        may_change: false,
    })
}

async fn may(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and").visible(scope, Right::Issue, "b.id");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}

async fn body_of(sql: &mut Sql, scope: &Scope, id: Id<kind::Policy>) -> Result<Id<kind::Body>, StoreError> {
    let mut query =
        Query::new("select p.body from escalation_policy p where p.retired_at is null and p.id =");
    query.bind(id).push("and").visible(scope, Right::Issue, "p.body");
    query.row(sql).await?.ok_or(StoreError::NotFound("policy"))?.id("body")
}

/// The rule with its name trimmed, if it can work; named posts, people and bodies must be such as the scope may see.
async fn fit(sql: &mut Sql, scope: &Scope, rule: &Rule) -> Result<Rule, StoreError> {
    let name = said(&rule.policy.name, NAME_MAX)?;
    rule.policy.check().map_err(StoreError::Refused)?;
    for target in rule.policy.targets() {
        let mut query = match target {
            Target::Person(person) => {
                let mut q = Query::new("select m.body from membership m where m.person =");
                q.bind(person).push("and").visible(scope, Right::See, "m.body");
                q
            }
            Target::OnDuty(Some(post)) | Target::Deputy(Some(post)) | Target::Next(Some(post)) => {
                let mut q = Query::new("select p.id from post p where p.closed_at is null and p.id =");
                q.bind(post).push("and").visible(scope, Right::See, "p.body");
                q
            }
            Target::Role(_, Some(body)) => {
                let mut q = Query::new("select b.id from body b where b.id =");
                q.bind(body).push("and").visible(scope, Right::See, "b.id");
                q
            }
            _ => continue,
        };
        query.push("limit 1");
        query.row(sql).await?.ok_or(StoreError::Refused("policy-target"))?;
    }
    Ok(Rule { policy: Policy { name, ..rule.policy.clone() }, ..rule.clone() })
}

fn json(rule: &Rule) -> Result<String, StoreError> {
    serde_json::to_string(rule).map_err(|e| StoreError::Corrupt("policy", e.to_string()))
}

fn noted(tx: &mut Tx, action: &'static str, id: Id<kind::Policy>, body: Id<kind::Body>, rule: &Rule) {
    tx.record(action, format!("policy:{id}"), Some(body), rule);
    tx.changed(Topic::Callout, format!("policy:{id}"), Some(body));
}
