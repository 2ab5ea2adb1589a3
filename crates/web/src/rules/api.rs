//! The same for programs.

use std::collections::BTreeMap;

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
};
use detect::{
    Level, Problem,
    import::{Status, Wanted},
};
use domain::right::Right;
use serde::{Deserialize, Serialize};
use store::rules;
use utoipa::ToSchema;

use super::{
    list::{Asked, Found, known},
    new::{keep, plan},
    problem_said,
    show::{removed, switch},
};
use crate::{Access, ApiGuard, AppError, FieldError, Json, LIMIT_EVIDENCE, LIMIT_FORM, Route, Visit};

/// Rules in one answer.
const PAGE: usize = 1_000;
/// What is sent without a name is kept under this one.
const NAMELESS: &str = "sent.yml";

pub(super) fn routes() -> Vec<Route> {
    let (read, administer) = (Access::Right(Right::Read), Access::Right(Right::Administer));
    vec![
        Route::api(read, LIMIT_FORM, route!(list)),
        Route::api(administer, LIMIT_EVIDENCE, route!(take)),
        Route::api(read, LIMIT_FORM, route!(get)),
        Route::api(administer, LIMIT_FORM, route!(remove)),
        Route::api(administer, LIMIT_FORM, route!(off)),
        Route::api(administer, LIMIT_FORM, route!(on)),
    ]
}

/// A Sigma rule, correlation or filter the centre has.
#[derive(Serialize, ToSchema)]
struct DetectionRule {
    /// Its id; its title where it has none.
    id: String,
    title: String,
    description: String,
    author: String,
    /// `informational`, `low`, `medium`, `high`, `critical`.
    level: &'static str,
    /// As the rule says: `stable`, `test`, `experimental` …
    status: String,
    tags: Vec<String>,
    product: Option<String>,
    category: Option<String>,
    service: Option<String>,
    /// `folder`, `imported`, `own`.
    origin: &'static str,
    file: String,
    /// `on`, `off`, `unused`.
    state: &'static str,
    off: Option<RuleOff>,
    /// Why it cannot be used.
    problem: Option<RuleProblem>,
    /// Alerts it raised in the last 30 days, as far as the asker may read them.
    alerts: u32,
    /// Those among them that somebody found to be wrong.
    false_positives: u32,
}

/// Why a rule is switched off.
#[derive(Serialize, ToSchema)]
struct RuleOff {
    reason: String,
    by: Option<String>,
    at: String,
}

/// What is wrong with a rule.
#[derive(Serialize, ToSchema)]
struct RuleProblem {
    line: u32,
    column: u32,
    /// Which of the problems there are.
    code: &'static str,
    /// In words, with what to write instead.
    text: String,
}

fn problem(v: &Visit, p: &Problem) -> RuleProblem {
    RuleProblem { line: p.at.line, column: p.at.column, code: p.code, text: problem_said(v, p) }
}

fn view(v: &Visit, f: &Found<'_>) -> DetectionRule {
    let (about, source) = (&f.rule.about, &f.rule.source);
    DetectionRule {
        id: about.called().to_owned(),
        title: about.title.clone(),
        description: about.description.clone(),
        author: about.author.clone(),
        level: about.level.word(),
        status: about.status.clone(),
        tags: about.tags.clone(),
        product: source.product.clone(),
        category: source.category.clone(),
        service: source.service.clone(),
        origin: f.rule.sheet.origin.word(),
        file: f.rule.sheet.name.clone(),
        state: f.state.word(),
        off: f.off.map(|off| RuleOff {
            reason: off.reason.clone(),
            by: off.person.clone(),
            at: off.at.to_string(),
        }),
        problem: f.rule.problem.as_ref().map(|p| problem(v, p)),
        alerts: f.found.map_or(0, |y| y.alerts),
        false_positives: f.found.map_or(0, |y| y.wrong),
    }
}

/// Rules the centre watches by, at most 1000 a page
#[utoipa::path(get, path = "/api/v1/rules", tag = "logs", params(Asked), responses((status = 200, body = Vec<DetectionRule>)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Answer<Vec<DetectionRule>>, AppError> {
    let (all, yields) = known(&v).await?;
    let skip = asked.page.saturating_sub(1).saturating_mul(PAGE);
    let found = asked.of(&all, &yields);
    Ok(Answer(found.iter().skip(skip).take(PAGE).map(|f| view(&v, f)).collect()))
}

/// A rule with its text.
#[derive(Serialize, ToSchema)]
struct DetectionRuleFull {
    rule: DetectionRule,
    /// Its file as it was written, with whatever else stands in it.
    text: String,
}

