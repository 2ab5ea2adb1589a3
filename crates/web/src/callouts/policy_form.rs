//! Making and changing a policy, with whom it would call when, for now, before it is kept.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    paging::{About, Effect, Hours, Policy, Rule, Severity, Step, Target},
    right::{Right, Role},
};
use store::{
    Sql,
    callouts::{self, Called, Kept, NewPolicy},
    rosters,
};

use super::{PolicyId, say, tools, write};
use crate::{
    Access, AppError, Flash, Form, Page, Route, Visit,
    register::{Draft, Options, body_options, form_status},
};

const ISSUE: Access = Access::Right(Right::Issue);
/// Steps the form offers beyond those that are filled.
const SPARE: usize = 2;
/// Targets the form offers of a step.
const TARGETS: usize = 3;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/policies/new", ISSUE, new_form),
        Route::post("/roster/policies/new", ISSUE, new),
        Route::get("/roster/policies/{id}", ISSUE, edit_form),
        Route::post("/roster/policies/{id}", ISSUE, edit),
        Route::post("/roster/policies/{id}/retire", ISSUE, retire),
    ]
}

type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "callouts/policy_form.html")]
struct PolicyForm {
    p: Page,
    d: Draft,
    id: String,
    bodies: Options,
    abouts: Vec<(String, String, bool)>,
    severities: Options,
    hours: Options,
    targets: Options,
    steps: Vec<StepFields>,
    preview: Vec<Previewed>,
    previewed: bool,
}

/// The names and values of one step's fields.
struct StepFields {
    n: usize,
    after: String,
    only: String,
    targets: Vec<(String, String)>,
    error: String,
}

/// One line of a preview.
pub(super) struct Previewed {
    pub at: String,
    pub said: String,
    pub names: String,
    pub class: &'static str,
}

pub(super) fn preview(v: &Visit, told: Vec<Called>) -> Vec<Previewed> {
    let line = |c: Called| {
        let at = domain::time::local(c.at).strftime("%H:%M").to_string();
        let n = |step: &u16| v.words().with("callout-step-n", [("n", (step + 1).into())]);
        let (class, said) = match &c.effect {
            Effect::Call { step, .. } => ("", n(step)),
            Effect::Nobody { step, .. } => {
                ("late", format!("{}: {}", n(step), v.t("callout-preview-nobody")))
            }
            Effect::PassedOver { step, .. } => {
                ("faint", format!("{}: {}", n(step), v.t("callout-preview-hours")))
            }
            Effect::Round { .. } => ("faint", v.t("callout-preview-round")),
            Effect::Lapsed => ("faint", v.t("callout-line-lapsed")),
            Effect::Expired => ("late", v.t("callout-line-expired")),
        };
        Previewed { at, said, names: c.names.join(", "), class }
    };
    told.into_iter().map(line).collect()
}

/// What can be chosen as a target: the general ones, roles, posts one sees; and those a policy names already.
async fn targets(v: &Visit, sql: &mut Sql, d: &Draft) -> Result<Options, AppError> {
    let general = [
        Target::Same,
        Target::OnDuty(None),
        Target::Deputy(None),
        Target::Next(None),
        Target::Head,
        Target::Above,
    ];
    let mut all: Options = vec![(String::new(), "—".to_owned())];
    all.extend(general.iter().filter_map(|t| Some((t.to_string(), say::target(v, *t)?))));
    for role in Role::ALL {
        let label = format!("{}: {}", v.t("callout-target-role"), v.t(&format!("register-role-{role}")));
        all.push((Target::Role(*role, None).to_string(), label));
    }
    for shown in rosters::list(sql, v.scope(), None, false).await? {
        let label = format!("{}: {} · {}", v.t("callout-target-post"), shown.post.name, shown.body_name);
        all.push((Target::OnDuty(Some(shown.post.id)).to_string(), label));
    }
    if let Some(body) = v.user.body {
        let filter = store::register::people::Filter { body: Some(body), ..Default::default() };
        for person in
            store::register::people::list(sql, v.scope(), &filter, None, store::register::PAGE_MAX).await?
        {
            all.push((Target::Person(person.id).to_string(), person.name));
        }
    }
    for (name, value) in d.pairs() {
        if name.contains("-to-") && !value.is_empty() && all.iter().all(|(id, _)| id != value) {
            all.push((value.to_owned(), value.to_owned()));
        }
    }
    Ok(all)
}

