//! The one-time link of a request: looking shows what is asked, the button answers, with a file if there is one.

use domain::{
    id::{Id, kind},
    request::{ItemState, Outcome, RequestKind, RequestState},
};
use store::{
    StoreError,
    requests::{self, Mark, Request},
    sign_in::links::{self, Link},
};

use super::{
    act::{Given, read},
    say, tools, why_text,
};
use crate::{
    AppError, FieldError, Visit,
    sign_in::links::{Asked, Kind, Sent, Shown},
};

/// So many entries of a list are shown; the page has the rest, and a file.
const SHOWN: usize = 30;

fn request(link: &Link) -> Result<Id<kind::Request>, AppError> {
    requests::of_link(link).ok_or(AppError::NotFound)
}

/// Whether there is still something to answer: what was done may be said better until it is accepted.
fn owed(r: &Request) -> bool {
    r.accepted_at.is_none() && !matches!(r.brief.state, RequestState::Withdrawn | RequestState::Done)
}

/// What is asked, by whom, until when; changes nothing.
pub(crate) async fn show(v: Visit, link: Link) -> Result<Shown, AppError> {
    let id = request(&link)?;
    let mut sql = v.app.db.read().await?;
    let r = requests::get(&mut sql, v.scope(), id).await?.at(v.now);
    let filter = r.brief.kind == RequestKind::Filter;
    let entries = if filter { requests::items(&mut sql, v.scope(), id, 0).await? } else { Vec::new() };
    let counts = requests::item_counts(&mut sql, v.scope(), id).await?;
    drop(sql);
    let p = v.page("");
    let b = &r.brief;
    let mut told =
        vec![p.t2("request-link-told", "asker", b.asker_name.as_str(), "body", b.body_name.as_str())];
    told.extend(r.text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned));
    if filter {
        told.push(p.t2("request-link-items", "open", counts.2, "all", counts.0 + counts.1 + counts.2));
        let open = entries.iter().filter(|e| e.state == ItemState::Open);
        let mut list: Vec<&str> = open.take(SHOWN).map(|e| e.item.value.as_str()).collect();
        if counts.2 as usize > list.len() {
            list.push("…");
        }
        told.push(list.join(" · "));
    }
    told.push(p.t2("request-link-due", "due", p.time(&b.due), "standing", say::standing(&v, b).1));
    let choice = |outcome: Outcome| Asked {
        kind: Kind::Choice,
        name: "outcome".to_owned(),
        value: outcome.name().to_owned(),
        label: v.t(&format!("request-outcome-{}", outcome.name())),
        hint: match (outcome, filter) {
            (Outcome::Done, true) => v.t("request-link-all-filtered"),
            (Outcome::Done, false) => String::new(),
            _ => v.t("request-link-why"),
        },
        on: false,
    };
    let mut fields: Vec<Asked> = Outcome::ALL.iter().copied().map(choice).collect();
    fields.push(Asked {
        kind: Kind::Text,
        name: "text".to_owned(),
        label: v.t("request-answer-text"),
        ..Asked::default()
    });
    if !filter {
        for (name, label) in [("handled", "request-count-handled"), ("all", "request-count-all")] {
            fields.push(Asked {
                kind: Kind::Number,
                name: name.to_owned(),
                label: v.t(label),
                ..Asked::default()
            });
        }
    }
    fields.push(Asked {
        kind: Kind::File,
        name: "file".to_owned(),
        label: v.t("request-file"),
        hint: v.t("tasks-file-hint"),
        ..Asked::default()
    });
    let owed = owed(&r);
    Ok(Shown {
        title: b.title.clone(),
        told,
        note: p.t2("sign-in-link-recorded", "person", link.name.as_str(), "body", b.body_name.as_str()),
        button: if owed { v.t("request-answer-send") } else { String::new() },
        fields: if owed { fields } else { Vec::new() },
        done: v.t("request-link-answered"),
        ..Shown::default()
    })
}

/// Answers, and uses the link up in the same write.
pub(crate) async fn act(v: Visit, link: Link, sent: Sent) -> Result<(), AppError> {
    let id = request(&link)?;
    // What is wrong with the form is said at the form, with everything that was typed still in it.
    let at_form = |error: AppError| match error {
        AppError::Refused(why) if !why.starts_with("error-link-") => {
            AppError::Invalid(vec![FieldError::new("outcome", why_text(&why))])
        }
        other => other,
    };
    let field = |name: &str| sent.fields.get(name).map_or("", |t| t.trim());
    let given =
        Given { text: field("text"), handled: field("handled"), all: field("all"), url: "", file: sent.file };
    let outcome = Outcome::parse(field("outcome"))
        .ok_or_else(|| at_form(AppError::Refused("error-request-outcome".into())))?;
    let bare = given.text.is_empty() && given.file.is_none();
    let new = read(&v, outcome, given).map_err(at_form)?;
    let r = requests::get(&mut v.app.db.read().await?, v.scope(), id).await?;
    let whole_list = r.brief.kind == RequestKind::Filter && outcome == Outcome::Done;
    let tools = tools(&v);
    let done: Result<(), StoreError> = store::write!(v.app.db, v.actor(), v.now, tx => {
        links::use_up(tx, link.id).await?;
        if whole_list {
            // Done of a list says it of each entry that is left, and with the last one the request is answered.
            let marked = requests::mark(tx, v.scope(), &tools, id, &Mark::Rest, ItemState::Done, "").await?;
            if marked > 0 && bare {
                return Ok(());
            }
        }
        requests::answer(tx, v.scope(), &tools, id, &new).await
    });
    done.map_err(|error| at_form(error.into()))
}
