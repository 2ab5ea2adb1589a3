//! Tables in and out: upload → what would happen, row by row → confirm; and the same tables as files.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    person::Lang,
    register::{self as tables, Column, headings},
    time::{self, Window},
};
use jiff::ToSpan;
use paper::sheet::{Cell, to_csv, to_xlsx};
use serde::Deserialize;
use store::register::{self, export, import::What};

use super::{
    act::{self, Lines, Outcome, Rejected, Table},
    choices::{self, Options},
};
use crate::{Access, AppError, Flash, Page, Route, Upload, Visit};

// Each table asks for its own right: [`Table::asked`].
const EACH: Access = Access::SignedIn;
/// A table of 5,000 rows with all columns filled has about 2 MB; the confirming form carries the rows once more.
pub(super) const LIMIT_TABLE: usize = 8 * 1024 * 1024;
/// So many lines are shown of a dry run; the counts and all problems stand above them.
const SHOWN_MAX: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/register/import/{table}", EACH, form),
        Route::page(Method::POST, "/register/import/{table}", EACH, LIMIT_TABLE, dry_run),
        Route::page(Method::POST, "/register/import/{table}/apply", EACH, LIMIT_TABLE, apply),
        Route::get("/register/export/{table}", EACH, download),
    ]
}

#[derive(Template)]
#[template(path = "register/import.html")]
struct ImportPage {
    p: Page,
    table: &'static str,
    tops: Options,
    top: String,
    error: String,
    columns: Vec<ColumnLine>,
    dry: Option<Dry>,
}

struct ColumnLine {
    heading: &'static str,
    other: &'static str,
    label: String,
    required: bool,
}

