//! The draft of a campaign: head, duties, and every line with the bodies it means.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    id::{Id, kind},
    legal::DutyTerm,
    order::{Contact, LineRole},
    right::Right,
    time,
};
use store::{
    Sql,
    campaigns::{self, Campaign},
};

use super::{
    act,
    draft_forms::{DutyForm, HeadForm, LineForm},
    facts,
    list::first_last,
};
use crate::{AppError, Page, Visit};

/// What is wrong with a form that was sent and not taken: at which field, in words.
#[derive(Debug, Default, Clone)]
pub(super) struct Fault {
    pub field: &'static str,
    pub why: String,
}

impl Fault {
    /// The words against a field, or nothing.
    pub fn e(&self, field: &str) -> String {
        if self.field == field { self.why.clone() } else { String::new() }
    }
    /// Whether there is none.
    pub fn none(&self) -> bool {
        self.why.is_empty()
    }
}

/// A form of this page that was sent and not taken, to be shown as it was typed.
pub(super) enum Again {
    No,
    Head(HeadForm, Fault),
    Duty(DutyForm, Fault),
    Line(LineForm, Fault),
}

/// One duty of the draft.
pub(super) struct DutyView {
    pub id: String,
    pub code: String,
    pub name: String,
    pub path: String,
    pub quote: String,
    /// As written; empty for all.
    pub actor: String,
    pub actor_text: String,
    /// For `datetime-local`; empty = by the catalogue.
    pub due: String,
    pub due_text: String,
    pub evidence: String,
    pub proof: String,
    pub standing: bool,
    pub withdrawn: bool,
    /// What is wrong with what was typed of it.
    pub fault: Fault,
}

/// One line of the draft.
struct LineView {
    /// Number on the page: anchors and the open chooser.
    at: usize,
    role: &'static str,
    role_text: String,
    line: String,
    text: String,
    resolved: bool,
    sure: bool,
    why: String,
    bodies: Vec<String>,
    open: bool,
    fault: Fault,
}

/// A body that may be chosen for the open line.
pub(super) struct Choice {
    pub id: String,
    pub name: String,
    pub on: bool,
}

#[derive(Template)]
#[template(path = "order/draft.html")]
struct DraftPage {
    p: Page,
    id: String,
    name: String,
    letter: String,
    reference: String,
    head: HeadForm,
    head_fault: Fault,
    window_text: String,
    window_missing: bool,
    duties: Vec<DutyView>,
    /// The form of another duty and of another line, as far as they were filled in.
    new_duty: DutyForm,
    new_duty_fault: Fault,
    new_line: LineForm,
    new_line_fault: Fault,
    catalogue: Vec<(String, String)>,
    actors: Vec<(String, String)>,
    lines: Vec<LineView>,
    choices: Vec<(String, Vec<Choice>)>,
    blocks: Vec<String>,
    any_sure: bool,
    bodies: usize,
    may_issue: bool,
}

