//! A campaign's draft from a template.

use std::collections::HashSet;

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    time::Window,
};

use super::get;
use crate::{
    StoreError, Tx,
    campaigns::{self, Head, NewCampaign, NewDuty, NewLine},
};

/// Makes a draft over that window. A line whose bodies are all still there is resolved as it was; one with a body that
/// closed or is no longer one's own keeps the rest and waits for a person. Refuses what [`campaigns::create`] refuses.
pub async fn draft(
    tx: &mut Tx,
    scope: &Scope,
    template: Id<kind::Template>,
    id: Id<kind::Campaign>,
    name: &str,
    window: Option<Window>,
    ids: &dyn Ids,
) -> Result<(), StoreError> {
    let kept = get(tx, scope, template).await?;
    let there: HashSet<_> = campaigns::candidates(tx, scope, kept.body)
        .await?
        .into_iter()
        .filter(|b| !b.closed)
        .map(|b| b.id)
        .collect();
    let now = tx.now();
    let content = kept.content;
    let duties = content
        .duties
        .into_iter()
        .map(|d| NewDuty {
            id: Id::new(ids),
            due_at: d.due.and_then(|due| due.at(now, window)),
            code: d.code,
            path: d.path,
            quote: d.quote,
            actor: d.actor,
            evidence: d.evidence,
            standing: d.standing,
        })
        .collect();
    let lines = content.lines.into_iter().map(|l| {
        let before = l.bodies.len();
        let bodies: Vec<_> = l.bodies.into_iter().filter(|b| there.contains(b)).collect();
        NewLine { role: l.role, line: l.line, resolved: before > 0 && bodies.len() == before, bodies }
    });
    let head = Head {
        name: name.trim().to_owned(),
        occasion: content.occasion,
        window,
        window_by: window.map(|_| "person".to_owned()),
        scope: content.scope,
        contacts: content.contacts,
        note: content.note,
    };
    let new = NewCampaign { id, body: kept.body, letter: None, head, duties, lines: lines.collect() };
    campaigns::create(tx, scope, &new).await
}
