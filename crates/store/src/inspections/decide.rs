//! What is done about a finding: changed and closed by those who inspected, put right by those who were.

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    inspection::{FindingState, finding as rule},
    intent::{To, Urgency},
    right::Right,
};
use jiff::civil::Date;
use serde_json::json;

use super::{chase, finding, finding::event};
use crate::{
    Query, StoreError, Topic, Tx, args,
    assignments::{Telling, Tools, learn, said, tell},
    blobs::{self, Blob},
};

/// Words of a finding or about it.
const TEXT_MAX: usize = 2_000;

/// One act about a finding.
#[derive(Debug, Clone)]
pub enum Act {
    /// The inspected body says that it is put right, with words and perhaps a file (blob, name, content type).
    Fix {
        /// How.
        note: String,
        /// The evidence.
        file: Option<(Blob, String, String)>,
    },
    /// The inspector has looked, and closes it.
    Close(String),
    /// It is not put right yet.
    Return(String),
    /// It was closed, and is not in order after all.
    Reopen(String),
}

/// What is changed of a finding.
#[derive(Debug, Clone)]
pub struct Change {
    /// What it is.
    pub text: String,
    /// Who of the inspected body has to put it right.
    pub owner: Option<Id<kind::Person>>,
    /// By which day.
    pub due: Date,
    /// The version that was seen.
    pub version: i64,
}

/// Changes words, owner and due day of a finding that is not closed. Needs [`Right::Review`] over the inspecting body.
/// `Refused`: `finding-closed`, `finding-owner`, `finding-due`, `text-empty`, `text-long`.
pub async fn change(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Finding>,
    new: &Change,
) -> Result<(), StoreError> {
    let old = mine(tx, scope, Right::Review, "f.inspector", id).await?;
    if old.state == FindingState::Closed {
        return Err(StoreError::Refused("finding-closed"));
    }
    if old.version != new.version {
        return Err(StoreError::Stale);
    }
    if new.due < domain::time::date(old.made_at) {
        return Err(StoreError::Refused("finding-due"));
    }
    serves(tx, &old, new.owner).await?;
    let text = said(&new.text, TEXT_MAX)?;
    tx.exec(
        "update finding set text = $1, owner = $2, due_on = $3, due_at = $4, version = version + 1 where id = $5",
        args![&text, new.owner, new.due, rule::due_at(new.due), id],
    )
    .await?;
    event(tx, id, "changed", "", None).await?;
    tx.record("finding.changed", format!("finding:{id}"), Some(old.body), &(&text, new.owner, new.due));
    chase::start(tx, tools.ids, id).await?;
    changed(tx, &old);
    Ok(())
}

/// Names who of the inspected body puts a finding right, or nobody in particular. Needs [`Right::Answer`] over that body:
/// whose work it is, its own people know best. The person is told. `Refused`: `finding-closed`, `finding-owner`.
pub async fn assign(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Finding>,
    owner: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    let of = mine(tx, scope, Right::Answer, "f.body", id).await?;
    if of.state == FindingState::Closed {
        return Err(StoreError::Refused("finding-closed"));
    }
    serves(tx, &of, owner).await?;
    if of.owner.as_ref().map(|(person, _)| *person) == owner {
        tx.unchanged();
        return Ok(());
    }
    tx.exec("update finding set owner = $1, version = version + 1 where id = $2", args![owner, id]).await?;
    let now = finding::finding(tx, &Scope::system(), id).await?;
    event(tx, id, "assigned", now.owner.as_ref().map_or("", |(_, name)| name), None).await?;
    tx.record("finding.assigned", format!("finding:{id}"), Some(of.body), &owner);
    if let Some(person) = owner {
        let key = format!("finding/{id}/assigned/{}", now.version);
        chase::write(tx, tools, &now, key, To::Person(person)).await?;
    }
    changed(tx, &of);
    Ok(())
}

/// Whether that person is of the inspected body.
async fn serves(
    tx: &mut Tx,
    of: &finding::Finding,
    owner: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    let Some(owner) = owner else { return Ok(()) };
    let found = tx
        .row("select person from membership where person = $1 and body = $2", args![owner, of.body])
        .await?;
    found.map(|_| ()).ok_or(StoreError::Refused("finding-owner"))
}

