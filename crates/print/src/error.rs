//! Why a document could not be printed.

/// Why a document could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The program was built without the fonts of papers.
    #[error("the fonts of papers are missing: run `cargo xtask assets` and build again")]
    NoFonts,
    /// The document does not fit on paper as it is; what the typesetter said is for the log.
    #[error("could not be set: {0}")]
    Set(String),
    /// The Word file could not be packed.
    #[error("could not be packed: {0}")]
    Pack(String),
}
