//! How large a paper may be. Every one of these ends in an error that names it, never in a cut text.

use std::time::Duration;

/// Bytes of a file to be read (20 MB).
pub const FILE: usize = 20 * 1000 * 1000;
/// Pages of a PDF.
pub const PAGES: usize = 200;
/// Bytes of text out of one file; 200 dense pages are about 1.5 MB in UTF-8.
pub const TEXT: usize = 4 << 20;
/// Entries of a zip container (DOCX, XLSX).
pub const ENTRIES: usize = 2_000;
/// Bytes of all entries of a zip container together, unpacked; counted while unpacking, whatever they declare.
pub const UNPACKED: u64 = 128 << 20;
/// Bytes of one XML part of a DOCX, unpacked.
pub const XML: u64 = 32 << 20;
/// Elements inside elements of a DOCX.
pub const NESTING: usize = 200;
/// Rows of a table, all sheets together.
pub const ROWS: usize = 50_000;
/// Columns of a table.
pub const COLUMNS: usize = 200;
/// Bytes of one cell.
pub const CELL: usize = 32 << 10;
/// Bytes of all cells together.
pub const CELLS: usize = 32 << 20;

/// Bytes of a mail message: a file of [`FILE`], a third more for its packing, and words around it.
pub const MESSAGE: usize = 35 << 20;
/// Files of one message.
pub const MAIL_FILES: usize = 100;
/// Messages inside messages.
pub const MAIL_DEPTH: usize = 4;
/// Characters of one header line that are kept.
pub const MAIL_LINE: usize = 500;

/// Pages read from pictures: each takes seconds.
pub const SCAN_PAGES: usize = 40;
/// Dots of the longer side of a page that is drawn: A4 at 300 an inch, whatever size the file claims.
pub const SCAN_SIDE: u32 = 3508;
/// Dots of a picture that is handed over: A4 at 600 an inch, twice.
pub const PIXELS: usize = 70_000_000;

/// What drawing one page may use.
#[must_use]
pub fn draw() -> sandbox::Limits {
    let side = u64::from(SCAN_SIDE);
    sandbox::Limits {
        wall: Duration::from_secs(60),
        cpu: Duration::from_secs(20),
        memory: 1 << 30,
        output: side * side + 1024,
    }
}

/// What recognising one page may use (an ordinary one takes 3 s of processor), or the pages of one picture file.
#[must_use]
pub fn recognise() -> sandbox::Limits {
    sandbox::Limits {
        wall: Duration::from_secs(180),
        cpu: Duration::from_secs(90),
        memory: 2 << 30,
        output: 16 << 20,
    }
}

/// What the child process may use for one file: 20 s, 8 s of processor (176 pages take a
/// debug build 1.6 s), 1.5 GiB of address space.
#[must_use]
pub fn sandbox() -> sandbox::Limits {
    sandbox::Limits {
        wall: Duration::from_secs(20),
        cpu: Duration::from_secs(8),
        memory: 1536 << 20,
        output: 96 << 20,
    }
}
