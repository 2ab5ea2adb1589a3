//! Levels of systems: what the register holds behind a level, and the yearly form over all systems of a body.

use std::collections::HashMap;

use askama::Template;
use axum::{
    Json as Out,
    extract::{Path, Query},
    http::{Method, StatusCode},
    response::Response,
};
use domain::{
    id::{Id, kind},
    level::{Decision, Detail, Dossier, Exposure, LevelForm, Listed, Plan},
    right::Right,
    time,
};
use letter::{
    levels::{Levels, levels},
    model::Document,
};
use paper::sheet::{Cell, to_xlsx};
use serde::Deserialize;
use store::{
    register::{self, levels as kept, systems},
    reports,
};

use super::{
    choices::{self, Options},
    draft::{self, Draft},
    systems::{SystemId, page},
    write,
};
use crate::{
    Access, ApiGuard, AppError, Flash, Form, Json, LIMIT_FORM, LIMIT_LETTER, Lang, Page, Route, Visit,
    report::{self, Kind},
};

pub(super) fn routes() -> Vec<Route> {
    let (see, register) = (Access::Right(Right::See), Access::Right(Right::Register));
    vec![
        Route::get("/register/systems/{id}/detail", register, form),
        Route::post("/register/systems/{id}/detail", register, save),
        Route::get("/register/levels", see, overview),
        Route::page(Method::GET, "/register/levels.docx", see, LIMIT_LETTER, docx),
        Route::page(Method::GET, "/register/levels.pdf", see, LIMIT_LETTER, pdf),
        Route::get("/register/levels.xlsx", see, sheet),
        Route::api(see, LIMIT_FORM, crate::route::operation!(api_get)),
        Route::api(register, LIMIT_FORM, crate::route::operation!(api_put)),
    ]
}

type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "register/detail_form.html")]
struct DetailForm {
    p: Page,
    d: Draft,
    id: String,
    name: String,
    dossiers: Options,
    plans: Options,
    exposures: Options,
}

async fn form(v: Visit, Path(id): Path<SystemId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let entry = systems::get(&mut sql, v.scope(), id).await?;
    register::require(&mut sql, v.scope(), Right::Register, entry.system.body).await?;
    let detail = kept::detail(&mut sql, v.scope(), id).await?;
    drop(sql);
    let day = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let d = Draft::empty(&v)
        .with("dossier", detail.dossier.map(Dossier::name).unwrap_or_default())
        .with("decision-number", detail.decision.number)
        .with("decision-date", day(detail.decision.date))
        .with("decision-authority", detail.decision.authority)
        .with("regulation-number", detail.regulation.number)
        .with("regulation-date", day(detail.regulation.date))
        .with("regulation-authority", detail.regulation.authority)
        .with("approval-expected", day(detail.approval_expected))
        .with("plan", detail.plan.map(Plan::name).unwrap_or_default())
        .with("plan-expected", day(detail.plan_expected))
        .with("inspected", day(detail.inspected))
        .with("exposure", detail.exposure.map(Exposure::name).unwrap_or_default())
        .with("services", detail.services)
        .with("zones", detail.zones)
        .with("provider", detail.provider)
        .with("contact", detail.contact);
    show(&v, id, d).await
}

async fn show(v: &Visit, id: SystemId, d: Draft) -> Result<Response, AppError> {
    let name = systems::get(&mut v.app.db.read().await?, v.scope(), id).await?.system.name;
    let options = |names: Vec<&'static str>, prefix: &str| -> Options {
        let blank = (String::new(), v.t("register-detail-unknown"));
        let of = names.into_iter().map(|n| (n.to_owned(), v.t(&format!("{prefix}-{n}"))));
        std::iter::once(blank).chain(of).collect()
    };
    let shown = DetailForm {
        p: v.page(v.t("register-detail-title")),
        id: id.to_string(),
        name,
        dossiers: options(Dossier::ALL.iter().map(|d| d.name()).collect(), "register-dossier"),
        plans: options(Plan::ALL.iter().map(|d| d.name()).collect(), "register-plan"),
        exposures: options(Exposure::ALL.iter().map(|d| d.name()).collect(), "register-exposure"),
        d,
    };
    Ok(draft::status(&shown.d, v.html(&shown)?))
}