/// One rule with its text
#[utoipa::path(get, path = "/api/v1/rules/{rule}", tag = "logs", params(("rule" = String, Path)), responses((status = 200, body = DetectionRuleFull)))]
async fn get(v: Visit, Path(called): Path<String>) -> Result<Answer<DetectionRuleFull>, AppError> {
    let (all, yields) = known(&v).await?;
    let rule = all.get(&called).ok_or(AppError::NotFound)?;
    let found = Found::of(rule, &all, &yields);
    Ok(Answer(DetectionRuleFull { rule: view(&v, &found), text: rule.sheet.text.clone() }))
}

/// Rules to be taken in.
#[derive(Deserialize, ToSchema)]
struct NewRules {
    /// One file of Sigma YAML, of one rule or several.
    text: String,
    /// What the file is called.
    #[serde(default)]
    name: String,
    /// Leave out what is less grave.
    #[serde(default)]
    min_level: Option<String>,
    /// Take only these; without, all but `deprecated` and `unsupported`.
    #[serde(default)]
    statuses: Vec<String>,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

/// A rule that was not taken.
#[derive(Serialize, ToSchema)]
struct RuleRefused {
    file: String,
    problem: RuleProblem,
}

/// What came of rules.
#[derive(Serialize, ToSchema)]
struct RulesTaken {
    new: usize,
    changed: usize,
    same: usize,
    /// How many of these are switched off and stay so.
    off: usize,
    refused: Vec<RuleRefused>,
    /// Rules left out, by the status or level for which.
    left: BTreeMap<String, usize>,
    /// Ids that were imported, are deprecated or unsupported by now, and were let go of.
    gone: Vec<String>,
}

/// Take rules in, each in the place of the one of its id
#[utoipa::path(post, path = "/api/v1/rules", tag = "logs", request_body = NewRules, responses((status = 200, body = RulesTaken)))]
async fn take(v: Visit, _: ApiGuard, Json(given): Json<NewRules>) -> Result<Answer<RulesTaken>, AppError> {
    if !rules::may_change(&mut v.app.db.read().await?, v.scope()).await? {
        return Err(AppError::NotFound);
    }
    let wrong = |field: &str, code: &str| AppError::Invalid(vec![FieldError::new(field, code)]);
    if given.text.trim().is_empty() {
        return Err(wrong("text", "error-rules-nothing"));
    }
    let level = match given.min_level.as_deref() {
        None => Level::Informational,
        Some(word) => Level::of(word).ok_or_else(|| wrong("min_level", "error-choose"))?,
    };
    let statuses = given.statuses.iter().map(|word| Status::of(word)).collect::<Option<Vec<_>>>();
    let statuses = statuses.ok_or_else(|| wrong("statuses", "error-choose"))?;
    let name = if given.name.trim().is_empty() { NAMELESS } else { given.name.trim() };
    let files = vec![(name.to_owned(), detect::import::text(given.text.as_bytes()))];
    let plan = plan(&v, Wanted { min_level: level, statuses }, files).await?;
    if !given.dry_run {
        keep(&v, &plan).await?;
    }
    let refused = plan
        .refused
        .iter()
        .map(|(file, p)| RuleRefused { file: file.clone(), problem: problem(&v, p) })
        .collect();
    Ok(Answer(RulesTaken {
        new: plan.new,
        changed: plan.changed,
        same: plan.same,
        off: plan.off,
        refused,
        left: plan.left,
        gone: plan.gone.into_iter().collect(),
    }))
}

/// Take an imported rule out, with whatever else stands in its file
#[utoipa::path(delete, path = "/api/v1/rules/{rule}", tag = "logs", params(("rule" = String, Path)), responses((status = 204)))]
async fn remove(v: Visit, _: ApiGuard, Path(called): Path<String>) -> Result<StatusCode, AppError> {
    removed(&v, &called).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a rule is to be off.
#[derive(Deserialize, ToSchema)]
struct OffAsked {
    reason: String,
}

/// Switch a rule off
#[utoipa::path(put, path = "/api/v1/rules/{rule}/off", tag = "logs", params(("rule" = String, Path)), request_body = OffAsked, responses((status = 204)))]
async fn off(
    v: Visit,
    _: ApiGuard,
    Path(called): Path<String>,
    Json(given): Json<OffAsked>,
) -> Result<StatusCode, AppError> {
    switch(&v, &called, Some(&given.reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switch a rule on again
#[utoipa::path(delete, path = "/api/v1/rules/{rule}/off", tag = "logs", params(("rule" = String, Path)), responses((status = 204)))]
async fn on(v: Visit, _: ApiGuard, Path(called): Path<String>) -> Result<StatusCode, AppError> {
    switch(&v, &called, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
