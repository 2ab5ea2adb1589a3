//! Lessons of a campaign: written down, taken back, put into a template.

use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    id::{Id, kind},
    order::template::Change,
    right::Right,
};
use serde::Deserialize;
use store::{
    Sql, StoreError,
    board::Campaign,
    register::require,
    templates::{self, NewLesson},
};

use super::{id, outcome::show, write};
use crate::{Access, AppError, Flash, Form, Route, Visit, board::short};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::post("/reports/after/{campaign}/lessons", prepare, learn),
        Route::post("/reports/after/{campaign}/lessons/{lesson}/remove", prepare, remove),
        Route::post("/reports/after/{campaign}/lessons/{lesson}/apply", prepare, apply),
    ]
}

/// What stands in the form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub text: String,
    pub kind: String,
    pub code: String,
    pub hours: String,
    pub words: String,
    /// Which field is wrong, and the id of what is said of it.
    #[serde(skip)]
    pub wrong: Option<(&'static str, &'static str)>,
}

/// The part of the page about lessons; only for those who prepare orders there.
pub(super) struct Lessons {
    pub list: Vec<LessonView>,
    pub templates: Vec<(String, String)>,
    pub codes: Vec<(String, String)>,
    pub kinds: Vec<(String, String)>,
    pub typed: Typed,
    words: crate::Words,
}

pub(super) struct LessonView {
    pub id: String,
    pub text: String,
    pub change: String,
    pub at: String,
    pub iso: String,
    pub by: String,
    /// Name and address of the template it went into; empty while it has not.
    pub applied: String,
    pub applied_href: String,
    pub changes: bool,
}

impl Lessons {
    pub(super) fn status(&self) -> StatusCode {
        if self.typed.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
    }
    /// What is wrong with a field, in words.
    pub(super) fn e(&self, field: &str) -> String {
        self.typed.wrong.filter(|(f, _)| *f == field).map(|(_, text)| self.words.t(text)).unwrap_or_default()
    }
}

pub(super) async fn load(
    v: &Visit,
    sql: &mut Sql,
    campaign: &Campaign,
    typed: Typed,
) -> Result<Option<Lessons>, AppError> {
    if require(sql, v.scope(), Right::Prepare, campaign.body).await.is_err() {
        return Ok(None);
    }
    let p = v.page("");
    let list = templates::lessons(sql, v.scope(), campaign.id).await?;
    let list = list.into_iter().map(|l| LessonView {
        id: l.id.to_string(),
        change: said(v, &l.change),
        at: p.time(&l.at),
        iso: p.iso(&l.at),
        by: l.by.unwrap_or_default(),
        applied: l.applied.as_ref().map(|a| a.1.clone()).unwrap_or_default(),
        applied_href: l.applied.map(|a| format!("/orders/templates/{}", a.0)).unwrap_or_default(),
        changes: l.change != Change::None,
        text: l.text,
    });
    let kinds = ["none", "add", "drop", "due", "evidence"];
    Ok(Some(Lessons {
        list: list.collect(),
        templates: templates::list(sql, v.scope())
            .await?
            .into_iter()
            .map(|t| (t.id.to_string(), t.name))
            .collect(),
        codes: v
            .pack()
            .duties()
            .iter()
            .filter(|d| d.owed)
            .map(|d| (d.code.to_string(), format!("{} · {}", d.code, short(v, d.code.as_str()))))
            .collect(),
        kinds: kinds.map(|k| (k.to_owned(), v.t(&format!("after-change-{k}")))).into(),
        typed,
        words: v.words(),
    }))
}

/// A change in words.
pub(super) fn said(v: &Visit, change: &Change) -> String {
    let duty = |code: &str| format!("{code} · {}", short(v, code));
    match change {
        Change::None => String::new(),
        Change::Add { code, quote } => {
            v.words().with("after-said-add", [("duty", duty(code).into()), ("words", quote.as_str().into())])
        }
        Change::Drop { code } => v.words().with("after-said-drop", [("duty", duty(code).into())]),
        Change::Due { code, hours_before } => {
            v.words().with("after-said-due", [("duty", duty(code).into()), ("hours", (*hours_before).into())])
        }
        Change::Evidence { code, evidence } => v
            .words()
            .with("after-said-evidence", [("duty", duty(code).into()), ("words", evidence.as_str().into())]),
    }
}

