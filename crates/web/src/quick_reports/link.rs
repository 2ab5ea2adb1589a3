//! The one-time link of a report: looking shows, the button confirms.

use std::collections::HashMap;

use domain::{
    id::{Id, kind},
    quick_reports::{Figure, statement},
};
use jiff::Timestamp;
use store::{
    StoreError,
    quick_reports::{self, NewReport},
    sign_in::links::{self, Link},
};

use super::{
    desk,
    given::{self, field},
    key,
    show::{hour, label},
};
use crate::{
    AppError, FieldError, Lang, Visit,
    sign_in::links::{Asked, Kind, Shown},
};

fn subject(link: &Link) -> Result<(Id<kind::Assignment>, Timestamp), AppError> {
    quick_reports::read_subject(&link.subject).ok_or(AppError::NotFound)
}

/// What the report says so far and the sentence to be signed; changes nothing.
pub(crate) async fn show(visit: Visit, link: Link) -> Result<Shown, AppError> {
    let (assignment, round) = subject(&link)?;
    let mut sql = visit.app.db.read().await?;
    let filled =
        quick_reports::draft(&mut sql, visit.scope(), &visit.app.legal, assignment, round, visit.now).await?;
    drop(sql);
    let p = visit.page("");
    let draft = &filled.draft;
    let mut told = vec![
        p.t2("quick-link-told", "body", draft.body_name.as_str(), "order", filled.course.name.as_str()),
        p.t2("quick-link-round", "since", hour(filled.round.since), "due", p.time(&filled.round.due)),
    ];
    for f in draft.figures.iter().filter(|f| f.value.is_some()) {
        let value = f.value.unwrap_or(0);
        told.push(p.t2("quick-link-figure", "label", label(&p, f.figure), "value", value));
    }
    if !draft.below.missing.is_empty() {
        told.push(p.t1("quick-link-below", "names", draft.below.missing.join(", ")));
    }
    let number = |figure: Figure| Asked {
        kind: Kind::Number,
        name: figure.name().to_owned(),
        label: label(&p, figure),
        ..Asked::default()
    };
    let choice = |value: &str, label: String, hint: String| Asked {
        kind: Kind::Choice,
        name: "what".to_owned(),
        value: value.to_owned(),
        label,
        hint,
        on: false,
    };
    let sentence = statement(draft, &filled.terms, visit.lang == Lang::En, None);
    let fields = vec![
        choice("nil", visit.t("quick-nil"), sentence),
        choice("some", visit.t("quick-some"), visit.t("quick-link-some-hint")),
        number(Figure::Incidents),
        number(Figure::Alerts),
        Asked {
            kind: Kind::Hidden,
            name: "seen".to_owned(),
            value: quick_reports::fingerprint(draft),
            ..Asked::default()
        },
        Asked {
            kind: Kind::Text,
            name: "difficulties".to_owned(),
            label: visit.t("quick-difficulties"),
            ..Asked::default()
        },
    ];
    // Confirmed another way meanwhile: there is nothing left to press.
    let done = filled.versions.first().map(|r| r.content.statement.clone());
    Ok(Shown {
        title: visit.words().with("quick-of", [("round", hour(filled.round.at).into())]),
        told,
        note: p.t2("sign-in-link-recorded", "person", link.name.as_str(), "body", draft.body_name.as_str()),
        button: if done.is_some() { String::new() } else { visit.t("quick-confirm") },
        fields: if done.is_some() { Vec::new() } else { fields },
        done: done.unwrap_or_else(|| visit.t("sign-in-link-done")),
        ..Shown::default()
    })
}

/// Confirms, and uses the link up in the same write.
pub(crate) async fn act(visit: Visit, link: Link, fields: HashMap<String, String>) -> Result<(), AppError> {
    let (assignment, round) = subject(&link)?;
    // What is wrong with the form is said at the form, with everything that was typed still in it.
    let at_form = |error: AppError| match error {
        AppError::Refused(why) if why != "error-link-used" && why != "error-quick-already" => {
            AppError::Invalid(vec![FieldError::new("what", &why)])
        }
        other => other,
    };
    let said = given::read(&visit, &fields).map_err(at_form)?;
    let key = key(&visit);
    let desk = desk(&visit, &key);
    let new = NewReport {
        id: visit.id(),
        assignment,
        round,
        corrects: 0,
        shown: Some(field(&fields, "seen")),
        said: &said,
    };
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        links::use_up(tx, link.id).await?;
        quick_reports::confirm(tx, visit.scope(), &desk, &new).await.map(|_| ())
    });
    done.map_err(|error| at_form(error.into()))
}
