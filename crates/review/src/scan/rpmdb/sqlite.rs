//! `rpmdb.sqlite`: one table of a SQLite file, read page by page.

use std::collections::BTreeSet;

use crate::scan::bytes::{be16, be32, part};

const HEAD: &[u8] = b"SQLite format 3\0";
/// Deepest tree of pages.
const DEEPEST: usize = 24;
/// Largest value of one row.
const ROW: usize = 64 << 20;

pub fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD)
}

/// Gives every row's last value of a table to `each`; none if the file is broken.
pub fn blobs(bytes: &[u8], table: &str, each: &mut dyn FnMut(&[u8])) -> Option<()> {
    let size = match be16(bytes, 16)? {
        1 => 65_536,
        size if size >= 512 => size,
        _ => return None,
    };
    let usable = size.checked_sub(usize::from(*bytes.get(20)?))?;
    let file = File { bytes, size, usable };
    let mut root = None;
    // The first page is the root of the table of tables.
    file.walk(1, 0, &mut BTreeSet::new(), &mut |record| {
        let values = values(record).unwrap_or_default();
        let text = |n: usize| values.get(n).and_then(|(_, v)| std::str::from_utf8(v).ok());
        if text(0) == Some("table") && text(1) == Some(table) {
            root = values.get(3).map(|(_, v)| v.iter().fold(0_usize, |sum, b| (sum << 8) | usize::from(*b)));
        }
    })?;
    let mut any = |record: &[u8]| {
        if let Some((_, blob)) = values(record).and_then(|v| v.last().copied()) {
            each(blob);
        }
    };
    file.walk(root?, 0, &mut BTreeSet::new(), &mut any)
}

struct File<'a> {
    bytes: &'a [u8],
    size: usize,
    usable: usize,
}

impl<'a> File<'a> {
    fn page(&self, number: usize) -> Option<&'a [u8]> {
        part(self.bytes, number.checked_sub(1)?.checked_mul(self.size)?, self.size)
    }

    /// Every record of a tree; no page is entered twice.
    fn walk(
        &self,
        number: usize,
        depth: usize,
        seen: &mut BTreeSet<usize>,
        each: &mut dyn FnMut(&[u8]),
    ) -> Option<()> {
        if depth > DEEPEST || !seen.insert(number) {
            return None;
        }
        let page = self.page(number)?;
        let head = if number == 1 { 100 } else { 0 };
        let (kind, cells) = (*page.get(head)?, be16(page, head + 3)?);
        let pointers = head + if kind == 5 { 12 } else { 8 };
        for n in 0..cells {
            let at = be16(page, pointers + 2 * n)?;
            match kind {
                5 => self.walk(be32(page, at)?, depth + 1, seen, each)?,
                13 => each(&self.record(page, at)?),
                _ => return None,
            }
        }
        if kind == 5 {
            self.walk(be32(page, head + 8)?, depth + 1, seen, each)?;
        }
        Some(())
    }

    /// A cell's record, with what of it lies on other pages.
    fn record(&self, page: &[u8], at: usize) -> Option<Vec<u8>> {
        let (len, at) = varint(page, at)?;
        let (_, at) = varint(page, at)?;
        let most = self.usable.checked_sub(35)?;
        if len > ROW {
            return None;
        }
        if len <= most {
            return part(page, at, len).map(<[u8]>::to_vec);
        }
        let least = (self.usable.checked_sub(12)? * 32 / 255).checked_sub(23)?;
        let local = least + (len - least) % self.usable.checked_sub(4)?;
        let local = if local <= most { local } else { least };
        let mut record = part(page, at, local)?.to_vec();
        let mut next = be32(page, at + local)?;
        while record.len() < len {
            let page = self.page(next)?;
            let more = (len - record.len()).min(self.usable - 4);
            record.extend_from_slice(part(page, 4, more)?);
            next = be32(page, 0)?;
        }
        Some(record)
    }
}

/// The values of a record, each with its kind.
fn values(record: &[u8]) -> Option<Vec<(usize, &[u8])>> {
    let (head, mut at) = varint(record, 0)?;
    let mut from = head;
    let mut found = Vec::new();
    while at < head {
        let (kind, next) = varint(record, at)?;
        at = next;
        let len = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => (kind - 12) / 2,
        };
        found.push((kind, part(record, from, len)?));
        from = from.checked_add(len)?;
    }
    Some(found)
}

/// Seven bits a byte, the first bit says that more follow.
fn varint(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for n in 0..9 {
        let byte = usize::from(*bytes.get(at)?);
        at += 1;
        if n == 8 {
            return Some(((value << 8) | byte, at));
        }
        value = (value << 7) | (byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some((value, at))
}
