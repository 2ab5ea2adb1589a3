//! Pictures of pages to text: poppler draws the pages of a PDF, Tesseract recognises the words, each in a child of its
//! own within limits; where the words stand on the page is laid out as for any PDF, so that the same reader reads it.

use std::{ffi::OsString, path::Path, process::ExitCode};

use serde::{Deserialize, Serialize};

use crate::{error::PaperError, kind::FileKind, limits, read::PaperText, work};

pub(crate) mod mixed;
pub(crate) mod words;

/// How a paper was read whose pages are pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scan {
    /// Pages read from pictures.
    pub pages: u32,
    /// How sure the recogniser was of the middle word, in percent.
    pub confidence: u32,
    /// Where in the text words stand that it was not sure of: from, to, in characters.
    pub low: Vec<(u32, u32)>,
    /// Why nothing was read: a stable code. The text is empty then, for a person to type.
    pub unread: Option<String>,
    /// Pages, from 1, that are pictures among pages of letters, and that no word could be read from.
    pub missed: Vec<u32>,
}

/// Draws the pages of a PDF.
const DRAW: &str = "/usr/bin/pdftoppm";
/// Recognises words.
const RECOGNISE: &str = "/usr/bin/tesseract";
/// Where Debian puts what Tesseract knows of languages.
const LANGUAGES: [&str; 3] =
    ["/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata"];

/// Whether a recogniser of Vietnamese is installed.
#[must_use]
pub fn installed() -> bool {
    let vietnamese = LANGUAGES.iter().any(|dir| Path::new(dir).join("vie.traineddata").exists());
    vietnamese && [DRAW, RECOGNISE].iter().all(|program| Path::new(program).exists())
}

/// The whole of the hidden subcommand `canh worker tool NAME ARGS…`: turns into one of the two programs, never into
/// another. See [`sandbox::serve_tool`] for when to call it.
pub fn tool(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let program = match args.next() {
        Some(name) if name == "draw" => DRAW,
        Some(name) if name == "recognise" => RECOGNISE,
        _ => return ExitCode::FAILURE,
    };
    sandbox::serve_tool(Path::new(program), &args.collect::<Vec<_>>())
}

/// Reads a paper without letters from its pictures. Never fails because of the paper: what cannot be read goes on
/// without text, with the reason.
pub(crate) async fn read(worker: &sandbox::Worker, mut paper: PaperText, bytes: &[u8]) -> PaperText {
    paper.text.clear();
    match recognise(worker, &paper, bytes).await {
        Ok(read) if read.text.trim().is_empty() => paper.scan = Some(Scan::unread("no-words")),
        Ok(read) => {
            paper.text = read.text;
            paper.scan = Some(read.scan);
        }
        Err(code) => paper.scan = Some(Scan::unread(code)),
    }
    paper
}

impl Scan {
    fn unread(code: &str) -> Self {
        Self { unread: Some(code.to_owned()), ..Self::default() }
    }
}

async fn recognise(
    worker: &sandbox::Worker,
    paper: &PaperText,
    bytes: &[u8],
) -> Result<words::Read, &'static str> {
    if !installed() {
        return Err("no-reader");
    }
    let mut tables = Vec::new();
    if paper.kind == FileKind::Pdf {
        let pages = paper.pages.unwrap_or_default();
        if pages as usize > limits::SCAN_PAGES {
            return Err("too-many-pages");
        }
        for page in 1..=pages {
            let picture = draw(worker, page, bytes).await?;
            tables.extend(drawn(worker, &picture).await?);
        }
    } else {
        tables.extend(table(worker, &[], bytes).await?);
    }
    work::ask(worker, work::WORDS, &tables).await.map_err(|error: PaperError| code(&error))
}

async fn draw(worker: &sandbox::Worker, page: u32, bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let (page, side) = (page.to_string(), limits::SCAN_SIDE.to_string());
    let args = ["worker", "tool", "draw", "-f", &page, "-l", &page, "-scale-to", &side, "-gray", "-"];
    run(worker, &args, &limits::draw(), bytes).await
}

async fn drawn(worker: &sandbox::Worker, picture: &[u8]) -> Result<Vec<u8>, &'static str> {
    // The picture has 300 dots an inch of an A4 page, and says nothing of it.
    table(worker, &["--dpi", "300"], picture).await
}

async fn table(worker: &sandbox::Worker, more: &[&str], picture: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut args = vec!["worker", "tool", "recognise", "stdin", "stdout", "-l", "vie"];
    args.extend(more);
    args.push("tsv");
    run(worker, &args, &limits::recognise(), picture).await
}

async fn run(
    worker: &sandbox::Worker,
    args: &[&str],
    limits: &sandbox::Limits,
    input: &[u8],
) -> Result<Vec<u8>, &'static str> {
    let run = sandbox::run(&worker.with_args(args), limits, input).await;
    run.map_err(|killed| code(&PaperError::from(killed)))
}

fn code(error: &PaperError) -> &'static str {
    match error {
        PaperError::TooSlow => "too-slow",
        PaperError::TooHungry | PaperError::TooMuch { .. } | PaperError::TooLarge { .. } => "too-large",
        _ => "failed",
    }
}
