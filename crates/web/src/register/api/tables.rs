//! Tables in and out.

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use store::register::import::What;
use utoipa::{IntoParams, ToSchema};

use super::super::{
    act::{self, Outcome, Rejected, Table},
    import::{LIMIT_TABLE, Wanted, file},
};
use super::id;
use crate::{Access, AppError, LIMIT_FORM, Route, Upload, Visit};

pub(super) fn routes() -> Vec<Route> {
    // Each table asks for its own right: [`Table::asked`].
    let each = Access::SignedIn;
    vec![
        Route::api(each, LIMIT_TABLE, operation!(take_in)),
        Route::api(each, LIMIT_FORM, operation!(take_out)),
    ]
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Where {
    /// The body to which rows belong that name none.
    top: String,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

/// What a table did or would do.
#[derive(Serialize, ToSchema)]
struct ReportOut {
    new: usize,
    changed: usize,
    same: usize,
    lines: Vec<LineOut>,
    /// With any of these nothing was written.
    problems: Vec<ProblemOut>,
    /// Headings that were not understood.
    ignored: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct LineOut {
    row: u32,
    name: String,
    /// `new`, `changed` or `same`.
    what: &'static str,
    fields: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct ProblemOut {
    row: u32,
    column: &'static str,
    code: &'static str,
    value: String,
    /// The sentence for people.
    text: String,
}

/// Takes a CSV or XLSX in: `table` is `bodies`, `people`, `systems`, `hosts`, `lines` or `shifts`, the file a multipart field `file`. All rows or,
/// with any problem, none (422).
#[utoipa::path(post, path = "/api/v1/import/{table}", tag = "register", params(("table" = String, Path), Where),
    responses((status = 200, body = ReportOut), (status = 422, body = ReportOut)))]
async fn take_in(
    v: Visit,
    Path(table): Path<String>,
    Query(into): Query<Where>,
    upload: Upload,
) -> Result<Response, AppError> {
    let table = Table::asked(&v, &table)?;
    let top = id(&into.top)?;
    let file = upload.files.first().ok_or_else(|| AppError::Unreadable("no file".into()))?;
    let lines = act::read_file(&v, &file.bytes).await?;
    let (status, outcome) = if into.dry_run {
        (StatusCode::OK, act::try_import(&v, table, top, &lines).await?)
    } else {
        match act::import(&v, table, top, &lines).await {
            Ok(outcome) => (StatusCode::OK, outcome),
            Err(Rejected::Problems(outcome)) => (StatusCode::UNPROCESSABLE_ENTITY, outcome),
            Err(Rejected::Store(error)) => return Err(error.into()),
        }
    };
    Ok((status, Out(report(&v, outcome))).into_response())
}

fn report(v: &Visit, outcome: Outcome) -> ReportOut {
    let Outcome { report, ignored } = outcome;
    let what = |w| match w {
        What::New => "new",
        What::Changed => "changed",
        What::Same => "same",
    };
    ReportOut {
        new: report.count(What::New),
        changed: report.count(What::Changed),
        same: report.count(What::Same),
        lines: report
            .lines
            .into_iter()
            .map(|l| LineOut { row: l.row, name: l.name, what: what(l.what), fields: l.fields })
            .collect(),
        problems: report
            .problems
            .into_iter()
            .map(|p| ProblemOut {
                row: p.row,
                column: p.column,
                code: p.code,
                value: p.value,
                text: v.t(&format!("error-{}", p.code)),
            })
            .collect(),
        ignored,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Form {
    /// The top of the subtree; absent: the first body one may register for.
    top: Option<String>,
    /// `csv` (if absent) or `xlsx`.
    format: Option<String>,
}

/// The table of `bodies`, `people`, `systems`, `hosts`, `lines` or `shifts` in the shape that imports read.
#[utoipa::path(get, path = "/api/v1/export/{table}", tag = "register", params(("table" = String, Path), Form),
    responses((status = 200, description = "CSV or XLSX")))]
async fn take_out(
    v: Visit,
    Path(table): Path<String>,
    Query(form): Query<Form>,
) -> Result<Response, AppError> {
    let wanted = Wanted { top: form.top.unwrap_or_default(), format: form.format.unwrap_or_default() };
    file(&v, &table, &wanted).await
}
