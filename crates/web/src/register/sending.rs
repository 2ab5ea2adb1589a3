//! What leaves a body: its webhooks, and whether foreign messengers may carry what a message is about. And, for whoever
//! administers the installation, how each channel does.

use crate::route::operation;
use askama::Template;
use axum::{Json as Out, extract::Path, http::StatusCode, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    id::{Id, kind},
    intent::{Intent, To, Urgency},
    right::Right,
    time,
    webhook::Shape,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{
    StoreError, intents,
    register::{bodies, channels::Checked, people, sending, webhooks},
};
use utoipa::ToSchema;

use super::{
    act,
    choices::Options,
    draft::{self, Draft},
    people::Fields,
    write,
};
use crate::{
    Access, ApiGuard, AppError, Flash, Form, Json, LIMIT_FORM, Page, Route, Visit, act::id, troubles::why,
};

const ADMINISTER: Access = Access::Right(Right::Administer);
const STATE: &str = "/admin/channels";
/// So far back the state of a channel is told.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
/// A test message nobody has looked for by then is of no use.
const TEST_VALID: SignedDuration = SignedDuration::from_mins(30);

type BodyId = Id<kind::Body>;
type WebhookId = Id<kind::Webhook>;

pub(super) fn routes() -> Vec<Route> {
    let at = |path: &str| format!("/register/bodies/{{id}}/{path}");
    vec![
        Route::get(&at("sending"), ADMINISTER, get),
        Route::post(&at("sending"), ADMINISTER, switch),
        Route::post(&at("webhooks"), ADMINISTER, add),
        Route::post(&at("webhooks/{webhook}/code"), ADMINISTER, send_code),
        Route::post(&at("webhooks/{webhook}/verify"), ADMINISTER, verify),
        Route::post(&at("webhooks/{webhook}/secret"), ADMINISTER, rotate),
        Route::post(&at("webhooks/{webhook}/remove"), ADMINISTER, remove),
        Route::get(STATE, ADMINISTER, state),
        Route::post("/admin/channels/{channel_kind}/test", ADMINISTER, test),
        Route::api(ADMINISTER, LIMIT_FORM, operation!(api_get)),
        Route::api(ADMINISTER, LIMIT_FORM, operation!(api_switch)),
        Route::api(ADMINISTER, LIMIT_FORM, operation!(api_add)),
        Route::api(ADMINISTER, LIMIT_FORM, operation!(api_remove)),
    ]
}

fn page(id: BodyId) -> String {
    format!("/register/bodies/{id}/sending")
}

struct Line {
    id: String,
    name: String,
    url: String,
    shape: String,
    details: bool,
    verified: String,
    both_until: String,
}

#[derive(Template)]
#[template(path = "channels/sending.html")]
struct SendingPage {
    p: Page,
    d: Draft,
    id: String,
    body: String,
    abroad: bool,
    webhooks: Vec<Line>,
    shapes: Options,
    /// A secret just made: shown once, here.
    secret: String,
}

async fn get(v: Visit, Path(id): Path<BodyId>) -> Result<Response, AppError> {
    show(&v, id, Draft::empty(&v), String::new()).await
}

async fn show(v: &Visit, id: BodyId, d: Draft, secret: String) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let held = webhooks::list(&mut sql, v.scope(), id).await?;
    let body = bodies::get(&mut sql, v.scope(), id).await?;
    let abroad = sending::details_abroad(&mut sql, id).await?;
    drop(sql);
    let p = v.page(v.t("sending-title"));
    let shape = |of: Shape| v.t(&format!("sending-shape-{of}"));
    let webhooks = held
        .into_iter()
        .map(|w| Line {
            id: w.of.id.to_string(),
            name: w.of.name,
            url: w.of.url,
            shape: shape(w.of.shape),
            details: w.of.details,
            verified: w.verified_at.map(|at| p.time(&at)).unwrap_or_default(),
            both_until: w
                .before_until
                .filter(|until| *until > v.now)
                .map(|at| p.time(&at))
                .unwrap_or_default(),
        })
        .collect();
    let shapes = Shape::ALL.iter().map(|s| (s.to_string(), shape(*s))).collect();
    let page = SendingPage { p, d, id: id.to_string(), body: body.name, abroad, webhooks, shapes, secret };
    Ok(draft::status(&page.d, v.html(&page)?))
}

