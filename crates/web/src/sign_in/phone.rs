//! Moving one's own second factor to another telephone: password and a code now, then a code of the new one.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::id::{Id, kind};
use serde::Deserialize;
use store::{
    StoreError,
    sign_in::{digest, first, phone, recovery, tries, typed},
};

use super::{
    account::{ACCOUNT, Wrong, confirmed, me, refused},
    act::{self, keys},
    identify::{Asker, key},
    login::waiting,
    totp::{self, Authenticator},
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post("/account/phone", Access::SignedIn, begin),
        Route::post("/account/phone/prove", Access::SignedIn, prove),
    ]
}

#[derive(Template)]
#[template(path = "sign_in/phone.html")]
struct PhonePage {
    p: Page,
    qr: String,
    key: String,
    error: String,
}

#[derive(Deserialize)]
struct Begin {
    #[serde(default)]
    current: String,
    #[serde(default)]
    code: String,
}

async fn begin(visit: Visit, asker: Asker, Form(form): Form<Begin>) -> Result<Response, AppError> {
    let person = me(&visit)?;
    let session = visit.user.session.ok_or(AppError::Forbidden)?;
    if let Some(why) = confirmed(&visit, &asker, person, &form.current).await? {
        return refused(&visit, person, Wrong { phone: why, ..Wrong::default() }).await;
    }
    let next = Authenticator::random(&visit.app);
    match spend(&visit, &asker, (person, session), &form.code, &next).await? {
        None => shown(&visit, person, &next, String::new(), StatusCode::OK).await,
        Some(why) => refused(&visit, person, Wrong { phone_code: why, ..Wrong::default() }).await,
    }
}

/// Spends a code of the second factor in use, or a recovery code, and offers the next secret. Otherwise what to say.
async fn spend(
    visit: &Visit,
    asker: &Asker,
    (person, session): (Id<kind::Person>, Id<kind::Session>),
    given: &str,
    next: &[u8; totp::SECRET],
) -> Result<Option<String>, AppError> {
    let app = &visit.app;
    let keys = keys(visit, asker, "second", &person.to_string(), Some(person));
    let mut sql = app.db.read().await?;
    if let Some(until) = tries::blocked(&mut sql, &keys, visit.now).await? {
        return Ok(Some(waiting(visit, until)));
    }
    let account = first::credentials_of(&mut sql, person, visit.now).await?.ok_or(AppError::SignIn)?;
    let held = first::totp(&mut sql, person).await?.filter(|h| h.confirmed).ok_or(AppError::NotFound)?;
    drop(sql);
    let used = act::authenticator(app, person, &account.login, &held.sealed)?;
    let step = used.step(given.trim(), visit.now, held.last_step);
    let code = typed(given);
    let recovery = (code.len() == recovery::LENGTH).then(|| digest(&code));
    let sealed = key(app).seal(&*app.secrets, &phone::context(person), next)?;
    let done: Result<bool, StoreError> = store::write!(app.db, visit.actor(), visit.now, tx => {
        let good = match (step, &recovery) {
            (Some(step), _) => first::use_step(tx, person, step).await?,
            (None, Some(code)) => recovery::spend(tx, person, code).await?,
            (None, None) => false,
        };
        if good {
            tries::cleared(tx, &keys).await?;
            phone::offer(tx, person, session, &sealed).await?;
        } else {
            tx.record("session.second-factor-wrong", format!("session:{session}"), None, &());
        }
        Ok(good)
    });
    if done? {
        return Ok(None);
    }
    tries::refuse(&app.db, &keys, Some(person), visit.now).await?;
    Ok(Some(visit.t("sign-in-code-wrong")))
}

async fn shown(
    visit: &Visit,
    person: Id<kind::Person>,
    secret: &[u8],
    error: String,
    status: StatusCode,
) -> Result<Response, AppError> {
    let authenticator = authenticator(visit, person, secret).await?;
    let p = visit.page(visit.t("sign-in-phone"));
    let page = PhonePage { p, qr: authenticator.qr()?, key: authenticator.key(), error };
    let mut response = visit.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

async fn authenticator(
    visit: &Visit,
    person: Id<kind::Person>,
    secret: &[u8],
) -> Result<Authenticator, AppError> {
    let account = first::credentials_of(&mut visit.app.db.read().await?, person, visit.now).await?;
    Authenticator::for_login(&visit.app, &account.ok_or(AppError::SignIn)?.login, secret)
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
}

async fn prove(visit: Visit, asker: Asker, Form(form): Form<Code>) -> Result<Response, AppError> {
    let person = me(&visit)?;
    let (app, session) = (&visit.app, visit.user.session.ok_or(AppError::Forbidden)?);
    let offered = phone::offered(&mut app.db.read().await?, person, session, visit.now).await?;
    let Some(offered) = offered else {
        return Ok(visit.redirect(ACCOUNT, Flash::bad("error-second-factor-offer")));
    };
    let secret = key(app).open(&phone::context(person), &offered)?;
    let step = authenticator(&visit, person, &secret).await?.step(form.code.trim(), visit.now, 0);
    let Some(step) = step else {
        let why = visit.t("sign-in-code-wrong");
        return shown(&visit, person, &secret, why, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let sealed = key(app).seal(&*app.secrets, &first::totp_context(person), &secret)?;
    let (intent, delivery): (Id<kind::Intent>, Id<kind::Delivery>) = (visit.id(), visit.id());
    let vars = [
        ("person", visit.user.name.clone()),
        ("at", act::shown(visit.now)),
        ("place", asker.address.clone()),
        ("link", format!("{}/account", app.config.public_url)),
    ];
    let done: Result<(), StoreError> = store::write!(app.db, visit.actor(), visit.now, tx => {
        phone::moved(tx, person, session, &sealed, step).await?;
        let key = format!("second-factor-moved:{intent}");
        act::tell(tx, intent, delivery, person, "second-factor-moved", &vars, key).await
    });
    done?;
    Ok(visit.redirect(ACCOUNT, Flash::ok("sign-in-phone-moved")))
}
