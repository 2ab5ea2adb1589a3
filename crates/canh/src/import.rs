//! `canh import`: tables of bodies, people, systems, hosts, lines and shifts, checked row by row; all of it goes in or nothing.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, anyhow, bail};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    register::{
        BODY_COLUMNS, Column, HOST_COLUMNS, LINE_COLUMNS, PERSON_COLUMNS, Parsed, Problem, ROWS_MAX,
        SHIFT_COLUMNS, SYSTEM_COLUMNS, read_bodies, read_hosts, read_lines, read_people, read_shifts,
        read_systems,
    },
    text::fold,
};
use paper::{PaperError, sheet::Sheet};
use store::{
    Sql, Tx,
    register::{
        bodies::tree,
        import::{self, Report, What},
    },
    rosters,
};

use web::{Lang, Words};

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
    words: Words,
    what: Table,
    file: &Path,
    post: Option<&str>,
    dry: bool,
) -> anyhow::Result<ExitCode> {
    if post.is_some() && !matches!(what, Table::Shifts) {
        bail!(words.t("command-post-of-shifts"));
    }
    data.must_exist(words, config.database.url.is_some())?;
    let bytes = tokio::fs::read(file).await.with_context(|| format!("opening {}", file.display()))?;
    let opened = paper::sheet::open(&centre::worker()?, &bytes).await;
    let mut lines = rows(words, file, opened)?;
    if lines.len() > ROWS_MAX + 1 {
        bail!(words.t("error-import-too-many"))
    }

    let centre = Centre::open(config, data).await?;
    let roots = tree(&mut centre.db.read().await?, &Scope::system()).await?;
    let Some(top) = roots.first().map(|node| node.body.id) else {
        bail!(words.t("command-nothing-registered"))
    };
    let top = match post {
        Some(post) => of_post(&mut centre.db.read().await?, words, post, &mut lines).await?,
        None => top,
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
    say(words, columns(what), &report, &ignored, dry);
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
        Table::Hosts => {
            let (rows, problems, ignored) = parts(read_hosts(lines));
            (with(import::hosts(tx, &scope, top, &rows, ids).await?, problems), ignored)
        }
        Table::Lines => {
            let (rows, problems, ignored) = parts(read_lines(lines));
            (with(import::lines(tx, &scope, top, &rows, ids).await?, problems), ignored)
        }
        Table::Shifts => {
            let (rows, problems, ignored) = parts(read_shifts(lines));
            (with(import::shifts(tx, &scope, top, &rows, ids).await?, problems), ignored)
        }
        Table::Counts | Table::Inventory => bail!("these have a command of their own"),
    })
}

/// The rows as those of one post: where no column names it, one is added. Returns the post's body.
async fn of_post(
    sql: &mut Sql,
    words: Words,
    asked: &str,
    lines: &mut [(u32, Vec<String>)],
) -> anyhow::Result<Id<kind::Body>> {
    let posts = rosters::list(sql, &Scope::system(), None, false).await?;
    let mut named = posts.iter().map(|s| &s.post);
    let folded = fold(asked);
    let found: Vec<_> =
        named.by_ref().filter(|p| p.id.to_string() == asked || fold(&p.name) == folded).collect();
    let post = match found.as_slice() {
        [one] => *one,
        [] => bail!(words.with("command-post-unknown", [("post", asked.to_owned().into())])),
        _ => bail!(words.with("command-post-ambiguous", [("post", asked.to_owned().into())])),
    };
    let Some(column) = SHIFT_COLUMNS.iter().find(|c| c.key == "post") else { return Ok(post.body) };
    let Some((_, head)) = lines.first_mut() else { return Ok(post.body) };
    let is_post = |cell: &String| {
        let cell = fold(cell);
        cell == fold(column.vi) || cell == fold(column.en) || column.also.contains(&cell.as_str())
    };
    if head.iter().any(is_post) {
        bail!(words.t("command-post-twice"));
    }
    head.insert(0, column.vi.to_owned());
    for (_, cells) in lines.iter_mut().skip(1).filter(|(_, cells)| cells.iter().any(|c| !c.trim().is_empty()))
    {
        cells.insert(0, post.name.clone());
    }
    Ok(post.body)
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

fn columns(what: Table) -> &'static [Column] {
    match what {
        Table::Bodies => BODY_COLUMNS,
        Table::People => PERSON_COLUMNS,
        Table::Systems => SYSTEM_COLUMNS,
        Table::Hosts => HOST_COLUMNS,
        Table::Lines => LINE_COLUMNS,
        Table::Shifts => SHIFT_COLUMNS,
        Table::Counts | Table::Inventory => &[],
    }
}

