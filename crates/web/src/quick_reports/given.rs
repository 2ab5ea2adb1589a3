//! What a person typed into the form of a report.

use std::collections::HashMap;

use domain::quick_reports::{Figure, Said};

use crate::{AppError, Lang, Visit};

/// The fields of the form by name.
pub(super) type Fields = HashMap<String, String>;

/// A field, trimmed; empty where it is missing.
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", |t| t.trim())
}

/// Reads the form. Refused: `quick-what` where neither *nothing happened* nor *something happened* was chosen, and
/// `quick-figure` for what is no number.
pub(super) fn read(v: &Visit, fields: &Fields) -> Result<Said, AppError> {
    let refused = |code: &str| AppError::Refused(format!("error-{code}"));
    let nil = match field(fields, "what") {
        "nil" => true,
        "some" => false,
        _ => return Err(refused("quick-what")),
    };
    let mut figures = Vec::new();
    for figure in Figure::ALL {
        let typed = field(fields, figure.name());
        if typed.is_empty() || (nil && figure.must()) {
            continue;
        }
        // Thousands may be written with a point, as Vietnamese does.
        let digits: String = typed.chars().filter(|c| *c != '.' && !c.is_whitespace()).collect();
        figures.push((*figure, digits.parse().map_err(|_| refused("quick-figure"))?));
    }
    Ok(Said {
        nil,
        figures,
        on_duty: field(fields, "on-duty").lines().map(str::to_owned).collect(),
        difficulties: field(fields, "difficulties").to_owned(),
        proposals: field(fields, "proposals").to_owned(),
        english: v.lang == Lang::En,
    })
}