/// Does one act; each side only its own. `Refused`: `finding-state`, `text-empty`, `text-long`.
pub async fn act(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Finding>,
    what: &Act,
) -> Result<(), StoreError> {
    let of = match what {
        Act::Fix { .. } => mine(tx, scope, Right::Answer, "f.body", id).await?,
        _ => mine(tx, scope, Right::Review, "f.inspector", id).await?,
    };
    let may = match what {
        Act::Fix { .. } => rule::may_fix(of.state),
        Act::Return(_) => of.state == FindingState::Fixed,
        Act::Close(_) => rule::may_decide(of.state),
        Act::Reopen(_) => of.state == FindingState::Closed,
    };
    if !may {
        return Err(StoreError::Refused("finding-state"));
    }
    let now = tx.now();
    let (state, kind, note) = match what {
        Act::Fix { note, .. } => (FindingState::Fixed, "fixed", note),
        Act::Close(note) => (FindingState::Closed, "closed", note),
        Act::Return(note) => (FindingState::Open, "returned", note),
        Act::Reopen(note) => (FindingState::Open, "reopened", note),
    };
    let note = said(note, TEXT_MAX)?;
    let mut file = None;
    if let Act::Fix { file: Some((blob, name, mime)), .. } = what {
        for body in [of.body, of.inspector] {
            blobs::attach(tx, blob, body, &format!("finding:{id}"), name, mime).await?;
        }
        file = Some((blob.sha256.as_str(), name.as_str()));
    }
    let fixed = (state != FindingState::Open).then_some(if state == FindingState::Fixed {
        now
    } else {
        of.fixed_at.unwrap_or(now)
    });
    let closed = (state == FindingState::Closed).then_some(now);
    tx.exec(
        "update finding set state = $1, fixed_at = $2, closed_at = $3, version = version + 1 where id = $4",
        args![state.name(), fixed, closed, id],
    )
    .await?;
    event(tx, id, kind, &note, file).await?;
    let subject = format!("finding:{id}");
    let action = match state {
        FindingState::Fixed => "finding.fixed",
        FindingState::Closed => "finding.closed",
        FindingState::Open => "finding.returned",
    };
    let seq = tx.record(action, subject.clone(), Some(of.body), &(&note, file.map(|f| f.0)));
    if state == FindingState::Closed {
        let key = format!("{}/{id}/{}", kinds::FINDING_CLOSED, of.version);
        let value = json!({"visit": of.visit});
        learn(tx, tools, kinds::FINDING_CLOSED, key, of.body, subject, Source::Audit(seq), value).await?;
    }
    if state == FindingState::Open {
        chase::start(tx, tools.ids, id).await?;
        returned(tx, tools, &of, &note).await?;
    }
    changed(tx, &of);
    Ok(())
}

async fn returned(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &finding::Finding,
    why: &str,
) -> Result<(), StoreError> {
    let vars = vec![
        ("body", of.body_name.clone()),
        ("inspector", of.inspector_name.clone()),
        ("finding", of.text.clone()),
        ("reason", why.to_owned()),
        ("due", of.due_on.strftime("%d/%m/%Y").to_string()),
        ("link", format!("{}/findings/{}", tools.base, of.id)),
    ];
    let telling = Telling {
        key: format!("finding/{}/returned/{}", of.id, of.version),
        to: of.owner.as_ref().map_or(To::Body(of.body), |(person, _)| To::Person(*person)),
        template: "finding-returned",
        vars,
        urgency: Urgency::Normal,
    };
    tell(tx, tools, telling).await.map(|_| ())
}

/// The finding, if the scope holds that right over that side of it.
async fn mine(
    tx: &mut Tx,
    scope: &Scope,
    right: Right,
    side: &'static str,
    id: Id<kind::Finding>,
) -> Result<finding::Finding, StoreError> {
    let mut query = Query::new("select f.id from finding f where f.id =");
    query.bind(id).push("and").visible(scope, right, side);
    query.row(tx).await?.ok_or(StoreError::NotFound("finding"))?;
    finding::finding(tx, &Scope::system(), id).await
}

fn changed(tx: &mut Tx, of: &finding::Finding) {
    for body in [of.inspector, of.body] {
        tx.changed(Topic::Inspection, format!("finding:{}", of.id), Some(body));
    }
}
