//! What the draft's page sends: head, duties, lines, and what is done with the whole.

use axum::{extract::Path, response::Response};
use domain::{
    order::{Contact, LineRole, moment},
    right::Right,
    system::SystemScope,
    time::Window,
};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use store::{
    StoreError,
    campaigns::{self, Head, NewDuty},
};

use super::{
    act,
    draft::{self, Again, Fault},
    id, write,
};
use crate::{Access, AppError, Flash, Form, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::post("/orders/{id}/head", prepare, head),
        Route::post("/orders/{id}/duties", prepare, duty),
        Route::post("/orders/{id}/lines", prepare, line),
        Route::post("/orders/{id}/lines/sure", prepare, sure),
        Route::post("/orders/{id}/issue", Access::Right(Right::Issue), issue),
        Route::post("/orders/{id}/discard", prepare, discard),
    ]
}

/// The head as a form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct HeadForm {
    pub name: String,
    pub from: String,
    pub to: String,
    pub important: Option<String>,
    pub personal_data: Option<String>,
    pub national_platform: Option<String>,
    pub contacts: String,
    pub note: Option<String>,
}

impl HeadForm {
    /// The note, blank if there is none.
    pub fn note(&self) -> &str {
        self.note.as_deref().unwrap_or_default()
    }
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

/// What is wrong with a form, if it is something its sender can put right; anything else goes on.
pub(super) fn fault(v: &Visit, error: AppError) -> Result<Fault, AppError> {
    let code = match error {
        AppError::Refused(code) => code,
        AppError::Invalid(fields) => {
            fields.into_iter().next().map_or_else(|| "error-invalid".to_owned(), |f| f.code)
        }
        other => return Err(other),
    };
    let field = match code.as_str() {
        "error-campaign-name" => "name",
        "error-campaign-window" => "from",
        "error-due" => "due",
        "error-duty-code" => "code",
        "error-actor-without-line" => "actor",
        "error-line-there" | "error-line-empty" => "line",
        "error-line-needed" | "error-body-not-yours" | "error-no-addressee" => "bodies",
        "error-pass-on-nothing" => "duties",
        "error-amendment-note" => "note",
        "error-reason-missing" => "reason",
        _ => "",
    };
    Ok(Fault { field, why: v.t(&code) })
}

/// Shows the draft again with a form as it was typed.
async fn again(v: &Visit, campaign: &str, form: Again) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = campaigns::get(&mut sql, v.scope(), id(campaign)?).await?;
    draft::page(v, sql, campaign, None, form).await
}

fn saved(v: &Visit, campaign: &str) -> Response {
    v.redirect(&format!("/orders/{campaign}"), Flash::ok("order-saved"))
}

async fn head(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<HeadForm>,
) -> Result<Response, AppError> {
    match set_head(&v, &campaign, &form).await {
        Ok(()) => Ok(saved(&v, &campaign)),
        Err(error) => {
            let fault = fault(&v, error)?;
            again(&v, &campaign, Again::Head(form, fault)).await
        }
    }
}

async fn set_head(v: &Visit, campaign: &str, form: &HeadForm) -> Result<(), AppError> {
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
        note: super::blank(form.note.clone()),
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

/// A duty as a form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct DutyForm {
    /// Empty: a new one.
    pub duty: String,
    pub op: String,
    pub code: String,
    pub quote: String,
    pub actor: Option<String>,
    pub due: String,
    pub evidence: String,
}

impl DutyForm {
    /// For whom; blank for all.
    pub fn actor(&self) -> &str {
        self.actor.as_deref().unwrap_or_default()
    }
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
    match set_duty(&v, &campaign, &form).await {
        Ok(()) => Ok(saved(&v, &campaign)),
        Err(error) => {
            let fault = fault(&v, error)?;
            again(&v, &campaign, Again::Duty(form, fault)).await
        }
    }
}

async fn set_duty(v: &Visit, campaign: &str, form: &DutyForm) -> Result<(), AppError> {
    let at = id(campaign)?;
    let fresh = form.duty.is_empty();
    let duty = NewDuty {
        id: if fresh { v.id() } else { id(&form.duty)? },
        code: form.code.trim().to_uppercase(),
        path: String::new(),
        quote: form.quote.trim().to_owned(),
        actor: super::blank(form.actor.clone()),
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

/// A line as a form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct LineForm {
    /// `add`, `keep` (confirm the proposal), `set` (the bodies ticked), `remove`.
    pub op: String,
    pub role: String,
    pub line: String,
    pub bodies: Vec<String>,
}

async fn line(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<LineForm>,
) -> Result<Response, AppError> {
    match set_line(&v, &campaign, &form).await {
        Ok(()) => Ok(saved(&v, &campaign)),
        Err(error) => {
            let fault = fault(&v, error)?;
            again(&v, &campaign, Again::Line(form, fault)).await
        }
    }
}

async fn set_line(v: &Visit, campaign: &str, form: &LineForm) -> Result<(), AppError> {
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
    v.acted(&format!("/orders/{campaign}"), done, "order-lines-confirmed")
}

async fn issue(v: Visit, Path(campaign): Path<String>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let done = act::issue(&v, id(&campaign)?).await;
    v.acted(&format!("/orders/{campaign}"), done, "order-issued")
}

async fn discard(
    v: Visit,
    Path(campaign): Path<String>,
    Form(_): Form<Nothing>,
) -> Result<Response, AppError> {
    let at = id(&campaign)?;
    match write!(v, tx => campaigns::discard(tx, v.scope(), at).await) {
        Ok(()) => Ok(v.redirect("/orders", Flash::ok("order-discarded"))),
        refused => v.acted(&format!("/orders/{campaign}"), refused, ""),
    }
}
