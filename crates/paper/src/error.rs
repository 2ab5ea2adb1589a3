//! Why a file could not be read.

use crate::kind::FileKind;
use serde::{Deserialize, Serialize};

/// Why a file could not be read. Screens translate [`PaperError::code`]; the display text is for logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum PaperError {
    /// No bytes, or nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// More bytes than allowed, packed ([`crate::limits::FILE`]).
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// More bytes, entries or text unpacked than allowed: an innocent giant or a bomb.
    #[error("the file unpacks to more than {limit}")]
    TooMuch {
        /// What was counted (bytes or entries, see [`crate::limits`]).
        limit: u64,
    },
    /// More pages than [`crate::limits::PAGES`].
    #[error("the file has {pages} pages of at most {limit}")]
    TooManyPages {
        /// Pages of the file.
        pages: u64,
        /// Pages allowed.
        limit: u64,
    },
    /// More rows than [`crate::limits::ROWS`].
    #[error("the table has more than {limit} rows")]
    TooManyRows {
        /// Rows allowed.
        limit: u64,
    },
    /// More columns than [`crate::limits::COLUMNS`].
    #[error("row {row} of the table has more than {limit} columns")]
    TooManyColumns {
        /// The row, counted from 1.
        row: u64,
        /// Columns allowed.
        limit: u64,
    },
    /// A cell longer than [`crate::limits::CELL`].
    #[error("a cell in row {row} is longer than {limit} bytes")]
    CellTooLong {
        /// The row, counted from 1.
        row: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A format that is not read: save it as [`PaperError::save_as`] says and try again.
    #[error("files of the kind {kind:?} are not read")]
    Unsupported {
        /// What it is.
        kind: FileKind,
    },
    /// A password is needed.
    #[error("the file is encrypted")]
    Encrypted,
    /// A PDF whose pages are pictures: a scan.
    #[error("the file has no text, only pictures")]
    NoText,
    /// Text in an encoding that could not be told for certain.
    #[error("the encoding of the text is not known")]
    UnknownEncoding,
    /// The file breaks the rules of its own format.
    #[error("the file is damaged")]
    Damaged,
    /// The child ran out of time: a very complicated file or an attack.
    #[error("the file took too long to read")]
    TooSlow,
    /// The child ran out of memory: as above.
    #[error("the file took too much memory to read")]
    TooHungry,
    /// The reader itself failed on this file; `how` is for the log.
    #[error("the reader failed: {how}")]
    Failed {
        /// For the log only: may quote the file.
        how: String,
    },
}

impl PaperError {
    /// The stable code that screens translate and logs count.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too-large",
            Self::TooMuch { .. } => "too-much",
            Self::TooManyPages { .. } => "too-many-pages",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::TooManyColumns { .. } => "too-many-columns",
            Self::CellTooLong { .. } => "cell-too-long",
            Self::Unsupported { .. } => "unsupported",
            Self::Encrypted => "encrypted",
            Self::NoText => "no-text",
            Self::UnknownEncoding => "unknown-encoding",
            Self::Damaged => "damaged",
            Self::TooSlow => "too-slow",
            Self::TooHungry => "too-hungry",
            Self::Failed { .. } => "failed",
        }
    }

    /// The kind to save the file as so that it can be read, where that helps.
    #[must_use]
    pub fn save_as(&self) -> Option<FileKind> {
        match self {
            Self::Unsupported { kind: FileKind::Doc | FileKind::Odt | FileKind::Rtf | FileKind::Html } => {
                Some(FileKind::Docx)
            }
            Self::Unsupported { kind: FileKind::Xls | FileKind::Ods } => Some(FileKind::Xlsx),
            _ => None,
        }
    }

    pub(crate) fn too_large() -> Self {
        Self::TooLarge { limit: crate::limits::FILE as u64 }
    }

    pub(crate) fn too_much(limit: u64) -> Self {
        Self::TooMuch { limit }
    }
}

impl From<sandbox::Killed> for PaperError {
    fn from(killed: sandbox::Killed) -> Self {
        use sandbox::Killed;
        match killed {
            Killed::Time => Self::TooSlow,
            Killed::Memory => Self::TooHungry,
            Killed::Output => Self::too_much(crate::limits::sandbox().output),
            Killed::Refused(message) => serde_json::from_str(&message)
                .unwrap_or(Self::Failed { how: "an answer without form".into() }),
            Killed::Crashed { .. } | Killed::NotStarted(_) => Self::Failed { how: killed.to_string() },
        }
    }
}
