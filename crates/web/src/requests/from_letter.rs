//! A request from a letter: who asks, on which paper, what, by when, and its indicators as what is to be filtered.

use domain::order::Indicator;
use store::{letters, register::bodies};

use super::{
    id,
    new::{OUTSIDE, Typed, asked_field, due_field},
};
use crate::{AppError, Visit};
use domain::{request::RequestKind, right::Right, text::fold};

/// Kinds of indicator that a network can filter; the others are for sweeps.
const FILTERED: [&str; 4] = ["ipv4", "ipv6", "domain", "url"];

/// Fills what was not typed; returns what the letter is called.
pub(super) async fn fill(v: &Visit, typed: &mut Typed) -> Result<String, AppError> {
    let mut sql = v.app.db.read().await?;
    let letter = letters::get(&mut sql, v.scope(), id(&typed.letter)?).await?;
    let askers = bodies::choices(&mut sql, v.scope(), Right::Issue).await?;
    drop(sql);
    let paper = letter.paper();
    let issuer = paper.issuer.clone().unwrap_or_default();
    let known = askers.iter().find(|n| fold(&n.body.name) == fold(&issuer));
    typed.asker = known.map_or_else(|| OUTSIDE.to_owned(), |n| n.body.id.to_string());
    if known.is_none() {
        typed.asker_name.clone_from(&issuer);
        typed.to.extend([letter.row.body.to_string()]);
    }
    let day = paper.day().map(|d| d.strftime("%d/%m/%Y").to_string());
    let named = paper.reference().unwrap_or_else(|| v.t("order-letter"));
    typed.basis = match day {
        Some(day) => {
            v.words().with("request-basis-of", [("paper", named.as_str().into()), ("day", day.into())])
        }
        None => named.clone(),
    };
    typed.title = paper.subject.clone().unwrap_or_default();
    // The items that order something; a paper without any is quoted by its subject.
    let paths: Vec<&str> = paper.duties.iter().map(|d| d.path.as_str()).collect();
    let items = paper.items.iter().filter(|i| paths.contains(&i.path.as_str()));
    let words: Vec<String> = items.map(|i| format!("{}. {}", i.path, i.text)).collect();
    typed.text = if words.is_empty() { typed.title.clone() } else { words.join("\n\n") };
    typed.due = paper
        .deadlines
        .iter()
        .map(|d| due_field(&d.date))
        .filter(|d| !d.is_empty())
        .min()
        .unwrap_or_default();
    typed.asked = asked_field(v, letter.row.received_at);
    typed.urgent = if paper.urgency.is_empty() { String::new() } else { "1".into() };
    let filtered = paper.indicators.iter().filter(|i| FILTERED.contains(&i.kind.as_str()));
    let lines: Vec<String> = filtered.map(Indicator::defanged).collect();
    typed.items = lines.join("\n");
    let kind = if lines.is_empty() { RequestKind::Work } else { RequestKind::Filter };
    typed.kind = kind.name().into();
    Ok(typed.basis.clone())
}
