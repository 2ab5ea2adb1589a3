//! People: list, page, forms.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    person::{Lang, Membership},
    right::Right,
};
use serde::Deserialize;
use store::register::{channels, grants, people, reach};

use super::{
    body::{GrantLine, grant_lines, titled},
    choices::{self, Options},
    draft::{self, Draft},
    tree::PAGE,
    write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const REGISTER: Access = Access::Right(Right::Register);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/register/people", Access::Right(Right::See), list),
        Route::get("/register/people/new", REGISTER, new_form),
        Route::post("/register/people/new", REGISTER, new),
        Route::get("/register/people/{id}", Access::SignedIn, get),
        Route::get("/register/people/{id}/edit", Access::SignedIn, edit_form),
        Route::post("/register/people/{id}/edit", Access::SignedIn, edit),
        Route::post("/register/people/{id}/serve", REGISTER, serve),
        Route::post("/register/people/{id}/leave", REGISTER, leave),
        Route::post("/register/people/{id}/close", REGISTER, close),
    ]
}

pub(super) type PersonId = Id<kind::Person>;
pub(super) type Fields = Form<HashMap<String, String>>;

pub(super) fn page(person: PersonId) -> String {
    format!("/register/people/{person}")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    contacts: String,
    after: String,
}

#[derive(Template)]
#[template(path = "register/people.html")]
struct People {
    p: Page,
    q: String,
    contacts: bool,
    people: Vec<Line>,
    next: String,
    may_register: bool,
}

struct Line {
    id: String,
    name: String,
    bodies: Vec<Place>,
}

struct Place {
    id: String,
    name: String,
    position: String,
    contact: bool,
}

