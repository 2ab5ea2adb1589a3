//! A form while it is filled in: what was typed, and what is wrong with it.

use std::collections::HashMap;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{id::Id, time};
use jiff::{Timestamp, civil::Date};
use store::StoreError;

use crate::{AppError, FieldError, Visit, Words};

/// What was typed, by field name, and the errors at the fields.
pub(crate) struct Draft {
    values: HashMap<String, String>,
    errors: Vec<FieldError>,
    words: Words,
}

impl Draft {
    /// Nothing typed yet.
    pub fn empty(v: &Visit) -> Self {
        Self::typed(v, HashMap::new())
    }
    /// What was sent.
    pub fn typed(v: &Visit, values: HashMap<String, String>) -> Self {
        Self { values, errors: Vec::new(), words: v.words() }
    }
    /// Fills a field.
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.insert(field.to_owned(), value.into());
        self
    }
    /// Every field with what stands in it.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.trim()))
    }
    /// What stands in a field, trimmed.
    pub fn v(&self, field: &str) -> &str {
        self.values.get(field).map_or("", |v| v.trim())
    }
    /// Whether a box is ticked.
    pub fn on(&self, field: &str) -> bool {
        !self.v(field).is_empty()
    }
    /// What stands in a field, unless it is empty.
    pub fn opt(&self, field: &str) -> Option<String> {
        Some(self.v(field)).filter(|v| !v.is_empty()).map(str::to_owned)
    }
    /// The words against a field, or nothing.
    pub fn e(&self, field: &str) -> String {
        self.errors.iter().find(|e| e.field == field).map_or_else(String::new, |e| self.words.t(&e.code))
    }
    /// Every error with its field: for the list on top of a form.
    pub fn all(&self) -> Vec<(String, String)> {
        self.errors.iter().map(|e| (e.field.clone(), self.words.t(&e.code))).collect()
    }
    /// Notes an error; `code` is the id of its text.
    pub fn error(&mut self, field: &str, code: &str) {
        self.errors.push(FieldError::new(field, code));
    }
    /// Whether nothing is wrong so far.
    pub fn good(&self) -> bool {
        self.errors.is_empty()
    }
    /// A word of a closed list.
    pub fn word<T>(&mut self, field: &str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let value = parse(self.v(field));
        if value.is_none() {
            self.error(field, "error-choose");
        }
        value
    }
    /// An id.
    pub fn id<K>(&mut self, field: &str) -> Option<Id<K>> {
        let id = self.v(field).parse().ok();
        if id.is_none() {
            self.error(field, "error-choose");
        }
        id
    }
    /// An id that may be left out.
    pub fn opt_id<K>(&mut self, field: &str) -> Option<Id<K>> {
        if self.v(field).is_empty() { None } else { self.id(field) }
    }
    /// A date that may be left out, as browsers send it or as people type it.
    pub fn date(&mut self, field: &str) -> Option<Date> {
        let text = self.v(field);
        if text.is_empty() {
            return None;
        }
        let date = text.parse().ok().or_else(|| Date::strptime("%d/%m/%Y", text).ok());
        if date.is_none() {
            self.error(field, "error-date");
        }
        date
    }
    /// The end of a day that may be left out.
    pub fn until(&mut self, field: &str) -> Option<Timestamp> {
        self.date(field).map(time::end_of)
    }
    /// The beginning of a day that may be left out.
    pub fn since(&mut self, field: &str) -> Option<Timestamp> {
        self.date(field).map(time::start_of)
    }
    /// Several lines or values separated by semicolons.
    pub fn lines(&self, field: &str) -> Vec<String> {
        let values = self.v(field).split(['\n', ';']).map(str::trim);
        values.filter(|l| !l.is_empty()).map(str::to_owned).collect()
    }
    /// A refusal of the store becomes an error at its field, or of the form as a whole; everything else goes on.
    pub fn refuse(&mut self, error: StoreError) -> Result<(), AppError> {
        match AppError::from(error) {
            AppError::Refused(text) => {
                self.error(field_of(text.strip_prefix("error-").unwrap_or(&text)), &text);
                Ok(())
            }
            other => Err(other),
        }
    }
}

/// A page that shows a form again answers 422, so that programs and htmx know.
pub(crate) fn status(draft: &Draft, mut response: Response) -> Response {
    if !draft.good() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response.into_response()
}

/// At which field of our forms a refusal of the register is shown.
fn field_of(code: &str) -> &'static str {
    match code {
        "body-name-bad" | "body-name-taken" | "person-name-bad" | "system-name-bad" | "system-name-taken" => {
            "name"
        }
        "body-code-bad" | "body-code-taken" => "code",
        "body-renamed-before" | "body-renamed-later" => "from",
        "body-aliases-many" => "aliases",
        "body-cycle" | "body-parent-closed" | "body-is-root" => "parent",
        "person-title-bad" => "title",
        "system-note-bad" => "note",
        "channel-address-bad" | "channel-there" | "channels-many" | "channel-by-browser" => "address",
        "channel-not-configured" => "kind",
        "webhook-name" | "webhooks-many" => "name",
        "webhook-url" => "url",
        "webhook-shape" => "shape",
        "host-names-bad" | "host-name-taken" => "hosts",
        "successor-is-itself" | "successor-function-bad" => "successor",
        "line-code" => "code",
        "outage-times" | "outage-open" => "from",
        "monitor-minutes" => "every",
        "monitors-many" | "inlets-many" => "name",
        "grant-there" => "role",
        "grant-span-bad" => "until",
        "delegation-not-held" | "delegation-to-self" => "role",
        "delegation-endless" | "delegation-outlasts" => "until",
        _ => "",
    }
}
