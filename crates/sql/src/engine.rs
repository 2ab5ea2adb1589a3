//! The child's side: SQLite in memory, with one table and the right to read it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{
    Batch, Connection, Error, Statement,
    fallible_iterator::FallibleIterator as _,
    functions::FunctionFlags,
    hooks::{AuthAction, Authorization},
    limits::Limit,
    types::ValueRef,
};
use serde_json::json;

use crate::{ANSWER_BYTES, ANSWER_ROWS, Answer, STATEMENT, SqlError, Value, rows};

/// How a column's values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As text.
    Text,
    /// As numbers where they are numbers, so that `status >= 500` means what it says.
    Number,
}

/// The columns of `events`: the name in a statement, the name in the table of events, how its values compare. `time` and
/// `came` are local times as SQLite's functions read them (`2026-11-22 08:15:03.000001`), `body` is the body's name,
/// `fields` an object of JSON with all original fields, `raw` the line as it came.
pub const COLUMNS: [(&str, &str, Kind); 32] = [
    ("time", "@timestamp", Kind::Text),
    ("came", "event.ingested", Kind::Text),
    ("body", "body", Kind::Text),
    ("source", "source", Kind::Text),
    ("product", "event.module", Kind::Text),
    ("dataset", "event.dataset", Kind::Text),
    ("host_name", "host.name", Kind::Text),
    ("user_name", "user.name", Kind::Text),
    ("user_target_name", "user.target.name", Kind::Text),
    ("source_ip", "source.ip", Kind::Text),
    ("source_port", "source.port", Kind::Number),
    ("destination_ip", "destination.ip", Kind::Text),
    ("destination_port", "destination.port", Kind::Number),
    ("dns_question_name", "dns.question.name", Kind::Text),
    ("url_original", "url.original", Kind::Text),
    ("http_request_method", "http.request.method", Kind::Text),
    ("http_response_status_code", "http.response.status_code", Kind::Number),
    ("user_agent_original", "user_agent.original", Kind::Text),
    ("process_executable", "process.executable", Kind::Text),
    ("process_pid", "process.pid", Kind::Number),
    ("process_command_line", "process.command_line", Kind::Text),
    ("process_parent_executable", "process.parent.executable", Kind::Text),
    ("file_path", "file.path", Kind::Text),
    ("file_hash", "file.hash", Kind::Text),
    ("event_code", "event.code", Kind::Number),
    ("winlog_channel", "winlog.channel", Kind::Text),
    ("event_provider", "event.provider", Kind::Text),
    ("event_action", "event.action", Kind::Text),
    ("event_outcome", "event.outcome", Kind::Text),
    ("message", "message", Kind::Text),
    ("fields", "fields", Kind::Text),
    ("raw", "event.original", Kind::Text),
];

/// Bounds SQLite itself keeps to; memory and time are the sandbox's.
const LIMITS: [(Limit, i32); 8] = [
    // One value, so that `replace` and `printf` cannot make gigabytes of it.
    (Limit::SQLITE_LIMIT_LENGTH, 16 << 20),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 64 << 10),
    (Limit::SQLITE_LIMIT_COLUMN, 200),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// Answers a request: the columns a statement needs, or its [`Answer`], as JSON.
pub(crate) fn answer(request: &[u8]) -> Result<Vec<u8>, SqlError> {
    let ((plan, sql, columns), values) =
        rows::read(request).ok_or_else(|| failed("an unreadable request"))?;
    let one = Connection::open_in_memory().map_err(failed)?;
    one.execute_batch("pragma temp_store = memory; pragma journal_mode = off").map_err(failed)?;
    let table = COLUMNS.map(|(name, _, kind)| match kind {
        Kind::Text => format!("{name} text"),
        Kind::Number => format!("{name} numeric"),
    });
    one.execute_batch(&format!("create table events ({})", table.join(", "))).map_err(failed)?;
    if !plan {
        fill(&one, &columns, values).map_err(failed)?;
    }
    let read = only_reads(&one).map_err(failed)?;
    functions(&one).map_err(failed)?;
    let mut statement = prepared(&one, &sql)?;
    let told = if plan {
        let mut read = read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // `count(*)` reads none, and rows of nothing would be none.
        if read.is_empty() {
            read.insert("time".into());
        }
        serde_json::to_vec(&read)
    } else {
        serde_json::to_vec(&run(&sql, &mut statement)?)
    };
    told.map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> SqlError {
    SqlError::Failed(error.to_string())
}

fn fill(one: &Connection, columns: &[String], mut values: rows::Values<'_>) -> rusqlite::Result<()> {
    // Names come from [`COLUMNS`], through this very program; others are no columns and fail here.
    let (names, places) = (columns.join(", "), vec!["?"; columns.len()].join(", "));
    one.execute_batch("begin")?;
    let mut insert = one.prepare(&format!("insert into events ({names}) values ({places})"))?;
    'rows: loop {
        for at in 1..=columns.len() {
            let Some(value) = values.next() else { break 'rows };
            insert.raw_bind_parameter(at, value)?;
        }
        insert.raw_execute()?;
    }
    drop(insert);
    one.execute_batch("commit")
}

/// From here on nothing but reading `events`, and what JSON is taken apart with. Which of its columns are read.
fn only_reads(one: &Connection) -> rusqlite::Result<Arc<Mutex<BTreeSet<String>>>> {
    for (limit, most) in LIMITS {
        one.set_limit(limit, most)?;
    }
    let read = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = read.clone();
    one.authorizer(Some(move |asked: rusqlite::hooks::AuthContext<'_>| match asked.action {
        AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name } if function_name != "load_extension" => Authorization::Allow,
        AuthAction::Read { table_name: "events", column_name } => {
            if !column_name.is_empty() {
                seen.lock().unwrap_or_else(PoisonError::into_inner).insert(column_name.to_owned());
            }
            Authorization::Allow
        }
        AuthAction::Read { table_name: "json_each" | "json_tree", .. } => Authorization::Allow,
        // What a statement names itself (`with …`), counted; but nothing of SQLite's own.
        AuthAction::Read { table_name, column_name: "" }
            if !table_name.starts_with("sqlite_") && !table_name.starts_with("pragma_") =>
        {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }))?;
    Ok(read)
}

