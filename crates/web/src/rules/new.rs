//! Rules of others, or written here: looked at, and taken in.

use askama::Template;
use axum::{http::Method, response::Response};
use detect::{
    Level, Problem, Sources,
    book::Text,
    import::{self, Plan, Status, Wanted, is_rule},
    lint,
};
use domain::right::Right;
use paper::{PaperError, inventory};
use store::{
    StoreError,
    rules::{self, TEXT_MAX},
};

use super::{Fault, fault, href, level_said, problem_said, write};
use crate::{
    Access, AppError, FieldError, Flash, LIMIT_EVIDENCE, Page, Route, Upload, Visit,
    board::number,
    register::{Draft, Options, form_status},
};

/// What is typed is kept under this name.
const TYPED: &str = "typed.yml";

pub(super) fn routes() -> Vec<Route> {
    let administer = Access::Right(Right::Administer);
    vec![
        Route::get("/rules/new", administer, form),
        Route::page(Method::POST, "/rules", administer, LIMIT_EVIDENCE, take),
    ]
}

#[derive(Template)]
#[template(path = "rules/new.html")]
struct NewPage {
    p: Page,
    d: Draft,
    levels: Options,
    statuses: Vec<(&'static str, bool)>,
    faults: Vec<Fault>,
    came: Option<Came>,
}

/// What came of it.
struct Came {
    /// Of the flash.
    kind: &'static str,
    said: String,
    beside: Vec<String>,
    /// Whether rules were taken.
    taken: bool,
    /// File, place, why.
    refused: Vec<(String, String, String)>,
}

/// Whoever may not change them does not learn that there is such a page.
async fn must(v: &Visit) -> Result<(), AppError> {
    let may = rules::may_change(&mut v.app.db.read().await?, v.scope()).await?;
    if may { Ok(()) } else { Err(AppError::NotFound) }
}

async fn form(v: Visit) -> Result<Response, AppError> {
    must(&v).await?;
    page(&v, Draft::empty(&v), Vec::new(), None)
}

fn page(v: &Visit, d: Draft, faults: Vec<Fault>, came: Option<Came>) -> Result<Response, AppError> {
    let shown = NewPage {
        p: v.page(v.t("rule-new")),
        levels: Level::ALL.iter().map(|l| (l.word().to_owned(), level_said(v, *l).1)).collect(),
        statuses: Status::ALL.iter().map(|s| (s.word(), d.on(s.word()))).collect(),
        faults,
        came,
        d,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

async fn take(v: Visit, upload: Upload) -> Result<Response, AppError> {
    must(&v).await?;
    let mut d = Draft::typed(&v, upload.fields.clone());
    let wanted = Wanted {
        min_level: Level::of(d.v("level")).unwrap_or(Level::Informational),
        statuses: Status::ALL.into_iter().filter(|s| d.on(s.word())).collect(),
    };
    let typed = upload.field("text").to_owned();
    let mut files: Vec<Text> = Vec::new();
    if !typed.is_empty() {
        files.push((TYPED.to_owned(), typed.clone()));
    }
    for file in &upload.files {
        match unpacked(&v, &file.name, file.bytes.to_vec()).await {
            Ok(more) => files.extend(more),
            Err(AppError::Invalid(errors)) => errors.iter().for_each(|e| d.error(&e.field, &e.code)),
            Err(error) => return Err(error),
        }
    }
    if files.is_empty() && d.good() {
        d.error("text", "error-rules-nothing");
    }
    let linted = if typed.is_empty() { Vec::new() } else { lint::file(&typed, &Sources::builtin()) };
    let faults = linted.iter().map(|problem| fault(&v, problem)).collect();
    if !d.good() {
        return page(&v, d, faults, None);
    }
    let plan = plan(&v, wanted, files).await?;
    let check = d.v("do") == "check";
    if !check {
        keep(&v, &plan).await?;
        if let ([only], true) = (plan.put.as_slice(), plan.refused.is_empty() && plan.left.is_empty()) {
            return Ok(v.redirect(&href(&only.id), Flash::ok("rule-taken")));
        }
    }
    let told = |(file, problem): &(String, Problem)| file == TYPED && linted.contains(problem);
    page(&v, d, faults, Some(came(&v, &plan, !check, &told)))
}

/// The rules in a file: those of a zip, or the file itself.
async fn unpacked(v: &Visit, name: &str, bytes: Vec<u8>) -> Result<Vec<Text>, AppError> {
    let wrong = |code: &str| AppError::Invalid(vec![FieldError::new("file", code)]);
    let packed = bytes.starts_with(b"PK\x03\x04");
    let pieces = inventory::unpack(&v.app.worker, name, bytes).await.map_err(|error| match error {
        PaperError::TooLarge { .. } => wrong("error-rules-archive-large"),
        PaperError::Failed { how } => AppError::Internal(anyhow::anyhow!(how)),
        _ => wrong("error-rules-archive"),
    })?;
    let rules = pieces.into_iter().filter(|piece| !packed || is_rule(&piece.name));
    let texts = rules.map(|piece| {
        if piece.refused.is_some() {
            return Err(wrong("error-rules-archive"));
        }
        if piece.bytes.len() > TEXT_MAX {
            return Err(wrong("error-rules-long"));
        }
        let within = piece.folder.iter().chain([&piece.name]).map(String::as_str).collect::<Vec<_>>();
        let own = if packed { format!("{name}!/{}", within.join("/")) } else { piece.name.clone() };
        Ok((own, import::text(&piece.bytes)))
    });
    texts.collect()
}

/// What would come of files, beside what there is.
pub(super) async fn plan(v: &Visit, wanted: Wanted, files: Vec<Text>) -> Result<Plan, AppError> {
    let mut sql = v.app.db.read().await?;
    let held = rules::files(&mut sql, v.scope()).await?;
    let off = rules::off(&mut sql, v.scope()).await?.into_iter().map(|off| off.rule).collect();
    drop(sql);
    let brought = v.app.rules.brought.clone();
    let made = tokio::task::spawn_blocking(move || import::plan(&brought, &wanted, files, &held, &off));
    let made = made.await.map_err(anyhow::Error::from)?;
    made.map_err(|_| AppError::Refused("error-rules-many".into()))
}

/// Keeps what is to be kept.
pub(super) async fn keep(v: &Visit, plan: &Plan) -> Result<(), StoreError> {
    if plan.put.is_empty() && plan.gone.is_empty() {
        return Ok(());
    }
    write!(v, tx => rules::import(tx, v.scope(), &plan.put, &plan.gone).await)
}

/// In words; `told` is what is said elsewhere on the page.
fn came(v: &Visit, plan: &Plan, taken: bool, told: &dyn Fn(&(String, Problem)) -> bool) -> Came {
    let of = |n: usize| number(n as u64);
    let sums = [
        ("new", of(plan.new)),
        ("changed", of(plan.changed)),
        ("same", of(plan.same)),
        ("refused", of(plan.refused.len())),
    ];
    let sums = sums.each_ref().map(|(name, n)| (*name, n.as_str()));
    let mut beside = Vec::new();
    if !plan.left.is_empty() {
        let left: Vec<String> = plan.left.iter().map(|(word, n)| format!("{word} {}", of(*n))).collect();
        beside.push(v.words().with_texts("rules-import-left", &[("left", &left.join(", "))]));
    }
    let counts = [
        ("rules-import-others", plan.others),
        ("rules-import-gone", plan.gone.len()),
        ("rules-import-off", plan.off),
    ];
    for (id, n) in counts.into_iter().filter(|(_, n)| *n > 0) {
        beside.push(v.words().with_texts(id, &[("count", &of(n))]));
    }
    let refused = plan.refused.iter().filter(|refused| !told(refused));
    Came {
        kind: match () {
            () if !plan.is_any() => "bad",
            () if taken => "ok",
            () => "",
        },
        said: v.words().with_texts(if taken { "rule-came" } else { "rule-would-come" }, &sums),
        beside,
        taken: taken && plan.is_any(),
        refused: refused
            .map(|(file, problem)| (file.clone(), problem.at.to_string(), problem_said(v, problem)))
            .collect(),
    }
}