fn draft(v: &Visit, kept: &Kept) -> Draft {
    let p = &kept.rule.policy;
    let mut d = Draft::empty(v)
        .with("body", kept.body.to_string())
        .with("name", &p.name)
        .with("severity", kept.rule.from.name())
        .with("repeats", p.repeats.to_string())
        .with("pause", p.pause_minutes.to_string())
        .with("lapse", p.lapse_minutes.map(|m| m.to_string()).unwrap_or_default())
        .with("version", kept.version.to_string())
        .with("steps", p.steps.len().to_string());
    for about in &kept.rule.about {
        d = d.with(&format!("about-{about}"), "1");
    }
    for (n, step) in p.steps.iter().enumerate() {
        d = d.with(&format!("s{n}-after"), step.after_minutes.to_string());
        d = d.with(&format!("s{n}-only"), step.only.name());
        for (m, target) in step.targets.iter().enumerate() {
            d = d.with(&format!("s{n}-to-{m}"), target.to_string());
        }
    }
    d
}

/// How many steps the form shows.
fn rows(d: &Draft) -> usize {
    let filled = (0..domain::paging::policy::STEPS_MAX)
        .rev()
        .find(|n| (0..TARGETS).any(|m| d.on(&format!("s{n}-to-{m}"))) || d.on(&format!("s{n}-after")));
    (filled.map_or(0, |n| n + 1) + SPARE).min(domain::paging::policy::STEPS_MAX)
}

async fn form(
    v: &Visit,
    id: Option<PolicyId>,
    d: Draft,
    previewed: Option<Vec<Called>>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let targets = targets(v, &mut sql, &d).await?;
    let bodies = match id {
        Some(_) => Options::new(),
        None => body_options(v, &mut sql, Right::Issue, Some("register-choose-body")).await?,
    };
    drop(sql);
    let step = |n: usize| StepFields {
        n,
        after: d.v(&format!("s{n}-after")).to_owned(),
        only: d.v(&format!("s{n}-only")).to_owned(),
        targets: (0..TARGETS)
            .map(|m| format!("s{n}-to-{m}"))
            .map(|name| (name.clone(), d.v(&name).to_owned()))
            .collect(),
        error: d.e(&format!("s{n}-after")),
    };
    let page = PolicyForm {
        p: v.page(v.t(if id.is_some() { "callout-policy-change" } else { "callout-policy-new" })),
        id: id.map(|i| i.to_string()).unwrap_or_default(),
        bodies,
        abouts: About::ALL
            .iter()
            .map(|a| (format!("about-{a}"), say::about(v, *a), d.on(&format!("about-{a}"))))
            .collect(),
        severities: Severity::ALL.iter().map(|s| (s.name().to_owned(), say::severity(v, *s))).collect(),
        hours: Hours::ALL.iter().map(|h| (h.name().to_owned(), say::hours(v, *h))).collect(),
        targets,
        steps: (0..rows(&d)).map(step).collect(),
        previewed: previewed.is_some(),
        preview: preview(v, previewed.unwrap_or_default()),
        d,
    };
    Ok(form_status(&page.d, v.html(&page)?))
}

fn number<T: std::str::FromStr>(d: &mut Draft, field: &str) -> Option<T> {
    let value = d.v(field).parse().ok();
    if value.is_none() {
        d.error(field, "error-callout-number");
    }
    value
}

