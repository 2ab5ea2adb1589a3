//! One's own account: password, second factor, recovery codes, sessions, tokens.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::{
    StoreError,
    sign_in::{
        accounts::{self, Account},
        digest, recovery,
        sessions::{self, Session},
        text,
        tokens::{self, Token},
    },
};

use super::{
    act::{self, Factor},
    cookies,
    identify::Asker,
    login::{CodesPage, unfit, waiting},
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(super) const ACCOUNT: &str = "/account";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(ACCOUNT, Access::SignedIn, show),
        Route::post("/account/password", Access::SignedIn, change_password),
        Route::post("/account/recovery", Access::SignedIn, new_recovery_codes),
        Route::post("/account/sessions/{session}/end", Access::SignedIn, end_session),
        Route::post("/account/sessions/end-others", Access::SignedIn, end_others),
        Route::post("/account/tokens", Access::SignedIn, create_token),
        Route::post("/account/tokens/{token}/revoke", Access::SignedIn, revoke_token),
        Route::post("/body/{body}/switch", Access::SignedIn, switch),
    ]
}

/// Who is signed in with a session: tokens and links have no account pages.
pub(super) fn me(visit: &Visit) -> Result<Id<kind::Person>, AppError> {
    visit.user.person.filter(|_| visit.user.session.is_some()).ok_or(AppError::Forbidden)
}

/// What was typed and what is wrong with it.
#[derive(Default)]
pub(super) struct Wrong {
    pub password: String,
    pub again: String,
    pub recovery: String,
    pub phone: String,
    pub phone_code: String,
    pub token: String,
    pub token_name: String,
    pub token_password: String,
    pub chosen: Vec<Right>,
    pub days: u32,
}

#[derive(Template)]
#[template(path = "sign_in/account.html")]
struct AccountPage {
    p: Page,
    account: Account,
    left: u32,
    sessions: Vec<(Session, String, bool)>,
    tokens: Vec<(Token, String)>,
    rights: Vec<(Right, String, bool)>,
    wrong: Wrong,
}

fn right_text(visit: &Visit, right: Right) -> String {
    visit.t(&format!("sign-in-right-{}", right.name()))
}

async fn page(visit: &Visit, person: Id<kind::Person>, wrong: Wrong) -> Result<AccountPage, AppError> {
    let mut sql = visit.app.db.read().await?;
    let account = accounts::own(&mut sql, person).await?;
    let left = recovery::left(&mut sql, person).await?;
    let sessions = sessions::list(&mut sql, person, visit.now).await?;
    let tokens = tokens::list(&mut sql, person, visit.now).await?;
    drop(sql);
    let sessions = sessions.into_iter().map(|s| {
        let own = Some(s.id) == visit.user.session;
        let device = act::device_name(&s.agent);
        (s, device, own)
    });
    let tokens = tokens.into_iter().map(|t| {
        let rights: Vec<String> = t.rights.iter().map(|r| right_text(visit, *r)).collect();
        (t, rights.join(", "))
    });
    let rights = Right::ALL.iter().filter(|r| visit.user.may(**r));
    let rights = rights.map(|r| (*r, right_text(visit, *r), wrong.chosen.contains(r))).collect();
    let p = visit.page(visit.t("sign-in-account"));
    Ok(AccountPage {
        p,
        account,
        left,
        sessions: sessions.collect(),
        tokens: tokens.collect(),
        rights,
        wrong,
    })
}

async fn show(visit: Visit) -> Result<Response, AppError> {
    let person = me(&visit)?;
    visit.html(&page(&visit, person, Wrong { days: 90, ..Wrong::default() }).await?)
}

