//! Passing an assignment on: which of its duties, to which of the bodies below, and what is asked for beside.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::right::Right;
use serde::Deserialize;
use store::campaigns::{self, NewDuty, Passable};

use super::{
    act::{self, PassOn},
    draft::{DutyView, Fault, duty_view},
    draft_forms::{due, fault},
    facts, id,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/assignments/{id}/pass-on", prepare, page),
        Route::post("/assignments/{id}/pass-on", prepare, pass_on),
    ]
}

/// What is ticked and typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct PassForm {
    /// Sent by the page; without it everything goes to everybody below.
    chosen: Option<String>,
    duty: Vec<String>,
    body: Vec<String>,
    code: String,
    quote: String,
    due: String,
}

#[derive(Template)]
#[template(path = "order/pass_on.html")]
struct PassPage {
    p: Page,
    here: String,
    name: String,
    body: String,
    form: PassForm,
    fault: Fault,
    duties: Vec<(DutyView, bool)>,
    below: Vec<(String, String, bool)>,
    catalogue: Vec<(String, String)>,
}

async fn page(v: Visit, Path(assignment): Path<String>) -> Result<Response, AppError> {
    shown(&v, &assignment, None).await
}

async fn shown(v: &Visit, assignment: &str, again: Option<(PassForm, Fault)>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let what: Passable = campaigns::passable(&mut sql, v.scope(), id(assignment)?).await?;
    drop(sql);
    let p = v.page(v.t("order-pass-on"));
    let status = if again.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let ticked = |list: fn(&PassForm) -> &Vec<String>, id: &str| {
        again.as_ref().is_none_or(|(form, _)| list(form).iter().any(|one| one == id))
    };
    let duties = what.duties.iter().map(|d| {
        let view = duty_view(v, &p, d);
        let on = ticked(|f| &f.duty, &view.id);
        (view, on)
    });
    let duties = duties.collect();
    let below = what.below.into_iter().map(|(id, name)| {
        let id = id.to_string();
        let on = ticked(|f| &f.body, &id);
        (id, name, on)
    });
    let below = below.collect();
    let mut catalogue = vec![(String::new(), "—".to_owned())];
    let owed = v.pack().duties().iter().filter(|d| d.owed);
    catalogue.extend(owed.map(|d| (d.code.to_string(), facts::duty_name(v, d.code.as_str()))));
    let (form, fault) = again.unwrap_or_default();
    let here = format!("/assignments/{assignment}");
    let page =
        PassPage { p, here, name: what.name, body: what.body_name, form, fault, duties, below, catalogue };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

async fn pass_on(
    v: Visit,
    Path(assignment): Path<String>,
    Form(form): Form<PassForm>,
) -> Result<Response, AppError> {
    match passed(&v, &assignment, &form).await {
        Ok(made) => Ok(v.redirect(&format!("/orders/{made}"), Flash::ok("order-passing"))),
        Err(error) => {
            let fault = fault(&v, error)?;
            shown(&v, &assignment, Some((form, fault))).await
        }
    }
}

async fn passed(v: &Visit, assignment: &str, form: &PassForm) -> Result<String, AppError> {
    let mut what = PassOn::default();
    if form.chosen.is_some() {
        what.keep = Some(form.duty.iter().map(|d| id(d)).collect::<Result<_, _>>()?);
        let bodies = form.body.iter().map(|b| id(b)).collect::<Result<Vec<_>, _>>()?;
        if bodies.is_empty() {
            return Err(AppError::Refused("error-no-addressee".into()));
        }
        what.bodies = Some(bodies);
    }
    if !form.code.is_empty() {
        if v.pack().duty(&form.code).is_none_or(|t| !t.owed) {
            return Err(AppError::Refused("error-duty-code".into()));
        }
        what.added = Some(NewDuty {
            id: v.id(),
            code: form.code.clone(),
            path: String::new(),
            quote: form.quote.trim().to_owned(),
            actor: None,
            due_at: due(&form.due)?,
            evidence: String::new(),
            standing: false,
        });
    }
    Ok(act::pass_on(v, id(assignment)?, &what).await?.to_string())
}
