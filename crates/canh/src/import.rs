//! `canh import`: tables of bodies, people and systems, checked row by row; all of it goes in or nothing.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, bail, ensure};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    register::{Parsed, Problem, ROWS_MAX, read_bodies, read_people, read_systems},
};
use store::{
    Tx,
    register::{
        bodies::tree,
        import::{self, Report, What},
    },
};

use crate::{
    centre::{self, Centre},
    cli::Table,
    config::Config,
    data::Data,
};

/// Takes a table in, or with `dry` says what would happen. Exit code 1 if a row cannot be taken; nothing is then.
pub async fn run(
    config: Config,
    data: Data,
    what: Table,
    file: &Path,
    dry: bool,
) -> anyhow::Result<ExitCode> {
    data.must_exist(config.database.url.is_some())?;
    let bytes = tokio::fs::read(file).await.with_context(|| format!("opening {}", file.display()))?;
    let book =
        paper::sheet::open(&centre::worker()?, &bytes).await.with_context(|| file.display().to_string())?;
    let Some(sheet) = book.sheets.into_iter().next() else { bail!("{} holds no table", file.display()) };
    let lines: Vec<(u32, Vec<String>)> = sheet.rows.into_iter().map(|r| (r.number, r.cells)).collect();
    ensure!(lines.len() <= ROWS_MAX + 1, "more than {ROWS_MAX} rows: divide the table");

    let centre = Centre::open(config, data).await?;
    let roots = tree(&mut centre.db.read().await?, &Scope::system()).await?;
    let Some(top) = roots.first().map(|node| node.body.id) else {
        bail!("nothing is registered yet: start `canh serve` once")
    };
    let mut tx = centre.db.begin(Actor::System, centre.clock.now()).await?;
    let outcome = take(&mut tx, &centre, what, top, &lines).await;
    let (report, ignored) = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            tx.rollback().await;
            return Err(error);
        }
    };
    let good = report.problems.is_empty();
    let idle = report.lines.iter().all(|l| l.what == What::Same);
    if dry || !good || idle {
        tx.rollback().await;
    } else {
        tx.commit().await?;
    }
    centre.db.close().await;
    say(&report, &ignored, dry);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn take(
    tx: &mut Tx,
    centre: &Centre,
    what: Table,
    top: Id<kind::Body>,
    lines: &[(u32, Vec<String>)],
) -> anyhow::Result<(Report, Vec<String>)> {
    let (scope, ids) = (Scope::system(), &*centre.ids);
    Ok(match what {
        Table::Bodies => {
            let (rows, problems, ignored) = parts(read_bodies(lines));
            (with(import::bodies(tx, &scope, top, &rows, ids).await?, problems), ignored)
        }
        Table::People => {
            let (rows, problems, ignored) = parts(read_people(lines));
            (with(import::people(tx, &scope, top, &rows, ids).await?, problems), ignored)
        }
        Table::Systems => {
            let (rows, problems, ignored) = parts(read_systems(lines));
            (with(import::systems(tx, &scope, top, &rows, ids).await?, problems), ignored)
        }
        Table::Counts => bail!("counts are no table of the register"),
    })
}

type Parts<T> = (Vec<(u32, T)>, Vec<Problem>, Vec<String>);

fn parts<T>(parsed: Parsed<T>) -> Parts<T> {
    (parsed.rows, parsed.problems, parsed.ignored)
}

/// What was wrong with the cells belongs to the same report as what was wrong with what they say.
fn with(mut report: Report, problems: Vec<Problem>) -> Report {
    report.problems.extend(problems);
    report.problems.sort_by_key(|p| p.row);
    report
}

fn say(report: &Report, ignored: &[String], dry: bool) {
    for line in &report.lines {
        match line.what {
            What::New => println!("row {:>5}  new      {}", line.row, line.name),
            What::Changed => {
                println!("row {:>5}  changed  {} ({})", line.row, line.name, line.fields.join(", "))
            }
            What::Same => {}
        }
    }
    for Problem { row, column, code, value } in &report.problems {
        println!("row {row:>5}  ERROR    {column}: {code} «{value}»");
    }
    if !ignored.is_empty() {
        println!("columns left out: {}", ignored.join(", "));
    }
    let (new, changed, same) =
        (report.count(What::New), report.count(What::Changed), report.count(What::Same));
    let wrong = report.problems.len();
    let ending = match (wrong > 0, dry) {
        (true, _) => "nothing was taken: correct the table and try again",
        (false, true) => "a dry run: nothing was taken",
        (false, false) => "taken",
    };
    println!("{new} new, {changed} changed, {same} as they were, {wrong} errors; {ending}");
}
