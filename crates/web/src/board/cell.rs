//! Down from a cell: how one body stands, and the evidence of one duty to the last fact.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    counts,
    evidence::Verdict,
    fact::Source,
    hunt,
    id::{Id, kind},
    inspection::Severity,
    order::{AckHow, Affected, ExcuseKind},
    right::Right,
};
use serde_json::Value;
use store::board::{self, Campaign, CellEvidence, FactLine, TaskEvidence};

use super::{
    minutes::{self, PostView},
    page::{kind_word, short},
    state::{self, Short},
    systems::{self, Opened},
};
use crate::{AppError, Page, Visit};

#[derive(Template)]
#[template(path = "board/cell.html")]
struct CellPage {
    p: Page,
    campaign: Campaign,
    row: domain::board::Row,
    kind: String,
    title: String,
    tasks: Vec<TaskView>,
    history: bool,
    /// The time of the body's posts, for the duty to watch them.
    minutes: Vec<PostView>,
    /// Systems and machines behind duties that are judged by what comes in.
    opened: Opened,
    /// That the register falls short of an independent count, and the counts themselves.
    gap: String,
    machines: Vec<crate::counts::Line>,
    registered: u32,
    /// What is open on machines and was worked around or excused; only of the duty to mend.
    aside: String,
}

/// A duty with its verdict and what it rests on.
struct TaskView {
    id: String,
    code: String,
    label: String,
    whole: String,
    proof: String,
    quote: String,
    due: jiff::Timestamp,
    class: &'static str,
    word: String,
    count: String,
    handled: u32,
    total: u32,
    evaluated: Option<jiff::Timestamp>,
    because: Vec<(String, Option<FactView>)>,
    facts: Vec<FactView>,
}

/// A fact as it is read.
#[derive(Clone)]
struct FactView {
    id: String,
    class: &'static str,
    word: String,
    from: jiff::Timestamp,
    learnt: jiff::Timestamp,
    who: String,
    details: Vec<(String, String)>,
    source: String,
    href: String,
    /// The call-out it is about; empty for any other fact.
    callout: String,
    superseded: bool,
}

/// One body: all its duties.
pub(super) async fn row(
    visit: Visit,
    Path((campaign, number)): Path<(Id<kind::Campaign>, u32)>,
) -> Result<Response, AppError> {
    show(&visit, campaign, number, None).await
}

/// One duty of one body, with all its facts.
pub(super) async fn cell(
    visit: Visit,
    Path((campaign, number, code)): Path<(Id<kind::Campaign>, u32, String)>,
) -> Result<Response, AppError> {
    show(&visit, campaign, number, Some(&code)).await
}

async fn show(
    visit: &Visit,
    campaign: Id<kind::Campaign>,
    number: u32,
    code: Option<&str>,
) -> Result<Response, AppError> {
    let mut sql = visit.app.db.read().await?;
    let campaign = board::campaign(&mut sql, visit.scope(), campaign).await?;
    let found = board::cell(&mut sql, visit.scope(), campaign.id, number, code, visit.now).await?;
    let CellEvidence { row, tasks, .. } = found;
    let today = domain::time::date(visit.now);
    let machines = store::counts::of(&mut sql, visit.scope(), visit.pack(), &[row.body], today).await?;
    let minutes = minutes::of(visit, &mut sql, code, row.body, campaign.window).await?;
    let opened = systems::of(visit, &mut sql, code, row.body, campaign.window).await?;
    let aside = match code {
        Some("VFIX") => aside(visit, &mut sql, campaign.id, row.body).await?,
        _ => String::new(),
    };
    drop(sql);
    let machines = machines.get(&row.body);
    // Beside duties that count machines; a duty that counts none has nothing to compare.
    let counted = code.is_none_or(|c| visit.pack().duty(c).is_some_and(|d| d.counted));
    let machines = machines.filter(|_| counted);
    let title = code.map_or_else(String::new, |c| whole(visit, c));
    let p = visit.page(format!("{} · {}", row.name, code.unwrap_or(&campaign.name)));
    let page = CellPage {
        gap: machines.and_then(|m| crate::counts::gap(visit.words(), m)).map(|g| g.text).unwrap_or_default(),
        machines: machines.map(|m| crate::counts::lines(&p, visit.words(), m)).unwrap_or_default(),
        registered: machines.map_or(0, |m| m.registered),
        p,
        kind: kind_word(visit, row.kind),
        tasks: tasks.into_iter().map(|t| view(visit, row.body, t)).collect(),
        history: code.is_some(),
        aside,
        minutes,
        opened,
        title,
        campaign,
        row,
    };
    visit.html(&page)
}