async fn save(v: Visit, Path(id): Path<SystemId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let mut decision = |of: &str| Decision {
        number: d.v(&format!("{of}-number")).to_owned(),
        date: d.date(&format!("{of}-date")),
        authority: d.v(&format!("{of}-authority")).to_owned(),
    };
    let (decision, regulation) = (decision("decision"), decision("regulation"));
    let detail = Detail {
        dossier: Dossier::parse(d.v("dossier")),
        decision,
        regulation,
        approval_expected: d.date("approval-expected"),
        plan: Plan::parse(d.v("plan")),
        plan_expected: d.date("plan-expected"),
        inspected: d.date("inspected"),
        exposure: Exposure::parse(d.v("exposure")),
        services: d.v("services").to_owned(),
        zones: d.v("zones").to_owned(),
        provider: d.v("provider").to_owned(),
        contact: d.v("contact").to_owned(),
    };
    if d.good() {
        match write!(v, tx => kept::set(tx, v.scope(), id, &detail).await) {
            Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-saved"))),
            Err(store::StoreError::Refused("system-approved-undecided")) => {
                d.error("decision-number", "error-system-approved-undecided");
            }
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, id, d).await
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    body: String,
    year: String,
}

/// What the form says of a body in a year.
struct Of {
    body: Id<kind::Body>,
    year: i16,
    form: LevelForm,
    all: Vec<Listed>,
}

async fn of(v: &Visit, asked: &Asked) -> Result<Of, AppError> {
    let mut sql = v.app.db.read().await?;
    let body = match asked.body.parse() {
        Ok(body) => body,
        Err(_) => {
            let nodes = register::bodies::choices(&mut sql, v.scope(), Right::See).await?;
            nodes.first().ok_or(AppError::NotFound)?.body.id
        }
    };
    register::require(&mut sql, v.scope(), Right::See, body).await?;
    let form = v.pack().level_form().ok_or_else(|| AppError::Refused("error-levels-no-form".into()))?;
    let year = asked.year.parse().ok().filter(|y| (2000..2200).contains(y));
    let year = year.unwrap_or_else(|| time::date(v.now).year());
    Ok(Of { body, year, form: form.clone(), all: kept::listed(&mut sql, v.scope(), body).await? })
}

#[derive(Template)]
#[template(path = "register/levels.html")]
struct Overview {
    p: Page,
    body: String,
    bodies: Options,
    year: i16,
    name: String,
    subject: String,
    confirm: String,
    due: String,
    counts: Vec<(String, usize)>,
    heads: Vec<String>,
    /// The system, and its cells.
    rows: Vec<(String, Vec<String>)>,
    query: String,
}

async fn overview(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let it = of(&v, &asked).await?;
    let mut sql = v.app.db.read().await?;
    let bodies = choices::bodies(&v, &mut sql, Right::See, None).await?;
    drop(sql);
    let [month, day] = it.form.owner_due;
    let [own_month, own_day] = it.form.operator_due;
    let due = v.words().with_texts(
        "levels-due",
        &[("operator", &format!("{own_day:02}/{own_month:02}")), ("owner", &format!("{day:02}/{month:02}"))],
    );
    let query = format!("body={}&year={}", it.body, it.year);
    v.html(&Overview {
        p: v.page(v.t("levels-title")),
        body: it.body.to_string(),
        bodies,
        year: it.year,
        subject: it.form.subject.replace("{year}", &it.year.to_string()),
        counts: it.form.counts(it.year, &it.all),
        heads: it.form.column.iter().map(|c| c.title.clone()).collect(),
        rows: it.all.iter().zip(1..).map(|(l, n)| (l.system.id.to_string(), it.form.cells(n, l))).collect(),
        name: it.form.name,
        confirm: it.form.confirm,
        due,
        query,
    })
}

async fn docx(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    file(v, asked, Kind::Docx).await
}

async fn pdf(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    file(v, asked, Kind::Pdf).await
}

async fn file(v: Visit, asked: Asked, kind: Kind) -> Result<Response, AppError> {
    // The paper is Vietnamese, whatever language its reader has.
    let v = Visit { lang: Lang::Vi, ..v };
    let it = of(&v, &asked).await?;
    let name = format!("mau-08-{}", it.year);
    let document = paper(&v, it).await?;
    let (ending, mime) = match kind {
        Kind::Pdf => ("pdf", print::PDF),
        Kind::Docx => ("docx", print::DOCX),
    };
    Ok(report::download(report::printed(document, kind).await?, &format!("{name}.{ending}"), mime))
}

async fn paper(v: &Visit, it: Of) -> Result<Document, AppError> {
    let mut sql = v.app.db.read().await?;
    let head = reports::head(&mut sql, v.pack(), it.body, v.now, time::date(v.now)).await?;
    drop(sql);
    Ok(levels(&Levels {
        superior: Some(head.superior).filter(|s| !s.is_empty()),
        issuer: head.issuer,
        symbol: head.symbol,
        place: head.place,
        capacity: head.capacity,
        signer: head.signer,
        title: it.form.title.clone(),
        subject: it.form.subject.replace("{year}", &it.year.to_string()),
        form: it.form.name.clone(),
        counts: it.form.counts(it.year, &it.all),
        columns: it.form.column.iter().map(|c| (c.title.clone(), c.width)).collect(),
        rows: it.all.iter().zip(1..).map(|(l, n)| it.form.cells(n, l)).collect(),
    }))
}

async fn sheet(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let it = of(&v, &asked).await?;
    let heads: Vec<&str> = it.form.column.iter().map(|c| c.title.as_str()).collect();
    let mut rows: Vec<Vec<Cell>> = it
        .all
        .iter()
        .zip(1..)
        .map(|(l, n)| it.form.cells(n, l).into_iter().map(Cell::from).collect())
        .collect();
    rows.push(Vec::new());
    let counts = it.form.counts(it.year, &it.all);
    rows.extend(
        counts
            .into_iter()
            .map(|(title, n)| vec![Cell::from(String::new()), Cell::from(title), Cell::from(n.to_string())]),
    );
    let bytes = to_xlsx(&it.form.name, &heads, &rows).map_err(anyhow::Error::from)?;
    let mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(report::download(bytes, &format!("mau-08-{}.xlsx", it.year), mime))
}

/// What the register holds of a system besides its level and marks.
#[utoipa::path(get, path = "/api/v1/systems/{id}/detail", tag = "register", responses((status = 200, body = Object)))]
async fn api_get(v: Visit, Path(system): Path<SystemId>) -> Result<Out<serde_json::Value>, AppError> {
    let detail = kept::detail(&mut v.app.db.read().await?, v.scope(), system).await?;
    Ok(Out(serde_json::to_value(detail).map_err(anyhow::Error::from)?))
}

/// Says it anew: `dossier` (`drafted`, `sent`, `appraised`, `approved`), `decision` and `regulation` (`number`, `date`,
/// `authority`), `approval_expected`, `plan` (`none`, `partly`, `full`), `plan_expected`, `inspected`, `exposure`
/// (`internet`, `dedicated`, `internal`), `services`, `zones`, `provider`, `contact`; what is left out is blank.
#[utoipa::path(put, path = "/api/v1/systems/{id}/detail", tag = "register", request_body = Object, responses((status = 204)))]
async fn api_put(
    v: Visit,
    _: ApiGuard,
    Path(system): Path<SystemId>,
    Json(detail): Json<Detail>,
) -> Result<StatusCode, AppError> {
    write!(v, tx => kept::set(tx, v.scope(), system, &detail).await)?;
    Ok(StatusCode::NO_CONTENT)
}
