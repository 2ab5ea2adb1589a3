//! Acts that touch more than one record, for pages and API alike.

use std::collections::BTreeMap;

use domain::{
    id::{Id, kind},
    intent::{Intent, To, Urgency},
    register::{self as tables, Problem},
    right::Right,
    time,
};
use paper::PaperError;
use store::{
    StoreError, Tx, intents,
    register::{
        channels::{self, CODE_VALID, Checked},
        import::{self, Report},
        people,
    },
    sign_in::{self as key, InstanceKey},
};

use super::write;
use crate::{AppError, Visit};

/// Digits of a verification code.
const CODE_DIGITS: usize = 6;
/// Signs of a code that links a chat: 100 random bits.
const LINK_CODE: usize = 20;

/// Sends a fresh code to a channel. Refusals besides those of the store: `channel-sends-code` for a chat, which sends
/// the code itself (see [`start_link`]); `channel-not-configured`.
pub(super) async fn send_code(v: &Visit, channel: Id<kind::Channel>) -> Result<(), StoreError> {
    let code = fresh_code(v);
    let digest = digest(v, channel, &code);
    let (intent, delivery) = (v.id(), v.id());
    write!(v, tx => {
        let held = channels::start_check(tx, v.scope(), channel, &digest).await?;
        if held.kind.sends_code() {
            return Err(StoreError::Refused("channel-sends-code"));
        }
        if !v.app.config.ways.has(held.kind.name()) {
            return Err(StoreError::Refused("channel-not-configured"));
        }
        let person = people::own(tx, held.person).await?;
        let intent = code_intent(v, intent, To::Channel(channel), &code, &person.name, &channel.to_string());
        intents::make(tx, &intent, &[(delivery, held.kind.name())]).await.map(|_| ())
    })
}

/// The message that carries a code to a channel or a webhook of `name`.
pub(super) fn code_intent(
    v: &Visit,
    id: Id<kind::Intent>,
    to: To,
    code: &str,
    name: &str,
    about: &str,
) -> Intent {
    let expires = v.now.checked_add(CODE_VALID).unwrap_or(v.now);
    let until = time::local(expires).strftime("%H:%M %d/%m/%Y").to_string();
    let vars = [("person", name.to_owned()), ("code", code.to_owned()), ("expires", until)];
    Intent {
        id,
        key: format!("channel-code/{about}/{}", v.now.as_microsecond()),
        to,
        template: "channel-code".into(),
        vars: vars.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<BTreeMap<_, _>>(),
        urgency: Urgency::Urgent,
        not_before: v.now,
        expires,
    }
}

/// Starts linking a chat: the code that it must send to the bot. Long, because whoever sends it gets the channel.
pub(super) async fn start_link(v: &Visit, channel: Id<kind::Channel>) -> Result<String, StoreError> {
    let code = key::code(&*v.app.secrets, LINK_CODE);
    let digest = hex::encode(instance_key(v).mac("telegram-link", &[code.as_bytes()]));
    write!(v, tx => {
        let held = channels::start_check(tx, v.scope(), channel, &digest).await?;
        if !held.kind.sends_code() {
            return Err(StoreError::Refused("channel-takes-code"));
        }
        if !v.app.config.ways.has(held.kind.name()) {
            return Err(StoreError::Refused("channel-not-configured"));
        }
        Ok(())
    })?;
    Ok(code)
}

/// Checks a code that somebody typed; blanks do not count.
pub(super) async fn check_code(
    v: &Visit,
    channel: Id<kind::Channel>,
    typed: &str,
) -> Result<Checked, StoreError> {
    let code: String = typed.chars().filter(char::is_ascii_digit).take(CODE_DIGITS + 1).collect();
    let digest = digest(v, channel, &code);
    write!(v, tx => channels::verify(tx, v.scope(), channel, &digest).await)
}

pub(super) fn fresh_code(v: &Visit) -> String {
    let bytes = v.app.secrets.bytes();
    let number = u64::from_be_bytes(bytes.first_chunk::<8>().copied().unwrap_or_default());
    format!("{:06}", number % 1_000_000)
}

/// Keyed with the instance's key: six digits could be guessed from a bare digest in a stolen database.
fn digest(v: &Visit, channel: Id<kind::Channel>, code: &str) -> String {
    hex::encode(instance_key(v).mac("channel-code", &[channel.uuid().as_bytes(), code.as_bytes()]))
}

pub(super) fn instance_key(v: &Visit) -> InstanceKey {
    InstanceKey::new(v.app.config.instance_key)
}

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Bodies,
    People,
    Systems,
    Hosts,
    Lines,
    Shifts,
}

