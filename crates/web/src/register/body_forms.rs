//! Making, changing, moving and closing bodies; successors.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    body::{BodyKind, Successor},
    id::{Id, kind},
    right::Right,
};
use store::register::{self, bodies};

use super::{
    body,
    choices::{self, Options},
    draft::{self, Draft},
    write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const REGISTER: Access = Access::Right(Right::Register);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/register/bodies/{id}/new", REGISTER, new_form),
        Route::post("/register/bodies/{id}/new", REGISTER, new),
        Route::get("/register/bodies/{id}/edit", REGISTER, edit_form),
        Route::post("/register/bodies/{id}/edit", REGISTER, edit),
        Route::post("/register/bodies/{id}/move", REGISTER, move_to),
        Route::post("/register/bodies/{id}/close", REGISTER, close),
        Route::post("/register/bodies/{id}/reopen", REGISTER, reopen),
        Route::post("/register/bodies/{id}/successors", REGISTER, add_successor),
        Route::post("/register/bodies/{id}/successors/remove", REGISTER, remove_successor),
    ]
}

type BodyId = Id<kind::Body>;
type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "register/body_form.html")]
struct BodyForm {
    p: Page,
    d: Draft,
    /// The body that is changed; empty for a new one.
    id: String,
    /// The page it belongs to, and its name.
    back: (String, String),
    kinds: Options,
    parents: Options,
    is_root: bool,
}

fn page(body: BodyId) -> String {
    format!("/register/bodies/{body}")
}

async fn new_form(v: Visit, Path(parent): Path<BodyId>) -> Result<Response, AppError> {
    show_new(&v, parent, Draft::empty(&v)).await
}

async fn show_new(v: &Visit, parent: BodyId, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    register::require(&mut sql, v.scope(), Right::Register, parent).await?;
    let above = bodies::get(&mut sql, v.scope(), parent).await?;
    let form = BodyForm {
        p: v.page(v.t("register-body-new")),
        d,
        id: String::new(),
        back: (page(parent), above.name),
        kinds: choices::kinds(v),
        parents: Vec::new(),
        is_root: false,
    };
    Ok(draft::status(&form.d, v.html(&form)?))
}

async fn new(v: Visit, Path(parent): Path<BodyId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (kind, from) = (d.word("kind", BodyKind::parse), d.date("from"));
    if let (Some(kind), true) = (kind, d.good()) {
        let new = bodies::NewBody {
            id: v.id(),
            parent: Some(parent),
            kind,
            name: d.v("name").to_owned(),
            code: d.opt("code"),
            from,
            aliases: d.lines("aliases"),
        };
        match write!(v, tx => bodies::create(tx, v.scope(), &new).await) {
            Ok(()) => return Ok(v.redirect(&page(new.id), Flash::ok("register-body-made").what(&new.name))),
            Err(error) => d.refuse(error)?,
        }
    }
    show_new(&v, parent, d).await
}

async fn edit_form(v: Visit, Path(id): Path<BodyId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let body = bodies::get(&mut sql, v.scope(), id).await?;
    let names = bodies::names_of(&mut sql, id).await?;
    drop(sql);
    let aliases: Vec<String> = names.into_iter().filter(|n| n.alias).map(|n| n.text).collect();
    let d = Draft::empty(&v)
        .with("name", body.name)
        .with("code", body.code.unwrap_or_default())
        .with("kind", body.kind.name())
        .with("aliases", aliases.join("\n"));
    show_edit(&v, id, d).await
}

async fn show_edit(v: &Visit, id: BodyId, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    register::require(&mut sql, v.scope(), Right::Register, id).await?;
    let body = bodies::get(&mut sql, v.scope(), id).await?;
    let d = match (body.parent, d.v("parent").is_empty()) {
        (Some(parent), true) => d.with("parent", parent.to_string()),
        _ => d,
    };
    let form = BodyForm {
        p: v.page(v.t("register-body-edit")),
        d,
        id: id.to_string(),
        back: (page(id), body.name),
        kinds: choices::kinds(v),
        parents: choices::bodies(v, &mut sql, Right::Register, None).await?,
        is_root: body.parent.is_none(),
    };
    Ok(draft::status(&form.d, v.html(&form)?))
}

async fn edit(v: Visit, Path(id): Path<BodyId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (kind, from) = (d.word("kind", BodyKind::parse), d.date("from"));
    if let (Some(kind), true) = (kind, d.good()) {
        let change = bodies::Change {
            kind,
            name: d.v("name").to_owned(),
            renamed_on: from,
            code: d.opt("code"),
            aliases: d.lines("aliases"),
        };
        match write!(v, tx => bodies::update(tx, v.scope(), id, &change).await) {
            Ok(_) => return Ok(v.redirect(&page(id), Flash::ok("register-saved"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show_edit(&v, id, d).await
}

async fn move_to(v: Visit, Path(id): Path<BodyId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(parent) = d.id("parent") {
        match write!(v, tx => bodies::move_to(tx, v.scope(), id, parent).await) {
            Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-body-moved"))),
            Err(error) => d.refuse(error)?,
        }
    }
    // The other form of that page shows what stands.
    let mut sql = v.app.db.read().await?;
    let body = bodies::get(&mut sql, v.scope(), id).await?;
    let names = bodies::names_of(&mut sql, id).await?;
    drop(sql);
    let aliases: Vec<String> = names.into_iter().filter(|n| n.alias).map(|n| n.text).collect();
    let d = d
        .with("name", body.name)
        .with("code", body.code.unwrap_or_default())
        .with("kind", body.kind.name())
        .with("aliases", aliases.join("\n"));
    show_edit(&v, id, d).await
}

async fn close(v: Visit, Path(id): Path<BodyId>, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => bodies::close(tx, v.scope(), id).await);
    v.acted(&page(id), done, "register-body-closed")
}

async fn reopen(v: Visit, Path(id): Path<BodyId>, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => bodies::reopen(tx, v.scope(), id).await);
    v.acted(&page(id), done, "register-body-reopened")
}

async fn add_successor(v: Visit, Path(id): Path<BodyId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (successor, since) = (d.id("successor"), d.date("since"));
    if since.is_none() && d.e("since").is_empty() {
        d.error("since", "error-date");
    }
    if let (Some(body), Some(from), true) = (successor, since, d.good()) {
        let successor = Successor { function: d.v("function").to_owned(), body, from };
        match write!(v, tx => bodies::add_successor(tx, v.scope(), id, &successor).await) {
            Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-saved"))),
            Err(error) => d.refuse(error)?,
        }
    }
    body::show(&v, id, d).await
}

async fn remove_successor(
    v: Visit,
    Path(id): Path<BodyId>,
    Form(typed): Fields,
) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let from = d.date("since").ok_or(AppError::NotFound)?;
    let done = write!(v, tx => bodies::remove_successor(tx, v.scope(), id, d.v("function"), from).await);
    v.acted(&page(id), done, "register-saved")
}