async fn switch(v: Visit, Path(id): Path<BodyId>, Form(typed): Fields) -> Result<Response, AppError> {
    let on = Draft::typed(&v, typed).on("abroad");
    let done = write!(v, tx => sending::set_details_abroad(tx, v.scope(), id, on).await);
    v.acted(&page(id), done, "sending-switched")
}

/// A secret of Standard Webhooks: `whsec_` and 32 random bytes in base64.
fn fresh_secret(v: &Visit) -> String {
    format!("whsec_{}", STANDARD.encode(v.app.secrets.bytes()))
}

fn shape(typed: &str) -> Result<Shape, StoreError> {
    Shape::parse(typed).ok_or(StoreError::Refused("webhook-shape"))
}

async fn make(v: &Visit, new: &webhooks::NewWebhook) -> Result<String, StoreError> {
    let (secret, key) = (fresh_secret(v), act::instance_key(v));
    write!(v, tx => webhooks::create(tx, v.scope(), &key, &*v.app.secrets, new, &secret).await)?;
    Ok(secret)
}

async fn add(v: Visit, Path(id): Path<BodyId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let made = match shape(d.v("shape")) {
        Ok(shape) => {
            let (name, url) = (d.v("name").to_owned(), d.v("url").to_owned());
            let new =
                webhooks::NewWebhook { id: v.id(), body: id, name, url, shape, details: d.on("details") };
            make(&v, &new).await
        }
        Err(refused) => Err(refused),
    };
    match made {
        Ok(secret) => show(&v, id, Draft::empty(&v), secret).await,
        Err(error) => {
            d.refuse(error)?;
            show(&v, id, d, String::new()).await
        }
    }
}

fn code_digest(v: &Visit, webhook: WebhookId, code: &str) -> String {
    hex::encode(act::instance_key(v).mac("webhook-code", &[webhook.uuid().as_bytes(), code.as_bytes()]))
}

async fn send_code(
    v: Visit,
    Path((id, webhook)): Path<(BodyId, WebhookId)>,
    Form(_): Fields,
) -> Result<Response, AppError> {
    let code = act::fresh_code(&v);
    let (digest, intent, delivery) = (code_digest(&v, webhook, &code), v.id(), v.id());
    let done = write!(v, tx => {
        let held = webhooks::start_check(tx, v.scope(), webhook, &digest).await?;
        let about = webhook.to_string();
        let intent = act::code_intent(&v, intent, To::Webhook(webhook), &code, &held.of.name, &about);
        intents::make(tx, &intent, &[(delivery, "webhook")]).await.map(|_| ())
    });
    v.acted(&page(id), done, "register-code-sent")
}

async fn verify(
    v: Visit,
    Path((id, webhook)): Path<(BodyId, WebhookId)>,
    Form(typed): Fields,
) -> Result<Response, AppError> {
    let code = Draft::typed(&v, typed).v("code").to_owned();
    let digest = code_digest(&v, webhook, &code);
    match write!(v, tx => webhooks::verify(tx, v.scope(), webhook, &digest).await) {
        Ok(Checked::Wrong { left }) => {
            Ok(v.redirect(&page(id), Flash::bad("register-code-wrong").what(&left.to_string())))
        }
        Ok(Checked::Expired) => Ok(v.redirect(&page(id), Flash::bad("register-code-expired"))),
        done => v.acted(&page(id), done, "sending-webhook-verified"),
    }
}

async fn rotate(
    v: Visit,
    Path((id, webhook)): Path<(BodyId, WebhookId)>,
    Form(_): Fields,
) -> Result<Response, AppError> {
    let (secret, key) = (fresh_secret(&v), act::instance_key(&v));
    let done: Result<(), StoreError> =
        write!(v, tx => webhooks::rotate(tx, v.scope(), &key, &*v.app.secrets, webhook, &secret).await);
    match done {
        Ok(()) => show(&v, id, Draft::empty(&v), secret).await,
        failed => v.acted(&page(id), failed, "sending-switched"),
    }
}

