//! How a person is reached: adding, verifying, removing channels.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    id::{Id, kind},
    person::{ChannelKind, Quiet},
};
use serde::Deserialize;
use serde_json::json;
use store::{
    StoreError,
    register::{
        channels::{self, Checked},
        link, reach,
    },
};

use super::{
    act,
    draft::Draft,
    people::{Fields, PersonId, page, show},
    write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let post = |path: &str| format!("/register/people/{{id}}/channels{path}");
    vec![
        Route::post(&post(""), Access::SignedIn, add),
        Route::post(&post("/{channel}/code"), Access::SignedIn, send),
        Route::post(&post("/{channel}/verify"), Access::SignedIn, verify),
        Route::post(&post("/{channel}/attest"), Access::SignedIn, attest),
        Route::post(&post("/{channel}/remove"), Access::SignedIn, remove),
        Route::post(&post("/{channel}/prefer"), Access::SignedIn, prefer),
        Route::post(&post("/{channel}/link"), Access::SignedIn, link),
        Route::post(&post("/push"), Access::SignedIn, subscribe),
        Route::post("/register/people/{id}/quiet", Access::SignedIn, quiet),
        Route::get("/channels", Access::SignedIn, mine),
    ]
}

type Place = Path<(PersonId, Id<kind::Channel>)>;

async fn add(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(kind) = d.word("kind", ChannelKind::parse) {
        let new = channels::NewChannel {
            id: v.id(),
            person: id,
            kind,
            address: d.v("address").to_owned(),
            rank: 0,
        };
        match write!(v, tx => channels::add(tx, v.scope(), &new).await) {
            Ok(()) if kind.sends_code() => return linked(&v, id, new.id).await,
            // The next thing anybody does is to verify it, so the code goes out at once.
            Ok(()) if kind.takes_code() => {
                let sent = act::send_code(&v, new.id).await;
                return v.acted(&page(id), sent, "register-code-sent");
            }
            Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-channel-added"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, id, d).await
}

async fn send(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    let done = act::send_code(&v, channel).await;
    v.acted(&page(id), done, "register-code-sent")
}

async fn verify(v: Visit, Path((id, channel)): Place, Form(typed): Fields) -> Result<Response, AppError> {
    let d = Draft::typed(&v, typed);
    match act::check_code(&v, channel, d.v("code")).await {
        Ok(Checked::Wrong { left }) => {
            Ok(v.redirect(&page(id), Flash::bad("register-code-wrong").what(&left.to_string())))
        }
        Ok(Checked::Expired) => Ok(v.redirect(&page(id), Flash::bad("register-code-expired"))),
        done => v.acted(&page(id), done, "register-verified"),
    }
}

async fn attest(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => channels::attest(tx, v.scope(), channel).await);
    v.acted(&page(id), done, "register-verified")
}

async fn remove(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => channels::remove(tx, v.scope(), channel).await);
    v.acted(&page(id), done, "register-channel-removed")
}

async fn prefer(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => reach::prefer(tx, v.scope(), channel).await);
    v.acted(&page(id), done, "register-channel-preferred")
}

/// One's own channels: an address one can remember, on a telephone too.
async fn mine(v: Visit) -> Result<Response, AppError> {
    let me = v.user.person.ok_or(AppError::NotFound)?;
    Ok(Redirect::to(&page(me)).into_response())
}

#[derive(Template)]
#[template(path = "channels/link.html")]
struct LinkPage {
    p: Page,
    back: String,
    code: String,
    /// Empty where the bot's name is not known.
    url: String,
}

async fn link(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    linked(&v, id, channel).await
}

/// Shows the code that the chat must send: once, on the answer itself, so that it stands in no address.
async fn linked(v: &Visit, id: PersonId, channel: Id<kind::Channel>) -> Result<Response, AppError> {
    match act::start_link(v, channel).await {
        Ok(code) => {
            let bot = v.app.config.ways.bot.as_deref();
            let url = bot.map(|bot| format!("https://t.me/{bot}?start={code}")).unwrap_or_default();
            let p = v.page(v.t("register-link-title"));
            v.html(&LinkPage { p, back: page(id), code, url })
        }
        failed => v.acted(&page(id), failed.map(|_| ()), "register-channel-added"),
    }
}

/// What a browser says when it subscribes.
#[derive(Deserialize)]
struct Subscribed {
    endpoint: String,
    p256dh: String,
    auth: String,
    #[serde(default)]
    device: String,
}

async fn subscribe(
    v: Visit,
    Path(id): Path<PersonId>,
    Form(form): Form<Subscribed>,
) -> Result<Response, AppError> {
    let made = subscribed(&v, id, form).await;
    v.acted(&page(id), made, "register-push-code-sent")
}

async fn subscribed(v: &Visit, id: PersonId, form: Subscribed) -> Result<(), StoreError> {
    if v.app.config.ways.push_key.is_none() {
        return Err(StoreError::Refused("channel-not-configured"));
    }
    let long = |text: &str, bytes| {
        URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).is_ok_and(|b| b.len() == bytes)
    };
    let good = form.endpoint.starts_with("https://") || form.endpoint.starts_with("http://127.0.0.1");
    // An uncompressed point, and a secret of 16 bytes (RFC 8291).
    if !good || form.endpoint.len() > ENDPOINT_MAX || !long(&form.p256dh, 65) || !long(&form.auth, 16) {
        return Err(StoreError::Refused("channel-address-bad"));
    }
    let target = json!({ "endpoint": form.endpoint, "p256dh": form.p256dh, "auth": form.auth }).to_string();
    let device = if form.device.trim().is_empty() { "Web".to_owned() } else { form.device };
    let device = device.chars().filter(|c| !c.is_control()).take(40).collect();
    let new =
        channels::NewChannel { id: v.id(), person: id, kind: ChannelKind::Push, address: device, rank: 0 };
    write!(v, tx => link::subscribe(tx, &new, &target).await)?;
    act::send_code(v, new.id).await
}

/// Longest address of a push service.
const ENDPOINT_MAX: usize = 1000;

/// Minute of the day behind `HH:MM`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

async fn quiet(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let hours = match (d.v("quiet_from"), d.v("quiet_to")) {
        ("", "") => Some(None),
        (from, to) => minute(from).zip(minute(to)).and_then(|(from, to)| Quiet::new(from, to)).map(Some),
    };
    let Some(hours) = hours else {
        d.error("quiet_from", "error-quiet-hours");
        return show(&v, id, d).await;
    };
    let done = write!(v, tx => reach::set_quiet(tx, v.scope(), id, hours).await);
    v.acted(&page(id), done, "register-quiet-set")
}
