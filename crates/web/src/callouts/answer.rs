//! `/c/{token}`: the page behind a message's button. Looking changes nothing, however often a scanner looks; only the
//! page's own button answers, for the person the token was given to.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::Response,
};
use domain::{actor::Actor, paging::Standing};
use store::{
    callouts::{self, Answer, Callout},
    sign_in::{InstanceKey, text},
};

use super::{list, say, tools};
use crate::{Access, AppError, Flash, Page, Route, User, Visit, form};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/c/{callout_link}", Access::Public, show),
        Route::post("/c/{callout_link}", Access::Public, act),
    ]
}

#[derive(Template)]
#[template(path = "callouts/answer.html")]
struct AnswerPage {
    p: Page,
    token: String,
    name: String,
    c: list::Row,
    open: bool,
    over: bool,
    own: bool,
}

/// The form's token: bound to the answer token, so that it needs no cookie and another site cannot make it.
fn form_token(v: &Visit, token: &str) -> String {
    text(&InstanceKey::new(v.app.config.instance_key).mac("callout-form", &[token.as_bytes()]))
}

/// The visit of whoever the token was given to. Every wrong token is the same 404.
async fn open(v: Visit, token: &str) -> Result<(Visit, Callout, callouts::Shown), AppError> {
    let mut sql = v.app.db.read().await?;
    let (callout, person) = callouts::peek(&mut sql, token).await?;
    let scope = domain::actor::Scope::nothing();
    let shown = callouts::get(&mut sql, &scope, Some(person), callout.id).await?;
    let name = callouts::name(&mut sql, person).await?;
    drop(sql);
    let user = User {
        actor: Actor::Person(person),
        person: Some(person),
        name,
        csrf: form_token(&v, token),
        ..User::nobody()
    };
    Ok((Visit { user: Arc::new(user), ..v }, callout, shown))
}

async fn show(v: Visit, Path(token): Path<String>) -> Result<Response, AppError> {
    let (v, callout, shown) = open(v, &token).await?;
    let mut p = v.page(say::title(&v, &callout));
    // The person is known by the token alone: the frame of somebody signed in would promise more.
    (p.user, p.nav, p.tabs) = (None, Vec::new(), Vec::new());
    let standing = callout.state.standing;
    let page = AnswerPage {
        c: list::row(&v, &p, &shown),
        open: standing == Standing::Open || standing == Standing::Acknowledged,
        over: standing.is_over(),
        own: callout.taken.as_ref().is_some_and(|t| Some(t.person) == v.user.person),
        name: v.user.name.clone(),
        token,
        p,
    };
    let mut response = v.html(&page)?;
    // The address is a key: no other site, and no log of one, may learn it.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

async fn act(
    v: Visit,
    Path(token): Path<String>,
    form::Plain(fields): form::Plain<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let (v, _, _) = open(v, &token).await?;
    form::check_csrf(&v.user, fields.get("csrf").map(String::as_str))?;
    let answer = match fields.get("do").map(String::as_str) {
        Some("escalate") => Answer::Escalate,
        _ => Answer::Acknowledge,
    };
    let back = format!("/c/{token}");
    match callouts::answer(&v.app.db, &tools(&v), v.now, &token, answer, "link").await {
        Ok(done) if !done.changed => Ok(v.redirect(&back, Flash::ok("callout-done-before"))),
        Ok(_) if answer == Answer::Escalate => Ok(v.redirect(&back, Flash::ok("callout-done-passed-on"))),
        Ok(_) => Ok(v.redirect(&back, Flash::ok("callout-done-taken"))),
        Err(error) => match error.into() {
            AppError::Refused(why) => Ok(v.redirect(&back, Flash::bad(&why))),
            other => Err(other),
        },
    }
}
