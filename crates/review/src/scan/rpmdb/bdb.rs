//! `Packages`, the form of Red Hat 8 and before: a hash table of Berkeley DB, its values on pages of their own.

use crate::scan::bytes::{be16, be32, le16, le32, part};

const MAGIC: usize = 0x0006_1561;
/// Kinds of pages and of values on them.
const HASH: [u8; 2] = [2, 13];
const VALUE: u8 = 1;
const ELSEWHERE: u8 = 3;
/// Bytes at the beginning of every page.
const HEAD: usize = 26;
const ROW: usize = 64 << 20;

pub fn blobs(bytes: &[u8], each: &mut dyn FnMut(&[u8])) -> Option<()> {
    let little = le32(bytes, 12)? == MAGIC;
    if !little && be32(bytes, 12)? != MAGIC {
        return None;
    }
    let file = File { bytes, little };
    let size = file.n32(bytes, 20)?;
    if !(512..=65_536).contains(&size) || *bytes.get(24)? != 0 {
        return None;
    }
    for page in bytes.chunks_exact(size).skip(1).filter(|p| p.get(25).is_some_and(|k| HASH.contains(k))) {
        let entries = file.n16(page, 20)?;
        // Keys and values take turns.
        for n in (1..entries).step_by(2) {
            let at = file.n16(page, HEAD + 2 * n)?;
            match *page.get(at)? {
                ELSEWHERE => each(&file.value(page, at, size)?),
                VALUE => {
                    // Values lie one before the other; this one ends where the key before it begins.
                    let end = file.n16(page, HEAD + 2 * (n - 1))?;
                    let value = page.get(at + 1..end)?;
                    // A short one counts packages.
                    if value.len() > 16 {
                        each(value);
                    }
                }
                _ => return None,
            }
        }
    }
    Some(())
}

struct File<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl File<'_> {
    fn n16(&self, bytes: &[u8], at: usize) -> Option<usize> {
        if self.little { le16(bytes, at) } else { be16(bytes, at) }
    }

    fn n32(&self, bytes: &[u8], at: usize) -> Option<usize> {
        if self.little { le32(bytes, at) } else { be32(bytes, at) }
    }

    /// A value on pages of its own, one pointing at the next.
    fn value(&self, page: &[u8], at: usize, size: usize) -> Option<Vec<u8>> {
        let (mut next, len) = (self.n32(page, at + 4)?, self.n32(page, at + 8)?);
        if len > ROW {
            return None;
        }
        let mut value = Vec::new();
        while value.len() < len {
            let page = part(self.bytes, next.checked_mul(size)?, size)?;
            let held = self.n16(page, 22)?.min(len - value.len());
            if held == 0 {
                return None;
            }
            value.extend_from_slice(part(page, HEAD, held)?);
            next = self.n32(page, 16)?;
        }
        Some(value)
    }
}