/// The rule as typed; what cannot be read is noted at its field.
fn read(d: &mut Draft) -> Option<Rule> {
    let mut steps = Vec::new();
    for n in 0..domain::paging::policy::STEPS_MAX {
        let named: Vec<String> = (0..TARGETS).filter_map(|m| d.opt(&format!("s{n}-to-{m}"))).collect();
        let after = format!("s{n}-after");
        if named.is_empty() && d.v(&after).is_empty() {
            continue;
        }
        let targets: Vec<Target> = named.iter().filter_map(|t| t.parse().ok()).collect();
        if targets.is_empty() || targets.len() < named.len() {
            d.error(&after, "error-policy-targets");
        }
        let only = Hours::parse(d.v(&format!("s{n}-only"))).unwrap_or_default();
        let after_minutes = number(d, &after)?;
        steps.push(Step { after_minutes, only, targets });
    }
    steps.sort_by_key(|s| s.after_minutes);
    let (repeats, pause_minutes) = (number(d, "repeats"), number(d, "pause"));
    let lapse_minutes = if d.on("lapse") { Some(number(d, "lapse")?) } else { None };
    let from = d.word("severity", Severity::parse);
    if d.v("name").is_empty() {
        d.error("name", "error-text-empty");
    }
    let about = About::ALL.iter().copied().filter(|a| d.on(&format!("about-{a}"))).collect();
    if !d.good() {
        return None;
    }
    let policy = Policy {
        name: d.v("name").to_owned(),
        steps,
        repeats: repeats?,
        pause_minutes: pause_minutes?,
        lapse_minutes,
    };
    if let Err(why) = policy.check() {
        d.error("", &format!("error-{why}"));
        return None;
    }
    Some(Rule { about, from: from?, policy })
}

async fn new_form(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let mut d = Draft::empty(&v).with("body", own).with("severity", Severity::Low.name());
    // Begins with what is in force without any.
    if let Some(terms) = v.pack().duty_roster() {
        let policy = terms.policy(About::Monitor);
        let rule = Rule { about: Vec::new(), from: Severity::Low, policy };
        let body = v.user.body.unwrap_or_else(|| Id::from_uuid(domain::id::Uuid::nil()));
        let kept = Kept {
            id: v.id(),
            body,
            body_name: String::new(),
            rule,
            at: v.now,
            version: 0,
            may_change: true,
        };
        d = draft(&v, &kept).with("body", d.v("body"));
    }
    form(&v, None, d, None).await
}

async fn told(v: &Visit, body: Id<kind::Body>, rule: &Rule) -> Result<Vec<Called>, AppError> {
    let mut sql = v.app.db.read().await?;
    // Only where one may see who is on duty.
    store::register::bodies::get(&mut sql, v.scope(), body).await?;
    Ok(callouts::preview(&mut sql, &tools(v), &rule.policy, body, None, v.now).await?)
}

async fn new(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let body = d.id("body");
    if let (Some(rule), Some(body)) = (read(&mut d), body) {
        if d.v("do") == "preview" {
            let told = told(&v, body, &rule).await?;
            return form(&v, None, d, Some(told)).await;
        }
        let new = NewPolicy { id: v.id(), body, rule };
        match write!(v, tx => callouts::create(tx, v.scope(), &new).await) {
            Ok(()) => return Ok(v.redirect("/roster/policies", Flash::ok("callout-policy-kept"))),
            Err(error) => d.refuse(error)?,
        }
    }
    form(&v, None, d, None).await
}

async fn edit_form(v: Visit, Path(id): Path<PolicyId>) -> Result<Response, AppError> {
    let kept = callouts::policy(&mut v.app.db.read().await?, v.scope(), id).await?;
    let told = told(&v, kept.body, &kept.rule).await?;
    form(&v, Some(id), draft(&v, &kept), Some(told)).await
}

async fn edit(v: Visit, Path(id): Path<PolicyId>, Form(typed): Fields) -> Result<Response, AppError> {
    let kept = callouts::policy(&mut v.app.db.read().await?, v.scope(), id).await?;
    let mut d = Draft::typed(&v, typed);
    if let Some(rule) = read(&mut d) {
        if d.v("do") == "preview" {
            let told = told(&v, kept.body, &rule).await?;
            return form(&v, Some(id), d, Some(told)).await;
        }
        let version = d.v("version").parse().unwrap_or(0);
        match write!(v, tx => callouts::change(tx, v.scope(), id, version, &rule).await) {
            Ok(()) => return Ok(v.redirect("/roster/policies", Flash::ok("callout-policy-kept"))),
            Err(error) => d.refuse(error)?,
        }
    }
    form(&v, Some(id), d, None).await
}

async fn retire(v: Visit, Path(id): Path<PolicyId>, _: Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => callouts::retire(tx, v.scope(), id).await);
    v.acted("/roster/policies", done, "callout-policy-retired")
}
