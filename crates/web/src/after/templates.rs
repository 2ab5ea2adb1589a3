//! Templates of campaigns: kept from one, used for the next.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    order::template::{Anchor, Due},
    right::Right,
    time::{self, Window},
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{
    StoreError, campaigns,
    templates::{self, Kept},
};

use super::{id, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit, board::short, order};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/orders/templates", prepare, list),
        Route::get("/orders/templates/{id}", prepare, page),
        Route::post("/orders/templates/{id}/draft", prepare, draft),
        Route::post("/orders/templates/{id}/rename", prepare, rename),
        Route::post("/orders/templates/{id}/retire", prepare, retire),
        Route::post("/orders/{id}/template", prepare, keep),
    ]
}

struct Line {
    href: String,
    name: String,
    from: String,
    duties: usize,
    changed: String,
    changed_iso: String,
    by: String,
}

#[derive(Template)]
#[template(path = "after/templates.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(&'static str, String, bool, &'static str)>,
    lines: Vec<Line>,
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let all = templates::list(&mut v.app.db.read().await?, v.scope()).await?;
    let p = v.page(v.t("after-templates"));
    let line = |t: Kept| Line {
        href: format!("/orders/templates/{}", t.id),
        from: t.made_from.map(|f| f.1).unwrap_or_default(),
        duties: t.content.duties.len(),
        changed: p.time(&t.changed_at),
        changed_iso: p.iso(&t.changed_at),
        by: t.changed_by.unwrap_or_default(),
        name: t.name,
    };
    let lines = all.into_iter().map(line).collect();
    let tabs = order::tabs(&v, "/orders/templates");
    v.html(&ListPage { p, tabs, lines })
}

/// What was typed into the form that makes a draft, and which field is wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    name: String,
    from: String,
    to: String,
    #[serde(skip)]
    wrong: Option<(&'static str, String)>,
}

struct DutyView {
    code: String,
    name: String,
    quote: String,
    actor: String,
    due: String,
    evidence: String,
}

#[derive(Template)]
#[template(path = "after/template.html")]
struct TemplatePage {
    p: Page,
    id: String,
    name: String,
    version: i64,
    from: Option<(String, String)>,
    duties: Vec<DutyView>,
    lines: Vec<(String, usize)>,
    wanted: Wanted,
}

impl TemplatePage {
    fn e(&self, field: &str) -> String {
        self.wanted.wrong.as_ref().filter(|(f, _)| *f == field).map(|(_, t)| t.clone()).unwrap_or_default()
    }
}

async fn page(v: Visit, Path(template): Path<String>) -> Result<Response, AppError> {
    let kept = templates::get(&mut v.app.db.read().await?, v.scope(), id(&template)?).await?;
    let wanted = Wanted { name: kept.name.clone(), ..Wanted::default() };
    show(&v, kept, wanted)
}

fn show(v: &Visit, kept: Kept, wanted: Wanted) -> Result<Response, AppError> {
    let duties = kept.content.duties.iter().map(|d| DutyView {
        code: d.code.clone(),
        name: short(v, &d.code),
        quote: d.quote.clone(),
        actor: d.actor.clone().unwrap_or_default(),
        due: due(v, d.due),
        evidence: d.evidence.clone(),
    });
    let status = if wanted.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = TemplatePage {
        p: v.page(kept.name.clone()),
        id: kept.id.to_string(),
        version: kept.version,
        from: kept.made_from.map(|(id, name)| (format!("/orders/{id}"), name)),
        duties: duties.collect(),
        lines: kept.content.lines.iter().map(|l| (l.line.clone(), l.bodies.len())).collect(),
        name: kept.name,
        wanted,
    };
    Ok((status, v.html(&page)?).into_response())
}

/// `3 ngày trước khi bắt đầu`.
fn due(v: &Visit, due: Option<Due>) -> String {
    let Some(due) = due else { return v.t("after-due-rule") };
    let minutes = due.minutes.unsigned_abs();
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let mut span = Vec::new();
    for (n, unit) in [(days, "after-span-days"), (hours, "after-span-hours"), (rest, "after-span-minutes")] {
        if n > 0 {
            span.push(v.words().with(unit, [("n", n.into())]));
        }
    }
    let anchor = match due.from {
        Anchor::Issue => "issue",
        Anchor::Start => "start",
        Anchor::End => "end",
    };
    if span.is_empty() {
        return v.t(&format!("after-due-at-{anchor}"));
    }
    let side = if due.minutes < 0 { "before" } else { "after" };
    v.words().with(&format!("after-due-{side}-{anchor}"), [("span", span.join(" ").into())])
}

