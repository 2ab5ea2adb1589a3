//! The fields of a reading as the letter page shows them: value, what needs a look and why, and a small form each.

use std::collections::BTreeSet;

use domain::order::Paper;
use serde_json::Value;
use store::letters::Letter;

use super::field_form::FieldForm;
use crate::Visit;

/// One field.
pub(super) struct Fact {
    /// `duties-3`; the element's id is `f-duties-3`.
    pub id: String,
    /// Into which part of the page it belongs.
    pub part: &'static str,
    /// Its name.
    pub label: String,
    /// What stands right of the name.
    pub side: String,
    /// Its value; empty if blank.
    pub value: String,
    /// Codes with their names.
    pub tags: Vec<(String, String)>,
    /// Why it needs a look; empty if it does not.
    pub why: String,
    /// Ids of its marks.
    pub marks: String,
    /// Whether a person changed it.
    pub edited: bool,
    /// Where its value stands.
    pub pointer: String,
    /// The form's fields.
    pub inputs: Vec<Input>,
    /// Whether it can be taken out.
    pub removable: bool,
    /// Whether its form stands open: it was sent and not taken.
    pub open: bool,
}

/// A field of a small form.
pub(super) struct Input {
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub lines: bool,
    /// What is wrong with what was typed; empty if nothing.
    pub err: String,
}

/// A list that can get another element.
pub(super) struct Addition {
    pub pointer: &'static str,
    pub label: String,
    pub inputs: Vec<Input>,
    pub open: bool,
}

/// A small form that was sent and not taken: what was typed, and what is wrong at which of its inputs.
pub(super) struct Typed {
    pub form: FieldForm,
    pub at: &'static str,
    pub why: String,
}

impl Typed {
    /// Puts what was typed back into the inputs it came from.
    pub fn fill(&self, inputs: &mut [Input]) {
        let at = if inputs.iter().any(|i| i.name == self.at) { Some(self.at) } else { None };
        for (n, input) in inputs.iter_mut().enumerate() {
            self.form.typed(input.name).clone_into(&mut input.value);
            if at.map_or(n == 0, |at| at == input.name) {
                self.why.clone_into(&mut input.err);
            }
        }
    }
}

/// Values below this confidence are shown as needing a look.
const SURE: f64 = 0.75;
/// Reasons that mean the value is not simply what stands there; others only say by which rule it was read.
const DOUBTS: [&str; 7] = [
    "date-from-signature",
    "email-corrected",
    "issuer-inferred",
    "phone-corrected",
    "signer-corrected",
    "year-of-paper",
    "scan-digits",
];

/// The fact to which a pointer of the spans belongs: `/duties/3/codes/0` → `duties-3`.
pub(super) fn fact_of(pointer: &str) -> Option<String> {
    let mut parts = pointer.split('/').skip(1);
    let field = parts.next()?;
    let at = parts.next();
    match (field, at) {
        ("basis" | "duties" | "vulnerabilities" | "contacts" | "deadlines" | "indicators", Some(at)) => {
            Some(format!("{field}-{at}"))
        }
        ("kind" | "open_list", _) => None,
        _ => Some(field.to_owned()),
    }
}

/// The problem a reader noted, and the field it concerns; `None` for the paper as a whole.
fn field_of_problem(problem: &str) -> Option<&'static str> {
    match problem {
        "number-missing" => Some("number"),
        "date-missing" | "date-incomplete" => Some("date"),
        "issuer-inferred" | "head-missing" => Some("issuer"),
        "signer-corrected" => Some("signer"),
        _ => None,
    }
}

