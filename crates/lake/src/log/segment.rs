//! Segments as files, and their heads.
//!
//! ```text
//! magic 8 · number 4 · where the segment before ends 4 · salt 16 · CRC32C of these 4
//! ```

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use super::{Error, frame};

/// Bytes of the head.
pub const HEAD: u32 = 36;
const MAGIC: [u8; 8] = *b"CANHLOG1";

/// A segment's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u32,
    /// Where what counts of the segment before ends.
    pub before: u32,
    /// Goes into every sum of it.
    pub salt: [u8; 16],
}

impl Head {
    /// As bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&self.before.to_le_bytes());
        out.extend_from_slice(&self.salt);
        let sum = frame::sum(&[&out]);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }
    /// From bytes, if they are one.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let (all, sum) = bytes.get(..HEAD as usize)?.split_last_chunk::<4>()?;
        let rest = all.strip_prefix(&MAGIC)?;
        if frame::sum(&[all]) != u32::from_le_bytes(*sum) {
            return None;
        }
        let number = |at: usize| Some(u32::from_le_bytes(*rest.get(at..)?.first_chunk()?));
        Some(Self { number: number(0)?, before: number(4)?, salt: *rest.get(8..)?.first_chunk()? })
    }
}

/// The file of a segment.
pub fn path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:010}.log"))
}

/// The numbers of the segments there are, in order.
pub fn list(dir: &Path) -> Result<Vec<u32>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        if let Some(number) = name.to_str().and_then(|n| n.strip_suffix(".log")).and_then(|n| n.parse().ok())
        {
            found.push(number);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A segment's head; nothing where it is torn or damaged.
pub fn head(dir: &Path, number: u32) -> Result<Option<Head>, Error> {
    let mut bytes = Vec::new();
    fs::File::open(path(dir, number))?.take(u64::from(HEAD)).read_to_end(&mut bytes)?;
    Ok(Head::of(&bytes).filter(|head| head.number == number))
}
