//! The same acts for programs. Passwords and second factors do not pass through the API: they are for pages.

use crate::route::operation;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::sign_in::{
    accounts::{self, Account},
    sessions, tokens,
};
use utoipa::{IntoParams, ToSchema};

use super::{account, act, admin, identify::Asker};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit, security::repeat::ToldOnce};

pub(crate) fn routes() -> Vec<Route> {
    let administer = Access::Right(Right::Administer);
    vec![
        Route::api(Access::SignedIn, LIMIT_FORM, operation!(me)),
        Route::api(Access::SignedIn, LIMIT_FORM, operation!(my_sessions)),
        Route::api(Access::SignedIn, LIMIT_FORM, operation!(end_session)),
        Route::api(Access::SignedIn, LIMIT_FORM, operation!(my_tokens)),
        Route::api(Access::SignedIn, LIMIT_FORM, operation!(create_token)),
        Route::api(Access::SignedIn, LIMIT_FORM, operation!(revoke_token)),
        Route::api(administer, LIMIT_FORM, operation!(list_accounts)),
        Route::api(administer, LIMIT_FORM, operation!(create_account)),
        Route::api(administer, LIMIT_FORM, operation!(get_account)),
        Route::api(administer, LIMIT_FORM, operation!(new_first_code)),
        Route::api(administer, LIMIT_FORM, operation!(reset_second_factor)),
        Route::api(administer, LIMIT_FORM, operation!(set_enabled)),
    ]
}

/// Who one is.
#[derive(Serialize, ToSchema)]
struct Me {
    person: String,
    name: String,
    /// The bodies one serves.
    bodies: Vec<MyBody>,
    /// The rights one holds over some body.
    rights: Vec<&'static str>,
}

/// A body one serves.
#[derive(Serialize, ToSchema)]
struct MyBody {
    id: String,
    name: String,
}

/// Who one is and what one may do
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses((status = 200, body = Me)))]
async fn me(visit: Visit) -> Result<Answer<Me>, AppError> {
    let user = &visit.user;
    Ok(Answer(Me {
        person: user.person.ok_or(AppError::SignIn)?.to_string(),
        name: user.name.clone(),
        bodies: user
            .bodies
            .iter()
            .map(|(id, name)| MyBody { id: id.to_string(), name: name.clone() })
            .collect(),
        rights: Right::ALL.iter().filter(|r| user.may(**r)).map(|r| r.name()).collect(),
    }))
}

/// One of one's sessions.
#[derive(Serialize, ToSchema)]
struct MySession {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    address: String,
    device: String,
    /// Whether the request came with this one.
    current: bool,
}

/// One's living sessions
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "account", responses((status = 200, body = Vec<MySession>)))]
async fn my_sessions(visit: Visit) -> Result<Answer<Vec<MySession>>, AppError> {
    let person = visit.user.person.ok_or(AppError::SignIn)?;
    let list = sessions::list(&mut visit.app.db.read().await?, person, visit.now).await?;
    let shown = |s: sessions::Session| MySession {
        id: s.id.to_string(),
        created_at: s.created_at,
        seen_at: s.seen_at,
        ends_at: s.ends_at,
        device: act::device_name(&s.agent),
        address: s.address,
        current: Some(s.id) == visit.user.session,
    };
    Ok(Answer(list.into_iter().map(shown).collect()))
}

