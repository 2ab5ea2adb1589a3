//! Amending a campaign in force: window, due times, duties, addressees, each with the note that says why.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    id::{Id, kind},
    order::LineRole,
    right::Right,
};
use serde::Deserialize;
use store::campaigns::{self, Amendment, NewDuty};

use super::{
    act,
    draft::{Choice, DutyView, Fault, chooser, duty_view},
    draft_forms::{due, fault, window},
    facts, id,
    list::first_last,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let issue = Access::Right(Right::Issue);
    vec![Route::get("/orders/{id}/amend", issue, page), Route::post("/orders/{id}/amend", issue, amend)]
}

#[derive(Template)]
#[template(path = "order/amend.html")]
struct AmendPage {
    p: Page,
    id: String,
    name: String,
    /// As it stands or was typed.
    form: AmendForm,
    fault: Fault,
    /// The duties, and whether each is to be withdrawn.
    duties: Vec<(DutyView, bool)>,
    catalogue: Vec<(String, String)>,
    actors: Vec<(String, String)>,
    choices: Vec<(String, Vec<Choice>)>,
}

impl AmendPage {
    /// Whether one of these is ticked: then they are shown at once.
    fn chosen(&self, list: &[Choice]) -> bool {
        list.iter().any(|c| c.on)
    }
}

async fn page(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    shown(&v, &campaign, None).await
}

async fn shown(v: &Visit, campaign: &str, again: Option<(AmendForm, Fault)>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = campaigns::get(&mut sql, v.scope(), id(campaign)?).await?;
    store::register::require(&mut sql, v.scope(), Right::Issue, campaign.body).await?;
    let duties = campaigns::duties(&mut sql, campaign.id).await?;
    let lines = campaigns::lines(&mut sql, campaign.id).await?;
    let held: Vec<Id<kind::Body>> = lines.iter().flat_map(|l| l.bodies.iter().map(|b| b.0)).collect();
    let mut candidates = campaigns::candidates(&mut sql, v.scope(), campaign.body).await?;
    candidates.retain(|b| !held.contains(&b.id));
    let mut p = v.page(v.t("order-amend"));
    let mut actors = vec![(String::new(), v.t("order-for-all"))];
    let named = lines.iter().filter(|l| l.role == LineRole::Actor);
    actors.extend(named.map(|l| (l.line.clone(), facts::said(v, "actor", &l.line))));
    let mut catalogue = vec![(String::new(), "—".to_owned())];
    let owed = v.pack().duties().iter().filter(|d| d.owed);
    catalogue.extend(owed.map(|d| (d.code.to_string(), facts::duty_name(v, d.code.as_str()))));
    let (from, to) =
        campaign.window.map(first_last).map(|(f, t)| (f.to_string(), t.to_string())).unwrap_or_default();
    let status = if again.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (form, fault) =
        again.unwrap_or_else(|| (AmendForm { from, to, ..AmendForm::default() }, Fault::default()));
    if !fault.none() {
        p = p.with_flash("bad", fault.why.clone());
    }
    let duties = duties.iter().filter(|d| d.withdrawn_at.is_none()).map(|d| {
        let view = duty_view(v, &p, d);
        let typed = form.duty.iter().zip(&form.due).find(|(duty, _)| **duty == view.id).map(|(_, due)| due);
        let withdraw = form.withdraw.contains(&view.id);
        (DutyView { due: typed.cloned().unwrap_or(view.due), ..view }, withdraw)
    });
    let page = AmendPage {
        id: campaign.id.to_string(),
        name: campaign.name,
        duties: duties.collect(),
        catalogue,
        actors,
        choices: chooser(v, &candidates, &|id| form.bodies.contains(&id.to_string())),
        form,
        fault,
        p,
    };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct AmendForm {
    note: String,
    from: String,
    to: String,
    /// The duties as shown, and in the same order what stands in their fields.
    duty: Vec<String>,
    due: Vec<String>,
    withdraw: Vec<String>,
    code: String,
    quote: String,
    actor: Option<String>,
    new_due: String,
    bodies: Vec<String>,
}

impl AmendForm {
    /// For whom the new duty is; blank for all.
    fn actor(&self) -> &str {
        self.actor.as_deref().unwrap_or_default()
    }
}

async fn amend(
    v: Visit,
    Path(campaign): Path<String>,
    Form(form): Form<AmendForm>,
) -> Result<Response, AppError> {
    match amended(&v, &campaign, form.clone()).await {
        Ok(()) => Ok(v.redirect(&format!("/orders/{campaign}"), Flash::ok("order-amended"))),
        Err(error) => {
            let fault = fault(&v, error)?;
            shown(&v, &campaign, Some((form, fault))).await
        }
    }
}

async fn amended(v: &Visit, campaign: &str, form: AmendForm) -> Result<(), AppError> {
    let at = id(campaign)?;
    let mut sql = v.app.db.read().await?;
    let old = campaigns::get(&mut sql, v.scope(), at).await?;
    let duties = campaigns::duties(&mut sql, at).await?;
    drop(sql);
    let p = v.page("");
    let window = window(&form.from, &form.to)?.filter(|w| Some(*w) != old.window);
    let withdraw = form.withdraw.iter().map(|d| id(d)).collect::<Result<Vec<_>, _>>()?;
    let mut moved = Vec::new();
    for (duty, text) in form.duty.iter().zip(&form.due) {
        let duty: Id<kind::Duty> = id(duty)?;
        let shown = duties.iter().find(|d| d.id == duty).map(|d| duty_view(v, &p, d).due);
        if let Some(at) = due(text)?.filter(|_| shown.as_ref() != Some(text) && !withdraw.contains(&duty)) {
            moved.push((duty, at));
        }
    }
    let mut change =
        Amendment { note: form.note.trim().to_owned(), window, withdraw, due: moved, ..Amendment::default() };
    if !form.code.is_empty() {
        if v.pack().duty(&form.code).is_none_or(|t| !t.owed) {
            return Err(AppError::Refused("error-duty-code".into()));
        }
        change.add.push(NewDuty {
            id: v.id(),
            code: form.code,
            path: String::new(),
            quote: form.quote.trim().to_owned(),
            actor: super::blank(form.actor),
            due_at: due(&form.new_due)?,
            evidence: String::new(),
            standing: false,
        });
    }
    let bodies = form.bodies.iter().map(|b| id(b)).collect::<Result<Vec<_>, _>>()?;
    if !bodies.is_empty() {
        let line = v.words().with("order-line-added", [("n", (old.revision + 1).into())]);
        change = change.bodies(&line, bodies);
    }
    act::amend(v, at, &change).await
}
