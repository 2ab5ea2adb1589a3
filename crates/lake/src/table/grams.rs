//! Which short pieces of text a row group's lines and fields hold, so that a search for a rare word reads only the row
//! groups that may have it.
//!
//! Four ASCII characters beside each other, in lower case, are a piece, and set one bit. The bits lie in the file between
//! the last row group and the foot, where Parquet's readers do not look; the foot says where (`canh.grams`).

use arrow_array::RecordBatch;
use parquet::file::metadata::KeyValue;

use super::{file::Group, rows};
use crate::Error;

/// The foot's word for where they are.
const KEY: &str = "canh.grams";
/// The most bits of a row group: of one of 64,000 long lines, an eighth of them set.
const BITS: u32 = 1 << 20;
/// The fewest.
const LEAST: usize = 64;
/// They are folded in half as long as this part of them, and no more, is set.
const SPARSE: usize = 8;

/// Where the bits of a row group lie in its file: from where, how many bytes.
pub type Place = (u64, u32);

/// The bits of a row group in the making.
pub struct Grams(Vec<u64>);

impl Default for Grams {
    fn default() -> Self {
        Self(vec![0; BITS as usize / 64])
    }
}

impl Grams {
    /// Adds those of some rows.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let raws = rows::texts(batch, rows::name::RAW)?;
        (0..batch.num_rows()).for_each(|row| self.text(raws.value(row)));
        let fields = rows::Fields::of(batch)?;
        (0..batch.num_rows()).flat_map(|row| fields.list(row)).for_each(|(_, value)| self.text(value));
        Ok(())
    }

    fn text(&mut self, text: &str) {
        each(text, |bit| {
            if let Some(word) = self.0.get_mut(bit as usize / 64) {
                *word |= 1 << (bit % 64);
            }
        });
    }

    /// As few bits as say nearly as much.
    pub fn finish(self) -> Vec<u8> {
        let mut words = self.0;
        let set: usize = words.iter().map(|w| w.count_ones() as usize).sum();
        while words.len() * 64 > LEAST && set * SPARSE <= words.len() * 64 {
            let (low, high) = words.split_at(words.len() / 2);
            words = low.iter().zip(high).map(|(a, b)| a | b).collect();
        }
        words.iter().flat_map(|w| w.to_le_bytes()).collect()
    }
}

/// The pieces any text has that has this one in it, however its letters are written.
pub fn pieces(text: &str) -> Vec<u32> {
    let mut all = Vec::new();
    each(text, |bit| all.push(bit));
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether all of these may be there.
pub fn may_hold(bits: &[u8], pieces: &[u32]) -> bool {
    let mask = (bits.len() * 8).wrapping_sub(1);
    pieces.iter().all(|piece| {
        let bit = *piece as usize & mask;
        bits.get(bit / 8).is_none_or(|byte| byte >> (bit % 8) & 1 == 1)
    })
}

/// Whether a count of bytes is one they can have.
fn fits(bytes: usize) -> bool {
    bytes.is_power_of_two() && (LEAST..=BITS as usize).contains(&(bytes * 8))
}

fn each(text: &str, mut found: impl FnMut(u32)) {
    let (mut window, mut length) = (0_u32, 0_u32);
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let byte = match byte {
            0..128 => byte.to_ascii_lowercase(),
            // No piece goes over what is no ASCII, but for three characters that are, in another case.
            _ => {
                let (same, left) = match (byte, after) {
                    (0xC4, [0xB0, left @ ..]) => (b'i', left),
                    (0xC5, [0xBF, left @ ..]) => (b's', left),
                    (0xE2, [0x84, 0xAA, left @ ..]) => (b'k', left),
                    _ => {
                        length = 0;
                        continue;
                    }
                };
                rest = left;
                same
            }
        };
        window = window << 8 | u32::from(byte);
        length += 1;
        if length >= 4 {
            found(window.wrapping_mul(0x9E37_79B1) >> 12);
        }
    }
}

/// What the foot says of where they are.
pub fn told(places: &[Place]) -> KeyValue {
    let text: Vec<String> = places.iter().map(|(at, bytes)| format!("{at}+{bytes}")).collect();
    KeyValue::new(KEY.to_owned(), text.join(" "))
}

/// Where a foot says they are, row group by row group; none where it says nothing or nothing that can be.
pub fn places(foot: Option<&Vec<KeyValue>>, groups: &[Group], size: u64) -> Vec<Place> {
    let text = foot.into_iter().flatten().find(|pair| pair.key == KEY).and_then(|pair| pair.value.as_deref());
    let place = |word: &str| {
        let (at, bytes) = word.split_once('+')?;
        let (at, bytes): (u64, u32) = (at.parse().ok()?, bytes.parse().ok()?);
        (fits(bytes as usize) && at.checked_add(u64::from(bytes))? <= size).then_some((at, bytes))
    };
    let all: Option<Vec<Place>> = text.unwrap_or_default().split_whitespace().map(place).collect();
    all.filter(|all| all.len() == groups.len()).unwrap_or_default()
}
