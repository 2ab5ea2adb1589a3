//! Warnings that agencies write themselves, and weaknesses, in the API.

use crate::route::operation;
use axum::{Json as Out, extract::Path, response::Response};
use domain::{
    flaw::Grade,
    id::Id,
    own::{Own, Product},
    right::Right,
    time,
    weakness::Weakness,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::{findings, warnings};
use utoipa::ToSchema;

use crate::{
    Access, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{id, made, write},
};

pub(super) fn routes() -> Vec<Route> {
    let (see, issue) = (Access::Right(Right::See), Access::Right(Right::Issue));
    vec![
        Route::api(issue, LIMIT_FORM, operation!(publish)),
        Route::api(see, LIMIT_FORM, operation!(get)),
        Route::api(issue, LIMIT_FORM, operation!(edit)),
        Route::api(issue, LIMIT_FORM, operation!(take_back)),
        Route::api(see, LIMIT_FORM, operation!(weaknesses)),
    ]
}

/// A product and the versions of it that are affected.
#[derive(Serialize, Deserialize, ToSchema)]
struct ProductIo {
    /// `Debian`, `Debian:12`, `npm` …; a program known by its name if absent.
    ecosystem: Option<String>,
    #[serde(default)]
    vendor: String,
    name: String,
    /// From this version on; from the first if absent.
    from: Option<String>,
    /// Mended in this version.
    fixed: Option<String>,
    /// Up to and with this version, where no mended one is known.
    last: Option<String>,
}

/// What an agency writes.
#[derive(Serialize, Deserialize, ToSchema)]
struct OwnIo {
    title: String,
    #[serde(default)]
    text: String,
    /// CVE numbers.
    #[serde(default)]
    numbers: Vec<String>,
    #[serde(default)]
    products: Vec<ProductIo>,
    /// `default-password`, `remote-desktop`, `file-sharing`, `database`, `administration`, `unsupported`, `device`,
    /// `certificate`, `anti-malware`.
    #[serde(default)]
    weaknesses: Vec<String>,
    /// `critical`, `high`, `medium`, `low`.
    severity: String,
    /// What is to be done.
    #[serde(default)]
    fix: String,
    /// By which day.
    #[schema(value_type = Option<String>)]
    due: Option<Date>,
}

impl OwnIo {
    fn own(self) -> Result<Own, AppError> {
        let odd = |what: &str, text: &str| AppError::Unreadable(format!("not {what}: {text}"));
        let numbers = self
            .numbers
            .iter()
            .map(|n| domain::warning::number(n).ok_or_else(|| odd("a CVE number", n)))
            .collect::<Result<_, _>>()?;
        let weaknesses = self
            .weaknesses
            .iter()
            .map(|w| Weakness::parse(w).ok_or_else(|| odd("a weakness", w)))
            .collect::<Result<_, _>>()?;
        let severity = Grade::parse(&self.severity).ok_or_else(|| odd("a severity", &self.severity))?;
        let product = |p: ProductIo| Product {
            ecosystem: p.ecosystem,
            vendor: p.vendor,
            name: p.name,
            from: p.from,
            fixed: p.fixed,
            last: p.last,
        };
        Ok(Own {
            title: self.title,
            text: self.text,
            numbers,
            products: self.products.into_iter().map(product).collect(),
            weaknesses,
            severity,
            fix: self.fix,
            due: self.due,
        })
    }

    fn of(own: Own) -> Self {
        let product = |p: Product| ProductIo {
            ecosystem: p.ecosystem,
            vendor: p.vendor,
            name: p.name,
            from: p.from,
            fixed: p.fixed,
            last: p.last,
        };
        Self {
            title: own.title,
            text: own.text,
            numbers: own.numbers,
            products: own.products.into_iter().map(product).collect(),
            weaknesses: own.weaknesses.iter().map(|w| w.name().to_owned()).collect(),
            severity: own.severity.name().to_owned(),
            fix: own.fix,
            due: own.due,
        }
    }
}

#[derive(Deserialize, ToSchema)]
struct NewOwn {
    body: String,
    /// Its date; today if absent.
    #[schema(value_type = Option<String>)]
    on: Option<Date>,
    warning: OwnIo,
}

/// Writes a warning of an agency's own.
#[utoipa::path(post, path = "/api/v1/own-warnings", tag = "review", request_body = NewOwn, responses((status = 201)))]
async fn publish(v: Visit, Json(new): Json<NewOwn>) -> Result<Response, AppError> {
    let (warning, body) = (Id::new(&*v.app.ids), id(&new.body)?);
    let on = new.on.unwrap_or_else(|| time::date(v.now));
    let own = new.warning.own()?;
    write!(v, tx => warnings::publish(tx, v.scope(), &*v.app.ids, (warning, body, on), &own).await)?;
    Ok(made(warning))
}

/// One version of it.
#[derive(Serialize, ToSchema)]
struct VersionOut {
    version: u32,
    /// `published`, `edited`, `withdrawn`.
    change: &'static str,
    at: String,
    by: Option<String>,
    why: String,
    warning: OwnIo,
}

/// One as it stands.
#[derive(Serialize, ToSchema)]
struct OwnOut {
    /// The number it goes by.
    number: String,
    version: u32,
    warning: OwnIo,
    /// The newest first.
    history: Vec<VersionOut>,
}

/// What an agency wrote, with every version.
#[utoipa::path(get, path = "/api/v1/own-warnings/{id}", tag = "review", responses((status = 200, body = OwnOut)))]
async fn get(v: Visit, Path(warning): Path<String>) -> Result<Out<OwnOut>, AppError> {
    let warning = id(&warning)?;
    let mut sql = v.app.db.read().await?;
    let found = warnings::of(&mut sql, v.scope(), warning).await?.ok_or(AppError::NotFound)?;
    let history = warnings::history(&mut sql, v.scope(), warning).await?;
    let one = |h: warnings::Version| VersionOut {
        version: h.version,
        change: h.change.name(),
        at: h.at.to_string(),
        by: h.by,
        why: h.why,
        warning: OwnIo::of(h.own),
    };
    Ok(Out(OwnOut {
        number: found.number,
        version: found.version,
        warning: OwnIo::of(found.own),
        history: history.into_iter().map(one).collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
struct EditOwn {
    warning: OwnIo,
    why: String,
}

/// Writes it anew.
#[utoipa::path(put, path = "/api/v1/own-warnings/{id}", tag = "review", request_body = EditOwn, responses((status = 204)))]
async fn edit(
    v: Visit,
    Path(warning): Path<String>,
    Json(new): Json<EditOwn>,
) -> Result<axum::http::StatusCode, AppError> {
    let (warning, own) = (id(&warning)?, new.warning.own()?);
    write!(v, tx => warnings::edit(tx, v.scope(), &*v.app.ids, warning, &own, &new.why).await)?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct TakeBack {
    why: String,
}

/// Takes it back.
#[utoipa::path(post, path = "/api/v1/own-warnings/{id}/withdraw", tag = "review", request_body = TakeBack, responses((status = 204)))]
async fn take_back(
    v: Visit,
    Path(warning): Path<String>,
    Json(asked): Json<TakeBack>,
) -> Result<axum::http::StatusCode, AppError> {
    let warning = id(&warning)?;
    write!(v, tx => warnings::take_back(tx, v.scope(), &*v.app.ids, warning, &asked.why).await)?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// A kind of weakness on all machines.
#[derive(Serialize, ToSchema)]
struct WeaknessOut {
    kind: &'static str,
    /// The number its findings go by.
    number: String,
    /// Machines that have it.
    open: u32,
    /// Machines on which it was closed, or worked around.
    closed: u32,
}

#[derive(Serialize, ToSchema)]
struct WeaknessesOut {
    items: Vec<WeaknessOut>,
}

/// Every kind of weakness, with how many machines have it.
#[utoipa::path(get, path = "/api/v1/weaknesses", tag = "review", responses((status = 200, body = WeaknessesOut)))]
async fn weaknesses(v: Visit) -> Result<Out<WeaknessesOut>, AppError> {
    let sums = findings::weakness_sums(&mut v.app.db.read().await?, v.scope()).await?;
    let items = Weakness::ALL.iter().map(|kind| {
        let sum = sums.get(kind).copied().unwrap_or_default();
        WeaknessOut { kind: kind.name(), number: kind.number(), open: sum.open, closed: sum.closed }
    });
    Ok(Out(WeaknessesOut { items: items.collect() }))
}
