//! Making and changing systems; their hosts.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    host::Host,
    id::{Id, kind},
    right::Right,
    system::{Level, System},
};
use serde::Deserialize;
use store::{
    hosts,
    register::{self, systems},
};

use super::{
    choices::{self, Options},
    draft::{self, Draft},
    systems::{SystemId, page, show},
    write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const REGISTER: Access = Access::Right(Right::Register);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/register/systems/new", REGISTER, new_form),
        Route::post("/register/systems/new", REGISTER, new),
        Route::get("/register/systems/{id}/edit", REGISTER, edit_form),
        Route::post("/register/systems/{id}/edit", REGISTER, edit),
        Route::post("/register/systems/{id}/close", REGISTER, close),
        Route::post("/register/systems/{id}/reopen", REGISTER, reopen),
        Route::post("/register/systems/{id}/hosts", REGISTER, add_host),
        Route::post("/register/systems/{id}/hosts/{host}/remove", REGISTER, remove_host),
    ]
}

type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "register/system_form.html")]
struct SystemForm {
    p: Page,
    d: Draft,
    id: String,
    back: (String, String),
    levels: Options,
    owners: Options,
    operators: Options,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Where {
    body: String,
}

async fn new_form(v: Visit, Query(into): Query<Where>) -> Result<Response, AppError> {
    let d = Draft::empty(&v).with("body", into.body);
    let back = ("/register/systems".into(), v.t("register-tab-systems"));
    form(&v, "register-system-new", String::new(), back, d).await
}

async fn form(
    v: &Visit,
    title: &str,
    id: String,
    back: (String, String),
    d: Draft,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let form = SystemForm {
        p: v.page(v.t(title)),
        d,
        id,
        back,
        levels: choices::levels(v),
        owners: choices::bodies(v, &mut sql, Right::Register, Some("register-choose-body")).await?,
        operators: choices::bodies(v, &mut sql, Right::See, Some("register-operator-self")).await?,
    };
    Ok(draft::status(&form.d, v.html(&form)?))
}

/// The system as typed; what cannot be read is noted at its field.
fn read(d: &mut Draft, id: SystemId) -> Option<System> {
    let body = d.id("body");
    let operator = d.opt_id("operator");
    let level = match d.v("level") {
        "" => None,
        text => {
            let level = text.parse().ok().and_then(Level::new);
            if level.is_none() {
                d.error("level", "error-choose");
            }
            level
        }
    };
    if !d.good() {
        return None;
    }
    Some(System {
        id,
        body: body?,
        operator,
        name: d.v("name").to_owned(),
        level,
        important: d.on("important"),
        personal_data: d.on("personal-data"),
        national_platform: d.on("national-platform"),
    })
}

async fn new(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(system) = read(&mut d, v.id()) {
        let note = d.opt("note");
        match write!(v, tx => systems::create(tx, v.scope(), &system, note.as_deref()).await) {
            Ok(()) => {
                return Ok(v.redirect(&page(system.id), Flash::ok("register-system-made").what(&system.name)));
            }
            Err(error) => d.refuse(error)?,
        }
    }
    let back = ("/register/systems".into(), v.t("register-tab-systems"));
    form(&v, "register-system-new", String::new(), back, d).await
}

async fn edit_form(v: Visit, Path(id): Path<SystemId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let entry = systems::get(&mut sql, v.scope(), id).await?;
    register::require(&mut sql, v.scope(), Right::Register, entry.system.body).await?;
    drop(sql);
    let s = entry.system;
    let tick = |on: bool| if on { "1" } else { "" };
    let d = Draft::empty(&v)
        .with("name", &*s.name)
        .with("body", s.body.to_string())
        .with("operator", s.operator.map(|o| o.to_string()).unwrap_or_default())
        .with("level", s.level.map(|l| l.get().to_string()).unwrap_or_default())
        .with("important", tick(s.important))
        .with("personal-data", tick(s.personal_data))
        .with("national-platform", tick(s.national_platform))
        .with("note", entry.note.unwrap_or_default());
    form(&v, "register-system-edit", id.to_string(), (page(id), s.name), d).await
}

async fn edit(v: Visit, Path(id): Path<SystemId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(system) = read(&mut d, id) {
        let note = d.opt("note");
        match write!(v, tx => systems::update(tx, v.scope(), &system, note.as_deref()).await) {
            Ok(_) => return Ok(v.redirect(&page(id), Flash::ok("register-saved"))),
            Err(error) => d.refuse(error)?,
        }
    }
    let mut sql = v.app.db.read().await?;
    let name = systems::get(&mut sql, v.scope(), id).await?.system.name;
    drop(sql);
    form(&v, "register-system-edit", id.to_string(), (page(id), name), d).await
}

async fn close(v: Visit, Path(id): Path<SystemId>, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => systems::close(tx, v.scope(), id).await);
    v.acted(&page(id), done, "register-system-closed")
}

async fn reopen(v: Visit, Path(id): Path<SystemId>, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => systems::reopen(tx, v.scope(), id).await);
    v.acted(&page(id), done, "register-system-reopened")
}

async fn add_host(v: Visit, Path(id): Path<SystemId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let names = d.v("hosts").split([',', ';', ' ', '\n']).map(str::to_owned).collect();
    let body = systems::get(&mut v.app.db.read().await?, v.scope(), id).await?.system.body;
    let (kind, in_charge, note) = (None, None, None);
    let host = Host { id: v.id(), body, system: Some(id), names, kind, in_charge, note };
    match write!(v, tx => hosts::add(tx, v.scope(), &host, hosts::Source::Hand).await) {
        Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-saved"))),
        Err(error) => d.refuse(error)?,
    }
    show(&v, id, d).await
}

async fn remove_host(
    v: Visit,
    Path((id, host)): Path<(SystemId, Id<kind::Host>)>,
    Form(_): Fields,
) -> Result<Response, AppError> {
    let done = write!(v, tx => hosts::remove(tx, v.scope(), host).await);
    v.acted(&page(id), done, "register-saved")
}