/// The window typed, or the field that is wrong.
fn window(from: &str, to: &str) -> Result<Option<Window>, (&'static str, &'static str)> {
    let day = |text: &str, field| match text.trim() {
        "" => Ok(None),
        text => text.parse::<Date>().map(Some).map_err(|_| (field, "error-date")),
    };
    match (day(from, "from")?, day(to, "to")?) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if from <= to => Ok(Some(Window::days(from, to))),
        (None, Some(_)) => Err(("from", "error-date")),
        _ => Err(("to", "error-after-window")),
    }
}

async fn draft(
    v: Visit,
    Path(template): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, AppError> {
    let template: Id<kind::Template> = id(&template)?;
    let back = async |wanted: Wanted, field, text: &str| {
        let kept = templates::get(&mut v.app.db.read().await?, v.scope(), template).await?;
        let wrong = Some((field, v.t(text)));
        show(&v, kept, Wanted { wrong, ..wanted })
    };
    let window = match window(&wanted.from, &wanted.to) {
        Ok(window) => window,
        Err((field, text)) => return back(wanted, field, text).await,
    };
    let new: Id<kind::Campaign> = v.id();
    let done = write!(v, tx => {
        templates::draft(tx, v.scope(), template, new, &wanted.name, window, &*v.app.ids).await
    });
    match done {
        Ok(()) => Ok(v.redirect(&format!("/orders/{new}"), Flash::ok("order-drafted"))),
        Err(StoreError::Refused("campaign-name")) => back(wanted, "name", "error-campaign-name").await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    version: i64,
}

async fn rename(
    v: Visit,
    Path(template): Path<String>,
    Form(named): Form<Named>,
) -> Result<Response, AppError> {
    let template: Id<kind::Template> = id(&template)?;
    let done = write!(v, tx => templates::rename(tx, v.scope(), template, named.version, &named.name).await);
    said(&v, &format!("/orders/templates/{template}"), done, "after-template-renamed")
}

#[derive(Deserialize)]
struct Nothing {}

async fn retire(
    v: Visit,
    Path(template): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    let template = id(&template)?;
    write!(v, tx => templates::retire(tx, v.scope(), template).await)?;
    Ok(v.redirect("/orders/templates", Flash::ok("after-template-retired")))
}

async fn keep(
    v: Visit,
    Path(campaign): Path<String>,
    Form(named): Form<Named>,
) -> Result<Response, AppError> {
    let campaign: Id<kind::Campaign> = id(&campaign)?;
    let new: Id<kind::Template> = v.id();
    let issued = campaigns::get(&mut v.app.db.read().await?, v.scope(), campaign).await?.issued_at;
    let pack = v.app.legal.on(time::date(issued.unwrap_or(v.now)));
    let done = write!(v, tx => templates::keep(tx, v.scope(), new, campaign, &named.name, pack).await);
    match done {
        Ok(()) => Ok(v.redirect(&format!("/orders/templates/{new}"), Flash::ok("after-template-kept"))),
        refused => said(&v, &format!("/orders/{campaign}"), refused, ""),
    }
}

/// Where a name of one line is refused, nothing is lost that is not quicker typed again than shown.
fn said(v: &Visit, to: &str, done: Result<(), StoreError>, ok: &str) -> Result<Response, AppError> {
    match done {
        Ok(()) => Ok(v.redirect(to, Flash::ok(ok))),
        Err(StoreError::Refused(why)) => Ok(v.redirect(to, Flash::bad(&format!("error-{why}")))),
        Err(StoreError::Stale) => Ok(v.redirect(to, Flash::bad("error-stale"))),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_whole_or_left_out() {
        assert_eq!(window("", " "), Ok(None));
        assert!(window("2028-01-24", "2028-02-01").unwrap().is_some());
        assert_eq!(window("2028-02-01", "2028-01-24"), Err(("to", "error-after-window")));
        assert_eq!(window("2028-02-01", ""), Err(("to", "error-after-window")));
        assert_eq!(window("", "2028-02-01"), Err(("from", "error-date")));
        assert_eq!(window("tết", ""), Err(("from", "error-date")));
    }
}
