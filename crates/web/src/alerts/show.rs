//! One alert: what happened, what the rule saw, who has it, what it has to do with, what was done.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    alert::{Reason, STORM_RULE},
    monitoring::{DROP_RULE, SILENT_RULE},
    right::Right,
};
use serde::Deserialize;
use store::{
    alerts::{self, Act, Seen},
    callouts,
};

use super::{AlertId, list, say, tools, write};
use crate::{Access, AppError, Form, Page, Route, Visit, rules::href};

/// Call-outs about one alert that are shown: one a severity.
const CALLS: u32 = 4;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/alerts/{id}", Access::Right(Right::Read), show),
        Route::post("/alerts/{id}", Access::Right(Right::Answer), act),
    ]
}

#[derive(Template)]
#[template(path = "alerts/show.html")]
struct ShowPage {
    p: Page,
    a: list::Row,
    about: String,
    why: Vec<String>,
    account: String,
    address: String,
    first: String,
    events: Vec<Shown>,
    rule: String,
    /// Where that rule is shown; empty where it is none of the centre's.
    rule_href: String,
    /// The source it is about; empty of alerts from events.
    source: String,
    related: Vec<list::Row>,
    log: Vec<Told>,
    calls: Vec<(String, String)>,
    may_act: bool,
    over: bool,
    mine: bool,
    /// What a suppression may be narrowed to: field and value, and how it is said.
    narrow: Vec<(String, String)>,
    until: String,
}

struct Shown {
    at: String,
    source: String,
    source_href: String,
    because: Vec<Reason>,
    raw: String,
    place: String,
    /// The event among the others.
    href: String,
}

struct Told {
    class: &'static str,
    said: String,
    at: String,
    note: String,
}

fn event(p: &Page, s: Seen) -> Shown {
    Shown {
        at: domain::time::local(s.event.at).strftime("%d/%m/%Y %H:%M:%S").to_string(),
        source: s.source_name,
        source_href: format!("/sources/{}", s.event.source),
        because: s.event.because,
        raw: s.event.raw,
        href: format!("/logs/{}-{}", s.event.place.0, s.event.place.1),
        place: p.t2("alert-place", "batch", s.event.place.0.to_string(), "line", s.event.place.1 + 1),
    }
}

async fn show(v: Visit, Path(id): Path<AlertId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = alerts::get(&mut sql, v.scope(), id).await?;
    let events = alerts::events(&mut sql, v.scope(), id).await?;
    let log = alerts::entries(&mut sql, v.scope(), id).await?;
    let related = alerts::related(&mut sql, v.scope(), &s.alert).await?;
    let calls = callouts::of_subject(&mut sql, v.scope(), &alerts::Alert::subject_of(id), CALLS).await?;
    let rules = v.app.rules.all(&mut sql, v.scope()).await?;
    drop(sql);
    let a = &s.alert;
    let p = v.page(say::title(&v, a));
    let told = |l: &alerts::Line| {
        let (class, said) = say::line(&v, l);
        let note = if l.what == "worse" { String::new() } else { l.note.clone() };
        Told { class, said, at: p.time(&l.at), note }
    };
    let narrow = [("host", &a.host), ("user", &a.account), ("address", &a.address)];
    let narrow = narrow.into_iter().filter(|(_, value)| !value.is_empty());
    let week = v.now.checked_add(jiff::SignedDuration::from_hours(24 * 7)).unwrap_or(v.now);
    let shown = ShowPage {
        about: match a.rule.as_str() {
            SILENT_RULE => v.t("alert-source-silent-about"),
            DROP_RULE => v.t("alert-source-drop-about"),
            _ => a.about.clone(),
        },
        why: say::why(&v, &a.why),
        account: a.account.clone(),
        address: a.address.clone(),
        first: p.time(&a.first_at),
        source: a.source.map(|id| format!("/sources/{id}")).unwrap_or_default(),
        rule_href: rules.get(&a.rule).map(|_| href(&a.rule)).unwrap_or_default(),
        rule: if a.rule == STORM_RULE { String::new() } else { a.rule.clone() },
        related: related.iter().map(|r| list::row(&v, &p, r)).collect(),
        log: log.iter().map(told).collect(),
        calls: calls
            .iter()
            .map(|c| (format!("/roster/callouts/{}", c.callout.id), p.time(&c.callout.at)))
            .collect(),
        may_act: s.may_act,
        over: a.status.is_over(),
        mine: a.owner.is_some() && a.owner == v.user.person,
        narrow: narrow.map(|(field, value)| (format!("{field}={value}"), value.clone())).collect(),
        until: domain::time::date(week).to_string(),
        events: events.into_iter().map(|e| event(&p, e)).collect(),
        a: list::row(&v, &p, &s),
        p,
    };
    v.html(&shown)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pressed {
    #[serde(rename = "do")]
    what: String,
    note: String,
}

/// The act behind a word of a form or of the API.
pub(super) fn read(what: &str, note: String) -> Result<Act, AppError> {
    Ok(match what {
        "own" => Act::Own,
        "comment" => Act::Comment(note),
        "close" => Act::Close(note),
        "false-positive" => Act::FalsePositive(note),
        "reopen" => Act::Reopen(note),
        _ => return Err(AppError::Unreadable("do".into())),
    })
}

async fn act(v: Visit, Path(id): Path<AlertId>, Form(pressed): Form<Pressed>) -> Result<Response, AppError> {
    let act = read(&pressed.what, pressed.note)?;
    let tools = tools(&v);
    let done = write!(v, tx => alerts::act(tx, v.scope(), &tools, id, &act, "page").await);
    v.acted(&format!("/alerts/{id}"), done, "alert-done")
}
