//! Saying how lines are: one tap for one line, one for all that are due.

use std::collections::HashMap;

use axum::{extract::Path, response::Response};
use domain::{line::LineState, right::Right};
use serde::Deserialize;
use store::lines::{self, Said};

use super::{LineId, page, tools, write};
use crate::{Access, AppError, Flash, Form, Route, Visit};

const ANSWER: Access = Access::Right(Right::Answer);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/lines/{id}/report", ANSWER, one), Route::post("/lines/report", ANSWER, many)]
}

async fn one(
    v: Visit,
    Path(line): Path<LineId>,
    Form(given): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let given = |field: &str| given.get(field).map_or("", String::as_str);
    let state = LineState::parse(given("state")).ok_or_else(|| AppError::Unreadable("state".into()))?;
    let tools = tools(&v);
    let done = write!(v, tx => lines::report(tx, v.scope(), &tools, line, state, given("note")).await);
    // Whoever reports that a line is down is asked for the cause next.
    let list = given("back") == "list" && state != LineState::Down;
    let to = if list { "/lines".to_owned() } else { page(line) };
    match done.map_err(AppError::from) {
        Ok(()) => Ok(v.redirect(&to, Flash::ok(&format!("lines-reported-{state}")))),
        Err(AppError::Refused(code)) if code == "error-text-long" => {
            Ok(v.redirect(&page(line), Flash::bad("error-line-note-long")))
        }
        other => v.acted(&page(line), other, "lines-reported-ok"),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Many {
    line: Vec<LineId>,
}

/// All of them work.
async fn many(v: Visit, Form(given): Form<Many>) -> Result<Response, AppError> {
    let say = |line| Said { line, state: LineState::Ok, note: String::new() };
    let all: Vec<Said> = given.line.into_iter().map(say).collect();
    let (tools, n) = (tools(&v), all.len().to_string());
    match write!(v, tx => lines::report_many(tx, v.scope(), &tools, &all).await).map_err(AppError::from) {
        Ok(()) => Ok(v.redirect("/lines", Flash::ok("lines-reported-many").what(&n))),
        other => v.acted("/lines", other, "lines-reported-many"),
    }
}
