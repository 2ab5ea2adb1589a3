//! The same for programs.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    paging::{About, Hours, Policy, Rule, Severity, Step},
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::callouts::{self, Filter, Kept, NewPolicy, Shown, Side};
use utoipa::{IntoParams, ToSchema};

use super::{CalloutId, PolicyId, show::read, tools, write};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit};

/// So many at once.
const PAGE_MAX: u32 = 200;

pub(super) fn routes() -> Vec<Route> {
    let issue = Access::Right(Right::Issue);
    vec![
        Route::api(Access::SignedIn, LIMIT_FORM, route!(list)),
        Route::api(Access::SignedIn, LIMIT_FORM, route!(get)),
        Route::api(Access::SignedIn, LIMIT_FORM, route!(act)),
        Route::api(Access::Right(Right::See), LIMIT_FORM, route!(policies)),
        Route::api(issue, LIMIT_FORM, route!(create_policy)),
        Route::api(issue, LIMIT_FORM, route!(change_policy)),
        Route::api(issue, LIMIT_FORM, route!(retire_policy)),
    ]
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct CalloutsAsked {
    /// `open` (not over), `mine` (called for, or taken by, the asker), `all`.
    side: String,
    /// Only of that body and those below it.
    body: String,
}

/// A call-out.
#[derive(Serialize, ToSchema)]
struct CalloutView {
    id: String,
    /// `check-in`, `monitor`, `drill`, `test-call`, `alert`, `outside`, `by-hand`.
    about: &'static str,
    subject: String,
    body: String,
    body_name: String,
    post: Option<String>,
    /// `low`, `medium`, `high`, `critical`.
    severity: &'static str,
    /// `open`, `acknowledged`, `resolved`, `expired`.
    standing: &'static str,
    at: String,
    taken_by: Option<String>,
    taken_at: Option<String>,
    taken_via: Option<String>,
    ended_at: Option<String>,
}

impl From<&Shown> for CalloutView {
    fn from(s: &Shown) -> Self {
        let c = &s.callout;
        Self {
            id: c.id.to_string(),
            about: c.about.name(),
            subject: c.subject.clone(),
            body: c.body.to_string(),
            body_name: s.body_name.clone(),
            post: c.post.map(|p| p.to_string()),
            severity: c.severity.name(),
            standing: c.state.standing.name(),
            at: c.at.to_string(),
            taken_by: s.taker.clone(),
            taken_at: c.taken.as_ref().map(|t| t.at.to_string()),
            taken_via: c.taken.as_ref().map(|t| t.via.clone()),
            ended_at: c.ended_at.map(|t| t.to_string()),
        }
    }
}

/// One line of a call-out's log.
#[derive(Serialize, ToSchema)]
struct CalloutLine {
    at: String,
    what: String,
    /// Step and round from 1.
    step: Option<u32>,
    round: Option<u32>,
    person: Option<String>,
    via: String,
    note: String,
}

/// A call-out with its log.
#[derive(Serialize, ToSchema)]
struct CalloutLogged {
    callout: CalloutView,
    log: Vec<CalloutLine>,
}

/// Call-outs, newest first; at most 200
#[utoipa::path(get, path = "/api/v1/callouts", tag = "callouts", params(CalloutsAsked), responses((status = 200, body = Vec<CalloutView>)))]
async fn list(v: Visit, Query(asked): Query<CalloutsAsked>) -> Result<Answer<Vec<CalloutView>>, AppError> {
    let side = match asked.side.as_str() {
        "mine" => Side::Mine,
        "all" => Side::All,
        _ => Side::Open,
    };
    let filter = Filter { side, body: asked.body.parse().ok() };
    let mut sql = v.app.db.read().await?;
    let found = callouts::list(&mut sql, v.scope(), v.user.person, filter, None, PAGE_MAX).await?;
    Ok(Answer(found.iter().map(CalloutView::from).collect()))
}

/// One call-out with its log
#[utoipa::path(get, path = "/api/v1/callouts/{id}", tag = "callouts", params(("id" = String, Path)), responses((status = 200, body = CalloutLogged)))]
async fn get(v: Visit, Path(id): Path<CalloutId>) -> Result<Answer<CalloutLogged>, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = callouts::get(&mut sql, v.scope(), v.user.person, id).await?;
    let log = callouts::log(&mut sql, v.scope(), v.user.person, id).await?;
    let line = |l: callouts::Line| CalloutLine {
        at: l.at.to_string(),
        what: l.what,
        step: l.step.map(|n| n + 1),
        round: l.round.map(|n| n + 1),
        person: l.person,
        via: l.via,
        note: l.note,
    };
    Ok(Answer(CalloutLogged { callout: (&s).into(), log: log.into_iter().map(line).collect() }))
}