/// All fields of a letter, in the order of the page.
pub(super) fn facts(v: &Visit, letter: &Letter) -> Vec<Fact> {
    let paper = letter.paper();
    let mut all = Vec::new();
    let text = |o: &Option<String>| o.clone().unwrap_or_default();
    for (field, value) in [
        ("number", text(&paper.number)),
        ("symbol", text(&paper.symbol)),
        ("date", text(&paper.date)),
        ("place", text(&paper.place)),
        ("parent", text(&paper.parent)),
        ("issuer", text(&paper.issuer)),
        ("subject", text(&paper.subject)),
    ] {
        let inputs = vec![input(v, "value", &format!("order-field-{field}"), &value, field == "subject")];
        let shown = if field == "date" { day(&value) } else { value };
        all.push(fact(v, letter, "head", field, shown, inputs));
    }
    let signer = paper.signer.clone().unwrap_or_default();
    let (name, title, capacity) = (text(&signer.name), text(&signer.title), text(&signer.capacity));
    let inputs = vec![
        input(v, "name", "order-input-name", &name, false),
        input(v, "title", "order-input-title", &title, false),
        input(v, "capacity", "order-input-capacity", &capacity, false),
    ];
    all.push(fact(v, letter, "head", "signer", joined(&[&capacity, &title, &name]), inputs));
    for (field, part, list) in [
        ("to", "to", &paper.to),
        ("copies", "to", &paper.copies),
        ("occasions", "when", &paper.occasions),
        ("scope", "when", &paper.scope),
    ] {
        let shown: Vec<String> = list.iter().map(|line| said(v, field, line)).collect();
        let inputs = vec![input(v, "value", "order-input-lines", &list.join("\n"), true)];
        all.push(fact(v, letter, part, field, shown.join("; "), inputs));
    }
    let (from, to) = paper.window.clone().map(|w| (w.from, w.to)).unwrap_or_default();
    let shown = if from.is_empty() { String::new() } else { format!("{} – {}", day(&from), day(&to)) };
    let inputs = vec![
        input(v, "from", "order-input-from", &from, false),
        input(v, "to", "order-input-to", &to, false),
    ];
    all.push(fact(v, letter, "when", "window", shown, inputs));
    all.extend(lists(v, letter, &paper));
    all.extend(only_read(v, letter, &paper));
    all
}

/// What is shown as it was read, to be compared with the paper: nothing further is made of it here.
fn only_read(v: &Visit, letter: &Letter, paper: &Paper) -> Vec<Fact> {
    let mut all = Vec::new();
    let mut add = |part, id: &str, value| {
        all.push(Fact { removable: false, ..fact(v, letter, part, id, value, Vec::new()) });
    };
    for (part, id, list) in [("head", "urgency", &paper.urgency), ("head", "attachments", &paper.attachments)]
    {
        if !list.is_empty() {
            add(part, id, list.join("; "));
        }
    }
    for (at, indicator) in paper.indicators.iter().enumerate() {
        add("indicators", &format!("indicators-{at}"), indicator.defanged());
    }
    for (one, indicator) in all.iter_mut().filter(|f| f.part == "indicators").zip(&paper.indicators) {
        one.label = v.t(&format!("order-indicator-{}", indicator.kind));
    }
    all
}

/// Facts of the lists whose elements stand alone.
fn lists(v: &Visit, letter: &Letter, paper: &Paper) -> Vec<Fact> {
    let mut all = Vec::new();
    let text = |o: &Option<String>| o.clone().unwrap_or_default();
    for (at, b) in paper.basis.iter().enumerate() {
        let (date, issuer) = (text(&b.date), text(&b.issuer));
        let shown = joined(&[&b.reference, &day(&date), &issuer]);
        let inputs = basis_inputs(v, &b.reference, &date, &issuer);
        all.push(fact(v, letter, "basis", &format!("basis-{at}"), shown, inputs));
    }
    for (at, d) in paper.duties.iter().enumerate() {
        let actor = text(&d.actor);
        let inputs = duty_inputs(v, &d.path, &d.codes.join(", "), &actor);
        let mut one = fact(v, letter, "duties", &format!("duties-{at}"), String::new(), inputs);
        one.label = v.words().with("order-duty-of", [("path", said(v, "path", &d.path).into())]);
        one.side = if actor.is_empty() { v.t("order-for-all") } else { said(v, "actor", &actor) };
        one.tags = d.codes.iter().map(|c| (c.clone(), duty_name(v, c))).collect();
        all.push(one);
    }
    for (at, d) in paper.deadlines.iter().enumerate() {
        let shown = joined(&[&day(&d.date), &said(v, "path", &d.path)]);
        let inputs = deadline_inputs(v, &d.date, &d.path);
        all.push(fact(v, letter, "when", &format!("deadlines-{at}"), shown, inputs));
    }
    for (at, x) in paper.vulnerabilities.iter().enumerate() {
        let (name, vendor, from, to) = (text(&x.name), text(&x.vendor), text(&x.from), text(&x.to));
        let shown = joined(&[&name, &x.cves.join(", "), &vendor, &from, &to]);
        let inputs = vulnerability_inputs(v, &name, &x.cves.join(", "), &vendor, &from, &to);
        all.push(fact(v, letter, "more", &format!("vulnerabilities-{at}"), shown, inputs));
    }
    for (at, c) in paper.contacts.iter().enumerate() {
        let inputs =
            contact_inputs(v, &text(&c.unit), &text(&c.name), &c.phones.join(", "), &c.emails.join(", "));
        all.push(fact(v, letter, "more", &format!("contacts-{at}"), c.line(), inputs));
    }
    all
}

