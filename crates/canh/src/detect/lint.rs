//! `canh rules lint`.

use std::{path::PathBuf, process::ExitCode};

use ::detect::{Sources, Weight, lint, rule::read};
use web::Words;

use super::load;

/// Says what is wrong, a line each: file, line, column, weight, what, what to write instead.
pub fn run(words: Words, paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let sources = Sources::builtin();
    let mut read_files = Vec::new();
    let mut found = Vec::new();
    for path in load::files(paths, ::detect::import::is_rule)? {
        let text = load::text(&path)?;
        let name = path.display().to_string();
        found.extend(lint::file(&text, &sources).into_iter().map(|problem| (name.clone(), problem)));
        read_files.push((name, read::file(&text)));
    }
    let pairs = read_files.iter().map(|(name, file)| (name.as_str(), file));
    found.extend(lint::twice(pairs).into_iter().map(|(name, problem)| (name.to_owned(), problem)));
    let (mut errors, mut others) = (0, 0);
    for (name, problem) in &found {
        if problem.weight == Weight::Error {
            errors += 1
        } else {
            others += 1
        }
        let weight = words.t(match problem.weight {
            Weight::Error => "rules-error",
            Weight::Warning => "rules-warning",
            Weight::Advice => "rules-advice",
        });
        println!("{name}:{} {weight}: {}", problem.at, load::say(words, problem));
    }
    let sum = [("files", read_files.len().into()), ("errors", errors.into()), ("others", others.into())];
    eprintln!("{}", words.with("rules-lint-sum", sum));
    Ok(if errors > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
