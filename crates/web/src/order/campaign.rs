//! An issued campaign: how far it is, who has it, what it orders, the chain above and below, its history.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    order::{CampaignState, Contact},
    right::Right,
};
use serde::Deserialize;
use store::{
    Sql,
    campaigns::{self, Addressees, Campaign, Revision},
};

use super::{
    act,
    draft::{self, Again, DutyView, Fault, duty_view},
    draft_forms::fault,
    id,
    list::{chip, days},
    write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

/// Addressees on a page.
const PER_PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let issue = Access::Right(Right::Issue);
    vec![
        Route::get("/orders/{id}", Access::Right(Right::See), page),
        Route::post("/orders/{id}/cancel", issue, cancel),
        Route::post("/orders/{id}/close", issue, close),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    waiting: Option<String>,
    after: String,
    /// Of a draft: the line whose bodies are being chosen.
    line: Option<usize>,
}

struct AddresseeView {
    href: String,
    name: String,
    received: String,
    received_iso: String,
    state: &'static str,
    state_text: String,
    passed: String,
    done: u32,
    tasks: u32,
}

struct LinkView {
    href: String,
    name: String,
    body: String,
    state: &'static str,
    state_text: String,
    figures: String,
}

struct Event {
    class: &'static str,
    what: String,
    who: String,
    at: String,
    iso: String,
    note: String,
    before: String,
}

#[derive(Template)]
#[template(path = "order/campaign.html")]
struct CampaignPage {
    p: Page,
    id: String,
    name: String,
    lead: String,
    letter: String,
    reference: String,
    state: &'static str,
    state_text: String,
    contacts: Vec<String>,
    note: String,
    scope: String,
    bodies: u32,
    assigned: u32,
    acknowledged: u32,
    tasks: u32,
    done: u32,
    running: bool,
    duties: Vec<DutyView>,
    addressees: Vec<AddresseeView>,
    q: String,
    waiting: bool,
    next: String,
    above: Vec<LinkView>,
    below: Vec<LinkView>,
    history: Vec<Event>,
    may_issue: bool,
    may_prepare: bool,
    in_force: bool,
    end: Option<End>,
}

async fn page(
    v: Visit,
    Path(campaign): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = campaigns::get(&mut sql, v.scope(), id(&campaign)?).await?;
    if campaign.state == CampaignState::Draft {
        return draft::page(&v, sql, campaign, asked.line, Again::No).await;
    }
    issued(&v, sql, campaign, asked, None).await
}

/// An end that was asked for and not done: `cancel` or `close`, with the reason as it was typed.
struct End {
    act: &'static str,
    reason: String,
    fault: Fault,
}

async fn issued(
    v: &Visit,
    mut sql: Sql,
    campaign: Campaign,
    asked: Asked,
    end: Option<End>,
) -> Result<Response, AppError> {
    let sql = &mut sql;
    let may_issue = store::register::require(sql, v.scope(), Right::Issue, campaign.body).await.is_ok();
    let may_prepare = store::register::require(sql, v.scope(), Right::Prepare, campaign.body).await.is_ok();
    let progress = campaigns::progress(sql, v.scope(), campaign.id).await?;
    let duties = campaigns::duties(sql, campaign.id).await?;
    let after =
        asked.after.rsplit_once('_').and_then(|(key, body)| Some((key.to_owned(), body.parse().ok()?)));
    let filter = Addressees { waiting: asked.waiting.is_some(), q: &asked.q, after };
    let rows = campaigns::addressees(sql, v.scope(), campaign.id, &filter, PER_PAGE + 1).await?;
    let above = campaigns::above(sql, v.scope(), &campaign).await?;
    let below = campaigns::below(sql, v.scope(), campaign.id).await?;
    let history = campaigns::history(sql, campaign.id).await?;
    // What stood before names other addressees: it is for the issuer's side.
    let inside = store::register::require(sql, v.scope(), Right::See, campaign.body).await.is_ok();
    let readable = store::register::require(sql, v.scope(), Right::Read, campaign.body).await.is_ok();
    let p = v.page(campaign.name.clone());
    let p = match campaign.window.filter(|w| w.contains(v.now)) {
        Some(window) => p.with_window(&campaign.name, window.to),
        None => p,
    };
    let next = match rows.get(PER_PAGE - 1).filter(|_| rows.len() > PER_PAGE) {
        Some((key, last)) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("q", &asked.q).append_pair("after", &format!("{key}_{}", last.body));
            if asked.waiting.is_some() {
                query.append_pair("waiting", "1");
            }
            format!("?{}", query.finish())
        }
        None => String::new(),
    };
    let addressees = rows.iter().take(PER_PAGE).map(|(_, a)| addressee(v, &p, a)).collect();
    let link = |c: &campaigns::ChainLink| LinkView {
        href: if c.open { format!("/orders/{}", c.campaign) } else { String::new() },
        name: c.name.clone(),
        body: c.body_name.clone(),
        state: chip(c.state),
        state_text: v.t(&format!("order-state-{}", c.state)),
        figures: if c.bodies > 0 { format!("{}/{}", c.acknowledged, c.bodies) } else { String::new() },
    };
    let s = campaign.scope;
    let scope = [
        (s.important, "order-scope-important"),
        (s.personal_data, "order-scope-personal-data"),
        (s.national_platform, "order-scope-national-platform"),
    ];
    let scope: Vec<String> = scope.into_iter().filter(|s| s.0).map(|s| v.t(s.1)).collect();
    let letter = campaign.letter.filter(|_| readable).map(|l| format!("/orders/letters/{l}"));
    let shown = duties.iter().map(|d| duty_view(v, &p, d)).collect();
    let status = if end.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = CampaignPage {
        id: campaign.id.to_string(),
        lead: [campaign.body_name.clone(), days(&p, campaign.window)].join(" · "),
        letter: letter.unwrap_or_default(),
        reference: campaign.reference.unwrap_or_default(),
        state: chip(campaign.state),
        state_text: v.t(&format!("order-state-{}", campaign.state)),
        contacts: campaign.contacts.iter().map(Contact::line).collect(),
        note: campaign.note.unwrap_or_default(),
        scope: if scope.is_empty() { v.t("order-scope-all") } else { scope.join(", ") },
        bodies: progress.bodies,
        assigned: progress.assigned,
        acknowledged: progress.acknowledged,
        tasks: progress.tasks,
        done: progress.done,
        running: campaign.state == CampaignState::Issued && progress.assigned < progress.bodies,
        duties: shown,
        addressees,
        q: asked.q,
        waiting: asked.waiting.is_some(),
        next,
        above: above.iter().map(link).collect(),
        below: below.iter().map(link).collect(),
        history: history.iter().map(|r| event(v, &p, r, inside)).collect(),
        may_issue,
        may_prepare,
        in_force: campaign.state == CampaignState::Issued,
        name: campaign.name,
        end,
        p,
    };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

fn addressee(v: &Visit, p: &Page, a: &campaigns::Addressee) -> AddresseeView {
    let (state, text) = match (a.cancelled_at, a.acknowledged_at, a.read_at) {
        (Some(_), ..) => ("x", v.t("order-ack-cancelled")),
        (_, Some(at), _) => ("m", v.words().with("order-ack-done", [("at", p.time(&at).into())])),
        (_, _, Some(_)) => ("p", v.t("order-ack-read")),
        _ => ("u", v.t("order-ack-waiting")),
    };
    AddresseeView {
        href: format!("/assignments/{}", a.assignment),
        name: a.body_name.clone(),
        received: p.time(&a.received_at),
        received_iso: p.iso(&a.received_at),
        state,
        state_text: text,
        passed: a.passed_on_at.map(|at| p.time(&at)).unwrap_or_default(),
        done: a.done,
        tasks: a.tasks,
    }
}

fn event(v: &Visit, p: &Page, r: &Revision, inside: bool) -> Event {
    let before = r.before.get("duties").and_then(|d| d.as_array()).filter(|_| inside);
    let before = before.map(|duties| {
        let codes: Vec<&str> = duties
            .iter()
            .filter(|d| d.get("withdrawn_at").is_none_or(serde_json::Value::is_null))
            .filter_map(|d| d.get("code").and_then(|c| c.as_str()))
            .collect();
        codes.join(", ")
    });
    Event {
        class: match r.kind.as_str() {
            "cancelled" => "burn",
            "amended" => "warn",
            _ => "ok",
        },
        what: v.t(&format!("order-event-{}", r.kind)),
        who: r.made_by_name.clone().unwrap_or_default(),
        at: p.time(&r.at),
        iso: p.iso(&r.at),
        note: r.note.clone(),
        before: before.unwrap_or_default(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reason {
    reason: String,
}

/// Says what came of an end on the page of the campaign, with the reason as it was typed if nothing did.
async fn ended(
    v: &Visit,
    campaign: &str,
    done: Result<(), AppError>,
    (act, ok): (&'static str, &str),
    reason: String,
) -> Result<Response, AppError> {
    let Err(error) = done else { return Ok(v.redirect(&format!("/orders/{campaign}"), Flash::ok(ok))) };
    let end = End { act, reason, fault: fault(v, error)? };
    let mut sql = v.app.db.read().await?;
    let campaign = campaigns::get(&mut sql, v.scope(), id(campaign)?).await?;
    if campaign.state == CampaignState::Draft {
        return draft::page(v, sql, campaign, None, Again::No).await;
    }
    issued(v, sql, campaign, Asked::default(), Some(end)).await
}

async fn cancel(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<Reason>,
) -> Result<Response, AppError> {
    let done = act::cancel(&v, id(&campaign)?, form.reason.trim()).await;
    ended(&v, &campaign, done, ("cancel", "order-cancelled"), form.reason).await
}

async fn close(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<Reason>,
) -> Result<Response, AppError> {
    let at = id(&campaign)?;
    let done = write!(v, tx => campaigns::close(tx, v.scope(), at, form.reason.trim()).await);
    ended(&v, &campaign, done.map_err(AppError::from), ("close", "order-closed"), form.reason).await
}
