//! The pages of signing in: password or first-login code → set-up or second factor → where one wanted to go.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::Query,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::Deserialize;
use store::{
    StoreError,
    sign_in::{
        accounts, first, recovery,
        sessions::{self, Session, Stage},
        text,
    },
};

use super::{
    act::{self, Factor},
    cookies,
    identify::{Asker, guest_csrf, key},
    password,
};
use crate::{Access, AppError, Flash, Form, Page, Route, User, Visit};

const LOGIN: &str = "/login";
const SECOND: &str = "/login/code";
const SET_UP: &str = "/login/set-up";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(LOGIN, Access::Public, ask),
        Route::post(LOGIN, Access::Public, answer),
        Route::get(SECOND, Access::Public, ask_second),
        Route::post(SECOND, Access::Public, answer_second),
        Route::get(SET_UP, Access::Public, set_up),
        Route::post("/login/password", Access::Public, set_password),
        Route::post("/login/totp", Access::Public, prove),
        Route::post("/logout", Access::Public, out),
    ]
}

#[derive(Deserialize)]
struct Where {
    #[serde(default)]
    next: String,
}

/// Where one wanted to go, if it is a place of ours.
fn local(next: &str) -> &str {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if ours && !next.starts_with(LOGIN) { next } else { "/" }
}

fn with_next(path: &str, next: &str) -> String {
    let next: String = form_urlencoded::byte_serialize(local(next).as_bytes()).collect();
    format!("{path}?next={next}")
}

#[derive(Template)]
#[template(path = "sign_in/login.html")]
struct LoginPage {
    p: Page,
    next: String,
    login: String,
    error: String,
}

#[derive(Template)]
#[template(path = "sign_in/second.html")]
struct SecondPage {
    p: Page,
    next: String,
    error: String,
}

#[derive(Template)]
#[template(path = "sign_in/set_up.html")]
struct SetUpPage {
    p: Page,
    next: String,
    login: String,
    /// Whether the password is still to be set; the second factor comes after it.
    password: bool,
    qr: String,
    key: String,
    error: String,
}

#[derive(Template)]
#[template(path = "sign_in/codes.html")]
pub(super) struct CodesPage {
    pub p: Page,
    pub codes: Vec<String>,
    pub next: String,
}