fn place(s: &people::Serves) -> Place {
    Place {
        id: s.membership.body.to_string(),
        name: s.body_name.clone(),
        position: s.membership.position.clone().unwrap_or_default(),
        contact: s.membership.contact,
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let filter = people::Filter {
        text: Some(asked.q.clone()),
        contacts: !asked.contacts.is_empty(),
        ..Default::default()
    };
    let mut found =
        people::list(&mut sql, v.scope(), &filter, choices::after(&asked.after), PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let cursor = found.last().filter(|_| more).map(|p| choices::cursor(&p.name, p.id));
    let ids: Vec<_> = found.iter().map(|p| p.id).collect();
    let serves = people::serves(&mut sql, v.scope(), &ids).await?;
    let people = found
        .into_iter()
        .map(|person| Line {
            id: person.id.to_string(),
            name: titled(person.title.as_deref(), &person.name),
            bodies: serves.iter().filter(|s| s.person == person.id).map(place).collect(),
        })
        .collect();
    let query = [("q", asked.q.as_str()), ("contacts", &asked.contacts)];
    v.html(&People {
        p: v.page(v.t("register-tab-people")),
        contacts: !asked.contacts.is_empty(),
        people,
        next: choices::next("/register/people", &query, cursor),
        may_register: v.user.may(Right::Register),
        q: asked.q,
    })
}

#[derive(Template)]
#[template(path = "register/person.html")]
struct PersonPage {
    p: Page,
    d: Draft,
    id: String,
    name: String,
    lang: String,
    closed: String,
    places: Vec<Place>,
    channels: Vec<ChannelLine>,
    grants: Vec<GrantLine>,
    given: Vec<GrantLine>,
    channel_kinds: Options,
    /// What this browser would subscribe with; empty where it cannot.
    push_key: String,
    roles: Options,
    /// Bodies one may write memberships of.
    bodies: Options,
    /// Bodies over which one may give roles.
    administered: Options,
    /// Bodies over which one may delegate: where one holds roles oneself.
    delegable: Options,
    own: bool,
    may_call: bool,
    may_change: bool,
    sees_channels: bool,
}

struct ChannelLine {
    id: String,
    kind: String,
    address: String,
    verified: String,
    verified_iso: String,
    takes_code: bool,
    sends_code: bool,
    may_attest: bool,
}

async fn get(v: Visit, Path(id): Path<PersonId>) -> Result<Response, AppError> {
    show(&v, id, Draft::empty(&v)).await
}

/// Whether the page is that of whoever asks, signed in themselves.
pub(super) fn is_own(v: &Visit, id: PersonId) -> bool {
    v.actor() == Actor::Person(id)
}

/// The page, with the small forms as they were typed.
pub(super) async fn show(v: &Visit, id: PersonId, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let sql = &mut sql;
    let own = is_own(v, id);
    let everything = Scope::system();
    // Everyone sees all there is about themselves.
    let scope = if own { &everything } else { v.scope() };
    let person = people::get(sql, scope, id).await?;
    let p = v.page(person.name.clone());
    let places = people::serves(sql, scope, &[id]).await?;
    let held = channels::list(sql, scope, id).await?;
    let quiet = if held.is_empty() { None } else { reach::quiet_of(sql, id).await? };
    let d = match quiet {
        Some(q) if d.good() => d.with("quiet_from", clock(q.from)).with("quiet_to", clock(q.to)),
        _ => d,
    };
    let open = person.closed_at.is_none();
    let may_change = open && (own || people::changeable(sql, v.scope(), id, v.now).await?);
    let may_attest = !own && open && (v.user.may(Right::Register) || v.user.may(Right::Review));
    let channels = held
        .into_iter()
        .map(|c| ChannelLine {
            id: c.id.to_string(),
            kind: choices::channel(v.words(), c.kind),
            address: c.address,
            verified: c.verified_at.map(|at| p.time(&at)).unwrap_or_default(),
            verified_iso: c.verified_at.map(|at| p.iso(&at)).unwrap_or_default(),
            takes_code: c.kind.takes_code() && !c.kind.sends_code(),
            sends_code: c.kind.sends_code(),
            may_attest: may_attest && !c.kind.takes_code(),
        })
        .collect();
    let mut sees_channels = own;
    for s in &places {
        sees_channels =
            sees_channels || super::body::may(sql, v.scope(), Right::Read, s.membership.body).await?;
    }
    let offers = |right| open && v.user.may(right);
    let delegable = match v.user.person {
        Some(me) if !own && open => delegable(v, sql, me).await?,
        _ => Vec::new(),
    };
    let page = PersonPage {
        id: id.to_string(),
        name: titled(person.title.as_deref(), &person.name),
        lang: v.t(&format!("register-lang-{}", person.lang)),
        closed: person.closed_at.map(|at| p.time(&at)).unwrap_or_default(),
        places: places.iter().map(place).collect(),
        channels,
        grants: grant_lines(v, &p, grants::held(sql, scope, id, v.now).await?),
        given: if own { grant_lines(v, &p, grants::delegated_by(sql, id, v.now).await?) } else { Vec::new() },
        channel_kinds: choices::channels(v),
        push_key: v.app.config.ways.push_key.clone().filter(|_| own && open).unwrap_or_default(),
        roles: choices::roles(v),
        bodies: if offers(Right::Register) {
            choices::bodies(v, sql, Right::Register, Some("register-choose-body")).await?
        } else {
            Vec::new()
        },
        administered: if offers(Right::Administer) {
            choices::bodies(v, sql, Right::Administer, Some("register-choose-body")).await?
        } else {
            Vec::new()
        },
        delegable,
        own,
        may_call: !own && open && !places.is_empty() && v.user.may(Right::Answer),
        may_change,
        sees_channels,
        p,
        d,
    };
    Ok(draft::status(&page.d, v.html(&page)?))
}

/// A minute of the day, as a field for times has it.
fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The bodies over which somebody holds roles in their own name.
async fn delegable(v: &Visit, sql: &mut store::Sql, me: PersonId) -> Result<Options, store::StoreError> {
    let held = grants::held(sql, &Scope::system(), me, v.now).await?;
    let mut options = Options::new();
    for g in held.into_iter().filter(|g| g.delegated_by.is_none()) {
        let option = (g.body.to_string(), g.body_name);
        if !options.contains(&option) {
            options.push(option);
        }
    }
    Ok(options)
}

#[derive(Template)]
#[template(path = "register/person_form.html")]
struct PersonForm {
    p: Page,
    d: Draft,
    /// Empty for a new person.
    id: String,
    back: (String, String),
    langs: Options,
    bodies: Options,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Where {
    body: String,
}

async fn new_form(v: Visit, Query(into): Query<Where>) -> Result<Response, AppError> {
    let d = Draft::empty(&v).with("body", into.body);
    show_new(&v, d).await
}

async fn show_new(v: &Visit, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let form = PersonForm {
        p: v.page(v.t("register-person-new")),
        d,
        id: String::new(),
        back: ("/register/people".into(), v.t("register-tab-people")),
        langs: choices::langs(v),
        bodies: choices::bodies(v, &mut sql, Right::Register, Some("register-choose-body")).await?,
    };
    Ok(draft::status(&form.d, v.html(&form)?))
}

async fn new(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (body, lang) = (d.id("body"), d.word("lang", Lang::parse));
    if let (Some(body), Some(lang), true) = (body, lang, d.good()) {
        let new = people::NewPerson {
            id: v.id(),
            name: d.v("name").to_owned(),
            title: d.opt("title"),
            lang,
            memberships: vec![Membership { body, position: d.opt("position"), contact: d.on("contact") }],
        };
        match write!(v, tx => people::create(tx, v.scope(), &new).await) {
            Ok(()) => return Ok(v.redirect(&page(new.id), Flash::ok("register-person-made").what(&new.name))),
            Err(error) => d.refuse(error)?,
        }
    }
    show_new(&v, d).await
}

async fn edit_form(v: Visit, Path(id): Path<PersonId>) -> Result<Response, AppError> {
    let person = seen(&v, id).await?;
    let d = Draft::empty(&v)
        .with("name", person.name)
        .with("title", person.title.unwrap_or_default())
        .with("lang", person.lang.name());
    show_edit(&v, id, d).await
}

async fn seen(v: &Visit, id: PersonId) -> Result<domain::person::Person, AppError> {
    let mut sql = v.app.db.read().await?;
    if !is_own(v, id) && !people::changeable(&mut sql, v.scope(), id, v.now).await? {
        return Err(AppError::NotFound);
    }
    Ok(people::own(&mut sql, id).await?)
}

async fn show_edit(v: &Visit, id: PersonId, d: Draft) -> Result<Response, AppError> {
    let person = seen(v, id).await?;
    let form = PersonForm {
        p: v.page(v.t("register-person-edit")),
        d,
        id: id.to_string(),
        back: (page(id), person.name),
        langs: choices::langs(v),
        bodies: Vec::new(),
    };
    Ok(draft::status(&form.d, v.html(&form)?))
}

async fn edit(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(lang) = d.word("lang", Lang::parse) {
        let change = people::Change { name: d.v("name").to_owned(), title: d.opt("title"), lang };
        match write!(v, tx => people::update(tx, v.scope(), id, &change).await) {
            Ok(_) => return Ok(v.redirect(&page(id), Flash::ok("register-saved"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show_edit(&v, id, d).await
}

async fn serve(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(body) = d.id("member_body") {
        let membership = Membership { body, position: d.opt("position"), contact: d.on("contact") };
        match write!(v, tx => people::serve(tx, v.scope(), id, &membership).await) {
            Ok(_) => return Ok(v.redirect(&page(id), Flash::ok("register-saved"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, id, d).await
}

async fn leave(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let body = d.id("body").ok_or(AppError::NotFound)?;
    let done = write!(v, tx => people::leave(tx, v.scope(), id, body).await);
    // Who served nobody else can no longer be seen from here.
    let mut sql = v.app.db.read().await?;
    let still = people::get(&mut sql, v.scope(), id).await.is_ok();
    let to = if still { page(id) } else { format!("/register/bodies/{body}") };
    v.acted(&to, done, "register-saved")
}

async fn close(v: Visit, Path(id): Path<PersonId>, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => people::close(tx, v.scope(), id).await);
    v.acted(&page(id), done, "register-person-closed")
}