/// `x regexp 'pattern'`, in time that grows with the text alone.
fn functions(one: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    one.create_scalar_function("regexp", 2, flags, |given| {
        let pattern = given.get_or_create_aux(
            0,
            |value| -> Result<regex::Regex, Box<dyn std::error::Error + Send + Sync>> {
                Ok(regex::RegexBuilder::new(value.as_str()?).size_limit(1 << 20).build()?)
            },
        )?;
        Ok(given.get_raw(1).as_str().is_ok_and(|text| pattern.is_match(text)))
    })
}

fn prepared<'c>(one: &'c Connection, sql: &str) -> Result<Statement<'c>, SqlError> {
    let said = |code: &str| SqlError::Wrong { code: code.into(), what: String::new(), at: 0 };
    if sql.chars().count() > STATEMENT {
        return Err(said("long"));
    }
    let mut all = Batch::new(one, sql);
    let first = all.next().map_err(|error| wrong(sql, &error))?.ok_or_else(|| said("empty"))?;
    match all.next() {
        Ok(None) if first.readonly() && first.column_count() > 0 => Ok(first),
        Ok(None) => Err(said("only-reads")),
        _ => Err(said("one")),
    }
}

fn run(sql: &str, statement: &mut Statement<'_>) -> Result<Answer, SqlError> {
    let wrong = |error| wrong(sql, &error);
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut answer = Answer { rows: Vec::new(), more: false, columns };
    let mut left = ANSWER_BYTES;
    let mut rows = statement.query([]).map_err(wrong)?;
    while let Some(row) = rows.next().map_err(wrong)? {
        if answer.rows.len() >= ANSWER_ROWS {
            answer.more = true;
            break;
        }
        let cells = (0..answer.columns.len()).map(|at| Ok(cell(row.get_ref(at)?)));
        let cells: Vec<Value> = cells.collect::<rusqlite::Result<_>>().map_err(wrong)?;
        let bytes = cells.iter().map(|cell| if let Value::Text(text) = cell { text.len() } else { 8 }).sum();
        left = left.checked_sub(bytes).ok_or(SqlError::Output)?;
        answer.rows.push(cells);
    }
    Ok(answer)
}

fn cell(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Whole(n),
        // JSON knows no infinity.
        ValueRef::Real(n) if n.is_finite() => Value::Real(n),
        ValueRef::Real(n) => Value::Text(json!(n.to_string()).as_str().unwrap_or_default().to_owned()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Text(bytes.iter().map(|b| format!("{b:02x}")).collect()),
    }
}

/// SQLite's sentence as the code of ours and the word it is about.
fn wrong(sql: &str, error: &Error) -> SqlError {
    let (text, offset) = match error {
        Error::SqlInputError { msg, offset, .. } => (msg.as_str(), usize::try_from(*offset).ok()),
        Error::SqliteFailure(_, Some(msg)) => (msg.as_str(), None),
        other => return SqlError::Wrong { code: "other".into(), what: other.to_string(), at: 0 },
    };
    if text.contains("out of memory") {
        return SqlError::Memory;
    }
    let told = |mark: &str| text.strip_prefix(mark).map(str::to_owned);
    let near = || Some(text.strip_prefix("near \"")?.strip_suffix("\": syntax error")?.to_owned());
    let (code, what) = if let Some(name) = told("no such column: ") {
        ("column", name)
    } else if let Some(name) = told("no such table: ") {
        ("table", name)
    } else if let Some(name) = told("no such function: ") {
        ("function", name)
    } else if let Some(word) = near() {
        ("near", word)
    } else if text == "incomplete input" {
        ("unfinished", String::new())
    } else if text.contains("not authorized") || text.contains("prohibited") {
        ("only-reads", String::new())
    } else {
        ("other", text.to_owned())
    };
    let at = offset.and_then(|at| sql.get(..at)).map_or(0, |before| before.chars().count() + 1);
    SqlError::Wrong { code: code.into(), what, at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::Column;

    #[test]
    fn every_common_column_has_its_name() {
        for column in Column::ALL {
            assert!(COLUMNS.iter().any(|(_, of, _)| *of == column.name()), "{}", column.name());
        }
        assert_eq!(COLUMNS.iter().map(|(name, ..)| name).collect::<BTreeSet<_>>().len(), COLUMNS.len());
    }
}