/// How many findings were worked around or excused; nothing to say where none was.
async fn aside(
    visit: &Visit,
    sql: &mut store::Sql,
    campaign: Id<kind::Campaign>,
    body: Id<kind::Body>,
) -> Result<String, AppError> {
    let warning = store::warnings::under(sql, campaign).await?;
    let it = store::findings::aside(sql, visit.scope(), body, warning, visit.now).await?;
    if it.worked_around + it.excused == 0 {
        return Ok(String::new());
    }
    let figures = [("around", it.worked_around.into()), ("excused", it.excused.into())];
    Ok(visit.words().with("findings-aside", figures))
}

fn whole(visit: &Visit, code: &str) -> String {
    let english = visit.lang == crate::Lang::En;
    visit
        .pack()
        .duty(code)
        .map_or_else(|| code.to_owned(), |d| if english { d.en.clone() } else { d.vi.clone() })
}

fn proof(visit: &Visit, code: &str) -> String {
    let english = visit.lang == crate::Lang::En;
    let term = visit.pack().duty(code);
    term.map_or_else(String::new, |d| if english { d.proof_en.clone() } else { d.proof_vi.clone() })
}

fn view(visit: &Visit, body: Id<kind::Body>, task: TaskEvidence) -> TaskView {
    let facts: Vec<FactView> = task.facts.iter().map(|f| fact(visit, body, f)).collect();
    let Verdict { state, handled, all, because, .. } = task.verdict;
    let because = because
        .into_iter()
        .map(|b| {
            let id = b.fact.map(|f| f.to_string());
            let fact = facts.iter().find(|f| Some(&f.id) == id.as_ref()).cloned();
            (sentence(visit, &b.sentence, handled, all), fact)
        })
        .collect();
    TaskView {
        id: task.id.to_string(),
        label: short(visit, &task.code),
        whole: whole(visit, &task.code),
        proof: proof(visit, &task.code),
        code: task.code,
        quote: task.quote,
        due: task.due,
        class: state::letter(state),
        word: state::word(visit.words(), state),
        count: Short::new(visit.words()).text(state, handled, all),
        handled,
        total: all,
        evaluated: task.evaluated,
        because,
        facts,
    }
}

/// The sentence of a reason; its id is kept in records, so only ids of the right kind are looked up.
pub(super) fn sentence(visit: &Visit, id: &str, handled: u32, all: u32) -> String {
    if !id.starts_with("evidence-") {
        return id.to_owned();
    }
    visit.words().with(id, [("handled", handled.into()), ("all", all.into())])
}

/// `body`: whose cell this is; a body above it may have learnt the fact.
fn fact(visit: &Visit, body: Id<kind::Body>, line: &FactLine) -> FactView {
    let fact = &line.fact;
    let (source, href) = match fact.subject.strip_prefix("hunt:") {
        // Its own page says more than the entry of the audit log, and more people may open it.
        Some(id) if fact.body == body => (visit.t("evidence-source-hunt"), format!("/hunts/{id}")),
        _ => source(visit, &fact.source),
    };
    FactView {
        id: fact.id.to_string(),
        class: class(&fact.kind, line.superseded),
        word: visit.t(&format!("evidence-fact-{}", fact.kind.replace('.', "-"))),
        from: fact.from,
        learnt: fact.learnt,
        who: line.who.as_ref().map(|w| w.name.clone()).unwrap_or_default(),
        details: details(visit, &fact.value),
        source,
        href,
        callout: fact.value.get("callout").and_then(Value::as_str).unwrap_or_default().to_owned(),
        superseded: line.superseded,
    }
}

fn class(kind: &str, superseded: bool) -> &'static str {
    use domain::fact::kinds::*;
    match kind {
        _ if superseded => "",
        ACKNOWLEDGED | ACCEPTED | TRIAGED | CHANNEL_VERIFIED | PASSED_ON | QUICK_REPORT => "ok",
        REQUEST_ANSWERED => "ok",
        CALLOUT_TAKEN | CHECKED_IN | TAKEN_OVER | LOGS_HEARD | HUNTED => "ok",
        RETURNED | REQUEST_RETURNED | LINE_OUT | CALLOUT_EXPIRED | CHECK_IN_MISSED => "burn",
        SUBMITTED | EXCUSED => "warn",
        _ => "",
    }
}