pub(super) async fn refused(
    visit: &Visit,
    person: Id<kind::Person>,
    wrong: Wrong,
) -> Result<Response, AppError> {
    let mut response = visit.html(&page(visit, person, Wrong { days: wrong.days.max(1), ..wrong }).await?)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `None` if the password is right, else what to say.
pub(super) async fn confirmed(
    visit: &Visit,
    asker: &Asker,
    person: Id<kind::Person>,
    given: &str,
) -> Result<Option<String>, AppError> {
    Ok(match act::confirm(visit, asker, person, given).await? {
        Factor::Right(..) => None,
        Factor::Wait(until) => Some(waiting(visit, until)),
        Factor::Wrong | Factor::Over => Some(visit.t("error-password-wrong")),
    })
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

async fn change_password(visit: Visit, asker: Asker, Form(form): Form<Change>) -> Result<Response, AppError> {
    let person = me(&visit)?;
    let login = accounts::own(&mut visit.app.db.read().await?, person).await?.login;
    if let Some(why) = unfit(&form.password, &form.again, &login) {
        return refused(&visit, person, Wrong { again: visit.t(why), ..Wrong::default() }).await;
    }
    if let Some(why) = confirmed(&visit, &asker, person, &form.current).await? {
        return refused(&visit, person, Wrong { password: why, ..Wrong::default() }).await;
    }
    act::change_password(&visit, &asker, person, &form.password).await?;
    Ok(visit.redirect(ACCOUNT, Flash::ok("sign-in-password-changed")))
}

#[derive(Deserialize)]
struct Confirm {
    #[serde(default)]
    current: String,
}

async fn new_recovery_codes(
    visit: Visit,
    asker: Asker,
    Form(form): Form<Confirm>,
) -> Result<Response, AppError> {
    let person = me(&visit)?;
    if let Some(why) = confirmed(&visit, &asker, person, &form.current).await? {
        return refused(&visit, person, Wrong { recovery: why, ..Wrong::default() }).await;
    }
    let codes = act::new_recovery_codes(&visit, person).await?;
    let p = visit.page(visit.t("sign-in-codes"));
    visit.html(&CodesPage { p, codes, next: ACCOUNT.to_owned() })
}

#[derive(Deserialize)]
struct Nothing {}

async fn end_session(
    visit: Visit,
    Path(id): Path<Id<kind::Session>>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    end(&visit, id).await?;
    Ok(visit.redirect(ACCOUNT, Flash::ok("sign-in-session-ended")))
}

/// Ends one of one's own sessions.
pub(super) async fn end(visit: &Visit, id: Id<kind::Session>) -> Result<(), AppError> {
    let person = me(visit)?;
    let done: Result<(), StoreError> =
        store::write!(visit.app.db, visit.actor(), visit.now, tx => sessions::revoke(tx, person, id).await);
    Ok(done?)
}

async fn end_others(visit: Visit, Form(Nothing {}): Form<Nothing>) -> Result<Response, AppError> {
    let person = me(&visit)?;
    let own = visit.user.session;
    let done: Result<u32, StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        tx.record("session.others-revoked", format!("account:{person}"), None, &());
        sessions::revoke_all(tx, person, own).await
    });
    Ok(visit.redirect(ACCOUNT, Flash::ok("sign-in-sessions-ended").what(&done?.to_string())))
}

#[derive(Deserialize)]
struct NewToken {
    #[serde(default)]
    name: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    right: Vec<Right>,
    #[serde(default)]
    current: String,
}

#[derive(Template)]
#[template(path = "sign_in/token.html")]
struct TokenPage {
    p: Page,
    name: String,
    token: String,
    expires: Timestamp,
}

/// Makes a token for the person who is signed in; its rights are among their own.
pub(super) async fn make_token(
    visit: &Visit,
    name: &str,
    rights: &[Right],
    expires_at: Timestamp,
) -> Result<(Id<kind::Token>, String), AppError> {
    let person = me(visit)?;
    if rights.iter().any(|r| !visit.user.may(*r)) {
        return Err(AppError::Refused("error-token-rights".into()));
    }
    let (id, secret) = (visit.id(), format!("{}{}", tokens::PREFIX, text(&visit.app.secrets.bytes())));
    let new = tokens::New { id, digest: &digest(&secret), name, rights, expires_at };
    let done: Result<(), StoreError> =
        store::write!(visit.app.db, visit.actor(), visit.now, tx => tokens::create(tx, person, &new).await);
    done?;
    Ok((id, secret))
}

async fn create_token(visit: Visit, asker: Asker, Form(form): Form<NewToken>) -> Result<Response, AppError> {
    let person = me(&visit)?;
    let days = form.days.trim().parse::<u32>().unwrap_or(0);
    let wrong =
        || Wrong { token_name: form.name.clone(), chosen: form.right.clone(), days, ..Wrong::default() };
    if let Some(why) = confirmed(&visit, &asker, person, &form.current).await? {
        return refused(&visit, person, Wrong { token_password: why, ..wrong() }).await;
    }
    let span = SignedDuration::from_hours(i64::from(days) * 24);
    let expires = visit.now.checked_add(span).map_err(anyhow::Error::from)?;
    match make_token(&visit, &form.name, &form.right, expires).await {
        Ok((_, token)) => {
            let p = visit.page(visit.t("sign-in-token-made"));
            visit.html(&TokenPage { p, name: form.name, token, expires })
        }
        Err(AppError::Refused(why)) => {
            refused(&visit, person, Wrong { token: visit.t(&why), ..wrong() }).await
        }
        Err(other) => Err(other),
    }
}

async fn revoke_token(
    visit: Visit,
    Path(id): Path<Id<kind::Token>>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    revoke(&visit, id).await?;
    Ok(visit.redirect(ACCOUNT, Flash::ok("sign-in-token-revoked")))
}

/// Revokes one of one's own tokens.
pub(super) async fn revoke(visit: &Visit, id: Id<kind::Token>) -> Result<(), AppError> {
    let person = me(visit)?;
    let done: Result<(), StoreError> =
        store::write!(visit.app.db, visit.actor(), visit.now, tx => tokens::revoke(tx, person, id).await);
    Ok(done?)
}

/// Chooses the body one works for: a cookie.
async fn switch(
    visit: Visit,
    asker: Asker,
    Path(body): Path<Id<kind::Body>>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    if !visit.user.bodies.iter().any(|(id, _)| *id == body) {
        return Err(AppError::NotFound);
    }
    let mut response = Redirect::to("/").into_response();
    asker.jar.set(&mut response, cookies::BODY, &body.to_string());
    Ok(response)
}
