//! Asking, and passing on what one was asked.

use domain::{
    actor::Scope,
    fact::kinds,
    id::{Id, kind},
    intent::Urgency,
    request::{
        self, BadDue, DueBy, RequestKind, RequestState,
        filter::{ITEMS_MAX, Item},
    },
    right::Right,
    text::fold,
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Held, Need, Tools, chase, held, items, learnt,
    letters::{self, Letter},
    protect, wrote,
};
use crate::{
    StoreError, Tx, args,
    assignments::{said, written},
    campaigns::allowed,
    register::require,
};

/// What a request is called: one line of a list.
pub const TITLE_MAX: usize = 300;
/// The words of a request, an answer, a reason: what is longer belongs in a file.
pub const WORDS_MAX: usize = 10_000;
/// One request goes to at most so many bodies at once.
pub const BODIES_MAX: usize = 500;
/// Entries times bodies of one request: what one transaction writes without keeping others waiting.
pub const ENTRIES_MAX: usize = 20_000;

/// Who asks.
#[derive(Debug, Clone)]
pub enum Asker {
    /// A body of the register; needs [`Right::Issue`] over it and over those asked.
    Body(Id<kind::Body>),
    /// An authority outside, by its name; needs [`Right::Answer`] over those asked, who record it themselves.
    Outside(String),
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Who asks.
    pub asker: Asker,
    /// Of whom.
    pub to: Vec<Id<kind::Body>>,
    /// What kind.
    pub kind: RequestKind,
    /// In one line.
    pub title: String,
    /// What exactly.
    pub text: String,
    /// The text or paper it rests on; must be given where the force asks under the law.
    pub basis: String,
    /// Whether the competent force asks under the law.
    pub under_law: bool,
    /// Whether it says that it is urgent.
    pub urgent: bool,
    /// When it was asked; not later than now. `None`: now.
    pub asked: Option<Timestamp>,
    /// The agreed due time; may be left to the clock of the law.
    pub due: Option<Timestamp>,
    /// The letter it was drafted from.
    pub letter: Option<Id<kind::Letter>>,
    /// What is to be filtered; empty unless the kind is [`RequestKind::Filter`].
    pub items: Vec<Item>,
}

/// Asks. One request for each body, all with one batch; returns their ids in the order of `to`. `Refused`:
/// `request-nobody`, `request-many`, `request-self`, `body-not-yours`, `request-basis`, `request-no-items`,
/// `request-items`, `request-item-protected`, `request-due`, `request-due-past`, `request-asked`, `request-asker`, `text-empty`, `text-long`.
pub async fn ask(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    new: &NewRequest,
) -> Result<Vec<Id<kind::Request>>, StoreError> {
    let (asker, asker_name) = match &new.asker {
        Asker::Body(body) => {
            require(tx, scope, Right::Issue, *body).await?;
            allowed(tx, scope, Right::Issue, &new.to).await?;
            (Some(*body), body_name(tx, *body).await?)
        }
        Asker::Outside(name) => {
            allowed(tx, scope, Right::Answer, &new.to).await?;
            let name = said(name, TITLE_MAX).map_err(|_| StoreError::Refused("request-asker"))?;
            (None, name)
        }
    };
    if let Some(letter) = new.letter {
        crate::letters::get(tx, scope, letter).await?;
    }
    if asker.is_some_and(|a| new.to.contains(&a)) {
        return Err(StoreError::Refused("request-self"));
    }
    let asked = new.asked.unwrap_or(tx.now());
    if asked > tx.now() {
        return Err(StoreError::Refused("request-asked"));
    }
    let words = Words {
        title: said(&new.title, TITLE_MAX)?,
        text: said(&new.text, WORDS_MAX)?,
        basis: match new.basis.trim() {
            "" if new.under_law => return Err(StoreError::Refused("request-basis")),
            "" => String::new(),
            basis => said(basis, TITLE_MAX)?,
        },
    };
    if (new.kind == RequestKind::Filter) == new.items.is_empty() {
        return Err(StoreError::Refused("request-no-items"));
    }
    let due = request::due(tools.pack, new.kind, new.under_law, new.urgent, asked, new.due);
    let (due, due_by) = due.map_err(|bad| match bad {
        BadDue::Missing => StoreError::Refused("request-due"),
        BadDue::Past => StoreError::Refused("request-due-past"),
    })?;
    let due_basis = match due_by {
        DueBy::Law(basis) => Some(basis),
        DueBy::Agreed => None,
    };
    let row = Row { parent: None, asker, asker_name, asked, due, due_basis, new, words: &words };
    hand_out(tx, tools, &row).await
}

/// What is passed on.
#[derive(Debug, Clone)]
pub struct PassOn {
    /// To whom.
    pub to: Vec<Id<kind::Body>>,
    /// By when; not later than the request itself is due. `None`: then.
    pub due: Option<Timestamp>,
    /// What the body adds to the words.
    pub note: String,
}

