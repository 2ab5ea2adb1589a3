//! Accounts of others: an administrator makes them, hands the first-login code over, resets, disables.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{Redirect, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use serde::Deserialize;
use store::{
    StoreError,
    sign_in::accounts::{self, Account},
};

use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const ACCOUNTS: &str = "/admin/accounts";
/// Rows of a page.
const PAGE: u32 = 50;
/// People offered in the list for a new account; more are found by name.
const CHOICES: u32 = 200;

pub(crate) fn routes() -> Vec<Route> {
    let administer = Access::Right(Right::Administer);
    vec![
        Route::get("/admin", administer, start),
        Route::get(ACCOUNTS, administer, list),
        Route::post(ACCOUNTS, administer, create),
        Route::post("/admin/accounts/{person}/code", administer, new_code),
        Route::post("/admin/accounts/{person}/second-factor", administer, reset_totp),
        Route::post("/admin/accounts/{person}/disable", administer, disable),
        Route::post("/admin/accounts/{person}/enable", administer, enable),
    ]
}

/// Administration begins with the accounts.
async fn start() -> Redirect {
    Redirect::to(ACCOUNTS)
}

/// Makes an account; returns the first-login code, which is shown once and kept nowhere.
pub(super) async fn make(visit: &Visit, person: Id<kind::Person>, login: &str) -> Result<String, AppError> {
    let (code, digest) = accounts::first_code(&*visit.app.secrets);
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        accounts::create(tx, visit.scope(), person, login, &digest).await
    });
    done?;
    Ok(code)
}

/// A new first-login code; the old password is void.
pub(super) async fn renew(visit: &Visit, person: Id<kind::Person>) -> Result<String, AppError> {
    let (code, digest) = accounts::first_code(&*visit.app.secrets);
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        accounts::new_first_code(tx, visit.scope(), person, &digest).await
    });
    done?;
    Ok(code)
}

/// Takes the second factor away.
pub(super) async fn reset(visit: &Visit, person: Id<kind::Person>) -> Result<(), AppError> {
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        accounts::reset_totp(tx, visit.scope(), person).await
    });
    Ok(done?)
}

/// Lets an account sign in, or no longer.
pub(super) async fn able(visit: &Visit, person: Id<kind::Person>, on: bool) -> Result<(), AppError> {
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        accounts::enable(tx, visit.scope(), person, on).await
    });
    Ok(done?)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "sign_in/accounts.html")]
struct AccountsPage {
    p: Page,
    q: String,
    rows: Vec<Account>,
    next: String,
    people: Vec<(String, String)>,
    person: String,
    login: String,
    error: String,
    /// Whether the whole installation is theirs, and with it what does not work of it.
    whole: bool,
}

#[derive(Template)]
#[template(path = "sign_in/first_code.html")]
struct FirstCodePage {
    p: Page,
    name: String,
    login: String,
    code: String,
    url: String,
    back: &'static str,
}

/// A cursor as text: `key~id`; sort keys hold no `~` at their end that could mislead, since the last one counts.
pub(super) fn cursor((key, id): (String, Id<kind::Person>)) -> String {
    format!("{key}~{id}")
}

/// The cursor behind such text.
pub(super) fn after(text: &str) -> Result<Option<(String, Id<kind::Person>)>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = text.rsplit_once('~').and_then(|(key, id)| Some((key.to_owned(), id.parse().ok()?)));
    parsed.map(Some).ok_or_else(|| AppError::Unreadable("cursor".into()))
}

async fn page(visit: &Visit, asked: &Asked, typed: (&str, &str, String)) -> Result<AccountsPage, AppError> {
    let mut sql = visit.app.db.read().await?;
    let q = Some(asked.q.as_str()).filter(|q| !q.is_empty());
    let rows = accounts::list(&mut sql, visit.scope(), q, after(&asked.after)?, PAGE).await?;
    let people = accounts::without(&mut sql, visit.scope(), "", CHOICES).await?;
    let whole = store::troubles::may_see(&mut sql, visit.scope()).await?;
    drop(sql);
    let more = rows.len() == PAGE as usize;
    let next = rows.last().filter(|_| more).map(|last| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &asked.q)
            .append_pair("after", &cursor(last.cursor()))
            .finish();
        format!("{ACCOUNTS}?{query}")
    });
    let people = people.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let (person, login, error) = typed;
    Ok(AccountsPage {
        p: visit.page(visit.t("sign-in-accounts")),
        q: asked.q.clone(),
        rows,
        next: next.unwrap_or_default(),
        people,
        person: person.to_owned(),
        login: login.to_owned(),
        error,
        whole,
    })
}

async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    visit.html(&page(&visit, &asked, ("", "", String::new())).await?)
}

#[derive(Deserialize)]
struct New {
    #[serde(default)]
    person: String,
    #[serde(default)]
    login: String,
}

async fn create(visit: Visit, Form(form): Form<New>) -> Result<Response, AppError> {
    let made = match form.person.parse() {
        Ok(person) => make(&visit, person, &form.login).await.map(|code| (person, code)),
        Err(_) => Err(AppError::Refused("error-account-person".into())),
    };
    match made {
        Ok((person, code)) => shown(&visit, person, code).await,
        Err(AppError::Refused(why)) => {
            let asked = Asked { q: String::new(), after: String::new() };
            let page = page(&visit, &asked, (&form.person, &form.login, visit.t(&why))).await?;
            let mut response = visit.html(&page)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(other) => Err(other),
    }
}

async fn shown(visit: &Visit, person: Id<kind::Person>, code: String) -> Result<Response, AppError> {
    let account = accounts::get(&mut visit.app.db.read().await?, visit.scope(), person).await?;
    visit.html(&FirstCodePage {
        p: visit.page(visit.t("sign-in-first-code")),
        name: account.name,
        login: account.login,
        code,
        url: format!("{}/login", visit.app.config.public_url),
        back: ACCOUNTS,
    })
}

#[derive(Deserialize)]
struct Nothing {}

async fn new_code(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    let code = renew(&visit, person).await?;
    shown(&visit, person, code).await
}

async fn reset_totp(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    reset(&visit, person).await?;
    Ok(visit.redirect(ACCOUNTS, Flash::ok("sign-in-second-reset")))
}

async fn disable(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    able(&visit, person, false).await?;
    Ok(visit.redirect(ACCOUNTS, Flash::ok("sign-in-disabled")))
}

async fn enable(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    able(&visit, person, true).await?;
    Ok(visit.redirect(ACCOUNTS, Flash::ok("sign-in-enabled")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::Uuid;

    #[test]
    fn cursors_survive_the_way() {
        let one = ("A!B~x".to_owned(), Id::from_uuid(Uuid::from_u128(5)));
        assert_eq!(after(&cursor(one.clone())).unwrap(), Some(one));
        assert_eq!(after("").unwrap(), None);
        assert!(after("nonsense").is_err() && after("a~b").is_err());
    }
}
