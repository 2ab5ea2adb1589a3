//! Pages and API. Floor 3: it meets `watch` and `intake` only in the store.
//!
//! How a request goes: [`router()`] lists every [`Route`]; `sign_in` finds out who asks ([`User`]) and `gate` whether the route
//! is theirs at all; the handler takes a [`Visit`] (who, when, in which language), calls the store — where rights are
//! checked in the query — and answers with a page ([`Page`] + askama), a redirect with a [`Flash`], or JSON.
//! Whatever goes wrong is an [`AppError`], rendered at the edge as a page or as problem+json.

mod act;
mod after;
mod alerts;
mod app;
pub mod assets;
mod audit;
mod board;
mod callouts;
mod compress;
mod counts;
mod error;
mod flash;
mod form;
mod gate;
mod home;
pub mod hosts;
mod hunts;
mod incoming;
pub mod indicators;
mod inspections;
mod intake;
mod lines;
mod live;
mod logs;
mod notices;
pub mod openapi;
mod order;
mod page;
mod prefs;
mod quick_reports;
mod register;
mod report;
mod requests;
mod retention;
mod review;
mod rosters;
mod route;
mod rules;
mod search;
mod security;
mod sign_in;
mod siren;
mod sources;
mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
mod troubles;
mod user;
mod visit;
mod words;

pub use crate::{
    after::Movements,
    app::{App, Config, VoiceDoor, Ways},
    error::{AppError, FieldError},
    flash::Flash,
    form::{ApiGuard, Form, Json, Upload, UploadedFile},
    logs::Searches,
    page::{NavItem, Page, UserMenu},
    register::table_refused,
    route::{Access, LIMIT_EVIDENCE, LIMIT_FORM, LIMIT_LETTER, Route, router, routes},
    rules::RuleBook,
    security::Guard,
    sign_in::links,
    user::User,
    visit::Visit,
    words::{Lang, Words},
};