/// Ends one of one's sessions (needs a session, not a token)
#[utoipa::path(delete, path = "/api/v1/me/sessions/{session}", tag = "account", params(("session" = String, Path)), responses((status = 204)))]
async fn end_session(
    visit: Visit,
    Path(id): Path<Id<kind::Session>>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    account::end(&visit, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One of one's tokens, without its secret.
#[derive(Serialize, ToSchema)]
struct MyToken {
    id: String,
    name: String,
    rights: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// One's living tokens
#[utoipa::path(get, path = "/api/v1/me/tokens", tag = "account", responses((status = 200, body = Vec<MyToken>)))]
async fn my_tokens(visit: Visit) -> Result<Answer<Vec<MyToken>>, AppError> {
    let person = visit.user.person.ok_or(AppError::SignIn)?;
    let list = tokens::list(&mut visit.app.db.read().await?, person, visit.now).await?;
    let shown = |t: tokens::Token| MyToken {
        id: t.id.to_string(),
        name: t.name,
        rights: t.rights.iter().map(|r| r.name()).collect(),
        expires_at: t.expires_at,
        used_at: t.used_at,
        created_at: t.created_at,
    };
    Ok(Answer(list.into_iter().map(shown).collect()))
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
struct NewToken {
    /// What it is for.
    name: String,
    /// The rights it may use, of one's own.
    #[schema(value_type = Vec<String>)]
    rights: Vec<Right>,
    /// When it ends; at most 366 days from now.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// One's password once more: a stolen session must not become a lasting token.
    password: String,
}

/// The new token: its secret is told here once.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    id: String,
    token: String,
}

/// Makes a token (needs a session, not a token)
#[utoipa::path(post, path = "/api/v1/me/tokens", tag = "account", request_body = NewToken, responses((status = 201, body = MadeToken)))]
async fn create_token(
    visit: Visit,
    asker: Asker,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, ToldOnce<MadeToken>), AppError> {
    let person = visit.user.person.filter(|_| visit.user.session.is_some()).ok_or(AppError::Forbidden)?;
    match act::confirm(&visit, &asker, person, &new.password).await? {
        act::Factor::Right(..) => {}
        act::Factor::Wait(until) => {
            let seconds = until.duration_since(visit.now).as_secs().max(1);
            return Err(AppError::TooMany(u32::try_from(seconds).unwrap_or(u32::MAX)));
        }
        act::Factor::Wrong | act::Factor::Over => {
            return Err(AppError::Refused("error-password-wrong".into()));
        }
    }
    let (id, token) = account::make_token(&visit, &new.name, &new.rights, new.expires_at).await?;
    Ok((StatusCode::CREATED, ToldOnce(MadeToken { id: id.to_string(), token })))
}

/// Revokes one of one's tokens (needs a session, not a token)
#[utoipa::path(delete, path = "/api/v1/me/tokens/{token}", tag = "account", params(("token" = String, Path)), responses((status = 204)))]
async fn revoke_token(
    visit: Visit,
    Path(id): Path<Id<kind::Token>>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    account::revoke(&visit, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An account, as its administrator sees it.
#[derive(Serialize, ToSchema)]
struct AccountOut {
    person: String,
    name: String,
    login: String,
    password_set: bool,
    second_factor: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_code_expires: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    signed_in_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Account> for AccountOut {
    fn from(a: Account) -> Self {
        Self {
            person: a.person.to_string(),
            name: a.name,
            login: a.login,
            password_set: a.password,
            second_factor: a.totp,
            first_code_expires: a.first_code_expires,
            signed_in_at: a.signed_in_at,
            disabled_at: a.disabled_at,
            created_at: a.created_at,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AccountsAsked {
    /// Part of a name or login.
    q: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows, at most 500; 50 if not given.
    limit: Option<u32>,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
struct AccountsOut {
    items: Vec<AccountOut>,
    /// The cursor of the next page, if there is more.
    next: Option<String>,
}

/// The accounts one may administer, by name
#[utoipa::path(get, path = "/api/v1/accounts", tag = "account", params(AccountsAsked), responses((status = 200, body = AccountsOut)))]
async fn list_accounts(
    visit: Visit,
    Query(asked): Query<AccountsAsked>,
) -> Result<Answer<AccountsOut>, AppError> {
    let limit = asked.limit.unwrap_or(50).clamp(1, 500);
    let after = admin::after(asked.cursor.as_deref().unwrap_or_default())?;
    let rows =
        accounts::list(&mut visit.app.db.read().await?, visit.scope(), asked.q.as_deref(), after, limit)
            .await?;
    let next = rows.last().filter(|_| rows.len() == limit as usize).map(|last| admin::cursor(last.cursor()));
    Ok(Answer(AccountsOut { items: rows.into_iter().map(AccountOut::from).collect(), next }))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
struct NewAccount {
    /// Whose: a person of the register without an account.
    #[schema(value_type = String)]
    person: Id<kind::Person>,
    /// The name to sign in with: 3–64 of a–z, 0–9, dot, hyphen, underscore, at.
    login: String,
}

/// The first-login code: told here once.
#[derive(Serialize, ToSchema)]
struct FirstCode {
    code: String,
}

/// Makes an account for a person
#[utoipa::path(post, path = "/api/v1/accounts", tag = "account", request_body = NewAccount, responses((status = 201, body = FirstCode)))]
async fn create_account(
    visit: Visit,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, ToldOnce<FirstCode>), AppError> {
    let code = admin::make(&visit, new.person, &new.login).await?;
    Ok((StatusCode::CREATED, ToldOnce(FirstCode { code })))
}

/// One account
#[utoipa::path(get, path = "/api/v1/accounts/{person}", tag = "account", params(("person" = String, Path)), responses((status = 200, body = AccountOut)))]
async fn get_account(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
) -> Result<Answer<AccountOut>, AppError> {
    Ok(Answer(accounts::get(&mut visit.app.db.read().await?, visit.scope(), person).await?.into()))
}

/// A new first-login code; the password is void and all sessions end
#[utoipa::path(post, path = "/api/v1/accounts/{person}/first-code", tag = "account", params(("person" = String, Path)), responses((status = 200, body = FirstCode)))]
async fn new_first_code(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
    _: ApiGuard,
) -> Result<ToldOnce<FirstCode>, AppError> {
    Ok(ToldOnce(FirstCode { code: admin::renew(&visit, person).await? }))
}

/// Takes the second factor and recovery codes away; all sessions end
#[utoipa::path(delete, path = "/api/v1/accounts/{person}/second-factor", tag = "account", params(("person" = String, Path)), responses((status = 204)))]
async fn reset_second_factor(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    admin::reset(&visit, person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether an account may sign in.
#[derive(Deserialize, ToSchema)]
struct Enabled {
    enabled: bool,
}

/// Lets an account sign in, or no longer
#[utoipa::path(put, path = "/api/v1/accounts/{person}/enabled", tag = "account", params(("person" = String, Path)), request_body = Enabled, responses((status = 204)))]
async fn set_enabled(
    visit: Visit,
    Path(person): Path<Id<kind::Person>>,
    Json(to): Json<Enabled>,
) -> Result<StatusCode, AppError> {
    admin::able(&visit, person, to.enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}
