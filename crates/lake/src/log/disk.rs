//! The file a segment is written to; a test puts another in its place, whose disk is full or slow.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// What a segment is written to.
pub trait Sink: Send {
    /// Adds bytes at the end.
    fn add(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when all that was added is on disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts it to a length.
    fn cut(&mut self, len: u64) -> io::Result<()>;
}

/// Makes the file of a new segment.
pub type Opener = Box<dyn FnMut(&Path) -> io::Result<Box<dyn Sink>> + Send>;

struct Real(File);

impl Sink for Real {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}

/// The real disk.
pub fn real() -> Opener {
    Box::new(|path| {
        // What is there under a new number is what an earlier try left behind.
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        Ok(Box::new(Real(file)))
    })
}

/// Returns when a folder's names are on disk.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
