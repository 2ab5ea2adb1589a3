//! Writing a bulletin: freely, or from the topics that have words for everybody.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    id::{Id, kind},
    notice::{NoticeState, Schedule, ScheduleError},
    person::Lang,
    right::Right,
    time,
};
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use store::notices::bulletins::{self, Bulletin, NewBulletin, Words};

use super::{campaign_options, done, id, own_body, rules, top_options, write, write_notice::lang};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/bulletins/new", prepare, library),
        Route::post("/bulletins", prepare, create),
        Route::get("/bulletins/{bulletin}/edit", prepare, edit),
        Route::post("/bulletins/{bulletin}/edit", prepare, update),
        Route::post("/bulletins/{bulletin}/discard", prepare, discard),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
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

/// The form as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    pub template: String,
    pub version: i64,
    pub title: String,
    pub text: String,
    pub lang: String,
    pub campaign: String,
    pub first: String,
    pub last: String,
    pub times: String,
    pub top: Vec<String>,
}

async fn library(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let lang = lang(&v);
    let today = time::date(v.now);
    let blank = Written {
        lang: lang.name().into(),
        first: today.tomorrow().unwrap_or(today).to_string(),
        last: today.checked_add(7.days()).unwrap_or(today).to_string(),
        times: rules(&v)?.bulletin_times.join(", "),
        ..Written::default()
    };
    if asked.from == "blank" {
        return show(&v, None, blank, String::new()).await;
    }
    let library = v.pack().notice_templates().iter();
    let mut topics = Vec::new();
    for t in library {
        let text = t.text(lang);
        let Some(aloud) = &text.aloud else { continue };
        let aloud = aloud.trim();
        if t.key == asked.from {
            let written = Written {
                template: t.key.clone(),
                title: text.title.clone(),
                text: aloud.to_owned(),
                ..blank
            };
            return show(&v, None, written, String::new()).await;
        }
        let about = aloud.chars().take(180).collect();
        topics.push(Topic { key: t.key.clone(), title: text.title.clone(), about });
    }
    v.html(&LibraryPage { p: v.page(v.t("notices-bulletin-new")), topics, to: "/bulletins/new" })
}

struct Tick {
    value: String,
    label: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "notices/bulletin_form.html")]
struct FormPage {
    p: Page,
    action: String,
    back: String,
    w: Written,
    error: String,
    langs: Vec<(String, String)>,
    campaigns: Vec<(String, String)>,
    tops: Vec<Tick>,
    speed: String,
}

async fn show(
    v: &Visit,
    bulletin: Option<Id<kind::Bulletin>>,
    w: Written,
    error: String,
) -> Result<Response, AppError> {
    let rules = rules(v)?;
    let mut sql = v.app.db.read().await?;
    let tops = top_options(v, &mut sql).await?;
    let tops =
        tops.into_iter().map(|(value, label)| Tick { on: w.top.contains(&value), value, label }).collect();
    let campaigns = campaign_options(v, &mut sql).await?;
    drop(sql);
    let p = v.page(v.t(if bulletin.is_some() { "notices-bulletin-edit" } else { "notices-bulletin-new" }));
    v.html(&FormPage {
        action: bulletin.map_or("/bulletins".into(), |b| format!("/bulletins/{b}/edit")),
        back: bulletin.map_or("/bulletins/new".into(), |b| format!("/bulletins/{b}")),
        langs: Lang::ALL.iter().map(|l| (l.name().to_owned(), v.t(&format!("register-lang-{l}")))).collect(),
        speed: p.t2("notices-speed", "vi", rules.spoken_per_minute_vi, "en", rules.spoken_per_minute_en),
        campaigns,
        tops,
        error,
        w,
        p,
    })
}

impl Written {
    fn of(b: &Bulletin) -> Self {
        Self {
            template: b.template.clone().unwrap_or_default(),
            version: b.version,
            title: b.title.clone(),
            text: b.text.clone(),
            lang: b.lang.clone(),
            campaign: b.campaign.map(|c| c.to_string()).unwrap_or_default(),
            first: b.schedule.from.to_string(),
            last: b.schedule.to.to_string(),
            times: b.schedule.times_text(),
            top: b.tops.iter().map(ToString::to_string).collect(),
        }
    }

    fn words(&self) -> Result<Words, AppError> {
        let refused = |code: &str| AppError::Refused(code.into());
        let day = |text: &str| text.trim().parse::<Date>().map_err(|_| refused("error-bulletin-days"));
        let schedule =
            Schedule::read(day(&self.first)?, day(&self.last)?, &self.times).map_err(
                |error| match error {
                    ScheduleError::Days => refused("error-bulletin-days"),
                    ScheduleError::Times => refused("error-bulletin-times"),
                },
            )?;
        Ok(Words {
            title: self.title.clone(),
            text: self.text.replace("\r\n", "\n"),
            lang: self.lang.clone(),
            schedule,
            tops: self.top.iter().map(|t| id(t)).collect::<Result<_, _>>()?,
            campaign: if self.campaign.is_empty() { None } else { Some(id(&self.campaign)?) },
        })
    }
}

async fn create(v: Visit, Form(w): Form<Written>) -> Result<Response, AppError> {
    let made = async {
        let template = Some(w.template.clone()).filter(|t| !t.is_empty());
        let new = NewBulletin { id: v.id(), body: own_body(&v)?, template, words: w.words()? };
        let rules = rules(&v)?;
        write!(v, tx => bulletins::create(tx, v.scope(), rules, &new).await)?;
        Ok(new.id)
    };
    match made.await {
        Ok(id) => Ok(v.redirect(&format!("/bulletins/{id}"), Flash::ok("notices-drafted"))),
        Err(AppError::Refused(why)) => show(&v, None, w, v.t(&why)).await,
        Err(other) => Err(other),
    }
}

async fn edit(v: Visit, Path(bulletin): Path<String>) -> Result<Response, AppError> {
    let found = bulletins::get(&mut v.app.db.read().await?, v.scope(), id(&bulletin)?).await?;
    if found.state != NoticeState::Draft {
        return Err(AppError::Refused("error-notice-not-draft".into()));
    }
    show(&v, Some(found.id), Written::of(&found), String::new()).await
}

async fn update(
    v: Visit,
    Path(bulletin): Path<String>,
    Form(w): Form<Written>,
) -> Result<Response, AppError> {
    let at: Id<kind::Bulletin> = id(&bulletin)?;
    bulletins::get(&mut v.app.db.read().await?, v.scope(), at).await?;
    let saved = async {
        let (words, rules) = (w.words()?, rules(&v)?);
        write!(v, tx => bulletins::update(tx, v.scope(), rules, at, w.version, &words).await)?;
        Ok(())
    };
    match saved.await {
        Ok(()) => Ok(v.redirect(&format!("/bulletins/{at}"), Flash::ok("notices-saved"))),
        Err(AppError::Refused(why)) => show(&v, Some(at), w, v.t(&why)).await,
        Err(other) => Err(other),
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn discard(
    v: Visit,
    Path(bulletin): Path<String>,
    Form(_): Form<Nothing>,
) -> Result<Response, AppError> {
    let at = id(&bulletin)?;
    let gone = write!(v, tx => bulletins::discard(tx, v.scope(), at).await);
    match gone.map_err(AppError::from) {
        Ok(()) => Ok(v.redirect("/bulletins", Flash::ok("notices-discarded"))),
        error => done(&v, &format!("/bulletins/{at}"), error.map(|()| Flash::ok("notices-discarded"))),
    }
}
