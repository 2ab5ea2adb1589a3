//! The draft of a campaign: head, duties, and every line with the bodies it means.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    legal::DutyTerm,
    order::{Contact, LineRole, moment},
    right::Right,
    system::SystemScope,
    time::{self, Window},
};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use store::{
    Sql, StoreError,
    campaigns::{self, Campaign, Head, NewDuty},
};

use super::{act, facts, id, list::first_last, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::post("/orders/{id}/head", prepare, head),
        Route::post("/orders/{id}/duties", prepare, duty),
        Route::post("/orders/{id}/lines", prepare, line),
        Route::post("/orders/{id}/lines/sure", prepare, sure),
        Route::post("/orders/{id}/issue", Access::Right(Right::Issue), issue),
        Route::post("/orders/{id}/discard", prepare, discard),
        Route::post("/assignments/{id}/pass-on", prepare, pass_on),
    ]
}

/// One duty of the draft.
pub(super) struct DutyView {
    pub id: String,
    pub code: String,
    pub name: String,
    pub path: String,
    pub quote: String,
    /// As written; empty for all.
    pub actor: String,
    pub actor_text: String,
    /// For `datetime-local`; empty = by the catalogue.
    pub due: String,
    pub due_text: String,
    pub evidence: String,
    pub proof: String,
    pub standing: bool,
    pub withdrawn: bool,
}

/// One line of the draft.
struct LineView {
    /// Number on the page: anchors and the open chooser.
    at: usize,
    role: &'static str,
    role_text: String,
    line: String,
    text: String,
    resolved: bool,
    sure: bool,
    why: String,
    bodies: Vec<String>,
    open: bool,
}

/// A body that may be chosen for the open line.
pub(super) struct Choice {
    pub id: String,
    pub name: String,
    pub on: bool,
}

#[derive(Template)]
#[template(path = "order/draft.html")]
struct DraftPage {
    p: Page,
    id: String,
    name: String,
    letter: String,
    reference: String,
    from: String,
    to: String,
    window_text: String,
    window_missing: bool,
    important: bool,
    personal_data: bool,
    national_platform: bool,
    contacts: String,
    note: String,
    duties: Vec<DutyView>,
    catalogue: Vec<(String, String)>,
    actors: Vec<(String, String)>,
    lines: Vec<LineView>,
    choices: Vec<(String, Vec<Choice>)>,
    blocks: Vec<String>,
    any_sure: bool,
    bodies: usize,
    may_issue: bool,
}

/// The page of a draft; `open` is the line whose bodies are being chosen.
pub(super) async fn page(
    v: &Visit,
    mut sql: Sql,
    campaign: Campaign,
    open: Option<usize>,
) -> Result<Response, AppError> {
    let may_issue = store::register::require(&mut sql, v.scope(), Right::Issue, campaign.body).await.is_ok();
    let p = v.page(campaign.name.clone());
    let duties = campaigns::duties(&mut sql, campaign.id).await?;
    let candidates = campaigns::candidates(&mut sql, v.scope(), campaign.body).await?;
    drop(sql);
    let proposals = act::proposals(v, campaign.id).await?;
    let mut all: Vec<Id<kind::Body>> = Vec::new();
    let (mut lines, mut choices, mut actors) =
        (Vec::new(), Vec::new(), vec![(String::new(), v.t("order-for-all"))]);
    for (at, (line, found)) in proposals.iter().enumerate() {
        all.extend(line.bodies.iter().map(|b| b.0));
        if line.role == LineRole::Actor {
            actors.push((line.line.clone(), facts::said(v, "actor", &line.line)));
        }
        if open == Some(at) {
            choices = chooser(v, &candidates, &|id| line.bodies.iter().any(|b| b.0 == id));
        }
        lines.push(LineView {
            at,
            role: line.role.name(),
            role_text: v.t(&format!("order-role-{}", line.role)),
            line: line.line.clone(),
            text: facts::said(v, "actor", &line.line),
            resolved: line.resolved,
            sure: found.sure(),
            why: if line.resolved { String::new() } else { why(v, found) },
            bodies: line.bodies.iter().map(|b| b.1.clone()).collect(),
            open: open == Some(at),
        });
    }
    all.sort();
    all.dedup();
    let blocks = blocks(v, &campaign, &duties, &lines, all.len());
    let (from, to) =
        campaign.window.map(first_last).map(|(f, t)| (f.to_string(), t.to_string())).unwrap_or_default();
    let window_by = campaign.window_by.as_deref().filter(|_| campaign.window.is_some());
    let contacts: Vec<String> = campaign.contacts.iter().map(Contact::line).collect();
    let shown = duties.iter().map(|d| duty_view(v, &p, d)).collect();
    let catalogue = v
        .pack()
        .duties()
        .iter()
        .filter(|d| d.owed)
        .map(|d| (d.code.to_string(), facts::duty_name(v, d.code.as_str())));
    v.html(&DraftPage {
        id: campaign.id.to_string(),
        letter: campaign.letter.map(|l| format!("/orders/letters/{l}")).unwrap_or_default(),
        reference: campaign.reference.unwrap_or_default(),
        window_missing: campaign.window.is_none(),
        window_text: window_by.map(|by| v.t(&format!("order-window-{by}"))).unwrap_or_default(),
        from,
        to,
        important: campaign.scope.important,
        personal_data: campaign.scope.personal_data,
        national_platform: campaign.scope.national_platform,
        contacts: contacts.join("\n"),
        note: campaign.note.unwrap_or_default(),
        name: campaign.name,
        duties: shown,
        catalogue: catalogue.collect(),
        actors,
        any_sure: lines.iter().any(|l| l.sure && !l.resolved),
        lines,
        choices,
        bodies: all.len(),
        may_issue: may_issue && blocks.is_empty(),
        blocks,
        p,
    })
}

