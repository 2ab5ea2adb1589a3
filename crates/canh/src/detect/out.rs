//! What was found, as a table, JSON lines or CSV.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use web::Words;

use super::Form;
use super::triage::{Hit, Seen};

/// So many reasons of a hit are shown in the table.
const REASONS: usize = 4;
/// So many characters of a value.
const VALUE: usize = 100;

/// Writes it; what was looked at goes to standard error.
pub fn write(words: Words, form: Form, hits: &[Hit], seen: &Seen) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    match form {
        Form::Table => table(words, hits, &mut out)?,
        Form::Jsonl => {
            for hit in hits {
                serde_json::to_writer(&mut out, &json(hit))?;
                out.write_all(b"\n")?;
            }
        }
        Form::Csv => csv(hits, &mut out)?,
    }
    out.flush()?;
    let sum = [
        ("files", seen.files.into()),
        ("events", seen.events.into()),
        ("hits", hits.len().into()),
        ("unknown", seen.unknown.into()),
        ("broken", seen.broken.into()),
    ];
    eprintln!("{}", words.with("detect-sum", sum));
    Ok(())
}

fn table(words: Words, hits: &[Hit], out: &mut impl Write) -> std::io::Result<()> {
    let mut rules: BTreeMap<(std::cmp::Reverse<detect::Level>, &str), Vec<&Hit>> = BTreeMap::new();
    for hit in hits {
        rules.entry((std::cmp::Reverse(hit.level), &hit.title)).or_default().push(hit);
    }
    for ((level, title), own) in rules {
        let level = words.t(&format!("detect-level-{}", level.0.word()));
        let count = words.with("detect-hits", [("count", own.len().into())]);
        let author = own.first().map_or("", |hit| hit.author.as_str());
        let author = if author.is_empty() { String::new() } else { format!(" · {author}") };
        writeln!(out, "\n{level} · {title} · {count}{author}")?;
        for hit in own {
            let at = hit.at.map_or_else(|| "–".to_owned(), |at| at.to_string());
            let place = [hit.host.as_str(), hit.channel.as_str(), hit.code.as_str()];
            let place: Vec<&str> = place.into_iter().filter(|p| !p.is_empty()).collect();
            writeln!(out, "  {at}  {}  {}:{}", place.join(" "), hit.file, hit.number)?;
            for because in hit.because.iter().take(REASONS) {
                let value: String = because.value.chars().take(VALUE).map(plain).collect();
                writeln!(out, "      {} = {value}  ({})", because.field, because.asked)?;
            }
        }
    }
    Ok(())
}

/// What is in a log must not move a terminal's cursor.
fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

fn json(hit: &Hit) -> serde_json::Value {
    serde_json::json!({
        "time": hit.at.map(|at| at.to_string()),
        "level": hit.level,
        "rule": { "id": hit.id, "title": hit.title, "author": hit.author, "tags": hit.tags },
        "host": hit.host,
        "channel": hit.channel,
        "code": hit.code,
        "because": hit.because,
        "file": hit.file,
        "number": hit.number,
    })
}

fn csv(hits: &[Hit], out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "time,level,title,host,channel,code,because,id,author,tags,file,number")?;
    for hit in hits {
        let because: Vec<String> = hit.because.iter().map(|b| format!("{}={}", b.field, b.value)).collect();
        let cells = [
            hit.at.map(|at| at.to_string()).unwrap_or_default(),
            hit.level.word().to_owned(),
            hit.title.clone(),
            hit.host.clone(),
            hit.channel.clone(),
            hit.code.clone(),
            because.join(" ¦ "),
            hit.id.clone(),
            hit.author.clone(),
            hit.tags.join(" "),
            hit.file.clone(),
            hit.number.to_string(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        writeln!(out, "{}", cells.join(","))?;
    }
    Ok(())
}

/// A cell; what a spreadsheet would take for a formula gets a mark before it.
fn quoted(cell: &str) -> String {
    let cell: String = cell.chars().map(plain).collect();
    let formula = cell.starts_with(['=', '+', '-', '@']);
    let cell = if formula { format!("'{cell}") } else { cell };
    if cell.contains([',', '"', '\'']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
