//! The files of a tar as they stream by: nothing of it is held but the file at hand, and no name or note is believed to be
//! longer than such are.

use std::io::{ErrorKind, Read, copy, sink};

use domain::feed::Trouble;

use super::{ENTRIES, Each, FILE, bounded, is_litter};

/// Everything stands in blocks of so many bytes.
pub const BLOCK: usize = 512;
/// Most bytes of a name, and of the notes before a file that may tell its name and size.
const NOTES: u64 = 1 << 20;

/// What a head says.
struct Head {
    name: String,
    size: u64,
    kind: u8,
}

/// What notes told of the next file.
#[derive(Default)]
struct Told {
    name: Option<String>,
    size: Option<u64>,
}

/// Whether this is the head of a file in a tar: its sum is right.
pub fn is_head(block: &[u8]) -> bool {
    let Some((before, sum, after)) =
        block.get(..BLOCK).and_then(|b| Some((b.get(..148)?, number(b.get(148..156)?)?, b.get(156..)?)))
    else {
        return false;
    };
    let bytes = before.iter().chain(after).map(|byte| u64::from(*byte)).sum::<u64>();
    // The sum itself counts as blanks; an empty block has none.
    bytes + 8 * u64::from(b' ') == sum
}

/// Gives every file to `each`; see [`super::each`].
pub fn members(mut from: impl Read, each: Each<'_>) -> Result<(), Trouble> {
    let (mut told, mut block) = (Told::default(), [0; BLOCK]);
    for _ in 0..ENTRIES {
        match from.read_exact(&mut block) {
            Ok(()) if block.iter().all(|byte| *byte == 0) => return Ok(()),
            Ok(()) => {}
            // Some leave the empty blocks at the end out; half a block they do not.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && told.is_empty() => return Ok(()),
            Err(_) => return Err(Trouble::Broken),
        }
        let mut head = Head::parse(&block).ok_or(Trouble::Broken)?;
        if matches!(head.kind, b'x' | b'L') {
            if head.size > NOTES {
                return Err(Trouble::Broken);
            }
            let notes = piece(&mut from, head.size)?;
            match head.kind {
                b'L' => told.name = Some(text(&notes)),
                _ => told.read(&notes),
            }
            continue;
        }
        let told = std::mem::take(&mut told);
        head.size = told.size.unwrap_or(head.size);
        let name = told.name.unwrap_or(head.name).replace('\\', "/");
        let name = name.trim_start_matches("./");
        let wanted = matches!(head.kind, 0 | b'0' | b'7') && !name.ends_with('/') && !is_litter(name);
        if !wanted || head.size > FILE as u64 {
            skip(&mut from, padded(head.size))?;
            if wanted && !each(name.to_owned(), Err(Trouble::TooLarge)) {
                return Ok(());
            }
            continue;
        }
        if !each(name.to_owned(), Ok(piece(&mut from, head.size)?)) {
            return Ok(());
        }
    }
    Err(Trouble::TooLarge)
}

impl Head {
    fn parse(block: &[u8; BLOCK]) -> Option<Self> {
        let field = |from: usize, to: usize| block.get(from..to);
        if !is_head(block) {
            return None;
        }
        let (name, before) = (text(field(0, 100)?), text(field(345, 500)?));
        let posix = field(257, 263)? == b"ustar\0";
        let name = if posix && !before.is_empty() { format!("{before}/{name}") } else { name };
        Some(Self { name, size: number(field(124, 136)?)?, kind: *block.get(156)? })
    }
}

impl Told {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.size.is_none()
    }

    /// Lines of `17 path=a/b.json`, each with its own length.
    fn read(&mut self, mut notes: &[u8]) {
        while let Some(blank) = notes.iter().position(|byte| *byte == b' ') {
            let length = notes.get(..blank).and_then(|n| std::str::from_utf8(n).ok()?.parse::<usize>().ok());
            let Some((line, rest)) = length.filter(|n| *n > blank).and_then(|n| notes.split_at_checked(n))
            else {
                return;
            };
            let line = String::from_utf8_lossy(line.get(blank + 1..).unwrap_or_default());
            match line.trim_end_matches('\n').split_once('=') {
                Some(("path", name)) => self.name = Some(name.to_owned()),
                Some(("size", size)) => self.size = size.parse().ok(),
                _ => {}
            }
            notes = rest;
        }
    }
}

/// So many bytes, and what fills their last block.
fn piece(from: &mut impl Read, size: u64) -> Result<Vec<u8>, Trouble> {
    let bytes = bounded(from.by_ref().take(size), size)?;
    if bytes.len() as u64 != size {
        return Err(Trouble::Broken);
    }
    skip(from, padded(size) - size)?;
    Ok(bytes)
}

fn skip(from: &mut impl Read, bytes: u64) -> Result<(), Trouble> {
    match copy(&mut from.take(bytes), &mut sink()) {
        Ok(n) if n == bytes => Ok(()),
        _ => Err(Trouble::Broken),
    }
}

fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX)
}

/// Octal digits, or bytes where the first bit says so.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => {
            rest.iter().try_fold(0_u64, |n, byte| n.checked_mul(256)?.checked_add(u64::from(*byte)))
        }
        _ => {
            let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
            if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}
