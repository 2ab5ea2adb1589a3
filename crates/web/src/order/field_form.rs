//! What the small forms of the letter page send, and what is wrong with it.

use domain::order::{Change, Edit, Edits, Unfit, correct};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a small form of the letter page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FieldForm {
    pub version: i64,
    /// `set`, `add`, `remove`.
    pub op: String,
    pub pointer: String,
    value: String,
    name: String,
    title: String,
    capacity: String,
    reference: String,
    date: String,
    issuer: String,
    path: String,
    codes: String,
    actor: String,
    cves: String,
    vendor: String,
    from: String,
    to: String,
    unit: String,
    phones: String,
    emails: String,
}

impl FieldForm {
    /// What was typed into the input of that name.
    pub(super) fn typed(&self, name: &str) -> &str {
        match name {
            "value" => &self.value,
            "name" => &self.name,
            "title" => &self.title,
            "capacity" => &self.capacity,
            "reference" => &self.reference,
            "date" => &self.date,
            "issuer" => &self.issuer,
            "path" => &self.path,
            "codes" => &self.codes,
            "actor" => &self.actor,
            "cves" => &self.cves,
            "vendor" => &self.vendor,
            "from" => &self.from,
            "to" => &self.to,
            "unit" => &self.unit,
            "phones" => &self.phones,
            "emails" => &self.emails,
            _ => "",
        }
    }

    /// What is wrong with the correction it asks for: the input at which to say it, and the id of the text.
    pub(super) fn fault(&self, old: &Value) -> Option<(&'static str, String)> {
        let edit = Edit { by: None, at: jiff::Timestamp::UNIX_EPOCH };
        match correct(&mut old.clone(), &mut Edits::new(), &self.change(old), edit) {
            Err(Unfit::BadValue(_, part)) => {
                let input = match part {
                    "window" => "from",
                    "deadline" => "date",
                    "path" | "codes" | "reference" | "unit" | "phones" | "name" => part,
                    "date" if self.pointer != "/date" => part,
                    _ => "value",
                };
                Some((input, format!("order-unfit-{part}")))
            }
            Err(Unfit::NoField(_)) => Some(("value", "error-stale".to_owned())),
            Ok(()) => None,
        }
    }

    /// The correction it asks for. `old` is the reading so far: what the form does not show is kept.
    pub(super) fn change(&self, old: &Value) -> Change {
        let pointer = self.pointer.clone();
        if self.op == "remove" {
            return Change::Remove { pointer };
        }
        let field = self.pointer.split('/').nth(1).unwrap_or_default();
        let list = |text: &str| {
            let parts = text.split([',', ';', '\n']).map(str::trim).filter(|p| !p.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let digits =
            |text: &String| text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>();
        let value = match field {
            "signer" => json!({"name": self.name, "title": self.title, "capacity": self.capacity}),
            "window" if self.from.trim().is_empty() && self.to.trim().is_empty() => Value::Null,
            "window" => json!({"from": self.from, "to": self.to}),
            "basis" => json!({"reference": self.reference, "date": self.date, "issuer": self.issuer}),
            "duties" => {
                let codes = self.codes.to_uppercase().replace(char::is_whitespace, ",");
                json!({"path": self.path, "codes": list(&codes), "actor": self.actor})
            }
            "deadlines" => json!({"date": self.date, "path": self.path}),
            "vulnerabilities" => json!({"name": self.name, "cves": list(&self.cves), "vendor": self.vendor,
                                        "from": self.from, "to": self.to}),
            "contacts" => json!({"unit": self.unit, "name": self.name, "emails": list(&self.emails),
                                 "phones": list(&self.phones).iter().map(digits).collect::<Vec<_>>()}),
            "to" | "copies" | "occasions" | "scope" => {
                json!(self.value.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>())
            }
            _ => json!(self.value),
        };
        let before = if self.op == "add" { None } else { old.pointer(&self.pointer) };
        let value = match value {
            Value::Object(new) => Value::Object(over(before, new)),
            other => other,
        };
        if self.op == "add" { Change::Add { pointer, value } } else { Change::Set { pointer, value } }
    }
}

/// The old object with the form's fields over it; blank fields go.
fn over(before: Option<&Value>, new: Map<String, Value>) -> Map<String, Value> {
    let mut all = before.and_then(Value::as_object).cloned().unwrap_or_default();
    for (key, value) in new {
        let blank = value.as_str().is_some_and(|s| s.trim().is_empty())
            || value.as_array().is_some_and(Vec::is_empty);
        if blank {
            all.remove(&key);
        } else {
            all.insert(key, value);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_form_becomes_a_correction_and_keeps_what_it_does_not_show() {
        let old = json!({"basis": [{"reference": "1/A", "received": "2024-01-02", "issuer": "X"}]});
        let form = FieldForm {
            op: "set".into(),
            pointer: "/basis/0".into(),
            reference: "2/B".into(),
            ..FieldForm::default()
        };
        let Change::Set { value, .. } = form.change(&old) else { panic!() };
        assert_eq!(value, json!({"reference": "2/B", "received": "2024-01-02"}));
        let form = FieldForm {
            op: "add".into(),
            pointer: "/duties".into(),
            path: "2".into(),
            codes: "duty, mon".into(),
            ..FieldForm::default()
        };
        let Change::Add { value, .. } = form.change(&old) else { panic!() };
        assert_eq!(value, json!({"path": "2", "codes": ["DUTY", "MON"]}));
    }
}