/// The bodies to choose from, by kind.
pub(super) fn chooser(
    v: &Visit,
    candidates: &[domain::order::BodyBrief],
    on: &dyn Fn(Id<kind::Body>) -> bool,
) -> Vec<(String, Vec<Choice>)> {
    let mut groups = Vec::new();
    for kind in domain::body::BodyKind::ALL {
        let mine = candidates.iter().filter(|b| b.kind == *kind && !b.closed);
        let mine: Vec<Choice> =
            mine.map(|b| Choice { id: b.id.to_string(), name: b.name.clone(), on: on(b.id) }).collect();
        if !mine.is_empty() {
            groups.push((v.t(&format!("order-kind-{kind}")), mine));
        }
    }
    groups
}

/// What a person must look at in a proposal.
fn why(v: &Visit, found: &domain::order::Proposal) -> String {
    let mut said = Vec::new();
    if found.bodies.is_empty() && !found.nobody {
        said.push(v.t("order-line-none"));
    }
    if !found.unclear.is_empty() {
        said.push(v.words().with("order-line-unclear", [("words", found.unclear.join(", ").into())]));
    }
    for kind in &found.empty {
        let kind = v.t(&format!("order-kind-{kind}"));
        said.push(v.words().with("order-line-empty", [("kind", kind.into())]));
    }
    if found.through {
        said.push(v.t("order-line-through"));
    }
    said.join(" ")
}

/// What still keeps the draft from being issued, said plainly.
fn blocks(
    v: &Visit,
    campaign: &Campaign,
    duties: &[campaigns::Duty],
    lines: &[LineView],
    bodies: usize,
) -> Vec<String> {
    let mut said = Vec::new();
    let open = lines.iter().filter(|l| !l.resolved).count();
    if open > 0 {
        said.push(v.words().with("order-block-lines", [("lines", open.into())]));
    }
    if bodies == 0 {
        said.push(v.t("error-no-addressee"));
    }
    if duties.is_empty() {
        said.push(v.t("error-no-duty"));
    }
    let needs = |d: &&campaigns::Duty| {
        d.due_at.is_none() && v.pack().duty(&d.code).and_then(|t| t.due_hours).is_none()
    };
    if campaign.window.is_none() && duties.iter().any(|d| needs(&d)) {
        said.push(v.t("error-window-missing"));
    }
    let lost = |actor: &String| !lines.iter().any(|l| l.role == "actor" && l.line == *actor);
    if duties.iter().filter_map(|d| d.actor.as_ref()).any(lost) {
        said.push(v.t("error-actor-without-line"));
    }
    said
}