impl Table {
    pub const ALL: [Table; 6] =
        [Table::Bodies, Table::People, Table::Systems, Table::Hosts, Table::Lines, Table::Shifts];
    pub const fn name(self) -> &'static str {
        match self {
            Table::Bodies => "bodies",
            Table::People => "people",
            Table::Systems => "systems",
            Table::Hosts => "hosts",
            Table::Lines => "lines",
            Table::Shifts => "shifts",
        }
    }
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
    /// Who may take it in and out: shifts are the roster's, everything else the register's.
    pub const fn right(self) -> Right {
        match self {
            Table::Shifts => Right::Prepare,
            _ => Right::Register,
        }
    }
    /// The table of that name, for somebody who may take it in.
    pub fn asked(v: &Visit, name: &str) -> Result<Self, AppError> {
        let table = Self::parse(name).ok_or(AppError::NotFound)?;
        if v.user.may(table.right()) { Ok(table) } else { Err(AppError::NotFound) }
    }
    pub fn columns(self) -> &'static [tables::Column] {
        match self {
            Table::Bodies => tables::BODY_COLUMNS,
            Table::People => tables::PERSON_COLUMNS,
            Table::Systems => tables::SYSTEM_COLUMNS,
            Table::Hosts => tables::HOST_COLUMNS,
            Table::Lines => tables::LINE_COLUMNS,
            Table::Shifts => tables::SHIFT_COLUMNS,
        }
    }
}

/// Rows of a file with their numbers.
pub(crate) type Lines = Vec<(u32, Vec<String>)>;

/// What an import did or would do.
pub(super) struct Outcome {
    pub report: Report,
    /// Headings that mean nothing to us.
    pub ignored: Vec<String>,
}

/// The text that says why a file is no table; `None` where it is not the file's fault.
pub fn table_refused(error: &PaperError) -> Option<&'static str> {
    Some(match error {
        PaperError::Empty => "error-import-empty",
        PaperError::Encrypted => "error-import-file-encrypted",
        PaperError::UnknownEncoding => "error-import-file-encoding",
        PaperError::Unsupported { .. } => "error-import-file-kind",
        PaperError::Damaged => "error-import-file-damaged",
        PaperError::Failed { .. } => return None,
        _ => "error-import-file-large",
    })
}

/// The same as an answer.
pub(crate) fn bad_table(error: PaperError) -> AppError {
    match table_refused(&error) {
        Some(text) => AppError::Refused(text.into()),
        None => AppError::Internal(anyhow::Error::new(error)),
    }
}

/// Reads a file of a table in the sandbox: its first sheet that has rows.
pub(crate) async fn read_file(v: &Visit, bytes: &[u8]) -> Result<Lines, AppError> {
    let book = paper::sheet::open(&v.app.worker, bytes).await.map_err(bad_table)?;
    let sheet = book.sheets.into_iter().find(|s| !s.rows.is_empty());
    Ok(sheet.map_or_else(Vec::new, |s| s.rows.into_iter().map(|r| (r.number, r.cells)).collect()))
}

/// What taking the lines in would do: the real thing, rolled back.
pub(super) async fn try_import(
    v: &Visit,
    table: Table,
    top: Id<kind::Body>,
    lines: &Lines,
) -> Result<Outcome, StoreError> {
    let mut tx = v.app.db.begin(v.actor(), v.now).await?;
    let outcome = take(v, &mut tx, table, top, lines).await;
    tx.rollback().await;
    outcome
}

/// Takes the lines in, all of them or, if there is any problem, none.
pub(super) async fn import(
    v: &Visit,
    table: Table,
    top: Id<kind::Body>,
    lines: &Lines,
) -> Result<Outcome, Rejected> {
    let done: Result<Outcome, Rejected> = store::write!(v.app.db, v.actor(), v.now, tx => {
        let outcome = take(v, tx, table, top, lines).await?;
        if outcome.report.problems.is_empty() { Ok(outcome) } else { Err(Rejected::Problems(outcome)) }
    });
    done
}

/// Why nothing was taken in.
pub(super) enum Rejected {
    /// Rows that cannot be taken.
    Problems(Outcome),
    /// Anything else.
    Store(StoreError),
}

impl From<StoreError> for Rejected {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn take(
    v: &Visit,
    tx: &mut Tx,
    table: Table,
    top: Id<kind::Body>,
    lines: &Lines,
) -> Result<Outcome, StoreError> {
    let (scope, ids) = (v.scope(), &*v.app.ids);
    let (mut report, problems, ignored) = match table {
        Table::Bodies => {
            let read = tables::read_bodies(lines);
            (import::bodies(tx, scope, top, &read.rows, ids).await?, read.problems, read.ignored)
        }
        Table::People => {
            let read = tables::read_people(lines);
            (import::people(tx, scope, top, &read.rows, ids).await?, read.problems, read.ignored)
        }
        Table::Systems => {
            let read = tables::read_systems(lines);
            (import::systems(tx, scope, top, &read.rows, ids).await?, read.problems, read.ignored)
        }
        Table::Hosts => {
            let read = tables::read_hosts(lines);
            (import::hosts(tx, scope, top, &read.rows, ids).await?, read.problems, read.ignored)
        }
        Table::Lines => {
            let read = tables::read_lines(lines);
            (import::lines(tx, scope, top, &read.rows, ids).await?, read.problems, read.ignored)
        }
        Table::Shifts => {
            let read = tables::read_shifts(lines);
            (import::shifts(tx, scope, top, &read.rows, ids).await?, read.problems, read.ignored)
        }
    };
    report.problems.extend(problems);
    report.problems.sort_by_key(|p: &Problem| p.row);
    Ok(Outcome { report, ignored })
}
