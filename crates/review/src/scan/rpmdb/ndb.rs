//! `Packages.db`, the form SUSE uses: a table of slots, each pointing at one header.

use crate::scan::bytes::{le32, part};

const HEAD: &[u8] = b"RpmP";
const SLOT: &[u8] = b"Slot";
const BLOB: &[u8] = b"BlbS";
const PAGE: usize = 4096;
/// Slots and blocks have so many bytes.
const BLOCK: usize = 16;

pub fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD)
}

pub fn blobs(bytes: &[u8], each: &mut dyn FnMut(&[u8])) -> Option<()> {
    let len = le32(bytes, 12)?.checked_mul(PAGE)?;
    // The head takes the place of the first two slots.
    let slots = bytes.get(2 * BLOCK..len)?;
    for slot in slots.chunks_exact(BLOCK) {
        let number = le32(slot, 4)?;
        if number == 0 {
            continue;
        }
        let at = le32(slot, 8)?.checked_mul(BLOCK)?;
        let head = part(bytes, at, BLOCK)?;
        if !slot.starts_with(SLOT) || !head.starts_with(BLOB) || le32(head, 4)? != number {
            return None;
        }
        each(part(bytes, at + BLOCK, le32(head, 12)?)?);
    }
    Some(())
}
