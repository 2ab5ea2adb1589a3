//! One body's report of one round: the form while nothing is confirmed, then what was frozen, its versions, and a
//! correction beside it.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::right::Right;
use store::{
    StoreError,
    quick_reports::{self, Confirmed, Filled, NewReport},
};

use super::{
    desk,
    given::{self, Fields, field},
    hour as hour_of, id, key, own_page,
    show::{self, Form, Frozen, When, chip, hour, when},
};
use crate::{Access, AppError, Flash, Form as Posted, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/reports/quick/own/{assignment}/{round}", Access::Right(Right::See), read),
        Route::post("/reports/quick/own/{assignment}/{round}", Access::Right(Right::Answer), confirm),
        Route::get("/reports/quick/report/{quick}", Access::Right(Right::See), version),
    ]
}

#[derive(Template)]
#[template(path = "quick_reports/own.html")]
struct OwnPage {
    p: Page,
    tab: &'static str,
    body: String,
    order: String,
    round: String,
    since: String,
    due: When,
    class: &'static str,
    state: String,
    sheet: String,
    open: bool,
    /// The version read: the newest, or the one asked for.
    read: Option<Frozen>,
    versions: Vec<Frozen>,
    form: Option<Form>,
    audit: bool,
}

async fn read(v: Visit, Path((assignment, round)): Path<(String, String)>) -> Result<Response, AppError> {
    page(&v, &assignment, &round, None).await
}

async fn page(
    v: &Visit,
    assignment: &str,
    round: &str,
    typed: Option<(&Fields, String)>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let filled =
        quick_reports::draft(&mut sql, v.scope(), &v.app.legal, id(assignment)?, hour_of(round)?, v.now)
            .await?;
    drop(sql);
    let read = filled.versions.first().cloned();
    html(v, &filled, read.as_ref(), typed)
}

/// One version by its own address: where facts and the log lead.
async fn version(v: Visit, Path(quick): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let report = quick_reports::report(&mut sql, v.scope(), id(&quick)?).await?;
    let round = report.content.round;
    let filled =
        quick_reports::draft(&mut sql, v.scope(), &v.app.legal, report.assignment, round, v.now).await?;
    drop(sql);
    html(&v, &filled, Some(&report), None)
}

fn html(
    v: &Visit,
    filled: &Filled,
    read: Option<&quick_reports::Report>,
    typed: Option<(&Fields, String)>,
) -> Result<Response, AppError> {
    let round = &filled.round;
    let p = v.page(v.words().with("quick-of", [("round", hour(round.at).into())]));
    let may = v.scope().tops(Right::Answer).is_some_and(|tops| tops.contains(&filled.draft.body));
    let open = round.opens <= v.now && filled.course.state == domain::order::CampaignState::Issued;
    let (class, state) = chip(&p, round, filled.versions.first(), v.now);
    let form = (may && open).then(|| show::form(v, &p, filled, typed));
    let shown = OwnPage {
        tab: "quick",
        body: filled.draft.body_name.clone(),
        order: filled.course.name.clone(),
        round: hour(round.at),
        since: hour(round.since),
        due: when(&p, round.due),
        class,
        state,
        sheet: format!("/reports/quick/{}/{}", filled.course.campaign, round.key()),
        open,
        read: read.map(|r| show::frozen(&p, r)),
        versions: filled.versions.iter().map(|r| show::frozen(&p, r)).collect(),
        form,
        audit: v.user.may(Right::Audit),
        p,
    };
    v.html(&shown)
}

async fn confirm(
    v: Visit,
    Path((assignment, round)): Path<(String, String)>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, AppError> {
    let to = own_page(id(&assignment)?, &round);
    match write(&v, &assignment, &round, &fields).await {
        Ok(done) if done.version > 1 => Ok(v.redirect(&to, Flash::ok("quick-corrected"))),
        Ok(done) if done.late => Ok(v.redirect(&to, Flash::ok("quick-confirmed-late"))),
        Ok(_) => Ok(v.redirect(&to, Flash::ok("quick-confirmed"))),
        // Pressed twice, or another of the body was quicker: what stands is shown.
        Err(AppError::Refused(why)) if why == "error-quick-already" => Ok(v.redirect(&to, Flash::info(&why))),
        Err(AppError::Refused(why)) => {
            let error = v.t(&why);
            page(&v, &assignment, &round, Some((&fields, error))).await
        }
        Err(other) => Err(other),
    }
}

async fn write(v: &Visit, assignment: &str, round: &str, fields: &Fields) -> Result<Confirmed, AppError> {
    let (assignment, round) = (id(assignment)?, hour_of(round)?);
    // Somebody else's report is not there, whatever was typed.
    quick_reports::draft(&mut v.app.db.read().await?, v.scope(), &v.app.legal, assignment, round, v.now)
        .await?;
    let said = given::read(v, fields)?;
    let key = key(v);
    let desk = desk(v, &key);
    let new = NewReport {
        id: v.id(),
        assignment,
        round,
        corrects: field(fields, "corrects").parse().unwrap_or(0),
        shown: Some(field(fields, "seen")),
        said: &said,
    };
    let done: Result<Confirmed, StoreError> = store::write!(v.app.db, v.actor(), v.now, tx => {
        quick_reports::confirm(tx, v.scope(), &desk, &new).await
    });
    Ok(done?)
}