/// The rows of the first sheet that has any, with their numbers; else why there are none.
pub fn rows(
    words: Words,
    file: &Path,
    opened: Result<paper::sheet::Book, PaperError>,
) -> anyhow::Result<Vec<(u32, Vec<String>)>> {
    let book = opened.map_err(|error| match web::table_refused(&error) {
        Some(text) => anyhow!("{}: {}", file.display(), words.t(text)),
        None => anyhow::Error::new(error).context(file.display().to_string()),
    })?;
    let sheet: Option<Sheet> = book.sheets.into_iter().find(|s| !s.rows.is_empty());
    let Some(sheet) = sheet else { bail!("{}: {}", file.display(), words.t("error-import-empty")) };
    Ok(sheet.rows.into_iter().map(|r| (r.number, r.cells)).collect())
}

/// `Row 3, column Loại: there is no such kind … «thôn»`.
pub fn say_problems(words: Words, columns: &[Column], problems: &[Problem]) {
    for Problem { row, column, code, value } in problems {
        let why = words.t(&format!("error-{code}"));
        let column = heading(words, columns, column);
        let text = match value.is_empty() || *code == "import-column-missing" {
            true => words.with(
                "command-problem",
                [("row", (*row).into()), ("column", column.into()), ("why", why.into())],
            ),
            false => words.with(
                "command-problem-value",
                [
                    ("row", (*row).into()),
                    ("column", column.into()),
                    ("why", why.into()),
                    ("value", value.as_str().into()),
                ],
            ),
        };
        println!("{text}");
    }
}

/// As the column is headed in a table of that language.
fn heading<'a>(words: Words, columns: &[Column], key: &'a str) -> &'a str {
    columns.iter().find(|c| c.key == key).map_or(key, |c| match words.lang() {
        Lang::Vi => c.vi,
        Lang::En => c.en,
    })
}

fn say(words: Words, columns: &[Column], report: &Report, ignored: &[String], dry: bool) {
    for line in &report.lines {
        let row = || [("row", line.row.into()), ("name", line.name.as_str().into())];
        match line.what {
            What::New => println!("{}", words.with("command-row-new", row())),
            What::Changed => {
                let fields: Vec<&str> = line.fields.iter().map(|f| heading(words, columns, f)).collect();
                let fields = [("fields", fields.join(", ").into())];
                println!("{}", words.with("command-row-changed", row().into_iter().chain(fields)));
            }
            What::Same => {}
        }
    }
    say_problems(words, columns, &report.problems);
    if !ignored.is_empty() {
        println!("{}", words.with("command-columns-left-out", [("columns", ignored.join(", ").into())]));
    }
    let wrong = report.problems.len();
    let ending = match (wrong > 0, dry) {
        (true, _) => words.t("command-nothing-taken"),
        (false, true) => words.t("command-dry-run"),
        (false, false) => words.t("command-taken"),
    };
    let count = |what| (report.count(what) as u64).into();
    let sum = [
        ("new", count(What::New)),
        ("changed", count(What::Changed)),
        ("same", count(What::Same)),
        ("wrong", (wrong as u64).into()),
        ("ending", ending.into()),
    ];
    println!("{}", words.with("command-sum", sum));
}
