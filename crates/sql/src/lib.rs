//! SQL over events.
//!
//! ```text
//! needs(sql)            in a child with an empty table: is it one statement that only reads; which columns does it read
//!   └ Rows              the caller puts in these columns of the events whoever asks may see, and no others
//!       └ ask(sql)      in a child that has these rows and nothing else: the answer, or why there is none
//! ```
//!
//! Rights were decided before the child is started: what it does not hold it cannot tell, whatever the statement says.
//! Time, memory and the answer's length are the sandbox's to end.

mod engine;
mod rows;

use sandbox::{Killed, Limits, Worker};
use serde::{Deserialize, Serialize};
use std::{process::ExitCode, time::Duration};

pub use engine::{COLUMNS, Kind};
pub use rows::Rows;

/// Characters of a statement: it stands in an address, which servers cut at 8 KB or more.
pub const STATEMENT: usize = 4_000;
/// Rows answered; whoever wants more exports.
pub const ANSWER_ROWS: usize = 5_000;
/// Bytes of an answer's values: the child stops there itself, before it has gathered what nobody will read.
const ANSWER_BYTES: usize = 24 << 20;
/// Events a statement can be asked over: with a line of 300 bytes they fill the child's memory to a half.
pub const EVENTS: usize = 1_000_000;
/// Bytes of their values together; the table takes about twice as much.
pub const BYTES: usize = 256 << 20;

/// What one statement may use: 15 s, 10 s of processor, 1.5 GiB of address space, 32 MiB of answer.
fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(15),
        cpu: Duration::from_secs(10),
        memory: 1536 << 20,
        output: 32 << 20,
    }
}

/// What a cell of the answer holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Real(f64),
    /// A text; bytes are told in hexadecimal.
    Text(String),
}

/// What a statement answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The columns' names, as the statement has them.
    pub columns: Vec<String>,
    /// Rows, [`ANSWER_ROWS`] at most.
    pub rows: Vec<Vec<Value>>,
    /// Whether there were more.
    pub more: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SqlError {
    /// The statement is wrong: `code` names the sentence, `what` the word it is about, as SQLite says it; `at` is the
    /// character it begins at, from 1, where that is known.
    #[error("{code}: {what}")]
    Wrong {
        /// `column`, `table`, `function`, `near`, `unfinished`, `only-reads`, `one`, `empty`, `long`, `other`.
        code: String,
        /// The word, or SQLite's own sentence for `other`.
        what: String,
        /// From 1; 0 where it is not known.
        at: usize,
    },
    /// It took too long.
    #[error("it took too long")]
    Time,
    /// It needed too much memory.
    #[error("it needed too much memory")]
    Memory,
    /// Its answer is too long.
    #[error("its answer is too long")]
    Output,
    /// The child failed; for the log.
    #[error("the child failed: {0}")]
    Failed(String),
}

impl From<Killed> for SqlError {
    fn from(killed: Killed) -> Self {
        match killed {
            Killed::Time => Self::Time,
            Killed::Memory => Self::Memory,
            Killed::Output => Self::Output,
            Killed::Refused(told) => {
                serde_json::from_str(&told).unwrap_or_else(|_| Self::Failed("an unreadable refusal".into()))
            }
            other => Self::Failed(other.to_string()),
        }
    }
}

/// The names of the columns a statement reads, as in [`COLUMNS`]; `worker` starts [`work`].
pub async fn needs(worker: &Worker, sql: &str) -> Result<Vec<String>, SqlError> {
    told(&sandbox::run(worker, &limits(), &Rows::new(Vec::new()).request(sql, true)).await?)
}

/// Asks a statement over rows.
pub async fn ask(worker: &Worker, sql: &str, rows: Rows) -> Result<Answer, SqlError> {
    told(&sandbox::run(worker, &limits(), &rows.request(sql, false)).await?)
}

/// The whole of the child.
pub fn work() -> ExitCode {
    sandbox::serve(|request| {
        engine::answer(request).map_err(|error| serde_json::to_string(&error).unwrap_or_default())
    })
}

fn told<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, SqlError> {
    serde_json::from_slice(answer).map_err(|error| SqlError::Failed(error.to_string()))
}
