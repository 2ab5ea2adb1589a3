//! Passing a request down the tree.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::right::Right;
use serde::Deserialize;
use store::{
    register::bodies,
    requests::{self, PassOn},
};

use super::{RequestId, id, known, local, new::ids, tools, why_text, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const ISSUE: Access = Access::Right(Right::Issue);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/requests/{id}/pass-on", ISSUE, form),
        Route::post("/requests/{id}/pass-on", ISSUE, post),
    ]
}

/// As typed.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    to: Vec<String>,
    due: String,
    note: String,
    #[serde(skip)]
    error: String,
}

#[derive(Template)]
#[template(path = "requests/pass_on.html")]
struct PassPage {
    p: Page,
    id: String,
    title: String,
    body: String,
    due: String,
    typed: Typed,
    /// Id, name, chosen, asked already.
    below: Vec<(String, String, bool, bool)>,
}

async fn form(v: Visit, Path(request): Path<String>) -> Result<Response, AppError> {
    shown(&v, id(&request)?, Typed::default()).await
}

async fn shown(v: &Visit, id: RequestId, typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let r = requests::get(&mut sql, v.scope(), id).await?;
    if !r.rights.pass_on {
        return Err(AppError::NotFound);
    }
    let asked = requests::descendants(&mut sql, v.scope(), id, v.now).await?;
    let nodes = bodies::choices(&mut sql, v.scope(), Right::Issue).await?;
    drop(sql);
    // Nodes come parents first: everything below the body that was asked.
    let mut inside = vec![r.brief.body];
    let mut below = Vec::new();
    let top = nodes.iter().find(|n| n.body.id == r.brief.body).map_or(0, |n| n.depth.saturating_add(1));
    for node in &nodes {
        if node.body.parent.is_none_or(|p| !inside.contains(&p)) {
            continue;
        }
        inside.push(node.body.id);
        let key = node.body.id.to_string();
        let already = asked.iter().any(|b| b.parent == Some(id) && b.body == node.body.id);
        let indent = "\u{2003}".repeat(node.depth.saturating_sub(top) as usize);
        let on = typed.to.contains(&key);
        below.push((key, format!("{indent}{}", node.body.name), on, already));
    }
    let p = v.page(v.t("request-pass-on"));
    let bad = !typed.error.is_empty();
    let page = PassPage {
        id: id.to_string(),
        due: p.time(&r.brief.due),
        title: r.brief.title,
        body: r.brief.body_name,
        typed,
        below,
        p,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn post(
    v: Visit,
    Path(request): Path<String>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, AppError> {
    let id = known(&v, &request).await?;
    let done = match (ids(&typed.to), local(&typed.due)) {
        (Err(error), _) | (_, Err(error)) => Err(error),
        (Ok(to), Ok(due)) => pass(&v, id, &PassOn { to, due, note: typed.note.clone() }).await,
    };
    match done {
        Ok(made) => Ok(v.redirect(
            &format!("/requests/{id}#below"),
            Flash::ok("request-passed-done").what(&made.len().to_string()),
        )),
        Err(AppError::Refused(why)) => {
            typed.error = v.t(why_text(&why));
            shown(&v, id, typed).await
        }
        Err(error) => Err(error),
    }
}

/// Passes it on; the one way of page and API.
pub(super) async fn pass(v: &Visit, id: RequestId, what: &PassOn) -> Result<Vec<RequestId>, AppError> {
    let tools = tools(v);
    Ok(write!(v, tx => requests::pass_on(tx, v.scope(), &tools, id, what).await)?)
}
