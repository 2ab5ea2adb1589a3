//! One-time links: `/l/{token}`. Looking changes nothing but the time of first opening; only the page's own button acts.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use askama::Template;
use axum::{
    extract::{Multipart, Path, multipart::MultipartRejection},
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::actor::Actor;
use store::sign_in::{
    links::{self, Link, Purpose},
    text,
};

use super::{identify::key, link_acts};
use crate::{
    Access, AppError, Flash, LIMIT_EVIDENCE, Page, Route, User, Visit, form,
    tasks::upload::{self, Kept},
};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/l/{link}", Access::Public, show),
        Route::post("/l/{link}", Access::Public, act),
        Route::page(Method::POST, "/l/{link}/file", Access::Public, LIMIT_EVIDENCE, act_with_file),
    ]
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

impl Shown {
    fn takes_file(&self) -> bool {
        self.fields.iter().any(|f| f.kind == Kind::File)
    }
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
    /// A file, which may be left out. One a form.
    File,
}

/// What came from a link's page.
pub struct Sent {
    /// Its fields.
    pub fields: HashMap<String, String>,
    /// Its file, stored already.
    pub(crate) file: Option<Kept>,
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
    pub act: fn(Visit, Link, Sent) -> Doing<()>,
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
    done(visit, link, &token, Sent { fields, file: None }).await
}

/// The same of a page that asks for a file. Nothing is stored for a link that is good for nothing any more, nor before
/// the token of its form was seen.
async fn act_with_file(
    visit: Visit,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, AppError> {
    let (visit, link) = open(visit, &token).await?;
    let how = find(link.purpose).ok_or(AppError::NotFound)?;
    if !link.open(visit.now) {
        return Ok(visit.redirect(&format!("/l/{token}"), Flash::bad("error-link-ended")));
    }
    let shown = (how.show)(visit.clone(), link.clone()).await?;
    if !shown.takes_file() {
        return Err(AppError::NotFound);
    }
    let given = upload::receive_all(&visit, &headers, form).await?;
    match given.refused {
        Some(why) => again(&visit, &link, &token, &given.fields, &why).await,
        None => done(visit, link, &token, Sent { fields: given.fields, file: given.file }).await,
    }
}

/// The page once more, with what was typed and what is wrong with it.
async fn again(
    visit: &Visit,
    link: &Link,
    token: &str,
    fields: &HashMap<String, String>,
    error: &str,
) -> Result<Response, AppError> {
    let how = find(link.purpose).ok_or(AppError::NotFound)?;
    let shown = (how.show)(visit.clone(), link.clone()).await?;
    let typed = fields.get("text").cloned().unwrap_or_default();
    let mut shown = Shown { typed, error: visit.t(error), ..shown };
    for asked in shown.fields.iter_mut().filter(|a| !matches!(a.kind, Kind::Hidden | Kind::File)) {
        let given = fields.get(&asked.name).cloned().unwrap_or_default();
        match asked.kind {
            Kind::Choice => asked.on = asked.value == given,
            _ => asked.value = given,
        }
    }
    page(visit, link, token, shown)
}

async fn done(visit: Visit, link: Link, token: &str, sent: Sent) -> Result<Response, AppError> {
    let how = find(link.purpose).ok_or(AppError::NotFound)?;
    let (back, fields) = (format!("/l/{token}"), sent.fields.clone());
    match (how.act)(visit.clone(), link.clone(), sent).await {
        Ok(()) => Ok(visit.redirect(&back, Flash::ok("sign-in-link-done"))),
        Err(AppError::Refused(why)) => Ok(visit.redirect(&back, Flash::bad(&why))),
        Err(AppError::Invalid(errors)) => {
            let error = errors.first().map(|e| e.code.clone()).unwrap_or_default();
            again(&visit, &link, token, &fields, &error).await
        }
        Err(other) => Err(other),
    }
}
