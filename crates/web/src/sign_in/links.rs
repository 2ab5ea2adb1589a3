//! One-time links: `/l/{token}`. Looking changes nothing but the time of first opening; only the page's own button acts.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::actor::Actor;
use store::sign_in::{
    links::{self, Link, Purpose},
    text,
};

use super::{identify::key, link_acts};
use crate::{Access, AppError, Flash, Page, Route, User, Visit, form};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/l/{link}", Access::Public, show), Route::post("/l/{link}", Access::Public, act)]
}

/// What a handler of links gives back.
pub type Doing<T> = Pin<Box<dyn Future<Output = Result<T, AppError>> + Send>>;

/// What the page of a link shows, all of it already in the reader's language.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// What it is: the heading.
    pub title: String,
    /// The words of the order, the question …: paragraphs.
    pub told: Vec<String>,
    /// Name and time that will be recorded, and under which capacity.
    pub note: String,
    /// The deed's name on its button; empty if there is nothing to do but read.
    pub button: String,
    /// The label of a text to be written (an answer); empty for none.
    pub ask: String,
    /// What was typed before, and what is wrong with it.
    pub typed: String,
    /// Said at the text, already translated; empty if nothing is wrong.
    pub error: String,
    /// What was done, after the deed; or why there is nothing to press.
    pub done: String,
    /// Whatever else is asked; shown above the button, in order.
    pub fields: Vec<Asked>,
}

/// Something a link's page asks besides a text.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What kind.
    pub kind: Kind,
    /// Its name in the form.
    pub name: String,
    /// What stands in it; of a choice, what choosing it says.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// What it means; empty for none.
    pub hint: String,
    /// Whether a choice is chosen.
    pub on: bool,
}

/// What kind of field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Carried along unseen.
    #[default]
    Hidden,
    /// One of several of the same name.
    Choice,
    /// A number, which may stay blank.
    Number,
    /// Some lines of text, which may stay blank.
    Text,
}

/// How links of one purpose work. The visit they are given acts as the link's person, with the person's present rights
/// narrowed to the purpose, and is recorded as done through the link.
pub struct LinkAct {
    /// Which links.
    pub purpose: Purpose,
    /// What the page shows; changes nothing. Also called for used links, to say what was done.
    pub show: fn(Visit, Link) -> Doing<Shown>,
    /// Does the act. It must call `links::use_up(tx, link.id)` in the same write as the act itself, so that of two
    /// presses only one acts. `AppError::Invalid` shows the page again with the text that was typed.
    pub act: fn(Visit, Link, HashMap<String, String>) -> Doing<()>,
}

#[derive(Template)]
#[template(path = "sign_in/link.html")]
struct LinkPage {
    p: Page,
    shown: Shown,
    state: State,
    when: String,
    used_iso: String,
    name: String,
    address: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Used,
    Ended,
}

/// The token of the page's form: bound to the link, so it needs no cookie and no session, and another site cannot make it.
fn form_token(visit: &Visit, link: &Link) -> String {
    text(&key(&visit.app).mac("link-form", &[link.id.uuid().as_bytes()]))
}

/// The link behind an address, and the visit of its person. Every wrong address is the same 404.
async fn open(visit: Visit, token: &str) -> Result<(Visit, Link), AppError> {
    let id = links::read_token(&key(&visit.app), token).ok_or(AppError::NotFound)?;
    let mut sql = visit.app.db.read().await?;
    let link = links::find(&mut sql, id).await?.ok_or(AppError::NotFound)?;
    let scope = links::scope(&mut sql, &link, visit.now).await?;
    drop(sql);
    let user = User {
        actor: Actor::Link(link.id, link.person),
        scope,
        person: Some(link.person),
        name: link.name.clone(),
        csrf: form_token(&visit, &link),
        lang: Some(link.lang.clone()),
        ..User::nobody()
    };
    Ok((Visit { user: Arc::new(user), ..visit }, link))
}

fn find(purpose: Purpose) -> Option<LinkAct> {
    link_acts::acts().into_iter().find(|a| a.purpose == purpose)
}

async fn show(visit: Visit, method: Method, Path(token): Path<String>) -> Result<Response, AppError> {
    let (visit, link) = open(visit, &token).await?;
    let Some(how) = find(link.purpose) else { return Ok(Redirect::to("/login").into_response()) };
    // HEAD is how scanners ask; a person's browser asks by GET.
    if method == Method::GET && link.open(visit.now) {
        links::opened(&visit.app.db, &link, visit.now).await?;
    }
    let shown = (how.show)(visit.clone(), link.clone()).await?;
    page(&visit, &link, &token, shown)
}

fn page(visit: &Visit, link: &Link, token: &str, shown: Shown) -> Result<Response, AppError> {
    let mut p = visit.page(shown.title.clone());
    // The person is known by the link alone: the frame of somebody signed in would promise more.
    (p.user, p.nav, p.tabs) = (None, Vec::new(), Vec::new());
    let state = match () {
        () if link.used_at.is_some() => State::Used,
        () if !link.open(visit.now) => State::Ended,
        () => State::Open,
    };
    let when = link.used_at.map(|at| p.time(&at)).unwrap_or_default();
    let used_iso = link.used_at.map(|at| p.iso(&at)).unwrap_or_default();
    let (name, address) = (link.name.clone(), format!("/l/{token}"));
    let mut response = visit.html(&LinkPage { p, shown, state, when, used_iso, name, address })?;
    // The address is a key: no other site, and no log of one, may learn it.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

async fn act(
    visit: Visit,
    Path(token): Path<String>,
    form::Plain(fields): form::Plain<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let (visit, link) = open(visit, &token).await?;
    form::check_csrf(&visit.user, fields.get("csrf").map(String::as_str))?;
    let how = find(link.purpose).ok_or(AppError::NotFound)?;
    let typed = fields.get("text").cloned().unwrap_or_default();
    let back = format!("/l/{token}");
    match (how.act)(visit.clone(), link.clone(), fields.clone()).await {
        Ok(()) => Ok(visit.redirect(&back, Flash::ok("sign-in-link-done"))),
        Err(AppError::Refused(why)) => Ok(visit.redirect(&back, Flash::bad(&why))),
        Err(AppError::Invalid(errors)) => {
            let shown = (how.show)(visit.clone(), link.clone()).await?;
            let error = errors.first().map(|e| visit.t(&e.code)).unwrap_or_default();
            let mut shown = Shown { typed, error, ..shown };
            for asked in shown.fields.iter_mut().filter(|a| a.kind != Kind::Hidden) {
                let given = fields.get(&asked.name).cloned().unwrap_or_default();
                match asked.kind {
                    Kind::Choice => asked.on = asked.value == given,
                    _ => asked.value = given,
                }
            }
            page(&visit, &link, &token, shown)
        }
        Err(other) => Err(other),
    }
}
