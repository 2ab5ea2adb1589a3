//! Requests as the API shows them.

use domain::{id::Id, id::kind};
use serde::Serialize;
use store::requests::{Brief, Event, ItemRow, Proof, Request};
use utoipa::ToSchema;

/// A request in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestView {
    id: String,
    /// Asked together with others.
    batch: String,
    /// The request that it passes on.
    parent: Option<String>,
    body: String,
    body_name: String,
    /// Absent: an authority outside the register.
    asker: Option<String>,
    asker_name: String,
    /// `work`, `filter`.
    kind: &'static str,
    title: String,
    under_law: bool,
    urgent: bool,
    asked_at: String,
    due_at: String,
    /// `asked`, `received`, `partly`, `done`, `impossible`, `withdrawn`.
    state: &'static str,
    /// `open`, `overdue`, `done`, `late`, `impossible`, `released`, `withdrawn`.
    standing: &'static str,
    answered_at: Option<String>,
    items_settled: u32,
    items: u32,
    below_answered: u32,
    below: u32,
}

pub(super) fn brief(b: &Brief) -> RequestView {
    RequestView {
        id: b.id.to_string(),
        batch: b.batch.to_string(),
        parent: b.parent.map(|p| p.to_string()),
        body: b.body.to_string(),
        body_name: b.body_name.clone(),
        asker: b.asker.map(|a| a.to_string()),
        asker_name: b.asker_name.clone(),
        kind: b.kind.name(),
        title: b.title.clone(),
        under_law: b.under_law,
        urgent: b.urgent,
        asked_at: b.asked_at.to_string(),
        due_at: b.due.to_string(),
        state: b.state.name(),
        standing: b.standing.name(),
        answered_at: b.answered_at.map(|t| t.to_string()),
        items_settled: b.items.0,
        items: b.items.1,
        below_answered: b.below.0,
        below: b.below.1,
    }
}

/// A page of the register.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestList {
    pub items: Vec<RequestView>,
    pub cursor: Option<String>,
}

/// The requests an act made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeRequest)]
pub(super) struct Made {
    ids: Vec<String>,
}

impl Made {
    pub(super) fn of(ids: &[Id<kind::Request>]) -> Self {
        Self { ids: ids.iter().map(ToString::to_string).collect() }
    }
}

/// A piece of proof.
#[derive(Serialize, ToSchema)]
struct ProofView {
    id: String,
    /// `file`, `note`, `link`.
    kind: &'static str,
    text: String,
    url: Option<String>,
    /// Open it at `/api/v1/files/{sha256}`.
    sha256: Option<String>,
    file_name: Option<String>,
    at: String,
    by: Option<String>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
struct EventView {
    at: String,
    kind: String,
    by: Option<String>,
    text: String,
}

/// A request with everything; words are empty for those who may not read.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestDetail {
    #[serde(flatten)]
    request: RequestView,
    text: String,
    basis: String,
    /// The article of the clock; absent: an agreed time.
    due_basis: Option<String>,
    letter: Option<String>,
    received_at: Option<String>,
    received_by: Option<String>,
    answered_by: Option<String>,
    answer: String,
    handled: Option<u32>,
    all: Option<u32>,
    accepted_at: Option<String>,
    reminders: u32,
    proofs: Vec<ProofView>,
    events: Vec<EventView>,
    /// Passed down from it, at any depth.
    passed_on: Vec<RequestView>,
}

pub(super) fn detail(r: Request, proofs: Vec<Proof>, events: Vec<Event>, below: &[Brief]) -> RequestDetail {
    let proof = |q: Proof| ProofView {
        id: q.id.to_string(),
        kind: q.kind.name(),
        text: q.text,
        url: q.url,
        sha256: q.sha256,
        file_name: q.file_name,
        at: q.at.to_string(),
        by: q.by,
    };
    let (received_at, received_by) = r.received.map(|(at, by)| (at.to_string(), by)).unzip();
    RequestDetail {
        request: brief(&r.brief),
        text: r.text,
        basis: r.basis,
        due_basis: r.due_basis,
        letter: r.letter.map(|l| l.to_string()),
        received_at,
        received_by,
        answered_by: r.answered_by,
        answer: r.answer,
        handled: r.count.map(|c| c.handled),
        all: r.count.map(|c| c.all),
        accepted_at: r.accepted_at.map(|t| t.to_string()),
        reminders: r.chased,
        proofs: proofs.into_iter().map(proof).collect(),
        events: events
            .into_iter()
            .map(|e| EventView { at: e.at.to_string(), kind: e.kind, by: e.by, text: e.text })
            .collect(),
        passed_on: below.iter().map(brief).collect(),
    }
}

/// An entry of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ItemView {
    place: i64,
    /// `address`, `domain`, `url`.
    kind: &'static str,
    value: String,
    /// `open`, `done`, `impossible`.
    state: &'static str,
    at: Option<String>,
    reason: String,
}

pub(super) fn item(i: ItemRow) -> ItemView {
    ItemView {
        place: i.place,
        kind: i.item.kind.name(),
        value: i.item.value,
        state: i.state.name(),
        at: i.at.map(|t| t.to_string()),
        reason: i.reason,
    }
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ItemList {
    pub items: Vec<ItemView>,
    /// The last number of a full page.
    pub cursor: Option<i64>,
}

/// How many entries changed.
#[derive(Serialize, ToSchema)]
pub(super) struct Marked {
    pub changed: u64,
}
