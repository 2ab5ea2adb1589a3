//! A body's page: what it is and was called, who serves it, what it runs.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    actor::Scope,
    body::Name,
    id::{Id, kind},
    right::Right,
};
use store::{
    Sql, StoreError, counts,
    register::{self, PAGE_MAX, bodies, channels, grants, people, systems},
};

use super::{
    choices::{self, Options},
    draft::{self, Draft},
};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/register/bodies/{id}", Access::Right(Right::See), get)]
}

#[derive(Template)]
#[template(path = "register/body.html")]
struct BodyPage {
    p: Page,
    d: Draft,
    id: String,
    name: String,
    kind: String,
    code: String,
    closed: String,
    crumbs: Vec<(String, String)>,
    children: Vec<(String, String, String)>,
    members: Vec<Member>,
    contact: (u32, u32),
    machines: (u32, String, Vec<crate::counts::Line>),
    systems: Vec<SystemLine>,
    names: Vec<NameLine>,
    successors: Vec<SuccessorLine>,
    predecessors: Vec<SuccessorLine>,
    grants: Vec<GrantLine>,
    others: Options,
    functions: Options,
    may_register: bool,
    may_close: bool,
    may_administer: bool,
}

struct Member {
    id: String,
    name: String,
    position: String,
    contact: bool,
}

struct SystemLine {
    id: String,
    name: String,
    level: String,
    hosts: u32,
}

struct NameLine {
    text: String,
    span: String,
    alias: bool,
}

struct SuccessorLine {
    id: String,
    name: String,
    function: String,
    label: String,
    from: String,
    from_iso: String,
}

/// A role as a line of a list.
pub(super) struct GrantLine {
    pub id: String,
    pub person: String,
    pub person_name: String,
    pub role: String,
    pub body: String,
    pub body_name: String,
    pub by: String,
    pub span: String,
}

