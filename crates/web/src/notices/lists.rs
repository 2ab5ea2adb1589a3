//! Staff lists: upload → what would be taken in, row by row → confirm.

use askama::Template;
use axum::{http::Method, response::Response};
use domain::{
    id::{Id, kind},
    register::{Problem, STAFF_LIST_COLUMNS, read_staff},
    right::Right,
};
use store::{
    StoreError, Tx, notices,
    register::import::{self, Report},
};

use super::{own_body, tabs};
use crate::{
    Access, AppError, Flash, Page, Route, Upload, Visit,
    register::{heading, read_table},
};

/// 20,000 rows have some 2 MB; the confirming form carries them once more.
const LIMIT_LIST: usize = 16 * 1024 * 1024;
/// Lists on the page.
const LISTS: u32 = 200;
/// So many problems are shown.
const SHOWN_MAX: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/notices/lists", prepare, show_all),
        Route::page(Method::POST, "/notices/lists", prepare, LIMIT_LIST, dry_run),
        Route::page(Method::POST, "/notices/lists/apply", prepare, LIMIT_LIST, apply),
    ]
}

/// Rows of a file with their numbers.
type Lines = Vec<(u32, Vec<String>)>;

struct Dry {
    good: usize,
    bad: usize,
    problems: Vec<(u32, String, String, String)>,
    ignored: String,
    rows: String,
}

#[derive(Template)]
#[template(path = "notices/lists.html")]
struct ListsPage {
    p: Page,
    tabs: Vec<(&'static str, String, bool, &'static str)>,
    lists: Vec<(String, String, u32, String)>,
    name: String,
    error: String,
    columns: Vec<(&'static str, &'static str, bool)>,
    dry: Option<Dry>,
}

async fn show_all(v: Visit) -> Result<Response, AppError> {
    show(&v, String::new(), String::new(), None).await
}

async fn show(v: &Visit, name: String, error: String, dry: Option<Dry>) -> Result<Response, AppError> {
    let lists = notices::lists(&mut v.app.db.read().await?, v.scope(), LISTS).await?;
    let p = v.page(v.t("notices-tab-lists"));
    let lists = lists.into_iter().map(|l| (l.name, l.body_name, l.people, p.time(&l.created_at))).collect();
    let english = v.lang == crate::Lang::En;
    let columns = STAFF_LIST_COLUMNS
        .iter()
        .map(|c| if english { (c.en, c.vi, c.required) } else { (c.vi, c.en, c.required) })
        .collect();
    v.html(&ListsPage { tabs: tabs(v, "/notices/lists"), lists, name, error, columns, dry, p })
}

async fn dry_run(v: Visit, upload: Upload) -> Result<Response, AppError> {
    let name = upload.field("name").to_owned();
    let Some(file) = upload.files.first() else {
        return show(&v, name, v.t("error-import-empty"), None).await;
    };
    let lines = match read_table(&v, &file.bytes).await {
        Ok(lines) => lines,
        Err(AppError::Refused(code)) => return show(&v, name, v.t(&code), None).await,
        Err(error) => return Err(error),
    };
    let name = if name.is_empty() { file.name.clone() } else { name };
    // The real thing, rolled back: it shows exactly what would happen.
    let mut tx = v.app.db.begin(v.actor(), v.now).await?;
    let outcome = take(&v, &mut tx, v.id(), &name, &lines).await;
    tx.rollback().await;
    match outcome {
        Ok(outcome) => show(&v, name, String::new(), Some(dry(&v, outcome, &lines)?)).await,
        Err(AppError::Refused(code)) => show(&v, name, v.t(&code), None).await,
        Err(error) => Err(error),
    }
}

async fn apply(v: Visit, upload: Upload) -> Result<Response, AppError> {
    let name = upload.field("name").to_owned();
    let lines: Lines =
        serde_json::from_str(upload.field("rows")).map_err(|e| AppError::Unreadable(e.to_string()))?;
    let list: Id<kind::StaffList> = v.id();
    let taken: Result<Result<usize, Taken>, AppError> = async {
        let done: Result<usize, Taken> = store::write!(v.app.db, v.actor(), v.now, tx => {
            let outcome = take(&v, tx, list, &name, &lines).await.map_err(Taken::Failed)?;
            if outcome.1.is_empty() { Ok(outcome.0.lines.len()) } else { Err(Taken::Problems(outcome)) }
        });
        Ok(done)
    }
    .await;
    match taken? {
        Ok(n) => Ok(v.redirect("/notices/lists", Flash::ok("notices-list-taken").what(&n.to_string()))),
        // Something changed between the dry run and now.
        Err(Taken::Problems(outcome)) => {
            let dry = dry(&v, outcome, &lines)?;
            show(&v, name, v.t("error-import-changed"), Some(dry)).await
        }
        Err(Taken::Failed(AppError::Refused(code))) => show(&v, name, v.t(&code), None).await,
        Err(Taken::Failed(error)) => Err(error),
    }
}

type Outcome = (Report, Vec<Problem>, Vec<String>);

enum Taken {
    Problems(Outcome),
    Failed(AppError),
}
impl From<StoreError> for Taken {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

async fn take(
    v: &Visit,
    tx: &mut Tx,
    list: Id<kind::StaffList>,
    name: &str,
    lines: &Lines,
) -> Result<Outcome, AppError> {
    let body = own_body(v)?;
    let read = read_staff(lines);
    notices::list_create(tx, v.scope(), list, body, name).await?;
    let report = import::staff(tx, v.scope(), list, body, &read.rows).await?;
    let mut problems: Vec<Problem> = report.problems.iter().cloned().chain(read.problems).collect();
    problems.sort_by_key(|p| p.row);
    Ok((report, problems, read.ignored))
}

fn dry(v: &Visit, (report, problems, ignored): Outcome, lines: &Lines) -> Result<Dry, AppError> {
    Ok(Dry {
        good: report.lines.len(),
        bad: problems.len(),
        problems: problems
            .iter()
            .take(SHOWN_MAX)
            .map(|p| {
                (
                    p.row,
                    heading(v, STAFF_LIST_COLUMNS, p.column),
                    p.value.clone(),
                    v.t(&format!("error-{}", p.code)),
                )
            })
            .collect(),
        ignored: ignored.join(", "),
        rows: serde_json::to_string(lines).map_err(anyhow::Error::from)?,
    })
}