/// Passes a request on to bodies below: each gets one of its own, with the same words and entries. Whoever was asked
/// already is left out. `Refused`: as [`ask`], and `request-due-late`, `request-withdrawn`.
pub async fn pass_on(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Request>,
    pass: &PassOn,
) -> Result<Vec<Id<kind::Request>>, StoreError> {
    let of = held(tx, scope, Need::Issue, id).await?;
    of.in_force()?;
    allowed(tx, scope, Right::Issue, &pass.to).await?;
    if pass.to.contains(&of.body) {
        return Err(StoreError::Refused("request-self"));
    }
    let (now, due) = (tx.now(), pass.due.unwrap_or(of.due));
    if due > of.due {
        return Err(StoreError::Refused("request-due-late"));
    }
    if due <= now {
        return Err(StoreError::Refused("request-due-past"));
    }
    let row = tx.row("select * from request where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("request"))?;
    let already = tx
        .rows("select body from request where parent = $1 and state <> 'withdrawn'", args![id])
        .await?
        .iter()
        .map(|r| r.id("body"))
        .collect::<Result<Vec<Id<kind::Body>>, _>>()?;
    let note = pass.note.trim();
    let text = row.text("text")?;
    let text = if note.is_empty() { text } else { format!("{}\n\n{text}", said(note, WORDS_MAX)?) };
    let words = Words { title: of.title.clone(), text, basis: row.text("basis")? };
    let new = NewRequest {
        asker: Asker::Body(of.body),
        to: pass.to.iter().copied().filter(|b| !already.contains(b)).collect(),
        kind: of.kind,
        title: String::new(),
        text: String::new(),
        basis: String::new(),
        under_law: of.under_law,
        urgent: row.bool("urgent")?,
        asked: None,
        due: None,
        letter: None,
        items: items::named(tx, id).await?,
    };
    // The clock of the law runs for whoever filters, from the first asking on.
    let due_basis = if due == of.due { row.opt_text("due_basis")? } else { None };
    let asker_name = of.body_name.clone();
    let child = Row {
        parent: Some(id),
        asker: Some(of.body),
        asker_name,
        asked: now,
        due,
        due_basis,
        new: &new,
        words: &words,
    };
    let made = hand_out(tx, tools, &child).await?;
    wrote(tx, &of, "request.passed-on", "passed-on", &made.len().to_string(), &made).await?;
    Ok(made)
}

struct Words {
    title: String,
    text: String,
    basis: String,
}

struct Row<'a> {
    parent: Option<Id<kind::Request>>,
    asker: Option<Id<kind::Body>>,
    asker_name: String,
    asked: Timestamp,
    due: Timestamp,
    due_basis: Option<String>,
    new: &'a NewRequest,
    words: &'a Words,
}

async fn hand_out(
    tx: &mut Tx,
    tools: &Tools<'_>,
    row: &Row<'_>,
) -> Result<Vec<Id<kind::Request>>, StoreError> {
    let mut to = row.new.to.clone();
    let before = to.len();
    to.sort();
    to.dedup();
    if to.is_empty() {
        return Err(StoreError::Refused("request-nobody"));
    }
    if before > BODIES_MAX {
        return Err(StoreError::Refused("request-many"));
    }
    let entries = row.new.items.len();
    if entries > ITEMS_MAX || entries.saturating_mul(to.len()) > ENTRIES_MAX {
        return Err(StoreError::Refused("request-items"));
    }
    // Also of what is passed on: a host may have come into the register, a name under protection, since it was asked.
    protect::check(tx, tools.pack, &row.new.items).await?;
    let batch: Id<kind::Request> = Id::new(tools.ids);
    let mut made = Vec::with_capacity(to.len());
    let mut done = std::collections::BTreeSet::new();
    for body in row.new.to.iter().filter(|b| done.insert(**b)) {
        made.push(one(tx, tools, row, batch, *body).await?);
    }
    Ok(made)
}

async fn one(
    tx: &mut Tx,
    tools: &Tools<'_>,
    row: &Row<'_>,
    batch: Id<kind::Request>,
    body: Id<kind::Body>,
) -> Result<Id<kind::Request>, StoreError> {
    let Row { parent, asker, asker_name, asked, due, due_basis, new, words } = row;
    let (id, by) = (Id::new(tools.ids), tx.actor().person());
    let body_name = body_name(tx, body).await?;
    let folded = fold(&format!("{} {} {asker_name} {body_name} {}", words.title, words.text, words.basis));
    let count = i64::try_from(new.items.len()).unwrap_or(i64::MAX);
    tx.exec(
        "insert into request (id, batch, parent, body, body_name, asker_body, asker_name, kind, title, folded, text,
                              basis, under_law, urgent, due_at, due_basis, letter, asked_at, asked_by, state, items)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,'asked',$20)",
        args![
            id,
            batch,
            *parent,
            body,
            &body_name,
            *asker,
            asker_name,
            new.kind.name(),
            &words.title,
            folded,
            &words.text,
            &words.basis,
            new.under_law,
            new.urgent,
            *due,
            due_basis.clone(),
            new.letter,
            *asked,
            by,
            count
        ],
    )
    .await?;
    items::insert(tx, id, &new.items).await?;
    let of = Held {
        id,
        body,
        body_name,
        asker: *asker,
        asker_name: asker_name.clone(),
        kind: new.kind,
        title: words.title.clone(),
        state: RequestState::Asked,
        under_law: new.under_law,
        asked_at: *asked,
        due: *due,
        received_at: None,
        accepted_at: None,
    };
    let detail = (&words.title, &words.text, &words.basis, new.under_law, due, &new.items);
    let at = wrote(tx, &of, "request.asked", "asked", "", &detail).await?;
    let value = json!({"kind": new.kind, "due": due.to_string()});
    learnt(tx, tools, &of, kinds::REQUEST_ASKED, at, value).await?;
    chase::start(tx, tools.ids, &of).await?;
    let urgency = if new.urgent { Urgency::Urgent } else { Urgency::Normal };
    let vars = vec![
        ("body", of.body_name.clone()),
        ("asker", of.asker_name.clone()),
        ("request", of.title.clone()),
        ("due", written(of.due)),
    ];
    let key = format!("request/{id}/asked");
    letters::to_body(tx, tools, &of, Letter { key, template: "request-asked", vars, urgency }).await?;
    Ok(id)
}

async fn body_name(tx: &mut Tx, body: Id<kind::Body>) -> Result<String, StoreError> {
    let row = tx.row("select name from body where id = $1", args![body]).await?;
    row.ok_or(StoreError::NotFound("body"))?.text("name")
}
