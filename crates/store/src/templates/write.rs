//! Keeping, changing and retiring templates.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Pack,
    order::template::{Duty, Line, Template, relative},
    right::Right,
    text::fold,
};
use serde_json::json;

use super::{TEMPLATES_MAX, get};
use crate::{StoreError, Topic, Tx, args, campaigns, register::require};

/// Makes a template from a campaign one may prepare for: its duties in force with due times relative to the window,
/// its lines with their bodies. `pack`: the law on the day it was issued, so that what the catalogue's rule gave stays
/// with the rule. Refuses `template-name`, `template-many`.
pub async fn keep(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Template>,
    campaign: Id<kind::Campaign>,
    name: &str,
    pack: &Pack,
) -> Result<(), StoreError> {
    let from = campaigns::get(tx, scope, campaign).await?;
    require(tx, scope, Right::Prepare, from.body).await?;
    let name = checked(name)?;
    let there = tx
        .row("select count(*) as n from template where body = $1 and retired_at is null", args![from.body])
        .await?;
    if there.map_or(Ok(0), |r| r.int("n"))? >= TEMPLATES_MAX {
        return Err(StoreError::Refused("template-many"));
    }
    let duties = campaigns::duties(tx, campaign).await?.into_iter().filter(|d| d.withdrawn_at.is_none());
    let duties = duties
        .map(|d| Duty {
            due: relative(pack, &d.code, d.due_at, from.issued_at, from.window),
            code: d.code,
            path: d.path,
            quote: d.quote,
            actor: d.actor,
            evidence: d.evidence,
            standing: d.standing,
        })
        .collect();
    let lines = campaigns::lines(tx, campaign).await?.into_iter().map(|l| Line {
        role: l.role,
        line: l.line,
        bodies: l.bodies.into_iter().map(|(id, _)| id).collect(),
    });
    let content = Template {
        occasion: from.occasion,
        scope: from.scope,
        contacts: from.contacts,
        note: from.note,
        duties,
        lines: lines.collect(),
    };
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into template (id, body, name, folded, made_from, content, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![id, from.body, name, fold(name), campaign, document(&content)?, now, by],
    )
    .await?;
    touched(tx, "template.kept", id, from.body, name);
    Ok(())
}

/// Gives it another name. Refuses `template-name`.
pub async fn rename(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Template>,
    version: i64,
    name: &str,
) -> Result<(), StoreError> {
    let kept = get(tx, scope, id).await?;
    save(tx, id, version, checked(name)?, &kept.content).await?;
    touched(tx, "template.renamed", id, kept.body, name);
    Ok(())
}

/// Takes it out of use. Campaigns made from it stay as they are.
pub async fn retire(tx: &mut Tx, scope: &Scope, id: Id<kind::Template>) -> Result<(), StoreError> {
    let kept = get(tx, scope, id).await?;
    let now = tx.now();
    tx.exec("update template set retired_at = $1 where id = $2", args![now, id]).await?;
    touched(tx, "template.retired", id, kept.body, &kept.name);
    Ok(())
}

/// Writes name and content over that version; [`StoreError::Stale`] if somebody was faster.
pub(super) async fn save(
    tx: &mut Tx,
    id: Id<kind::Template>,
    version: i64,
    name: &str,
    content: &Template,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    let written = tx
        .exec(
            "update template set name = $1, folded = $2, content = $3, version = version + 1, changed_at = $4,
               changed_by = $5 where id = $6 and version = $7",
            args![name, fold(name), document(content)?, now, by, id, version],
        )
        .await?;
    if written == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

pub(super) fn touched(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Template>,
    body: Id<kind::Body>,
    detail: &str,
) {
    tx.changed(Topic::Campaign, format!("template:{id}"), Some(body));
    tx.record(action, format!("template:{id}"), Some(body), &json!(detail));
}

fn checked(name: &str) -> Result<&str, StoreError> {
    let name = name.trim();
    // As long as a campaign's name may be.
    if name.is_empty() || name.chars().count() > 500 {
        return Err(StoreError::Refused("template-name"));
    }
    Ok(name)
}

fn document(content: &Template) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(content).map_err(|e| StoreError::Corrupt("template", e.to_string()))
}