/// The page of a draft; `open` is the line whose bodies are being chosen.
pub(super) async fn page(
    v: &Visit,
    mut sql: Sql,
    campaign: Campaign,
    open: Option<usize>,
    again: Again,
) -> Result<Response, AppError> {
    let may_issue = store::register::require(&mut sql, v.scope(), Right::Issue, campaign.body).await.is_ok();
    let mut p = v.page(campaign.name.clone());
    let duties = campaigns::duties(&mut sql, campaign.id).await?;
    let candidates = campaigns::candidates(&mut sql, v.scope(), campaign.body).await?;
    drop(sql);
    let proposals = act::proposals(v, campaign.id).await?;
    let mut form = Forms::of(&campaign);
    let status = if matches!(again, Again::No) { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    match again {
        Again::No => {}
        Again::Head(head, fault) => (form.head, form.head_fault) = (head, fault),
        Again::Duty(duty, fault) if duty.duty.is_empty() => {
            (form.new_duty, form.new_duty_fault) = (duty, fault)
        }
        Again::Duty(duty, fault) => form.duty = Some((duty, fault)),
        Again::Line(line, fault) if line.op == "add" => (form.new_line, form.new_line_fault) = (line, fault),
        Again::Line(line, fault) => form.line = Some((line, fault)),
    }
    if let Some(fault) = form.fault() {
        p = p.with_flash("bad", fault.why.clone());
    }
    let mut all: Vec<Id<kind::Body>> = Vec::new();
    let (mut lines, mut choices, mut actors) =
        (Vec::new(), Vec::new(), vec![(String::new(), v.t("order-for-all"))]);
    for (at, (line, found)) in proposals.iter().enumerate() {
        all.extend(line.bodies.iter().map(|b| b.0));
        if line.role == LineRole::Actor {
            actors.push((line.line.clone(), facts::said(v, "actor", &line.line)));
        }
        let typed = form.line.as_ref().filter(|(f, _)| f.line == line.line && f.role == line.role.name());
        let open = open == Some(at) || typed.is_some_and(|(f, _)| f.op == "set");
        if open {
            choices = chooser(v, &candidates, &|id| match typed {
                Some((form, _)) => form.bodies.contains(&id.to_string()),
                None => line.bodies.iter().any(|b| b.0 == id),
            });
        }
        lines.push(LineView {
            at,
            role: line.role.name(),
            role_text: v.t(&format!("order-role-{}", line.role)),
            line: line.line.clone(),
            text: facts::said(v, "actor", &line.line),
            resolved: line.resolved,
            sure: found.sure(),
            why: if line.resolved { String::new() } else { why(v, found) },
            bodies: line.bodies.iter().map(|b| b.1.clone()).collect(),
            open,
            fault: typed.map(|(_, fault)| fault.clone()).unwrap_or_default(),
        });
    }
    all.sort();
    all.dedup();
    let blocks = blocks(v, &campaign, &duties, &lines, all.len());
    let window_by = campaign.window_by.as_deref().filter(|_| campaign.window.is_some());
    let shown = duties.iter().map(|d| {
        let view = duty_view(v, &p, d);
        match form.duty.take_if(|(form, _)| form.duty == view.id) {
            Some((form, fault)) => DutyView {
                quote: form.quote,
                actor: form.actor.unwrap_or_default(),
                due: form.due,
                evidence: form.evidence,
                fault,
                ..view
            },
            None => view,
        }
    });
    let shown = shown.collect();
    let catalogue = v
        .pack()
        .duties()
        .iter()
        .filter(|d| d.owed)
        .map(|d| (d.code.to_string(), facts::duty_name(v, d.code.as_str())));
    let page = DraftPage {
        id: campaign.id.to_string(),
        letter: campaign.letter.map(|l| format!("/orders/letters/{l}")).unwrap_or_default(),
        reference: campaign.reference.unwrap_or_default(),
        window_missing: campaign.window.is_none(),
        window_text: window_by.map(|by| v.t(&format!("order-window-{by}"))).unwrap_or_default(),
        head: form.head,
        head_fault: form.head_fault,
        new_duty: form.new_duty,
        new_duty_fault: form.new_duty_fault,
        new_line: form.new_line,
        new_line_fault: form.new_line_fault,
        name: campaign.name,
        duties: shown,
        catalogue: catalogue.collect(),
        actors,
        any_sure: lines.iter().any(|l| l.sure && !l.resolved),
        lines,
        choices,
        bodies: all.len(),
        may_issue: may_issue && blocks.is_empty(),
        blocks,
        p,
    };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The forms of the page as they stand or were typed.
struct Forms {
    head: HeadForm,
    head_fault: Fault,
    new_duty: DutyForm,
    new_duty_fault: Fault,
    new_line: LineForm,
    new_line_fault: Fault,
    /// The form of a duty or line that is there already.
    duty: Option<(DutyForm, Fault)>,
    line: Option<(LineForm, Fault)>,
}

impl Forms {
    fn of(campaign: &Campaign) -> Self {
        let (from, to) =
            campaign.window.map(first_last).map(|(f, t)| (f.to_string(), t.to_string())).unwrap_or_default();
        let ticked = |on: bool| on.then(|| "1".to_owned());
        let contacts: Vec<String> = campaign.contacts.iter().map(Contact::line).collect();
        Self {
            head: HeadForm {
                name: campaign.name.clone(),
                from,
                to,
                important: ticked(campaign.scope.important),
                personal_data: ticked(campaign.scope.personal_data),
                national_platform: ticked(campaign.scope.national_platform),
                contacts: contacts.join("\n"),
                note: campaign.note.clone(),
            },
            head_fault: Fault::default(),
            new_duty: DutyForm::default(),
            new_duty_fault: Fault::default(),
            new_line: LineForm { role: LineRole::To.name().to_owned(), ..LineForm::default() },
            new_line_fault: Fault::default(),
            duty: None,
            line: None,
        }
    }

    fn fault(&self) -> Option<&Fault> {
        let inner = self.duty.as_ref().map(|d| &d.1).or(self.line.as_ref().map(|l| &l.1));
        [&self.head_fault, &self.new_duty_fault, &self.new_line_fault]
            .into_iter()
            .chain(inner)
            .find(|f| !f.none())
    }
}

/// The bodies to choose from, by kind.
pub(super) fn chooser(
    v: &Visit,
    candidates: &[domain::order::BodyBrief],
    on: &dyn Fn(Id<kind::Body>) -> bool,
) -> Vec<(String, Vec<Choice>)> {
    let mut groups = Vec::new();
    for kind in domain::body::BodyKind::ALL {
        let mine = candidates.iter().filter(|b| b.kind == *kind && !b.closed);
        let mine: Vec<Choice> =
            mine.map(|b| Choice { id: b.id.to_string(), name: b.name.clone(), on: on(b.id) }).collect();
        if !mine.is_empty() {
            groups.push((v.t(&format!("order-kind-{kind}")), mine));
        }
    }
    groups
}

/// What a person must look at in a proposal.
fn why(v: &Visit, found: &domain::order::Proposal) -> String {
    let mut said = Vec::new();
    if found.bodies.is_empty() && !found.nobody {
        said.push(v.t("order-line-none"));
    }
    if !found.unclear.is_empty() {
        said.push(v.words().with("order-line-unclear", [("words", found.unclear.join(", ").into())]));
    }
    for kind in &found.empty {
        let kind = v.t(&format!("order-kind-{kind}"));
        said.push(v.words().with("order-line-empty", [("kind", kind.into())]));
    }
    if found.through {
        said.push(v.t("order-line-through"));
    }
    said.join(" ")
}

/// What still keeps the draft from being issued, said plainly.
fn blocks(
    v: &Visit,
    campaign: &Campaign,
    duties: &[campaigns::Duty],
    lines: &[LineView],
    bodies: usize,
) -> Vec<String> {
    let mut said = Vec::new();
    let open = lines.iter().filter(|l| !l.resolved).count();
    if open > 0 {
        said.push(v.words().with("order-block-lines", [("lines", open.into())]));
    }
    if bodies == 0 {
        said.push(v.t("error-no-addressee"));
    }
    if duties.is_empty() {
        said.push(v.t("error-no-duty"));
    }
    let needs = |d: &&campaigns::Duty| {
        d.due_at.is_none() && v.pack().duty(&d.code).and_then(|t| t.due_hours).is_none()
    };
    if campaign.window.is_none() && duties.iter().any(|d| needs(&d)) {
        said.push(v.t("error-window-missing"));
    }
    let lost = |actor: &String| !lines.iter().any(|l| l.role == "actor" && l.line == *actor);
    if duties.iter().filter_map(|d| d.actor.as_ref()).any(lost) {
        said.push(v.t("error-actor-without-line"));
    }
    said
}

pub(super) fn duty_view(v: &Visit, p: &Page, d: &campaigns::Duty) -> DutyView {
    let term = v.pack().duty(&d.code);
    let english = v.lang == crate::Lang::En;
    let proof = |t: &DutyTerm| if english { t.proof_en.clone() } else { t.proof_vi.clone() };
    DutyView {
        id: d.id.to_string(),
        code: d.code.clone(),
        name: facts::duty_name(v, &d.code),
        path: facts::said(v, "path", &d.path),
        quote: d.quote.clone(),
        actor: d.actor.clone().unwrap_or_default(),
        actor_text: d.actor.as_deref().map_or_else(|| v.t("order-for-all"), |a| facts::said(v, "actor", a)),
        due: d.due_at.map(|at| time::local(at).strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default(),
        due_text: d.due_at.map_or_else(|| rule(v, term), |at| p.time(&at)),
        evidence: d.evidence.clone(),
        proof: term.map(proof).unwrap_or_default(),
        standing: d.standing,
        withdrawn: d.withdrawn_at.is_some(),
        fault: Fault::default(),
    }
}

/// The catalogue's rule for a due time, in words.
fn rule(v: &Visit, term: Option<&DutyTerm>) -> String {
    match term {
        Some(DutyTerm { due_hours: Some(hours), .. }) => {
            v.words().with("order-due-hours", [("hours", (*hours).into())])
        }
        Some(DutyTerm { due_at_end: true, .. }) => v.t("order-due-end"),
        _ => v.t("order-due-start"),
    }
}