/// What of a fact's particulars people read; ids stay with the programs.
fn details(visit: &Visit, value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    if let (Some(handled), Some(all)) = (number("handled"), number("all")) {
        found.push((visit.t("board-handled"), format!("{handled}/{all}")));
    }
    for key in ["nil", "late"] {
        if value.get(key) == Some(&Value::Bool(true)) {
            found
                .push((visit.t("evidence-value-quick-report"), visit.t(&format!("evidence-quick-is-{key}"))));
        }
    }
    for key in [
        "title",
        "outcome",
        "reason",
        "until",
        "how",
        "kind",
        "affected",
        "to",
        "source",
        "counted",
        "n",
        "on",
        "incidents",
        "alerts",
        "inspected",
        "items",
        "bad",
        "severity",
        "due",
        "waited",
        "via",
    ] {
        let text = match value.get(key) {
            Some(Value::String(text)) if key == "until" => text.parse().map_or_else(
                |_| text.clone(),
                |at: jiff::Timestamp| domain::time::local(at).strftime("%d/%m/%Y %H:%M").to_string(),
            ),
            Some(Value::String(text)) if key == "how" && AckHow::parse(text).is_some() => {
                visit.t(&format!("evidence-how-{text}"))
            }
            Some(Value::String(text)) if key == "affected" && Affected::parse(text).is_some() => {
                visit.t(&format!("evidence-affected-{text}"))
            }
            Some(Value::String(text)) if key == "kind" && ExcuseKind::parse(text).is_some() => {
                visit.t(&format!("state-{text}"))
            }
            Some(Value::String(text)) if key == "source" && counts::Source::parse(text).is_some() => {
                visit.t(&format!("counts-source-{text}"))
            }
            Some(Value::String(text)) if key == "counted" && counts::Kind::parse(text).is_some() => {
                visit.t(&format!("counts-kind-{text}"))
            }
            Some(Value::String(text)) if key == "severity" && Severity::parse(text).is_some() => {
                visit.t(&format!("inspect-severity-{text}"))
            }
            Some(Value::String(text)) if key == "via" => crate::callouts::say::via(visit, text),
            Some(Value::Number(n)) if key == "waited" => {
                let waited = jiff::SignedDuration::from_secs(n.as_i64().unwrap_or_default());
                crate::rosters::say::length(visit, waited)
            }
            Some(Value::String(text)) if ["on", "due", "inspected"].contains(&key) => text.clone(),
            Some(Value::String(text)) if key == "outcome" && hunt::Outcome::parse(text).is_some() => {
                visit.t(&format!("hunt-outcome-{text}"))
            }
            Some(Value::String(text)) if ["reason", "title"].contains(&key) => text.clone(),
            Some(Value::Number(n)) => n.to_string(),
            _ => continue,
        };
        found.push((visit.t(&format!("evidence-value-{key}")), text));
    }
    found
}

/// Where a fact opens: its words and its address, empty where this person may not follow.
fn source(visit: &Visit, source: &Source) -> (String, String) {
    let words = visit.words();
    let said = |id: &str, of: &str| words.with(id, [("of", of.into())]);
    match source {
        Source::Audit(seq) => {
            let href =
                if visit.user.may(Right::Audit) { format!("/audit/entries/{seq}") } else { String::new() };
            (said("evidence-source-audit", &seq.to_string()), href)
        }
        Source::Blob(sha) => {
            let head: String = sha.chars().take(12).collect();
            (said("evidence-source-blob", &head), format!("/files/{sha}"))
        }
        Source::Person(id) => (visit.t("evidence-source-person"), format!("/register/people/{id}")),
        Source::Events(of) => match of.strip_prefix("source:") {
            Some(id) => (visit.t("evidence-source-logs"), format!("/sources/{id}")),
            None => (said("evidence-source-events", of), String::new()),
        },
        Source::Report(of) => match of.strip_prefix("quick-report:") {
            Some(id) => (visit.t("evidence-source-quick-report"), format!("/reports/quick/report/{id}")),
            None => match of.strip_prefix("report:") {
                Some(id) => (visit.t("evidence-source-report-up"), format!("/reports/up/{id}")),
                None => (said("evidence-source-report", of), String::new()),
            },
        },
        Source::Peer(of) => (said("evidence-source-peer", of), String::new()),
    }
}