/// A page with a form, its error said and its status set.
fn refused(visit: &Visit, page: &impl Template, status: StatusCode) -> Result<Response, AppError> {
    let mut response = visit.html(page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// How long to wait, in words.
pub(super) fn waiting(visit: &Visit, until: Timestamp) -> String {
    let seconds = until.duration_since(visit.now).as_secs().max(1);
    visit.words().with("sign-in-wait", [("seconds", seconds.into())])
}

async fn ask(
    visit: Visit,
    asker: Asker,
    headers: HeaderMap,
    Query(to): Query<Where>,
) -> Result<Response, AppError> {
    if visit.user.is_known() {
        return Ok(Redirect::to(local(&to.next)).into_response());
    }
    let guest = asker.jar.get(&headers, cookies::GUEST);
    let fresh = guest.is_none().then(|| text(&visit.app.secrets.bytes()));
    let visit = match (&asker.session, guest.as_ref().or(fresh.as_ref())) {
        (None, Some(guest)) => {
            let user = User { csrf: guest_csrf(&visit.app, guest), ..(*visit.user).clone() };
            Visit { user: Arc::new(user), ..visit }
        }
        _ => visit,
    };
    let (p, next) = (visit.page(visit.t("sign-in-title")), local(&to.next).to_owned());
    let mut response = visit.html(&LoginPage { p, next, login: String::new(), error: String::new() })?;
    if let Some(fresh) = fresh {
        asker.jar.set(&mut response, cookies::GUEST, &fresh);
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn answer(visit: Visit, asker: Asker, Form(form): Form<Login>) -> Result<Response, AppError> {
    let again = |error: String, status| {
        let p = visit.page(visit.t("sign-in-title"));
        let page = LoginPage { p, next: local(&form.next).to_owned(), login: form.login.clone(), error };
        refused(&visit, &page, status)
    };
    // Far beyond any login or password; hashing a megabyte is work for nothing.
    if form.login.len() > 200 || form.password.len() > 2000 {
        return again(visit.t("sign-in-wrong"), StatusCode::UNPROCESSABLE_ENTITY);
    }
    match act::first_factor(&visit, &asker, &form.login, &form.password).await? {
        Factor::Right(secret, stage) => {
            let mut response = Redirect::to(&with_next(place(stage), &form.next)).into_response();
            asker.jar.set(&mut response, cookies::SESSION, &secret);
            Ok(response)
        }
        Factor::Wait(until) => again(waiting(&visit, until), StatusCode::TOO_MANY_REQUESTS),
        Factor::Wrong | Factor::Over => again(visit.t("sign-in-wrong"), StatusCode::UNPROCESSABLE_ENTITY),
    }
}

fn place(stage: Stage) -> &'static str {
    match stage {
        Stage::Second => SECOND,
        Stage::SetUp => SET_UP,
        Stage::Full => "/",
    }
}

/// The half-way session at that stage, or where to go instead.
fn half(asker: &Asker, stage: Stage, next: &str) -> Result<Session, Box<Response>> {
    match &asker.session {
        Some(session) if session.stage == stage => Ok(session.clone()),
        Some(session) if session.stage == Stage::Full => {
            Err(Box::new(Redirect::to(local(next)).into_response()))
        }
        Some(session) => Err(Box::new(Redirect::to(&with_next(place(session.stage), next)).into_response())),
        None => Err(Box::new(Redirect::to(&with_next(LOGIN, next)).into_response())),
    }
}

async fn ask_second(visit: Visit, asker: Asker, Query(to): Query<Where>) -> Result<Response, AppError> {
    if let Err(elsewhere) = half(&asker, Stage::Second, &to.next) {
        return Ok(*elsewhere);
    }
    let p = visit.page(visit.t("sign-in-second"));
    visit.html(&SecondPage { p, next: local(&to.next).to_owned(), error: String::new() })
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

async fn answer_second(visit: Visit, asker: Asker, Form(form): Form<Code>) -> Result<Response, AppError> {
    let session = match half(&asker, Stage::Second, &form.next) {
        Ok(session) => session,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let again = |error: String, status| {
        let p = visit.page(visit.t("sign-in-second"));
        refused(&visit, &SecondPage { p, next: local(&form.next).to_owned(), error }, status)
    };
    match act::second_factor(&visit, &asker, &session, &form.code).await? {
        Factor::Right(secret, stage) => {
            let by_recovery =
                form.code.chars().filter(|c| c.is_ascii_alphanumeric()).count() == recovery::LENGTH;
            let mut response = if by_recovery && stage == Stage::Full {
                let left = recovery::left(&mut visit.app.db.read().await?, session.person).await?;
                visit.redirect("/account", Flash::warn("sign-in-recovery-left").what(&left.to_string()))
            } else {
                arrive(stage, &form.next)
            };
            signed_in(&visit, &asker, &mut response, &session, &secret, stage);
            Ok(response)
        }
        Factor::Wait(until) => again(waiting(&visit, until), StatusCode::TOO_MANY_REQUESTS),
        Factor::Wrong => again(visit.t("sign-in-code-wrong"), StatusCode::UNPROCESSABLE_ENTITY),
        Factor::Over => Ok(visit.redirect(&with_next(LOGIN, &form.next), Flash::bad("sign-in-over"))),
    }
}

fn arrive(stage: Stage, next: &str) -> Response {
    match stage {
        Stage::Full => Redirect::to(local(next)).into_response(),
        other => Redirect::to(&with_next(place(other), next)).into_response(),
    }
}

fn signed_in(
    visit: &Visit,
    asker: &Asker,
    response: &mut Response,
    session: &Session,
    secret: &str,
    stage: Stage,
) {
    asker.jar.set(response, cookies::SESSION, secret);
    if stage == Stage::Full {
        let device = asker.device.clone().with(&key(&visit.app), &*visit.app.secrets, session.person);
        asker.jar.set_device(response, &device);
        asker.jar.clear(response, cookies::GUEST);
    }
}

async fn set_up(visit: Visit, asker: Asker, Query(to): Query<Where>) -> Result<Response, AppError> {
    match half(&asker, Stage::SetUp, &to.next) {
        Ok(session) => visit.html(&set_up_page(&visit, &session, &to.next, String::new()).await?),
        Err(elsewhere) => Ok(*elsewhere),
    }
}

async fn set_up_page(
    visit: &Visit,
    session: &Session,
    next: &str,
    error: String,
) -> Result<SetUpPage, AppError> {
    let account = first::credentials_of(&mut visit.app.db.read().await?, session.person, visit.now).await?;
    let account = account.ok_or(AppError::SignIn)?;
    let (p, next, login) = (visit.page(visit.t("sign-in-set-up")), local(next).to_owned(), account.login);
    if account.password_hash.is_none() {
        return Ok(SetUpPage {
            p,
            next,
            login,
            password: true,
            qr: String::new(),
            key: String::new(),
            error,
        });
    }
    let offered = act::offered(visit, session.person, &login).await?;
    Ok(SetUpPage { p, next, login, password: false, qr: offered.qr()?, key: offered.key(), error })
}

#[derive(Deserialize)]
struct NewPassword {
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    next: String,
}

async fn set_password(
    visit: Visit,
    asker: Asker,
    Form(form): Form<NewPassword>,
) -> Result<Response, AppError> {
    let session = match half(&asker, Stage::SetUp, &form.next) {
        Ok(session) => session,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let account = accounts::own(&mut visit.app.db.read().await?, session.person).await?;
    if account.password {
        return Ok(Redirect::to(&with_next(SET_UP, &form.next)).into_response());
    }
    if let Some(why) = unfit(&form.password, &form.again, &account.login) {
        let page = set_up_page(&visit, &session, &form.next, visit.t(why)).await?;
        return refused(&visit, &page, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (secret, stage) = act::set_first_password(&visit, &session, &form.password).await?;
    let mut response = arrive(stage, &form.next);
    signed_in(&visit, &asker, &mut response, &session, &secret, stage);
    Ok(response)
}

/// Why a new password is not taken.
pub(super) fn unfit(new: &str, again: &str, login: &str) -> Option<&'static str> {
    password::unfit(new, login)
        .or((password::normal(new) != password::normal(again)).then_some("error-password-again"))
}

async fn prove(visit: Visit, asker: Asker, Form(form): Form<Code>) -> Result<Response, AppError> {
    let session = match half(&asker, Stage::SetUp, &form.next) {
        Ok(session) => session,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let Some((secret, stage, codes)) = act::prove(&visit, &session, &form.code).await? else {
        let page = set_up_page(&visit, &session, &form.next, visit.t("sign-in-code-wrong")).await?;
        return refused(&visit, &page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let p = visit.page(visit.t("sign-in-codes"));
    let next =
        if stage == Stage::Full { local(&form.next).to_owned() } else { with_next(place(stage), &form.next) };
    let mut response = visit.html(&CodesPage { p, codes, next })?;
    signed_in(&visit, &asker, &mut response, &session, &secret, stage);
    Ok(response)
}

#[derive(Deserialize)]
struct Nothing {}

async fn out(visit: Visit, asker: Asker, Form(Nothing {}): Form<Nothing>) -> Result<Response, AppError> {
    if let Some(session) = &asker.session {
        let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
            sessions::revoke(tx, session.person, session.id).await
        });
        done?;
    }
    let mut response = visit.redirect(LOGIN, Flash::ok("sign-in-out"));
    asker.jar.clear(&mut response, cookies::SESSION);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere_after_signing_in() {
        for bad in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:x",
            "",
            "/login?next=/x",
            "/a\r\nb",
        ] {
            assert_eq!(local(bad), "/", "{bad}");
        }
        assert_eq!(local("/orders?q=a&b"), "/orders?q=a&b");
        assert_eq!(with_next(SECOND, "/a?b=c"), "/login/code?next=%2Fa%3Fb%3Dc");
    }
}
