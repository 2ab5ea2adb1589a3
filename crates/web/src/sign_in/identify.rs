//! Who asks: from the session cookie, or from the bearer token of the API.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
};
use jiff::Timestamp;
use store::{
    StoreError,
    sign_in::{
        self, InstanceKey, digest,
        sessions::{self, Care, Session, Stage},
        text, tokens,
    },
};

use super::cookies::{self, Device, Jar};
use crate::{App, User, Visit, error, security::source};

/// What is known of whoever asks besides who they are.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    /// Where limits count it.
    pub source: String,
    /// Its address, for the list of sessions.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
    /// How cookies are written here.
    pub jar: Jar,
    /// The browser, and who has signed in on it.
    pub device: Device,
    /// Its session, half-way ones included.
    pub session: Option<Session>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Arc<Asker>>();
        Ok(known.map_or_else(
            || Self::new(&parts.headers, None, Jar { insecure: false }),
            |asker| (**asker).clone(),
        ))
    }
}

impl Asker {
    fn new(headers: &HeaderMap, address: Option<std::net::IpAddr>, jar: Jar) -> Self {
        let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Self {
            source: source::counted(address),
            address: address.map(|a| a.to_string()).unwrap_or_default(),
            agent: agent.chars().take(200).collect(),
            jar,
            device: Device::read(jar.get(headers, cookies::DEVICE).as_deref()),
            session: None,
        }
    }
}

/// The key of this installation.
pub(crate) fn key(app: &App) -> InstanceKey {
    InstanceKey::new(app.config.instance_key)
}

/// The form token of a session. Nothing to store: it follows from the session's id and the instance key.
pub(crate) fn csrf(app: &App, session: Id<kind::Session>) -> String {
    text(&key(app).mac("csrf", &[session.uuid().as_bytes()]))
}

/// The form token of somebody not signed in, from the guest cookie.
pub(crate) fn guest_csrf(app: &App, guest: &str) -> String {
    text(&key(app).mac("guest", &[guest.as_bytes()]))
}

/// Finds out who asks, counts the request, and puts an `Arc<User>` and an `Arc<Asker>` into it. Tests put a `User` there
/// themselves; nothing that comes over the network can.
pub(crate) async fn identify(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let now = app.clock.now();
    // The body is not for other threads to look at, so it waits aside.
    let (mut parts, body) = request.into_parts();
    let jar = Jar { insecure: app.config.insecure_cookies };
    let address = source::address(&parts, app.config.trusted_proxies);
    let mut asker = Asker::new(&parts.headers, address, jar);
    let mut fresh = None;
    let given = parts.extensions.get::<Arc<User>>().cloned();
    let user = match given {
        Some(user) => Ok(user),
        None => find(&app, &parts, &mut asker, &mut fresh, now).await.map(Arc::new),
    };
    let admitted = user
        .as_ref()
        .map_or(Ok(()), |user| app.guard.admit(user, &asker, &parts.method, parts.uri.path(), now));
    let user = match (user, admitted) {
        (Ok(user), Ok(())) => user,
        (user, refused) => {
            let error = user.err().map(crate::AppError::from).or(refused.err());
            let visit = Visit::new(app, Arc::new(User::nobody()), &parts.headers, parts.uri.clone());
            return error::words(&visit, &error.unwrap_or(crate::AppError::SignIn), None);
        }
    };
    parts.extensions.insert(user);
    parts.extensions.insert(Arc::new(asker));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(secret) = fresh.filter(|_| !jar.sets(&response, cookies::SESSION)) {
        jar.set(&mut response, cookies::SESSION, &secret);
    }
    response
}

async fn find(
    app: &App,
    parts: &Parts,
    asker: &mut Asker,
    fresh: &mut Option<String>,
    now: Timestamp,
) -> Result<User, StoreError> {
    if parts.uri.path().starts_with("/api/")
        && let Some(secret) = bearer(&parts.headers)
    {
        return by_token(app, secret, now).await;
    }
    let mut user = User::nobody();
    if let Some(guest) = asker.jar.get(&parts.headers, cookies::GUEST) {
        user.csrf = guest_csrf(app, &guest);
    }
    let Some(secret) = asker.jar.get(&parts.headers, cookies::SESSION) else { return Ok(user) };
    let Some(found) = sessions::find(&mut app.db.read().await?, &digest(&secret), now).await? else {
        return Ok(user);
    };
    if found.care != Care::None {
        let new = text(&app.secrets.bytes());
        if sessions::keep(&app.db, &found, &digest(&new), now).await? {
            *fresh = Some(new);
        }
        if found.care == Care::Replayed {
            return Ok(user);
        }
    }
    let session = found.session;
    user.csrf = csrf(app, session.id);
    user.lang = Some(found.lang);
    if session.stage == Stage::Full {
        let person = session.person;
        user = User {
            actor: Actor::Person(person),
            person: Some(person),
            name: found.name,
            session: Some(session.id),
            ..user
        };
        let chosen = asker.jar.get(&parts.headers, cookies::BODY);
        place(app, &mut user, person, chosen.as_deref(), now).await?;
    }
    asker.session = Some(session);
    Ok(user)
}

/// What they may do, and for whom they work.
async fn place(
    app: &App,
    user: &mut User,
    person: Id<kind::Person>,
    chosen: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut sql = app.db.read().await?;
    user.scope = sign_in::scope_of(&mut sql, person, now).await?;
    user.bodies = sign_in::bodies_of(&mut sql, person, &user.scope).await?;
    let chosen = chosen.and_then(|c| c.parse().ok());
    let body = user.bodies.iter().find(|(id, _)| Some(*id) == chosen).or(user.bodies.first());
    (user.body, user.body_name) = body.map(|(id, name)| (Some(*id), name.clone())).unwrap_or_default();
    Ok(())
}

async fn by_token(app: &App, secret: &str, now: Timestamp) -> Result<User, StoreError> {
    let found = match secret.strip_prefix(tokens::PREFIX) {
        Some(_) => tokens::find(&mut app.db.read().await?, &digest(secret), now).await?,
        None => None,
    };
    let Some(bearer) = found else { return Ok(User::nobody()) };
    tokens::touch(&app.db, &bearer.token, now).await?;
    let person = bearer.token.person;
    let mut user = User {
        actor: Actor::Token(bearer.token.id, person),
        person: Some(person),
        name: bearer.name,
        lang: Some(bearer.lang),
        scope: Scope::nothing(),
        ..User::nobody()
    };
    place(app, &mut user, person, None, now).await?;
    user.scope = bearer.scope;
    Ok(user)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
