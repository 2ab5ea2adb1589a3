//! The serif of the PDF: Tinos, whose widths are those of Times New Roman, with every Vietnamese mark; SIL OFL 1.1.
//!
//! `cargo xtask assets` brings the files into `ui/fonts`; a release build embeds them, a debug build reads the folder.

use std::sync::OnceLock;

use rust_embed::RustEmbed;
use typst::{foundations::Bytes, text::Font};

use crate::PrintError;

#[derive(RustEmbed)]
#[folder = "../../ui/fonts"]
#[allow_missing = true]
struct Files;

/// The faces: upright, italic, bold, bold italic.
const FACES: [&str; 4] =
    ["Tinos_400Regular.ttf", "Tinos_400Regular_Italic.ttf", "Tinos_700Bold.ttf", "Tinos_700Bold_Italic.ttf"];

/// All faces, or why not.
pub(crate) fn faces() -> Result<&'static [Font], PrintError> {
    static LOADED: OnceLock<Vec<Font>> = OnceLock::new();
    if let Some(loaded) = LOADED.get() {
        return Ok(loaded);
    }
    let mut found = Vec::with_capacity(FACES.len());
    for face in FACES {
        let file = Files::get(face).ok_or(PrintError::NoFonts)?;
        found.push(Font::new(Bytes::new(file.data.into_owned()), 0).ok_or(PrintError::NoFonts)?);
    }
    Ok(LOADED.get_or_init(|| found))
}

/// Whether papers can be printed: the fonts are there.
///
/// # Errors
/// [`PrintError::NoFonts`], whose text says what to do.
pub fn ready() -> Result<(), PrintError> {
    faces().map(drop)
}