/// What can be added.
pub(super) fn additions(v: &Visit) -> Vec<Addition> {
    let add = |pointer, id: &str, inputs| Addition { pointer, label: v.t(id), inputs, open: false };
    vec![
        add("/duties", "order-add-duty", duty_inputs(v, "", "", "")),
        add("/deadlines", "order-add-deadline", deadline_inputs(v, "", "")),
        add("/basis", "order-add-basis", basis_inputs(v, "", "", "")),
        add("/vulnerabilities", "order-add-vulnerability", vulnerability_inputs(v, "", "", "", "", "")),
        add("/contacts", "order-add-contact", contact_inputs(v, "", "", "", "")),
    ]
}

fn basis_inputs(v: &Visit, reference: &str, date: &str, issuer: &str) -> Vec<Input> {
    vec![
        input(v, "reference", "order-input-reference", reference, false),
        input(v, "date", "order-input-date", date, false),
        input(v, "issuer", "order-field-issuer", issuer, false),
    ]
}
fn duty_inputs(v: &Visit, path: &str, codes: &str, actor: &str) -> Vec<Input> {
    vec![
        input(v, "path", "order-input-path", path, false),
        input(v, "codes", "order-input-codes", codes, false),
        input(v, "actor", "order-input-actor", actor, false),
    ]
}
fn deadline_inputs(v: &Visit, date: &str, path: &str) -> Vec<Input> {
    vec![
        input(v, "date", "order-input-deadline", date, false),
        input(v, "path", "order-input-path", path, false),
    ]
}
fn vulnerability_inputs(v: &Visit, name: &str, cves: &str, vendor: &str, from: &str, to: &str) -> Vec<Input> {
    vec![
        input(v, "name", "order-input-vulnerability", name, false),
        input(v, "cves", "order-input-cves", cves, false),
        input(v, "vendor", "order-input-vendor", vendor, false),
        input(v, "from", "order-input-month-from", from, false),
        input(v, "to", "order-input-month-to", to, false),
    ]
}
fn contact_inputs(v: &Visit, unit: &str, name: &str, phones: &str, emails: &str) -> Vec<Input> {
    vec![
        input(v, "unit", "order-input-unit", unit, false),
        input(v, "name", "order-input-name", name, false),
        input(v, "phones", "order-input-phones", phones, false),
        input(v, "emails", "order-input-emails", emails, false),
    ]
}

fn input(v: &Visit, name: &'static str, label: &str, value: &str, lines: bool) -> Input {
    Input { name, label: v.t(label), value: value.to_owned(), lines, err: String::new() }
}

