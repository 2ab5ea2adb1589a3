//! Writing a notice: freely, or from the library of topics.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    id::{Id, kind},
    person::Lang,
    right::{Right, Role},
};
use serde::Deserialize;
use store::notices::{self, NewNotice};

use super::{
    campaign_options, done,
    form::{Asking, Written},
    id, own_body, rules, top_options, write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

/// Lists offered.
const LISTS: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/notices/new", prepare, library),
        Route::post("/notices", prepare, create),
        Route::get("/notices/{notice}/edit", prepare, edit),
        Route::post("/notices/{notice}/edit", prepare, update),
        Route::post("/notices/{notice}/discard", prepare, discard),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A topic's key, or `blank`.
    from: String,
    lang: String,
}

struct Topic {
    key: String,
    title: String,
    about: String,
}

#[derive(Template)]
#[template(path = "notices/library.html")]
struct LibraryPage {
    p: Page,
    topics: Vec<Topic>,
    to: &'static str,
}

/// The words of the library in the reader's language.
pub(super) fn lang(v: &Visit) -> Lang {
    if v.lang == crate::Lang::En { Lang::En } else { Lang::Vi }
}

async fn library(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let lang = Lang::parse(&asked.lang).unwrap_or(lang(&v));
    if asked.from == "blank" {
        let written = Written { lang: lang.name().into(), ..Written::default() };
        return show(&v, None, written, String::new()).await;
    }
    if let Some(template) = v.pack().notice_templates().iter().find(|t| t.key == asked.from) {
        return show(&v, None, Written::from_template(template, lang), String::new()).await;
    }
    let topics = v
        .pack()
        .notice_templates()
        .iter()
        .map(|t| {
            let text = t.text(lang);
            let about = text.body.trim().split('\n').next().unwrap_or_default().chars().take(180).collect();
            Topic { key: t.key.clone(), title: text.title.clone(), about }
        })
        .collect();
    v.html(&LibraryPage { p: v.page(v.t("notices-new")), topics, to: "/notices/new" })
}

struct Tick {
    value: String,
    label: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "notices/form.html")]
struct FormPage {
    p: Page,
    action: String,
    back: String,
    w: Written,
    error: String,
    langs: Vec<(String, String)>,
    campaigns: Vec<(String, String)>,
    tops: Vec<Tick>,
    roles: Vec<Tick>,
    lists: Vec<Tick>,
    questions: Vec<Asking>,
    pass: String,
    attempts: String,
    rule: String,
}

async fn show(
    v: &Visit,
    notice: Option<Id<kind::Notice>>,
    w: Written,
    error: String,
) -> Result<Response, AppError> {
    let rules = rules(v)?;
    let mut sql = v.app.db.read().await?;
    let tick = |options: Vec<(String, String)>, chosen: &[String]| -> Vec<Tick> {
        options.into_iter().map(|(value, label)| Tick { on: chosen.contains(&value), value, label }).collect()
    };
    let tops = tick(top_options(v, &mut sql).await?, &w.top);
    let roles = Role::ALL.iter().map(|r| (r.name().to_owned(), v.t(&format!("register-role-{r}")))).collect();
    let roles = tick(roles, &w.role);
    let lists = notices::lists(&mut sql, v.scope(), LISTS).await?;
    let lists = lists
        .into_iter()
        .map(|l| (l.id.to_string(), v.page("").t2("notices-list-of", "name", l.name, "n", l.people)))
        .collect();
    let lists = tick(lists, &w.list);
    let campaigns = campaign_options(v, &mut sql).await?;
    let usual = |typed: &str, usual: u8| if typed.is_empty() { usual.to_string() } else { typed.to_owned() };
    let page = v.page(v.t(if notice.is_some() { "notices-edit" } else { "notices-new" }));
    v.html(&FormPage {
        action: notice.map_or("/notices".into(), |n| format!("/notices/{n}/edit")),
        back: notice.map_or("/notices/new".into(), |n| format!("/notices/{n}")),
        langs: Lang::ALL.iter().map(|l| (l.name().to_owned(), v.t(&format!("register-lang-{l}")))).collect(),
        pass: usual(&w.pass, rules.pass_percent),
        attempts: usual(&w.attempts, rules.attempts),
        rule: page.t2("notices-quiz-hint", "min", rules.questions_min, "max", rules.questions_max),
        questions: w.questions(),
        campaigns,
        tops,
        roles,
        lists,
        error,
        w,
        p: page,
    })
}

async fn create(v: Visit, Form(w): Form<Written>) -> Result<Response, AppError> {
    let made = make(&v, &w).await;
    match made {
        Ok(id) => Ok(v.redirect(&format!("/notices/{id}"), Flash::ok("notices-drafted"))),
        Err(AppError::Refused(why)) => show(&v, None, w, v.t(&why)).await,
        Err(other) => Err(other),
    }
}

async fn make(v: &Visit, w: &Written) -> Result<Id<kind::Notice>, AppError> {
    let rules = rules(v)?;
    let words = w.words((rules.pass_percent, rules.attempts))?;
    let template = Some(w.template.clone()).filter(|t| !t.is_empty());
    let new = NewNotice { id: v.id(), body: own_body(v)?, template, words };
    write!(v, tx => notices::create(tx, v.scope(), rules, &new).await)?;
    Ok(new.id)
}

async fn edit(v: Visit, Path(notice): Path<String>) -> Result<Response, AppError> {
    let notice = notices::get(&mut v.app.db.read().await?, v.scope(), id(&notice)?).await?;
    if notice.state != domain::notice::NoticeState::Draft {
        return Err(AppError::Refused("error-notice-not-draft".into()));
    }
    show(&v, Some(notice.id), Written::of(&notice), String::new()).await
}

async fn update(v: Visit, Path(notice): Path<String>, Form(w): Form<Written>) -> Result<Response, AppError> {
    let at: Id<kind::Notice> = id(&notice)?;
    // What one may not see is not there, whatever was typed.
    notices::get(&mut v.app.db.read().await?, v.scope(), at).await?;
    let rules = rules(&v)?;
    let saved = match w.words((rules.pass_percent, rules.attempts)) {
        Ok(words) => write!(v, tx => notices::update(tx, v.scope(), rules, at, w.version, &words).await)
            .map_err(AppError::from),
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(v.redirect(&format!("/notices/{at}"), Flash::ok("notices-saved"))),
        Err(AppError::Refused(why)) => show(&v, Some(at), w, v.t(&why)).await,
        Err(other) => Err(other),
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn discard(v: Visit, Path(notice): Path<String>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let at = id(&notice)?;
    let gone = write!(v, tx => notices::discard(tx, v.scope(), at).await);
    match gone.map_err(AppError::from) {
        Ok(()) => Ok(v.redirect("/notices", Flash::ok("notices-discarded"))),
        error => done(&v, &format!("/notices/{at}"), error.map(|()| Flash::ok("notices-discarded"))),
    }
}