pub(super) fn duty_view(v: &Visit, p: &Page, d: &campaigns::Duty) -> DutyView {
    let term = v.pack().duty(&d.code);
    let english = v.lang == crate::Lang::En;
    let proof = |t: &DutyTerm| if english { t.proof_en.clone() } else { t.proof_vi.clone() };
    DutyView {
        id: d.id.to_string(),
        code: d.code.clone(),
        name: facts::duty_name(v, &d.code),
        path: facts::said(v, "path", &d.path),
        quote: d.quote.clone(),
        actor: d.actor.clone().unwrap_or_default(),
        actor_text: d.actor.as_deref().map_or_else(|| v.t("order-for-all"), |a| facts::said(v, "actor", a)),
        due: d.due_at.map(|at| time::local(at).strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default(),
        due_text: d.due_at.map_or_else(|| rule(v, term), |at| p.time(&at)),
        evidence: d.evidence.clone(),
        proof: term.map(proof).unwrap_or_default(),
        standing: d.standing,
        withdrawn: d.withdrawn_at.is_some(),
    }
}

/// The catalogue's rule for a due time, in words.
fn rule(v: &Visit, term: Option<&DutyTerm>) -> String {
    match term {
        Some(DutyTerm { due_hours: Some(hours), .. }) => {
            v.words().with("order-due-hours", [("hours", (*hours).into())])
        }
        Some(DutyTerm { due_at_end: true, .. }) => v.t("order-due-end"),
        _ => v.t("order-due-start"),
    }
}

/// Says on the draft's page what came of an act.
pub(super) fn said(
    v: &Visit,
    campaign: &str,
    done: Result<(), AppError>,
    ok: &str,
) -> Result<Response, AppError> {
    let to = format!("/orders/{campaign}");
    match done {
        Ok(()) => Ok(v.redirect(&to, Flash::ok(ok))),
        Err(AppError::Refused(text)) => Ok(v.redirect(&to, Flash::bad(&text))),
        Err(AppError::Invalid(fields)) => {
            let text = fields.first().map_or("error-invalid", |f| f.code.as_str());
            Ok(v.redirect(&to, Flash::bad(text)))
        }
        Err(error) => Err(error),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct HeadForm {
    name: String,
    from: String,
    to: String,
    important: Option<String>,
    personal_data: Option<String>,
    national_platform: Option<String>,
    contacts: String,
    note: Option<String>,
}

/// Two days of a form as a window; none if both are blank.
pub(super) fn window(from: &str, to: &str) -> Result<Option<Window>, AppError> {
    if from.is_empty() && to.is_empty() {
        return Ok(None);
    }
    let day =
        |text: &str| text.parse::<Date>().map_err(|_| AppError::Refused("error-campaign-window".into()));
    Ok(Some(Window::days(day(from)?, day(to)?)))
}

async fn head(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<HeadForm>,
) -> Result<Response, AppError> {
    let done = set_head(&v, &campaign, form).await;
    said(&v, &campaign, done, "order-saved")
}

async fn set_head(v: &Visit, campaign: &str, form: HeadForm) -> Result<(), AppError> {
    let at = id(campaign)?;
    let old = campaigns::get(&mut v.app.db.read().await?, v.scope(), at).await?;
    let window = window(&form.from, &form.to)?;
    let head = Head {
        name: form.name.trim().to_owned(),
        occasion: old.occasion,
        // Days nobody touched rest on what they rested on before.
        window_by: if window == old.window { old.window_by } else { window.map(|_| "person".to_owned()) },
        window,
        scope: SystemScope {
            important: form.important.is_some(),
            personal_data: form.personal_data.is_some(),
            national_platform: form.national_platform.is_some(),
        },
        contacts: contacts(&form.contacts, &old.contacts),
        note: super::blank(form.note),
    };
    write!(v, tx => campaigns::set_head(tx, v.scope(), at, &head).await)?;
    Ok(())
}

/// One contact a line; lines that were not changed keep what they were made of.
fn contacts(text: &str, old: &[Contact]) -> Vec<Contact> {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines
        .map(|line| {
            let known = old.iter().find(|c| c.line() == line).cloned();
            known.unwrap_or_else(|| Contact { unit: Some(line.to_owned()), ..Contact::default() })
        })
        .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DutyForm {
    /// Empty: a new one.
    duty: String,
    op: String,
    code: String,
    quote: String,
    actor: Option<String>,
    due: String,
    evidence: String,
}

/// The instant of a `datetime-local` field; none if blank.
pub(super) fn due(text: &str) -> Result<Option<Timestamp>, AppError> {
    match text.trim() {
        "" => Ok(None),
        text => moment(text, false).map(Some).ok_or_else(|| AppError::Refused("error-due".into())),
    }
}

async fn duty(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<DutyForm>,
) -> Result<Response, AppError> {
    let done = set_duty(&v, &campaign, form).await;
    said(&v, &campaign, done, "order-saved")
}

async fn set_duty(v: &Visit, campaign: &str, form: DutyForm) -> Result<(), AppError> {
    let at = id(campaign)?;
    let fresh = form.duty.is_empty();
    let duty = NewDuty {
        id: if fresh { v.id() } else { id(&form.duty)? },
        code: form.code.trim().to_uppercase(),
        path: String::new(),
        quote: form.quote.trim().to_owned(),
        actor: super::blank(form.actor),
        due_at: due(&form.due)?,
        evidence: form.evidence.trim().to_owned(),
        standing: false,
    };
    if form.op != "remove" && v.pack().duty(&duty.code).is_none_or(|t| !t.owed) {
        return Err(AppError::Refused("error-duty-code".into()));
    }
    write!(v, tx => match (form.op.as_str(), fresh) {
        ("remove", false) => campaigns::remove_duty(tx, v.scope(), at, duty.id).await,
        (_, true) => campaigns::add_duty(tx, v.scope(), at, &duty).await,
        (_, false) => campaigns::set_duty(tx, v.scope(), at, &duty).await,
    })?;
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LineForm {
    /// `add`, `keep` (confirm the proposal), `set` (the bodies ticked), `remove`.
    op: String,
    role: String,
    line: String,
    bodies: Vec<String>,
}

async fn line(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<LineForm>,
) -> Result<Response, AppError> {
    let done = set_line(&v, &campaign, form).await;
    said(&v, &campaign, done, "order-saved")
}

async fn set_line(v: &Visit, campaign: &str, form: LineForm) -> Result<(), AppError> {
    let at = id(campaign)?;
    let role = LineRole::parse(&form.role).ok_or_else(|| AppError::Unreadable("role".into()))?;
    let bodies = form.bodies.iter().map(|b| id(b)).collect::<Result<Vec<_>, _>>()?;
    if form.op == "add" {
        return act::add_line(v, at, role, &form.line).await;
    }
    write!(v, tx => match form.op.as_str() {
        "remove" => campaigns::remove_line(tx, v.scope(), at, role, &form.line).await,
        "keep" => {
            campaigns::get(tx, v.scope(), at).await?;
            let there = campaigns::lines(tx, at).await?;
            let there = there.into_iter().find(|l| l.role == role && l.line == form.line);
            let there = there.ok_or(StoreError::NotFound("line"))?;
            let kept: Vec<_> = there.bodies.iter().map(|b| b.0).collect();
            campaigns::set_line(tx, v.scope(), at, role, &form.line, &kept).await
        }
        _ => campaigns::set_line(tx, v.scope(), at, role, &form.line, &bodies).await,
    })?;
    Ok(())
}

#[derive(Deserialize)]
struct Nothing {}

async fn sure(v: Visit, Path(campaign): Path<String>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let done = act::confirm_sure(&v, id(&campaign)?).await;
    said(&v, &campaign, done.map(|_| ()), "order-lines-confirmed")
}

async fn issue(v: Visit, Path(campaign): Path<String>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let done = act::issue(&v, id(&campaign)?).await;
    said(&v, &campaign, done, "order-issued")
}

async fn discard(
    v: Visit,
    Path(campaign): Path<String>,
    Form(_): Form<Nothing>,
) -> Result<Response, AppError> {
    let at = id(&campaign)?;
    write!(v, tx => campaigns::discard(tx, v.scope(), at).await)?;
    Ok(v.redirect("/orders", Flash::ok("order-discarded")))
}

async fn pass_on(
    v: Visit,
    Path(assignment): Path<String>,
    Form(_): Form<Nothing>,
) -> Result<Response, AppError> {
    let made = act::pass_on(&v, id(&assignment)?, None).await?;
    Ok(v.redirect(&format!("/orders/{made}"), Flash::ok("order-passing")))
}
