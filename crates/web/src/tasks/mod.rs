//! What a body owes and proves: its to-do list, its assignments and duties, evidence, review, chasing.
//!
//! Pages and API call the same functions: those of `store::assignments` directly, or of [`act`] where files are read.

mod act;
mod api;
mod assignment;
mod files;
mod list;
mod review;
mod show;
mod task;
mod todo;
pub(crate) mod upload;

use axum::response::Response;
use domain::{
    id::{Id, kind},
    time,
};
use jiff::Timestamp;
use store::assignments::Tools;

use crate::{
    AppError, Flash, Route, Visit,
    act::{id, write},
};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = todo::routes();
    all.extend(list::routes());
    all.extend(assignment::routes());
    all.extend(task::routes());
    all.extend(review::routes());
    all.extend(files::routes());
    all.extend(api::routes());
    all
}

/// What writes need from outside.
fn tools(v: &Visit) -> Tools<'_> {
    Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.app.legal.on(time::date(v.now)) }
}

/// The body whose duties are meant: the one asked for, else the one somebody works for, else the first they hold a
/// role at.
fn body(v: &Visit, asked: &str) -> Option<Id<kind::Body>> {
    asked.parse().ok().or(v.user.body).or_else(|| v.scope().grants().first().map(|(_, b)| *b))
}

/// After a button: back where it was, saying what was done, or why it cannot be.
fn back(v: &Visit, to: &str, done: Result<Flash, AppError>) -> Result<Response, AppError> {
    match done {
        Ok(flash) => Ok(v.redirect(to, flash)),
        Err(AppError::Refused(why)) => Ok(v.redirect(to, Flash::bad(&why))),
        Err(other) => Err(other),
    }
}

/// What somebody typed into a form that could not be accepted, shown again beside the reason.
#[derive(Debug, Clone, Default)]
struct Typed {
    /// Which form.
    form: &'static str,
    /// The words typed.
    text: String,
    /// Why not, translated.
    error: String,
}

impl Typed {
    /// What was typed, if the error is one to be shown at the form.
    fn of(v: &Visit, form: &'static str, text: &str, error: AppError) -> Result<Self, AppError> {
        match error {
            AppError::Refused(why) => Ok(Self { form, text: text.to_owned(), error: v.t(&why) }),
            other => Err(other),
        }
    }
    /// The words to show in that form.
    fn text(&self, form: &str) -> &str {
        if self.form == form { &self.text } else { "" }
    }
    /// The error to show at that form.
    fn error(&self, form: &str) -> &str {
        if self.form == form { &self.error } else { "" }
    }
}

/// The last row of a page, as the next page's start.
pub(crate) fn cursor<K>(at: Timestamp, id: Id<K>) -> String {
    format!("{}.{id}", at.as_microsecond())
}

/// Reads a cursor; a broken one is the start.
pub(crate) fn after<K>(text: &str) -> Option<(Timestamp, Id<K>)> {
    let (at, id) = text.split_once('.')?;
    Some((time::from_micros(at.parse().ok()?), id.parse().ok()?))
}
