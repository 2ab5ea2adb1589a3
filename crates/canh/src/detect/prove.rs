//! `canh rules test`: each rule against its own events.

use std::{path::Path, process::ExitCode};

use ::detect::{Correlator, Ruleset, Scratch, Sources, cases, rule::read};
use domain::event::Event;
use jiff::{SignedDuration, Timestamp};
use normalise::{Reader, Zone};
use web::Words;

use super::load;

/// Cases are as if they happened on this day, so that they say the same every day.
const DAY: &str = "2026-02-16T02:00:00Z";

/// Says which rules do what they say.
pub fn run(words: Words, dir: &Path) -> anyhow::Result<ExitCode> {
    let (mut good, mut bad, mut without) = (0, 0, 0);
    for path in load::files(&[dir.to_owned()], ::detect::import::is_rule)? {
        let events = path.with_extension("events.yml");
        let name = path.display().to_string();
        if !events.exists() {
            without += 1;
            println!("{name}: {}", words.t("rules-test-without"));
            continue;
        }
        match one(words, &load::text(&path)?, &load::text(&events)?) {
            Ok(()) => good += 1,
            Err(why) => {
                bad += 1;
                println!("{name}: {why}");
            }
        }
    }
    let sum = [("good", good.into()), ("bad", bad.into()), ("without", without.into())];
    eprintln!("{}", words.with("rules-test-sum", sum));
    Ok(if bad + without > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Whether a file of rules does what its cases say.
pub fn one(words: Words, rules: &str, events: &str) -> Result<(), String> {
    let cases =
        cases::read(events).map_err(|problem| format!("{} {}", problem.at, load::say(words, &problem)))?;
    let both = [true, false].map(|hit| cases.iter().any(|case| case.hit == hit));
    if both != [true, true] {
        return Err(words.t("rules-test-both"));
    }
    for case in &cases {
        let met = met(words, rules, case)?;
        if met != case.hit {
            let key = if case.hit { "rules-test-missed" } else { "rules-test-false" };
            return Err(words.with(key, [("at", case.at.to_string().into())]));
        }
    }
    Ok(())
}

fn met(words: Words, rules: &str, case: &cases::Case) -> Result<bool, String> {
    let mut set = Ruleset::default();
    set.add("", read::file(rules));
    let watch = set.watch(&[], &Sources::builtin()).map_err(|e| e.to_string())?;
    if let Some(skipped) = watch.skipped.first() {
        return Err(format!("{} {}", skipped.problem.at, load::say(words, &skipped.problem)));
    }
    let mut correlator = Correlator::new(watch.correlations, &watch.matcher);
    let correlates = !correlator.correlations().is_empty();
    let start: Timestamp = DAY.parse().unwrap_or_default();
    let mut reader = Reader::new(Zone { now: Some(start), ..Zone::default() });
    let (mut scratch, mut event) = (Scratch::default(), Event::default());
    let (mut seconds, mut met) = (0, false);
    for sample in &case.samples {
        reader.line(sample.line.as_bytes(), &mut event);
        seconds += sample.after;
        let now = start + SignedDuration::from_secs(seconds);
        for rule in watch.matcher.matches(&event, &mut scratch).to_vec() {
            let found = correlator.feed(&watch.matcher, rule, &event, now, 0);
            // Where there is a correlation, it is what is tested.
            met |= if correlates { !found.is_empty() } else { true };
        }
    }
    // Nothing more comes: too few are known now.
    let end = start + SignedDuration::from_secs(seconds.saturating_add(correlator.span()).saturating_add(1));
    Ok(met || !correlator.tick(end).is_empty())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn our_own_rules_do_what_they_say() {
        let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules"));
        let words = Words::of(web::Lang::En);
        let mut bad = Vec::new();
        let all = load::files(&[dir], ::detect::import::is_rule).unwrap();
        assert!(all.len() >= 60);
        for path in all {
            let (rules, events) =
                (load::text(&path).unwrap(), load::text(&path.with_extension("events.yml")).unwrap());
            if let Err(why) = one(words, &rules, &events) {
                bad.push(format!("{}: {why}", path.display()));
            }
            let wrong = ::detect::lint::file(&rules, &Sources::builtin());
            bad.extend(wrong.iter().map(|problem| format!("{}: {problem}", path.display())));
        }
        assert!(bad.is_empty(), "{bad:#?}");
    }
}
