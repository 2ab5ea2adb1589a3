//! Hunts: a supposition, what is looked for because of it, run by run what was found, what follows; and saved searches.

mod api;
mod list;
mod new;
mod searches;
mod show;

use domain::{
    hunt::{How, Outcome, Standing},
    id::{Id, kind},
};

use crate::{Route, Visit, act::write};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(new::routes());
    all.extend(show::routes());
    all.extend(searches::routes());
    all.extend(api::routes());
    all
}

type HuntId = Id<kind::Hunt>;

fn how_said(v: &Visit, how: How) -> String {
    v.t(&format!("hunt-how-{how}"))
}

/// Class and word of what a hunt came to.
fn outcome_said(v: &Visit, outcome: Option<Outcome>) -> (&'static str, String) {
    let class = match outcome {
        None => "d",
        Some(Outcome::Clean) => "m",
        Some(Outcome::Found) => "n",
        Some(Outcome::Unsure) => "u",
    };
    (class, v.t(&outcome.map_or_else(|| "hunt-open".to_owned(), |o| format!("hunt-outcome-{o}"))))
}

/// Class and word of where a run stands.
fn standing_said(v: &Visit, standing: Standing) -> (&'static str, String) {
    let class = match standing {
        Standing::Waiting => "d",
        Standing::Running => "p",
        Standing::Done => "m",
        Standing::Cancelled => "x",
        Standing::Failed => "n",
    };
    (class, v.t(&format!("hunt-standing-{standing}")))
}

/// Whether what is looked for can be read; else at which field, and what is wrong.
fn checked(v: &Visit, how: How, query: &str) -> Result<(), String> {
    match how {
        How::List => Ok(()),
        How::Search => domain::query::read(query).map(drop).map_err(|fault| crate::logs::said(v, &fault)),
        How::Sigma => {
            let mut set = detect::Ruleset::default();
            let file = detect::rule::read::file(query);
            let said = |why: &str| v.words().with_texts("hunt-rule-bad", &[("why", why)]);
            if let Some(problem) = file.problems.first().filter(|_| file.refused > 0) {
                return Err(said(&problem.to_string()));
            }
            set.add("hunt", file);
            let (rules, ..) = set.counts();
            let watch = set.watch(&[], &detect::Sources::builtin()).map_err(|e| said(&e.to_string()))?;
            match watch.skipped.first() {
                Some(skipped) => Err(said(&skipped.problem.to_string())),
                None if rules == 0 => Err(v.t("hunt-rule-none")),
                None => Ok(()),
            }
        }
    }
}