/// What is done about a call-out.
#[derive(Deserialize, ToSchema)]
struct CalloutAct {
    /// `acknowledge`, `escalate`, `progress`, `resolve`.
    #[serde(rename = "do")]
    what: String,
    #[serde(default)]
    note: String,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
struct CalloutActed {
    standing: &'static str,
    /// Whether it changed anything.
    changed: bool,
    /// Who has it.
    taken_by: Option<String>,
}

/// Takes a call-out, passes it on, says that it goes on or that it is done
#[utoipa::path(post, path = "/api/v1/callouts/{id}/act", tag = "callouts", params(("id" = String, Path)), request_body = CalloutAct, responses((status = 200, body = CalloutActed)))]
async fn act(
    v: Visit,
    Path(id): Path<CalloutId>,
    Json(given): Json<CalloutAct>,
) -> Result<Answer<CalloutActed>, AppError> {
    let act = read(&given.what, given.note)?;
    let tools = tools(&v);
    let done = write!(v, tx => callouts::act(tx, v.scope(), &tools, id, &act, "api").await)?;
    let taken_by = done.taken.map(|(_, name, _)| name);
    Ok(Answer(CalloutActed { standing: done.standing.name(), changed: done.changed, taken_by }))
}

/// One step of a policy.
#[derive(Serialize, Deserialize, ToSchema)]
struct PolicyStep {
    after_minutes: u16,
    /// `always`, `working`, `off`.
    #[serde(default)]
    only: String,
    /// `same`, `on-duty`, `deputy`, `next` (each also `:POST`), `head`, `above`, `person:ID`, `role:ROLE`,
    /// `role:ROLE:BODY`.
    targets: Vec<String>,
}

/// A policy.
#[derive(Serialize, Deserialize, ToSchema)]
struct PolicyGiven {
    body: String,
    name: String,
    /// Reasons it is for; none: every one.
    #[serde(default)]
    about: Vec<String>,
    /// From this severity on.
    severity: String,
    steps: Vec<PolicyStep>,
    #[serde(default)]
    repeats: u8,
    pause_minutes: u16,
    #[serde(default)]
    lapse_minutes: Option<u16>,
    /// For changes: the version that was read.
    #[serde(default)]
    version: i64,
}

/// A policy as it is kept.
#[derive(Serialize, ToSchema)]
struct PolicyView {
    id: String,
    #[serde(flatten)]
    given: PolicyGiven,
}

impl From<Kept> for PolicyView {
    fn from(k: Kept) -> Self {
        let p = k.rule.policy;
        let step = |s: Step| PolicyStep {
            after_minutes: s.after_minutes,
            only: s.only.name().to_owned(),
            targets: s.targets.iter().map(ToString::to_string).collect(),
        };
        let given = PolicyGiven {
            body: k.body.to_string(),
            name: p.name,
            about: k.rule.about.iter().map(|a| a.name().to_owned()).collect(),
            severity: k.rule.from.name().to_owned(),
            steps: p.steps.into_iter().map(step).collect(),
            repeats: p.repeats,
            pause_minutes: p.pause_minutes,
            lapse_minutes: p.lapse_minutes,
            version: k.version,
        };
        Self { id: k.id.to_string(), given }
    }
}

fn rule(given: &PolicyGiven) -> Result<Rule, AppError> {
    let bad = |what: &str| AppError::Unreadable(what.to_owned());
    let mut steps = Vec::new();
    for s in &given.steps {
        let targets: Result<Vec<_>, _> = s.targets.iter().map(|t| t.parse()).collect();
        let only = if s.only.is_empty() { Some(Hours::Always) } else { Hours::parse(&s.only) };
        steps.push(Step {
            after_minutes: s.after_minutes,
            only: only.ok_or_else(|| bad("only"))?,
            targets: targets.map_err(|_| bad("targets"))?,
        });
    }
    let about: Option<Vec<_>> = given.about.iter().map(|a| About::parse(a)).collect();
    Ok(Rule {
        about: about.ok_or_else(|| bad("about"))?,
        from: Severity::parse(&given.severity).ok_or_else(|| bad("severity"))?,
        policy: Policy {
            name: given.name.clone(),
            steps,
            repeats: given.repeats,
            pause_minutes: given.pause_minutes,
            lapse_minutes: given.lapse_minutes,
        },
    })
}

/// Escalation policies in use
#[utoipa::path(get, path = "/api/v1/escalation-policies", tag = "callouts", responses((status = 200, body = Vec<PolicyView>)))]
async fn policies(v: Visit) -> Result<Answer<Vec<PolicyView>>, AppError> {
    let kept = callouts::policies(&mut v.app.db.read().await?, v.scope()).await?;
    Ok(Answer(kept.into_iter().map(PolicyView::from).collect()))
}

/// What was made.
#[derive(Serialize, ToSchema)]
struct MadePolicy {
    id: String,
}

/// Makes an escalation policy
#[utoipa::path(post, path = "/api/v1/escalation-policies", tag = "callouts", request_body = PolicyGiven, responses((status = 201, body = MadePolicy)))]
async fn create_policy(
    v: Visit,
    Json(given): Json<PolicyGiven>,
) -> Result<(StatusCode, Answer<MadePolicy>), AppError> {
    let body = given.body.parse().map_err(|_| AppError::NotFound)?;
    let new = NewPolicy { id: v.id(), body, rule: rule(&given)? };
    write!(v, tx => callouts::create(tx, v.scope(), &new).await)?;
    Ok((StatusCode::CREATED, Answer(MadePolicy { id: new.id.to_string() })))
}

/// Changes an escalation policy; call-outs under way go on by what they began with
#[utoipa::path(put, path = "/api/v1/escalation-policies/{id}", tag = "callouts", params(("id" = String, Path)), request_body = PolicyGiven, responses((status = 204)))]
async fn change_policy(
    v: Visit,
    Path(id): Path<PolicyId>,
    Json(given): Json<PolicyGiven>,
) -> Result<StatusCode, AppError> {
    let rule = rule(&given)?;
    write!(v, tx => callouts::change(tx, v.scope(), id, given.version, &rule).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an escalation policy out of use
#[utoipa::path(delete, path = "/api/v1/escalation-policies/{id}", tag = "callouts", params(("id" = String, Path)), responses((status = 204)))]
async fn retire_policy(v: Visit, Path(id): Path<PolicyId>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => callouts::retire(tx, v.scope(), id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
