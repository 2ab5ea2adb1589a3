//! What a campaign sets: whether reports are asked for, at which hours, with how much grace, and who is chased when.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    quick_reports::{Audience, Rule, Step},
    right::Right,
};
use jiff::civil::Time;
use serde::Deserialize;
use store::{
    StoreError,
    quick_reports::{self, Setting},
};

use super::{id, show::hour};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

/// Blank lines for further steps of chasing.
const MORE: usize = 2;
/// Rounds to come that the page names.
const COMING: usize = 4;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/reports/quick/{campaign}/hours", Access::Right(Right::See), read),
        Route::post("/reports/quick/{campaign}/hours", Access::Right(Right::Issue), set),
    ]
}

/// The form, as it is shown and as it comes back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Given {
    on: String,
    hours: String,
    opens: String,
    grace: String,
    to: Vec<String>,
    minutes: Vec<String>,
}

impl Given {
    fn of(rule: &Rule) -> Self {
        let hours: Vec<String> = rule.hours.iter().map(written).collect();
        Self {
            on: if rule.on { "1".into() } else { String::new() },
            hours: hours.join(", "),
            opens: rule.opens.to_string(),
            grace: rule.grace.to_string(),
            to: rule.chase.iter().map(|s| s.to.name().to_owned()).collect(),
            minutes: rule.chase.iter().map(|s| s.minutes.to_string()).collect(),
        }
    }

    /// The rule, or which text says what is wrong.
    fn rule(&self) -> Result<Rule, AppError> {
        let refused = |code: &str| AppError::Refused(code.to_owned());
        let hours = self
            .hours
            .split([',', ';', '\n'])
            .map(str::trim)
            .filter(|h| !h.is_empty())
            .map(|h| Time::strptime("%H:%M", h).map_err(|_| refused("error-quick-hours")))
            .collect::<Result<Vec<_>, _>>()?;
        let minutes = |text: &str| text.trim().parse::<u32>().map_err(|_| refused("error-quick-crowded"));
        let mut chase = Vec::new();
        for (to, at) in self.to.iter().zip(&self.minutes).filter(|(_, at)| !at.trim().is_empty()) {
            let to = Audience::parse(to).ok_or_else(|| refused("error-quick-steps"))?;
            // A minus of typesetting is a minus.
            let at = at.trim().replace(['−', '–'], "-");
            chase.push(Step { to, minutes: at.parse().map_err(|_| refused("error-quick-steps"))? });
        }
        Ok(Rule {
            on: self.on == "1",
            hours,
            opens: minutes(&self.opens)?,
            grace: minutes(&self.grace)?,
            chase,
        })
    }
}

fn written(time: &Time) -> String {
    time.strftime("%H:%M").to_string()
}

#[derive(Template)]
#[template(path = "quick_reports/hours.html")]
struct HoursPage {
    p: Page,
    tab: &'static str,
    order: String,
    back: String,
    here: String,
    may: bool,
    default: bool,
    ordered: bool,
    given: Given,
    steps: Vec<(String, String)>,
    audiences: Vec<(&'static str, String)>,
    coming: Vec<String>,
    window: bool,
    error: String,
}

async fn read(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    page(&v, &campaign, None).await
}

async fn page(v: &Visit, campaign: &str, typed: Option<(Given, String)>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let Setting { course, rule, default, may } =
        quick_reports::setting(&mut sql, v.scope(), &v.app.legal, id(campaign)?, v.now).await?;
    drop(sql);
    let p = v.page(v.t("quick-hours"));
    let (given, error) = typed.unwrap_or_else(|| (Given::of(&rule), String::new()));
    let mut steps: Vec<(String, String)> =
        given.to.iter().cloned().zip(given.minutes.iter().cloned()).collect();
    if may {
        steps.extend(std::iter::repeat_n((Audience::Body.name().to_owned(), String::new()), MORE));
    }
    let coming = course.rounds.iter().filter(|r| r.at > v.now).take(COMING).map(|r| hour(r.at)).collect();
    let audiences = [
        (Audience::Body.name(), p.t("quick-to-body")),
        (Audience::Head.name(), p.t("quick-to-head")),
        (Audience::Superior.name(), p.t("quick-to-superior")),
    ];
    let shown = HoursPage {
        tab: "quick",
        order: course.name.clone(),
        back: format!("/reports/quick/{}", course.campaign),
        here: format!("/reports/quick/{}/hours", course.campaign),
        may,
        default,
        ordered: course.ordered,
        given,
        steps,
        audiences: audiences.into(),
        coming,
        window: course.window.is_some(),
        error,
        p,
    };
    v.html(&shown)
}

async fn set(v: Visit, Path(campaign): Path<String>, Form(given): Form<Given>) -> Result<Response, AppError> {
    let of = id(&campaign)?;
    // Somebody else's campaign is not there, whatever was typed.
    quick_reports::setting(&mut v.app.db.read().await?, v.scope(), &v.app.legal, of, v.now).await?;
    let done = match given.rule() {
        Ok(rule) => {
            let done: Result<(), StoreError> = store::write!(v.app.db, v.actor(), v.now, tx => {
                quick_reports::set_rule(tx, v.scope(), &v.app.legal, &*v.app.ids, of, rule.clone()).await
            });
            done.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(v.redirect(&format!("/reports/quick/{of}/hours"), Flash::ok("quick-hours-set"))),
        Err(AppError::Refused(why)) => page(&v, &campaign, Some((given, v.t(&why)))).await,
        Err(other) => Err(other),
    }
}
