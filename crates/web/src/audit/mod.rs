//! The audit log: pages, files to keep elsewhere, API.

mod api;
mod files;
mod pages;

use domain::{
    id::{Id, kind},
    right::Right,
    time,
};
use jiff::civil::Date;
use serde::Deserialize;
use store::audit::list::Filter;

use crate::{Access, AppError, FieldError, Route};

const AUDIT: Access = Access::Right(Right::Audit);

pub(crate) fn routes() -> Vec<Route> {
    let mut all = vec![
        Route::get("/audit", AUDIT, pages::list),
        Route::get("/audit/entries/{seq}", AUDIT, pages::entry),
        Route::get("/audit/entries/{seq}/proof", AUDIT, files::proof),
        Route::get("/audit/csv", AUDIT, files::csv),
        Route::get("/audit/export", AUDIT, files::export),
        Route::get("/audit/checkpoint", AUDIT, files::checkpoint),
    ];
    all.extend(api::routes());
    all
}

/// What a list was asked for, as it stands in the address. An empty field does not filter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Id of a person.
    actor: String,
    /// A word (`letter.confirmed`) or its first part (`letter`).
    action: String,
    /// `letter:ID` or `letter`.
    subject: String,
    /// Id of a body; what lies below it counts.
    body: String,
    /// First day, `2027-02-04`.
    from: String,
    /// Last day.
    until: String,
    /// Entries before this number.
    before: Option<u64>,
    /// At most so many.
    limit: Option<u32>,
}

impl Asked {
    /// As the store understands it; what cannot be read is named field by field.
    fn filter(&self) -> Result<Filter, AppError> {
        let mut wrong = Vec::new();
        let filter = Filter {
            actor: read(&self.actor, "actor", "error-audit-id", &mut wrong),
            action: text(&self.action),
            subject: text(&self.subject),
            body: read(&self.body, "body", "error-audit-id", &mut wrong),
            from: read::<Date>(&self.from, "from", "error-audit-date", &mut wrong).map(time::start_of),
            until: read::<Date>(&self.until, "until", "error-audit-date", &mut wrong).map(time::end_of),
        };
        if wrong.is_empty() { Ok(filter) } else { Err(AppError::Invalid(wrong)) }
    }

    /// The address of the same list with other fields; without a page's position.
    fn query(&self, change: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let fields = [
            ("actor", &self.actor),
            ("action", &self.action),
            ("subject", &self.subject),
            ("body", &self.body),
            ("from", &self.from),
            ("until", &self.until),
        ];
        for (name, value) in fields {
            let value = change.iter().find(|(n, _)| *n == name).map_or(value.as_str(), |(_, v)| v);
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        for (name, value) in change.iter().filter(|(n, _)| !fields.iter().any(|(f, _)| f == n)) {
            query.append_pair(name, value);
        }
        query.finish()
    }
}

fn text(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn read<T: std::str::FromStr>(
    value: &str,
    field: &str,
    code: &str,
    wrong: &mut Vec<FieldError>,
) -> Option<T> {
    let read = text(value).map(|v| v.parse());
    match read {
        Some(Err(_)) => {
            wrong.push(FieldError::new(field, code));
            None
        }
        Some(Ok(value)) => Some(value),
        None => None,
    }
}

/// The person behind an actor, if it was one.
fn person(actor: &str) -> Option<Id<kind::Person>> {
    actor.strip_prefix("person:")?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_or_its_fields_are_named() {
        let asked = Asked { from: "2027-02-04".into(), until: "2027-02-04".into(), ..Asked::default() };
        let filter = asked.filter().unwrap();
        assert_eq!(filter.until.unwrap().duration_since(filter.from.unwrap()).as_hours(), 24);
        let bad = Asked { actor: "me".into(), from: "4/2".into(), ..Asked::default() };
        assert!(matches!(bad.filter(), Err(AppError::Invalid(fields)) if fields.len() == 2));
    }

    #[test]
    fn addresses_keep_the_filter_and_drop_what_is_emptied() {
        let asked = Asked { action: "letter".into(), body: "b".into(), before: Some(9), ..Asked::default() };
        assert_eq!(asked.query(&[("body", ""), ("before", "5")]), "action=letter&before=5");
    }
}
