//! People, their memberships, channels and roles.

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    actor::Scope,
    id::{Id, kind},
    person::{ChannelKind, Lang, Membership, Person},
    right::{Right, Role},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::register::{
    channels::{self, Checked},
    grants, people,
};
use utoipa::{IntoParams, ToSchema};

use super::super::{act, choices, people::is_own, write};
use super::{id, limit, opt_id, page};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, made},
};

pub(super) fn routes() -> Vec<Route> {
    let (see, register) = (Access::Right(Right::See), Access::Right(Right::Register));
    let (own, give) = (Access::SignedIn, Access::Right(Right::Administer));
    vec![
        Route::api(see, LIMIT_FORM, operation!(list)),
        Route::api(register, LIMIT_FORM, operation!(create)),
        Route::api(own, LIMIT_FORM, operation!(get)),
        Route::api(own, LIMIT_FORM, operation!(put)),
        Route::api(register, LIMIT_FORM, operation!(close)),
        Route::api(register, LIMIT_FORM, operation!(serve)),
        Route::api(register, LIMIT_FORM, operation!(leave)),
        Route::api(own, LIMIT_FORM, operation!(add_channel)),
        Route::api(own, LIMIT_FORM, operation!(remove_channel)),
        Route::api(own, LIMIT_FORM, operation!(send_code)),
        Route::api(own, LIMIT_FORM, operation!(verify)),
        Route::api(own, LIMIT_FORM, operation!(attest)),
        Route::api(give, LIMIT_FORM, operation!(give_role)),
        Route::api(see, LIMIT_FORM, operation!(delegate)),
        Route::api(own, LIMIT_FORM, operation!(revoke)),
    ]
}

/// A person.
#[derive(Serialize, ToSchema)]
struct PersonOut {
    id: String,
    name: String,
    title: Option<String>,
    /// `vi` or `en`.
    lang: String,
    closed_at: Option<String>,
    memberships: Vec<MembershipOut>,
}

#[derive(Serialize, ToSchema)]
struct MembershipOut {
    body: String,
    body_name: String,
    position: Option<String>,
    /// The body's named contact.
    contact: bool,
}

