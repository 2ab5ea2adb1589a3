//! A filter before the fingerprints: one line of the cache says of nearly every value that it is in no list.

/// Bits for each value: about one value in a hundred passes for nothing.
const BITS: usize = 12;
/// Bits set of each, all within one line.
const SET: u32 = 6;

/// A line of the cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Line([u64; 8]);

/// The filter.
#[derive(Debug, Default)]
pub(super) struct Filter {
    lines: Box<[Line]>,
}

impl Filter {
    pub(super) fn new(values: &[u64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let mut lines = vec![Line::default(); (values.len() * BITS).div_ceil(512)].into_boxed_slice();
        for value in values {
            let mixed = mix(*value);
            let at = place(mixed, lines.len());
            if let Some(Line(words)) = lines.get_mut(at) {
                for (word, bit) in bits(mixed) {
                    if let Some(word) = words.get_mut(word) {
                        *word |= bit;
                    }
                }
            }
        }
        Self { lines }
    }

    /// Whether a value may have been among them.
    #[inline]
    pub(super) fn may_hold(&self, value: u64) -> bool {
        let mixed = mix(value);
        self.lines.get(place(mixed, self.lines.len())).is_some_and(|Line(words)| {
            bits(mixed).all(|(word, bit)| words.get(word).is_some_and(|w| w & bit != 0))
        })
    }
}

#[inline]
fn place(mixed: u64, lines: usize) -> usize {
    ((u128::from(mixed) * lines as u128) >> 64) as usize
}

#[inline]
fn bits(mixed: u64) -> impl Iterator<Item = (usize, u64)> {
    // The line was chosen by the high bits.
    let own = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (0..SET).map(move |n| {
        let bit = own >> (n * 9) & 511;
        ((bit >> 6) as usize, 1 << (bit & 63))
    })
}

#[inline]
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    let value = (value ^ (value >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    value ^ (value >> 33)
}
