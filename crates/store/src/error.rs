//! What can go wrong with records.

/// An error of the store. None of its texts is shown to users; `web` translates the variant.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not there, or not visible to this scope: callers cannot tell which.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A rule of the records forbids it; the code names which, for translation.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// Somebody else changed it in between.
    #[error("changed by somebody else in between")]
    Stale,
    /// The database was written by a newer Canh.
    #[error("the database belongs to a newer version of Canh (migration {0})")]
    Newer(i64),
    /// What the database holds is not what this version writes.
    #[error("unreadable record in {0}: {1}")]
    Corrupt(&'static str, String),
    /// A file of the blob store.
    #[error("blob store: {0}")]
    Io(#[from] std::io::Error),
    /// The engine.
    #[error("database: {0}")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The engine asks to run the transaction again.
    #[error("conflict with another writer")]
    Conflict,
    /// A uniqueness rule of the schema.
    #[error("already there: {0}")]
    Duplicate(String),
}

impl StoreError {
    /// Whether running the transaction again may help.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, StoreError::Conflict)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(db) = &error {
            // 40001 serialization failure, 40P01 deadlock; SQLite 5 busy, 517 busy snapshot.
            if matches!(db.code().as_deref(), Some("40001" | "40P01" | "5" | "517")) {
                return StoreError::Conflict;
            }
            if db.is_unique_violation() {
                return StoreError::Duplicate(db.constraint().unwrap_or(db.message()).to_owned());
            }
        }
        StoreError::Engine(Box::new(error))
    }
}