#[derive(Serialize, ToSchema)]
struct PersonList {
    items: Vec<PersonOut>,
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ChannelOut {
    id: String,
    /// `email`, `phone`, `telegram` or `zalo`.
    kind: String,
    address: String,
    verified_at: Option<String>,
    rank: u32,
}

#[derive(Serialize, ToSchema)]
struct GrantOut {
    id: String,
    role: String,
    body: String,
    body_name: String,
    delegated_by: Option<String>,
    from: Option<String>,
    until: Option<String>,
}

/// A person with channels (as far as they may be read) and roles.
#[derive(Serialize, ToSchema)]
struct PersonDetail {
    #[serde(flatten)]
    person: PersonOut,
    channels: Vec<ChannelOut>,
    grants: Vec<GrantOut>,
}

fn out(person: Person, serves: &[people::Serves]) -> PersonOut {
    let memberships = serves
        .iter()
        .filter(|s| s.person == person.id)
        .map(|s| MembershipOut {
            body: s.membership.body.to_string(),
            body_name: s.body_name.clone(),
            position: s.membership.position.clone(),
            contact: s.membership.contact,
        })
        .collect();
    PersonOut {
        id: person.id.to_string(),
        name: person.name,
        title: person.title,
        lang: person.lang.to_string(),
        closed_at: person.closed_at.map(|t| t.to_string()),
        memberships,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Part of the name.
    q: Option<String>,
    /// Only who serves in the subtree of that body.
    under: Option<String>,
    /// Only who serves that very body.
    body: Option<String>,
    /// Only named contacts.
    #[serde(default)]
    contacts: bool,
    /// Those who left, too.
    #[serde(default)]
    closed: bool,
    after: Option<String>,
    /// 1–499; 100 if absent.
    limit: Option<u32>,
}

#[utoipa::path(get, path = "/api/v1/people", tag = "register", params(Asked), responses((status = 200, body = PersonList)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Out<PersonList>, AppError> {
    let limit = limit(asked.limit);
    let filter = people::Filter {
        text: asked.q,
        under: opt_id(asked.under.as_deref())?,
        body: opt_id(asked.body.as_deref())?,
        contacts: asked.contacts,
        closed: asked.closed,
    };
    let after = asked.after.as_deref().and_then(choices::after);
    let mut sql = v.app.db.read().await?;
    let found = people::list(&mut sql, v.scope(), &filter, after, limit + 1).await?;
    let (found, next) = page(found, limit, |p| choices::cursor(&p.name, p.id));
    let serves = people::serves(&mut sql, v.scope(), &found.iter().map(|p| p.id).collect::<Vec<_>>()).await?;
    Ok(Out(PersonList { items: found.into_iter().map(|p| out(p, &serves)).collect(), next }))
}

#[derive(Deserialize, ToSchema)]
struct MembershipIn {
    #[schema(value_type = String)]
    body: Id<kind::Body>,
    position: Option<String>,
    #[serde(default)]
    contact: bool,
}

/// A person to be written down.
#[derive(Deserialize, ToSchema)]
struct PersonNew {
    name: String,
    title: Option<String>,
    #[serde(default)]
    #[schema(value_type = String)]
    lang: Lang,
    /// At least one.
    memberships: Vec<MembershipIn>,
}

#[utoipa::path(post, path = "/api/v1/people", tag = "register", request_body = PersonNew, responses((status = 201, body = PersonDetail)))]
async fn create(v: Visit, Json(new): Json<PersonNew>) -> Result<(StatusCode, Out<PersonDetail>), AppError> {
    let membership = |m: MembershipIn| Membership { body: m.body, position: m.position, contact: m.contact };
    let new = people::NewPerson {
        id: v.id(),
        name: new.name,
        title: new.title,
        lang: new.lang,
        memberships: new.memberships.into_iter().map(membership).collect(),
    };
    write!(v, tx => people::create(tx, v.scope(), &new).await)?;
    Ok((StatusCode::CREATED, detail(&v, new.id).await?))
}

#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "register", responses((status = 200, body = PersonDetail)))]
async fn get(v: Visit, Path(person): Path<String>) -> Result<Out<PersonDetail>, AppError> {
    detail(&v, id(&person)?).await
}

async fn detail(v: &Visit, id: Id<kind::Person>) -> Result<Out<PersonDetail>, AppError> {
    let everything = Scope::system();
    let scope = if is_own(v, id) { &everything } else { v.scope() };
    let mut sql = v.app.db.read().await?;
    let person = people::get(&mut sql, scope, id).await?;
    let serves = people::serves(&mut sql, scope, &[id]).await?;
    let channels = channels::list(&mut sql, scope, id).await?;
    let grants = grants::held(&mut sql, scope, id, v.now).await?;
    Ok(Out(PersonDetail {
        person: out(person, &serves),
        channels: channels
            .into_iter()
            .map(|c| ChannelOut {
                id: c.id.to_string(),
                kind: c.kind.to_string(),
                address: c.address,
                verified_at: c.verified_at.map(|t| t.to_string()),
                rank: c.rank,
            })
            .collect(),
        grants: grants
            .into_iter()
            .map(|g| GrantOut {
                id: g.id.to_string(),
                role: g.role.to_string(),
                body: g.body.to_string(),
                body_name: g.body_name,
                delegated_by: g.delegated_by.map(|p| p.to_string()),
                from: g.from.map(|t| t.to_string()),
                until: g.until.map(|t| t.to_string()),
            })
            .collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
struct PersonChange {
    name: String,
    title: Option<String>,
    #[schema(value_type = String)]
    lang: Lang,
}

#[utoipa::path(put, path = "/api/v1/people/{id}", tag = "register", request_body = PersonChange, responses((status = 200, body = PersonDetail)))]
async fn put(
    v: Visit,
    Path(person): Path<String>,
    Json(change): Json<PersonChange>,
) -> Result<Out<PersonDetail>, AppError> {
    let person = id(&person)?;
    let PersonChange { name, title, lang } = change;
    let change = people::Change { name, title, lang };
    write!(v, tx => people::update(tx, v.scope(), person, &change).await)?;
    detail(&v, person).await
}

#[utoipa::path(post, path = "/api/v1/people/{id}/close", tag = "register", responses((status = 204)))]
async fn close(v: Visit, _: ApiGuard, Path(person): Path<String>) -> Result<StatusCode, AppError> {
    let person = id(&person)?;
    write!(v, tx => people::close(tx, v.scope(), person).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/people/{id}/memberships", tag = "register", request_body = MembershipIn, responses((status = 204)))]
async fn serve(
    v: Visit,
    Path(person): Path<String>,
    Json(m): Json<MembershipIn>,
) -> Result<StatusCode, AppError> {
    let person = id(&person)?;
    let membership = Membership { body: m.body, position: m.position, contact: m.contact };
    write!(v, tx => people::serve(tx, v.scope(), person, &membership).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(delete, path = "/api/v1/people/{id}/memberships/{body}", tag = "register",
    params(("id" = String, Path), ("body" = String, Path)), responses((status = 204)))]
async fn leave(
    v: Visit,
    _: ApiGuard,
    Path((person, body)): Path<(String, String)>,
) -> Result<StatusCode, AppError> {
    let (person, body) = (id(&person)?, id(&body)?);
    write!(v, tx => people::leave(tx, v.scope(), person, body).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct ChannelNew {
    #[schema(value_type = String)]
    kind: ChannelKind,
    /// Any spelling.
    address: String,
    /// Lower is tried first.
    #[serde(default)]
    rank: u32,
}

/// Adds a channel, not yet verified.
#[utoipa::path(post, path = "/api/v1/people/{id}/channels", tag = "register", request_body = ChannelNew, responses((status = 201, body = Made)))]
async fn add_channel(
    v: Visit,
    Path(person): Path<String>,
    Json(new): Json<ChannelNew>,
) -> Result<Response, AppError> {
    let ChannelNew { kind, address, rank } = new;
    let new = channels::NewChannel { id: v.id(), person: id(&person)?, kind, address, rank };
    write!(v, tx => channels::add(tx, v.scope(), &new).await)?;
    Ok(made(new.id))
}

#[utoipa::path(delete, path = "/api/v1/channels/{id}", tag = "register", responses((status = 204)))]
async fn remove_channel(v: Visit, _: ApiGuard, Path(channel): Path<String>) -> Result<StatusCode, AppError> {
    let channel = id(&channel)?;
    write!(v, tx => channels::remove(tx, v.scope(), channel).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a six-digit code to the channel; at most five an hour.
#[utoipa::path(post, path = "/api/v1/channels/{id}/code", tag = "register", responses((status = 202)))]
async fn send_code(v: Visit, _: ApiGuard, Path(channel): Path<String>) -> Result<StatusCode, AppError> {
    act::send_code(&v, id(&channel)?).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize, ToSchema)]
struct CodeIn {
    code: String,
}

#[derive(Serialize, ToSchema)]
struct CheckedOut {
    verified: bool,
    /// Tries left with this code; 0 = a new code is needed.
    tries_left: u32,
}

#[utoipa::path(post, path = "/api/v1/channels/{id}/verify", tag = "register", request_body = CodeIn, responses((status = 200, body = CheckedOut)))]
async fn verify(
    v: Visit,
    Path(channel): Path<String>,
    Json(typed): Json<CodeIn>,
) -> Result<Out<CheckedOut>, AppError> {
    let (verified, tries_left) = match act::check_code(&v, id(&channel)?, &typed.code).await? {
        Checked::Verified => (true, 0),
        Checked::Wrong { left } => (false, left),
        Checked::Expired => (false, 0),
    };
    Ok(Out(CheckedOut { verified, tries_left }))
}

/// Says that the caller reached the person there: for channels to which no code can be sent.
#[utoipa::path(post, path = "/api/v1/channels/{id}/attest", tag = "register", responses((status = 204)))]
async fn attest(v: Visit, _: ApiGuard, Path(channel): Path<String>) -> Result<StatusCode, AppError> {
    let channel = id(&channel)?;
    write!(v, tx => channels::attest(tx, v.scope(), channel).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct GrantNew {
    #[schema(value_type = String)]
    role: Role,
    #[schema(value_type = String)]
    body: Id<kind::Body>,
    #[schema(value_type = Option<String>)]
    from: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
}

#[utoipa::path(post, path = "/api/v1/people/{id}/grants", tag = "register", request_body = GrantNew, responses((status = 201, body = Made)))]
async fn give_role(
    v: Visit,
    Path(person): Path<String>,
    Json(new): Json<GrantNew>,
) -> Result<Response, AppError> {
    let new = grant(&v, &person, new)?;
    write!(v, tx => grants::give(tx, v.scope(), &new).await)?;
    Ok(made(new.id))
}

/// Delegates a role the caller holds in their own name; `until` is needed.
#[utoipa::path(post, path = "/api/v1/people/{id}/delegations", tag = "register", request_body = GrantNew, responses((status = 201, body = Made)))]
async fn delegate(
    v: Visit,
    Path(person): Path<String>,
    Json(new): Json<GrantNew>,
) -> Result<Response, AppError> {
    let new = grant(&v, &person, new)?;
    write!(v, tx => grants::delegate(tx, v.scope(), &new).await)?;
    Ok(made(new.id))
}

fn grant(v: &Visit, person: &str, new: GrantNew) -> Result<grants::NewGrant, AppError> {
    let GrantNew { role, body, from, until } = new;
    Ok(grants::NewGrant { id: v.id(), person: id(person)?, role, body, from, until })
}

#[utoipa::path(delete, path = "/api/v1/grants/{id}", tag = "register", responses((status = 204)))]
async fn revoke(v: Visit, _: ApiGuard, Path(grant): Path<String>) -> Result<StatusCode, AppError> {
    let grant = id(&grant)?;
    write!(v, tx => grants::revoke(tx, v.scope(), grant).await)?;
    Ok(StatusCode::NO_CONTENT)
}