async fn remove(
    v: Visit,
    Path((id, webhook)): Path<(BodyId, WebhookId)>,
    Form(_): Fields,
) -> Result<Response, AppError> {
    let done = write!(v, tx => webhooks::close(tx, v.scope(), webhook).await);
    v.acted(&page(id), done, "sending-webhook-removed")
}

struct Way {
    kind: String,
    name: String,
    configured: bool,
    foreign: bool,
    sent: u32,
    last: String,
    failing: u32,
    why: String,
    /// The last daily test: the day, how many took it of how many, whether some did not.
    tested: (String, String, bool),
    may_test: bool,
}

#[derive(Template)]
#[template(path = "channels/state.html")]
struct StatePage {
    p: Page,
    ways: Vec<Way>,
}

/// Every kind there is, configured or not.
const KINDS: [&str; 8] = ["email", "telegram", "sms", "voice", "push", "ntfy", "zalo", "webhook"];

async fn state(v: Visit) -> Result<Response, AppError> {
    // How the installation does is for whoever administers all of it.
    let mut sql = v.app.db.read().await?;
    if !store::troubles::may_see(&mut sql, v.scope()).await? {
        return Err(AppError::NotFound);
    }
    let lately = sending::lately(&mut sql, v.now.checked_sub(LATELY).unwrap_or(v.now)).await?;
    let tests = store::tries::by_kind(&mut sql).await?;
    drop(sql);
    let p = v.page(v.t("sending-state-title"));
    let day = |day: &str| {
        day.parse().map_or(day.to_owned(), |d: jiff::civil::Date| d.strftime("%d/%m/%Y").to_string())
    };
    let ways = KINDS
        .iter()
        .map(|kind| {
            let did = lately.iter().find(|l| l.channel == *kind);
            let configured = v.app.config.ways.kinds.iter().find(|(k, _)| k == kind);
            Way {
                kind: (*kind).to_owned(),
                name: v.t(&format!("register-channel-{kind}")),
                configured: configured.is_some(),
                foreign: configured.is_some_and(|(_, foreign)| *foreign),
                sent: did.map_or(0, |d| d.sent),
                last: did.and_then(|d| d.last_sent).map(|at| p.time(&at)).unwrap_or_default(),
                failing: did.map_or(0, |d| d.failing),
                why: did.and_then(|d| d.why.as_deref()).map(|kept| why(&v, kept)).unwrap_or_default(),
                tested: tests
                    .get(*kind)
                    .map(|(on, ok, all)| (day(on), format!("{ok}/{all}"), ok < all))
                    .unwrap_or_default(),
                may_test: configured.is_some() && *kind != "webhook" && v.user.person.is_some(),
            }
        })
        .collect();
    v.html(&StatePage { p, ways })
}

/// Sends a test to one's own verified channel of that kind.
async fn test(v: Visit, Path(channel): Path<String>, Form(_): Fields) -> Result<Response, AppError> {
    let me = v.user.person.ok_or(AppError::NotFound)?;
    let kind = *KINDS.iter().find(|k| **k == channel && **k != "webhook").ok_or(AppError::NotFound)?;
    let (intent, delivery) = (v.id(), v.id());
    let done: Result<(), StoreError> = write!(v, tx => {
        let person = people::own(tx, me).await?;
        let to = To::Person(me);
        if store::addressees::find(tx, &to, kind, false).await?.is_empty() {
            return Err(StoreError::Refused("channel-none-own"));
        }
        let at = time::local(v.now).strftime("%H:%M %d/%m/%Y").to_string();
        let vars = [("person".to_owned(), person.name), ("at".to_owned(), at)].into();
        let intent = Intent {
            id: intent,
            key: format!("channel-test/{me}/{kind}/{}", v.now.as_microsecond()),
            to,
            template: "channel-test".into(),
            vars,
            urgency: Urgency::Normal,
            not_before: v.now,
            expires: v.now.checked_add(TEST_VALID).unwrap_or(v.now),
        };
        intents::make(tx, &intent, &[(delivery, kind)]).await?;
        tx.record("channel.tested", format!("person:{me}"), None, &kind);
        Ok(())
    });
    v.acted(STATE, done, "sending-tested")
}