/// What the form means, or which field is wrong.
fn change(typed: &Typed) -> Result<Change, (&'static str, &'static str)> {
    let code = typed.code.trim().to_owned();
    if typed.kind != "none" && !typed.kind.is_empty() && domain::duty::Code::new(&code).is_err() {
        return Err(("code", "error-choose"));
    }
    let words = || match typed.words.trim() {
        "" => Err(("words", "error-after-required")),
        words => Ok(words.to_owned()),
    };
    match typed.kind.as_str() {
        "" | "none" => Ok(Change::None),
        "add" => Ok(Change::Add { code, quote: words()? }),
        "drop" => Ok(Change::Drop { code }),
        // A year either way: whoever means more means another template.
        "due" => match typed.hours.trim().parse::<i64>() {
            Ok(hours_before) if hours_before.abs() <= 24 * 366 => Ok(Change::Due { code, hours_before }),
            _ => Err(("hours", "error-after-hours")),
        },
        "evidence" => Ok(Change::Evidence { code, evidence: words()? }),
        _ => Err(("kind", "error-choose")),
    }
}

async fn learn(
    v: Visit,
    Path(campaign): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let campaign: Id<kind::Campaign> = id(&campaign)?;
    let wrong = |wrong| Typed { wrong: Some(wrong), ..typed.clone() };
    if typed.text.trim().is_empty() {
        return show(&v, campaign, wrong(("text", "error-after-required"))).await;
    }
    let change = match change(&typed) {
        Ok(change) => change,
        Err(bad) => return show(&v, campaign, wrong(bad)).await,
    };
    let new = NewLesson { id: v.id(), campaign, text: typed.text.clone(), change };
    match write!(v, tx => templates::learn(tx, v.scope(), &new).await) {
        Err(StoreError::Refused("lesson-text")) => {
            show(&v, campaign, wrong(("text", "error-lesson-text"))).await
        }
        done => {
            done?;
            Ok(v.redirect(&format!("/reports/after/{campaign}#lessons"), Flash::ok("after-lesson-kept")))
        }
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn remove(
    v: Visit,
    Path((campaign, lesson)): Path<(String, String)>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    let (campaign, lesson): (Id<kind::Campaign>, Id<kind::Lesson>) = (id(&campaign)?, id(&lesson)?);
    let done = write!(v, tx => templates::unlearn(tx, v.scope(), lesson).await);
    answer(&v, campaign, done, "after-lesson-removed")
}

#[derive(Deserialize)]
struct Into {
    template: String,
}

async fn apply(
    v: Visit,
    Path((campaign, lesson)): Path<(String, String)>,
    Form(into): Form<Into>,
) -> Result<Response, AppError> {
    let (campaign, lesson): (Id<kind::Campaign>, Id<kind::Lesson>) = (id(&campaign)?, id(&lesson)?);
    let template = id(&into.template)?;
    let done = write!(v, tx => templates::apply(tx, v.scope(), lesson, template).await);
    answer(&v, campaign, done, "after-lesson-applied")
}

/// A refusal is said on the page; nothing was typed that could be lost.
fn answer(
    v: &Visit,
    campaign: Id<kind::Campaign>,
    done: Result<(), StoreError>,
    ok: &str,
) -> Result<Response, AppError> {
    let flash = match done {
        Ok(()) => Flash::ok(ok),
        Err(StoreError::Refused(why)) => Flash::bad(&format!("error-{why}")),
        Err(error) => return Err(error.into()),
    };
    Ok(v.redirect(&format!("/reports/after/{campaign}#lessons"), flash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(kind: &str, code: &str, hours: &str, words: &str) -> Typed {
        Typed {
            kind: kind.into(),
            code: code.into(),
            hours: hours.into(),
            words: words.into(),
            ..Typed::default()
        }
    }

    #[test]
    fn a_form_means_a_change_or_says_which_field_is_wrong() {
        assert_eq!(change(&typed("", "", "", "")), Ok(Change::None));
        assert_eq!(
            change(&typed("due", "VREV", " -24 ", "")),
            Ok(Change::Due { code: "VREV".into(), hours_before: -24 })
        );
        assert_eq!(change(&typed("due", "VREV", "sớm", "")), Err(("hours", "error-after-hours")));
        assert_eq!(change(&typed("due", "VREV", "999999", "")), Err(("hours", "error-after-hours")));
        assert_eq!(change(&typed("add", "VREV", "", " ")), Err(("words", "error-after-required")));
        assert_eq!(change(&typed("drop", "không", "", "")), Err(("code", "error-choose")));
        assert_eq!(change(&typed("burn", "VREV", "", "")), Err(("kind", "error-choose")));
    }
}