fn fact(v: &Visit, letter: &Letter, part: &'static str, id: &str, value: String, inputs: Vec<Input>) -> Fact {
    let (field, at) = id.rsplit_once('-').map_or((id, None), |(f, at)| (f, Some(at)));
    let pointer = at.map_or_else(|| format!("/{field}"), |at| format!("/{field}/{at}"));
    let below = format!("{pointer}/");
    let edited = letter.edits.keys().any(|p| *p == pointer || p.starts_with(&below));
    Fact {
        id: id.to_owned(),
        part,
        label: v.t(&format!("order-field-{field}")),
        side: String::new(),
        value,
        tags: Vec::new(),
        why: if edited { String::new() } else { why(v, letter, field, &pointer) },
        marks: String::new(),
        edited,
        pointer,
        inputs,
        removable: at.is_some(),
        open: false,
    }
}

/// Why a field needs a look: what the reader noted of it, what it inferred or corrected, what it is unsure of.
fn why(v: &Visit, letter: &Letter, field: &str, pointer: &str) -> String {
    let mut said: Vec<String> = Vec::new();
    let problems = letter.corrected.get("problems").and_then(Value::as_array).into_iter().flatten();
    for problem in problems.filter_map(Value::as_str) {
        if field_of_problem(problem) == Some(field) {
            said.push(v.t(&format!("order-why-{problem}")));
        }
    }
    let below = format!("{pointer}/");
    let spans = letter.corrected.get("spans").and_then(Value::as_object).into_iter().flatten();
    for (_, evidence) in spans.filter(|(p, _)| *p == pointer || p.starts_with(&below)) {
        let reason = evidence.get("reason").and_then(Value::as_str).filter(|r| DOUBTS.contains(r));
        let unsure = evidence.get("confidence").and_then(Value::as_f64).is_some_and(|c| c < SURE);
        match reason {
            Some(reason) => said.push(v.t(&format!("order-why-{reason}"))),
            None if unsure => said.push(v.t("order-why-unsure")),
            None => {}
        }
    }
    let mut seen = BTreeSet::new();
    said.retain(|s| seen.insert(s.clone()));
    said.join(" ")
}

/// What the reader noted of the paper as a whole or of fields that are not shown alone.
pub(super) fn remarks(v: &Visit, letter: &Letter) -> Vec<String> {
    let problems = letter.corrected.get("problems").and_then(Value::as_array).into_iter().flatten();
    problems
        .filter_map(Value::as_str)
        .filter(|p| field_of_problem(p).is_none())
        .map(|p| v.t(&format!("order-why-{p}")))
        .collect()
}

/// Values that are codes, in words.
pub(super) fn said(v: &Visit, field: &str, value: &str) -> String {
    match (field, value) {
        ("scope", "important" | "personal-data" | "national-platform") => {
            v.t(&format!("order-scope-{value}"))
        }
        ("actor", "providers") => v.t("order-providers"),
        ("path", "contact" | "closing") => v.t(&format!("order-path-{value}")),
        ("occasions", key) => domain::order::occasion_name(key),
        _ => value.to_owned(),
    }
}

/// A duty's name in the asker's language; of an unknown code the code itself.
pub(super) fn duty_name(v: &Visit, code: &str) -> String {
    let term = v.pack().duty(code);
    let name = term.map(|t| if v.lang == crate::Lang::En { t.en.clone() } else { t.vi.clone() });
    name.unwrap_or_else(|| code.to_owned())
}

/// `2027-02-04` as 04/02/2027, a part of it as far as it goes, a time behind it kept.
pub(super) fn day(date: &str) -> String {
    let (date, time) = date.split_once('T').map_or((date, ""), |(d, t)| (d, t));
    let turned: Vec<&str> = date.split('-').rev().collect();
    format!("{} {time}", turned.join("/")).trim().to_owned()
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_belong_to_facts_and_days_are_turned() {
        assert_eq!(fact_of("/duties/3/codes/0").as_deref(), Some("duties-3"));
        assert_eq!(fact_of("/signer/name").as_deref(), Some("signer"));
        assert_eq!(fact_of("/to/2").as_deref(), Some("to"));
        assert_eq!(day("2027-02-04T17:00"), "04/02/2027 17:00");
        assert_eq!(day("2027-02"), "02/2027");
    }
}