/// What leaves a body.
#[derive(Serialize, ToSchema)]
struct SendingOut {
    /// Whether foreign messengers may carry what a message is about.
    details_abroad: bool,
    webhooks: Vec<WebhookOut>,
}

#[derive(Serialize, ToSchema)]
struct WebhookOut {
    id: String,
    name: String,
    url: String,
    /// `canh`, `alertmanager` or `alertmanager-alerts`.
    shape: String,
    details: bool,
    verified_at: Option<String>,
}

#[utoipa::path(get, path = "/api/v1/bodies/{id}/sending", tag = "register", params(("id" = String, Path)),
    responses((status = 200, body = SendingOut)))]
async fn api_get(v: Visit, Path(body): Path<String>) -> Result<Out<SendingOut>, AppError> {
    let id = id(&body)?;
    let mut sql = v.app.db.read().await?;
    let held = webhooks::list(&mut sql, v.scope(), id).await?;
    let details_abroad = sending::details_abroad(&mut sql, id).await?;
    let webhooks = held
        .into_iter()
        .map(|w| WebhookOut {
            id: w.of.id.to_string(),
            name: w.of.name,
            url: w.of.url,
            shape: w.of.shape.to_string(),
            details: w.of.details,
            verified_at: w.verified_at.map(|at| at.to_string()),
        })
        .collect();
    Ok(Out(SendingOut { details_abroad, webhooks }))
}

#[derive(Deserialize, ToSchema)]
struct SwitchIn {
    details_abroad: bool,
}

/// Switches whether foreign messengers may carry what a message is about; off by default.
#[utoipa::path(put, path = "/api/v1/bodies/{id}/sending", tag = "register", params(("id" = String, Path)),
    request_body = SwitchIn, responses((status = 204)))]
async fn api_switch(
    v: Visit,
    Path(body): Path<String>,
    Json(SwitchIn { details_abroad }): Json<SwitchIn>,
) -> Result<StatusCode, AppError> {
    let id = id(&body)?;
    write!(v, tx => sending::set_details_abroad(tx, v.scope(), id, details_abroad).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct WebhookIn {
    name: String,
    url: String,
    /// `canh`, `alertmanager` or `alertmanager-alerts`.
    shape: String,
    /// Whether it hears what, or only that.
    #[serde(default)]
    details: bool,
}

#[derive(Serialize, ToSchema)]
struct WebhookMade {
    id: String,
    /// What signatures are checked with; given out this once.
    secret: String,
}

/// Adds a webhook, still to be verified by the code that is sent there.
#[utoipa::path(post, path = "/api/v1/bodies/{id}/webhooks", tag = "register", params(("id" = String, Path)),
    request_body = WebhookIn, responses((status = 201, body = WebhookMade)))]
async fn api_add(
    v: Visit,
    Path(body): Path<String>,
    Json(new): Json<WebhookIn>,
) -> Result<(StatusCode, Out<WebhookMade>), AppError> {
    let WebhookIn { name, url, shape: typed, details } = new;
    let shape = shape(&typed)?;
    let new = webhooks::NewWebhook { id: v.id(), body: id(&body)?, name, url, shape, details };
    let secret = make(&v, &new).await?;
    Ok((StatusCode::CREATED, Out(WebhookMade { id: new.id.to_string(), secret })))
}

#[utoipa::path(delete, path = "/api/v1/webhooks/{webhook}", tag = "register",
    params(("webhook" = String, Path)), responses((status = 204)))]
async fn api_remove(v: Visit, _: ApiGuard, Path(webhook): Path<String>) -> Result<StatusCode, AppError> {
    let webhook = id(&webhook)?;
    write!(v, tx => webhooks::close(tx, v.scope(), webhook).await)?;
    Ok(StatusCode::NO_CONTENT)
}