/// Whether the scope holds a right over that very body.
pub(super) async fn may(
    sql: &mut Sql,
    scope: &Scope,
    right: Right,
    body: Id<kind::Body>,
) -> Result<bool, StoreError> {
    match register::require(sql, scope, right, body).await {
        Ok(()) => Ok(true),
        Err(StoreError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn get(v: Visit, Path(id): Path<Id<kind::Body>>) -> Result<Response, AppError> {
    show(&v, id, Draft::empty(&v)).await
}

/// The page, with the small form of successors as it was typed.
pub(super) async fn show(v: &Visit, id: Id<kind::Body>, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let (sql, scope) = (&mut sql, v.scope());
    let body = bodies::get(sql, scope, id).await?;
    let p = v.page(body.name.clone());
    let may_register = may(sql, scope, Right::Register, id).await?;
    let may_close = match body.parent {
        Some(parent) => may_register && may(sql, scope, Right::Register, parent).await?,
        None => false,
    };
    let filter = people::Filter { body: Some(id), ..Default::default() };
    let persons = people::list(sql, scope, &filter, None, PAGE_MAX).await?;
    let serves = people::serves(sql, scope, &persons.iter().map(|p| p.id).collect::<Vec<_>>()).await?;
    let mut members: Vec<Member> = persons
        .into_iter()
        .map(|person| {
            let here = serves.iter().find(|s| s.person == person.id && s.membership.body == id);
            Member {
                id: person.id.to_string(),
                name: titled(person.title.as_deref(), &person.name),
                position: here.and_then(|s| s.membership.position.clone()).unwrap_or_default(),
                contact: here.is_some_and(|s| s.membership.contact),
            }
        })
        .collect();
    members.sort_by_key(|m| !m.contact);
    let count = channels::contact_channels(sql, id).await?;
    let filter = systems::Filter { body: Some(id), ..Default::default() };
    let systems = systems::list(sql, scope, &filter, None, PAGE_MAX).await?;
    let words = v.words();
    let machines = counts::of(sql, scope, v.pack(), &[id], domain::time::date(v.now)).await?;
    let machines = machines.get(&id).ok_or(AppError::NotFound)?;
    let gap = crate::counts::gap(words, machines).map(|g| g.text).unwrap_or_default();
    let machines = (machines.registered, gap, crate::counts::lines(&p, words, machines));
    let page = BodyPage {
        machines,
        id: id.to_string(),
        kind: choices::kind(words, body.kind),
        code: body.code.unwrap_or_default(),
        closed: body.closed_at.map(|at| p.time(&at)).unwrap_or_default(),
        crumbs: bodies::ancestors(sql, scope, id)
            .await?
            .into_iter()
            .map(|b| (b.id.to_string(), b.name))
            .collect(),
        children: bodies::children(sql, scope, id)
            .await?
            .into_iter()
            .map(|b| (b.id.to_string(), b.name, choices::kind(words, b.kind)))
            .collect(),
        members,
        contact: (count.handled, count.all),
        systems: systems
            .into_iter()
            .map(|s| SystemLine {
                id: s.system.id.to_string(),
                name: s.system.name,
                level: s.system.level.map(|l| l.get().to_string()).unwrap_or_default(),
                hosts: s.hosts,
            })
            .collect(),
        names: bodies::names_of(sql, id).await?.iter().map(|n| name_line(&p, n)).collect(),
        successors: lines(&p, bodies::successors(sql, scope, id).await?),
        predecessors: lines(&p, bodies::predecessors(sql, scope, id).await?),
        grants: grant_lines(v, &p, grants::of_body(sql, scope, id, v.now).await?),
        others: if may_register {
            choices::bodies(v, sql, Right::See, Some("register-choose-body")).await?
        } else {
            Vec::new()
        },
        functions: choices::functions(v),
        may_register,
        may_close,
        may_administer: may(sql, scope, Right::Administer, id).await?,
        name: body.name,
        p,
        d,
    };
    Ok(draft::status(&page.d, v.html(&page)?))
}

/// *TS Nguyễn Văn An*.
pub(super) fn titled(title: Option<&str>, name: &str) -> String {
    title.map_or_else(|| name.to_owned(), |t| format!("{t} {name}"))
}

/// *01/03/2025 – 30/06/2025*, with what is open left open; empty for always.
fn span(p: &Page, from: Option<String>, until: Option<String>) -> String {
    match (from, until) {
        (None, None) => String::new(),
        (Some(from), None) => p.t1("register-since", "from", from),
        (None, Some(until)) => p.t1("register-until", "until", until),
        (Some(from), Some(until)) => format!("{from} – {until}"),
    }
}

fn name_line(p: &Page, name: &Name) -> NameLine {
    let day = |d: Option<jiff::civil::Date>| d.map(|d| p.date(&d));
    NameLine { text: name.text.clone(), span: span(p, day(name.from), day(name.until)), alias: name.alias }
}

fn lines(p: &Page, list: Vec<(domain::body::Successor, String)>) -> Vec<SuccessorLine> {
    list.into_iter()
        .map(|(s, name)| SuccessorLine {
            id: s.body.to_string(),
            name,
            label: if choices::FUNCTIONS.contains(&s.function.as_str()) {
                p.t(&format!("register-function-{}", s.function))
            } else {
                s.function.clone()
            },
            function: s.function,
            from: p.date(&s.from),
            from_iso: s.from.to_string(),
        })
        .collect()
}

/// Roles as lines.
pub(super) fn grant_lines(v: &Visit, p: &Page, list: Vec<grants::Grant>) -> Vec<GrantLine> {
    list.into_iter()
        .map(|g| GrantLine {
            id: g.id.to_string(),
            person: g.person.to_string(),
            person_name: g.person_name,
            role: choices::role(v.words(), g.role),
            body: g.body.to_string(),
            body_name: g.body_name,
            by: g.delegated_by_name.unwrap_or_default(),
            span: span(p, g.from.map(|t| p.time(&t)), g.until.map(|t| p.time(&t))),
        })
        .collect()
}
