//! Roles: giving, delegating for a time, revoking.

use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    right::{Right, Role},
};
use store::register::grants;

use super::{
    draft::Draft,
    people::{Fields, PersonId, page, show},
    write,
};
use crate::{Access, AppError, Flash, Form, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/register/people/{id}/grants", Access::Right(Right::Administer), give),
        Route::post("/register/people/{id}/delegate", Access::Right(Right::See), delegate),
        Route::post("/register/people/{id}/grants/{grant}/revoke", Access::SignedIn, revoke),
    ]
}

async fn give(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (role, body, until) = (d.word("role", Role::parse), d.id("grant_body"), d.until("until"));
    if let (Some(role), Some(body), true) = (role, body, d.good()) {
        let new = grants::NewGrant { id: v.id(), person: id, role, body, from: None, until };
        match write!(v, tx => grants::give(tx, v.scope(), &new).await) {
            Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-role-given"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, id, d).await
}

async fn delegate(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (role, body) = (d.word("delegated_role", Role::parse), d.id("delegated_body"));
    let (from, until) = (d.since("delegated_from"), d.until("delegated_until"));
    if let (Some(role), Some(body), true) = (role, body, d.good()) {
        let new = grants::NewGrant { id: v.id(), person: id, role, body, from, until };
        match write!(v, tx => grants::delegate(tx, v.scope(), &new).await) {
            Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-delegated"))),
            Err(store::StoreError::Refused(code))
                if code.starts_with("delegation-") || code.starts_with("grant-") =>
            {
                let field = match code {
                    "delegation-not-held" | "delegation-to-self" | "grant-there" => "delegated_role",
                    _ => "delegated_until",
                };
                d.error(field, &format!("error-{code}"));
            }
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, id, d).await
}

async fn revoke(
    v: Visit,
    Path((id, grant)): Path<(PersonId, Id<kind::Grant>)>,
    Form(_): Fields,
) -> Result<Response, AppError> {
    let done = write!(v, tx => grants::revoke(tx, v.scope(), grant).await);
    // Who took a delegation back returns to their own page, where it was listed.
    let mut sql = v.app.db.read().await?;
    let seen = store::register::people::get(&mut sql, v.scope(), id).await.is_ok();
    let to =
        if seen || v.user.person == Some(id) { page(id) } else { v.user.person.map_or("/".into(), page) };
    v.acted(&to, done, "register-role-revoked")
}