struct Dry {
    new: usize,
    changed: usize,
    same: usize,
    problems: Vec<(u32, String, String, String)>,
    ignored: String,
    lines: Vec<(u32, String, &'static str, String)>,
    more: usize,
    /// The rows once more, for confirming.
    rows: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    top: String,
}

async fn form(v: Visit, Path(table): Path<String>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let table = Table::asked(&v, &table)?;
    show(&v, table, asked.top, String::new(), None).await
}

async fn show(
    v: &Visit,
    table: Table,
    top: String,
    error: String,
    dry: Option<Dry>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let tops = choices::bodies(v, &mut sql, table.right(), None).await?;
    let english = v.lang == crate::Lang::En;
    let columns = table
        .columns()
        .iter()
        .map(|c| ColumnLine {
            heading: if english { c.en } else { c.vi },
            other: if english { c.vi } else { c.en },
            label: v.t(&format!("register-about-{}-{}", table.name(), c.key)),
            required: c.required,
        })
        .collect();
    let p = v.page(v.t(&format!("register-import-{}", table.name())));
    v.html(&ImportPage { p, table: table.name(), tops, top, error, columns, dry })
}

async fn dry_run(v: Visit, Path(table): Path<String>, upload: Upload) -> Result<Response, AppError> {
    let table = Table::asked(&v, &table)?;
    let top_text = upload.field("top").to_owned();
    let Ok(top) = top_text.parse() else {
        return show(&v, table, top_text, v.t("register-choose-body"), None).await;
    };
    let Some(file) = upload.files.first() else {
        return show(&v, table, top_text, v.t("error-import-empty"), None).await;
    };
    let lines = match act::read_file(&v, &file.bytes).await {
        Ok(lines) => lines,
        Err(AppError::Refused(code)) => return show(&v, table, top_text, v.t(&code), None).await,
        Err(error) => return Err(error),
    };
    let outcome = act::try_import(&v, table, top, &lines).await?;
    let dry = dry(&v, table, &outcome, &lines)?;
    show(&v, table, top_text, String::new(), Some(dry)).await
}

/// What a table calls one of its columns: one key is a person's name in one table, a body's in another.
pub(crate) fn heading(v: &Visit, columns: &[Column], key: &str) -> String {
    match columns.iter().find(|c| c.key == key) {
        Some(column) => (if v.lang == crate::Lang::En { column.en } else { column.vi }).to_owned(),
        None => v.t(&format!("register-col-{key}")),
    }
}

fn dry(v: &Visit, table: Table, outcome: &Outcome, lines: &Lines) -> Result<Dry, AppError> {
    let report = &outcome.report;
    let column = |key: &str| heading(v, table.columns(), key);
    let what = |w: What| match w {
        What::New => "new",
        What::Changed => "changed",
        What::Same => "same",
    };
    Ok(Dry {
        new: report.count(What::New),
        changed: report.count(What::Changed),
        same: report.count(What::Same),
        problems: report
            .problems
            .iter()
            .map(|p| (p.row, column(p.column), p.value.clone(), v.t(&format!("error-{}", p.code))))
            .collect(),
        ignored: outcome.ignored.join(", "),
        lines: report
            .lines
            .iter()
            .take(SHOWN_MAX)
            .map(|l| {
                let fields: Vec<String> = l.fields.iter().map(|f| column(f)).collect();
                (l.row, l.name.clone(), what(l.what), fields.join(", "))
            })
            .collect(),
        more: report.lines.len().saturating_sub(SHOWN_MAX),
        rows: serde_json::to_string(lines).map_err(anyhow::Error::from)?,
    })
}

async fn apply(v: Visit, Path(table): Path<String>, upload: Upload) -> Result<Response, AppError> {
    let table = Table::asked(&v, &table)?;
    let top_text = upload.field("top").to_owned();
    let top = top_text.parse().map_err(|_| AppError::NotFound)?;
    let lines: Lines =
        serde_json::from_str(upload.field("rows")).map_err(|e| AppError::Unreadable(e.to_string()))?;
    match act::import(&v, table, top, &lines).await {
        Ok(outcome) => {
            let done = outcome.report.count(What::New) + outcome.report.count(What::Changed);
            let to = match table {
                Table::Bodies => "/register",
                Table::People => "/register/people",
                Table::Systems => "/register/systems",
                Table::Hosts => "/register/hosts",
                Table::Lines => "/lines",
                Table::Shifts => "/roster/posts",
            };
            Ok(v.redirect(to, Flash::ok("register-imported").what(&done.to_string())))
        }
        // Something changed between the dry run and now.
        Err(Rejected::Problems(outcome)) => {
            let dry = dry(&v, table, &outcome, &lines)?;
            show(&v, table, top_text, v.t("error-import-changed"), Some(dry)).await
        }
        Err(Rejected::Store(error)) => Err(error.into()),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wanted {
    pub top: String,
    pub format: String,
}

async fn download(
    v: Visit,
    Path(table): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, AppError> {
    file(&v, &table, &wanted).await
}

/// A table as CSV, or as XLSX if that is wanted, in the language of whoever asks. Without a top: of the first body
/// over which they hold the right of the table ([`Table::right`]).
pub(super) async fn file(v: &Visit, table: &str, wanted: &Wanted) -> Result<Response, AppError> {
    let table = Table::parse(table).ok_or(AppError::NotFound)?;
    let mut sql = v.app.db.read().await?;
    let top: Id<kind::Body> = if wanted.top.is_empty() {
        let nodes = register::bodies::choices(&mut sql, v.scope(), table.right()).await?;
        nodes.first().ok_or(AppError::NotFound)?.body.id
    } else {
        wanted.top.parse().map_err(|_| AppError::NotFound)?
    };
    register::require(&mut sql, v.scope(), table.right(), top).await?;
    let lang = if v.lang == crate::Lang::En { Lang::En } else { Lang::Vi };
    let rows: Vec<Vec<String>> = match table {
        Table::Bodies => {
            let rows = export::bodies(&mut sql, v.scope(), top).await?;
            rows.iter().map(|r| tables::body_cells(r, lang)).collect()
        }
        Table::People => {
            let rows = export::people(&mut sql, v.scope(), top).await?;
            rows.iter().map(|r| tables::person_cells(r, lang)).collect()
        }
        Table::Systems => {
            let rows = export::systems(&mut sql, v.scope(), top).await?;
            rows.iter().map(|r| tables::system_cells(r, lang)).collect()
        }
        Table::Hosts => {
            let rows = export::hosts(&mut sql, v.scope(), top).await?;
            rows.iter().map(|r| tables::host_cells(r, lang)).collect()
        }
        Table::Lines => {
            let rows = export::lines(&mut sql, v.scope(), top).await?;
            rows.iter().map(|r| tables::line_cells(r, lang)).collect()
        }
        Table::Shifts => {
            let rows = export::shifts(&mut sql, v.scope(), top, None, ahead(v)).await?;
            rows.iter().map(|r| tables::shift_cells(r, lang)).collect()
        }
    };
    table_file(table.columns(), table.name(), rows, lang, &wanted.format)
}

/// Turns from today on, as far as anything can be published.
fn ahead(v: &Visit) -> Window {
    let today = time::date(v.now);
    Window::days(today, today.checked_add(DAYS_AHEAD.days()).unwrap_or(today))
}

/// A roster is published for so many days at most.
const DAYS_AHEAD: i64 = 100;

/// Rows as CSV, or as XLSX if that is wanted.
pub(crate) fn table_file(
    columns: &'static [tables::Column],
    name: &str,
    rows: Vec<Vec<String>>,
    lang: Lang,
    format: &str,
) -> Result<Response, AppError> {
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(|r| r.into_iter().map(Cell::from).collect()).collect();
    let head = headings(columns, lang);
    let (bytes, kind, end) = if format == "xlsx" {
        let bytes = to_xlsx(name, &head, &rows).map_err(anyhow::Error::from)?;
        (bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
    } else {
        (to_csv(&head, &rows), "text/csv; charset=utf-8", "csv")
    };
    let name = format!("attachment; filename=\"canh-{name}.{end}\"");
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(anyhow::Error::from)?);
    Ok(response)
}
