//! Literals that may stand anywhere in a text: at each place of the text four bytes are looked up in a small table of
//! bits, and only what is found there is compared with the literals.
//!
//! An Aho-Corasick automaton over thousands of literals waits at every byte for the state before it; here no place waits
//! for another. Of each literal the rarest four bytes are looked for; shorter literals have tables of their own. Where all
//! literals are long, only every second place of the text is looked at, or fewer, and of each literal as many fours side by
//! side are in the table: one of them stands at such a place.

use rustc_hash::FxHashMap;

/// Bits of a table for each literal in it: more keep false alarms away, fewer stay in the cache.
const BITS: usize = 32;
/// The smallest and the largest table, as powers of two.
const SIZES: (u32, u32) = (9, 18);

/// The widest step from place to place.
const STEP: usize = 8;

/// How often four bytes stand in literals, to choose the rarest of each.
type Counts = FxHashMap<u32, u32>;

/// Literals by some of their bytes.
#[derive(Debug, Default)]
pub struct Grams {
    /// For literals of one, two, three, and of four bytes and more.
    passes: [Option<Pass>; 4],
}

#[derive(Debug)]
struct Pass {
    bits: Box<[u64]>,
    shift: u32,
    step: usize,
    buckets: FxHashMap<u32, (u32, u32)>,
    all: Box<[Place]>,
    texts: Box<[(Box<[u8]>, u32)]>,
}

/// Bytes that are looked for.
#[derive(Debug)]
struct Place {
    /// Of which literal.
    literal: u32,
    /// Where in it.
    at: u32,
}

impl Grams {
    /// Literals, each with a number; an empty one is none.
    pub fn new<'l>(literals: impl Iterator<Item = (&'l str, u32)>) -> Grams {
        let mut by_length: [Vec<(&[u8], u32)>; 4] = Default::default();
        for (text, number) in literals {
            if let Some(list) = text.len().checked_sub(1).and_then(|n| by_length.get_mut(n.min(3))) {
                list.push((text.as_bytes(), number));
            }
        }
        let [one, two, three, four] = by_length;
        let passes =
            [Pass::new::<1>(&one), Pass::new::<2>(&two), Pass::new::<3>(&three), Pass::new::<4>(&four)];
        Grams { passes }
    }

    /// The numbers of all literals that stand in a text; one may be told several times.
    pub fn find(&self, text: &str, mut found: impl FnMut(u32)) {
        let text = text.as_bytes();
        let [one, two, three, four] = &self.passes;
        if let Some(pass) = four {
            pass.find::<4>(text, &mut found);
        }
        if let Some(pass) = three {
            pass.find::<3>(text, &mut found);
        }
        if let Some(pass) = two {
            pass.find::<2>(text, &mut found);
        }
        if let Some(pass) = one {
            pass.find::<1>(text, &mut found);
        }
    }
}

/// Up to four bytes as one number.
fn gram<const N: usize>(bytes: [u8; N]) -> u32 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn grams<const N: usize>(text: &[u8]) -> impl Iterator<Item = u32> {
    text.windows(N).map(|window| <[u8; N]>::try_from(window).map_or(0, gram))
}

impl Pass {
    fn new<const N: usize>(literals: &[(&[u8], u32)]) -> Option<Pass> {
        if literals.is_empty() {
            return None;
        }
        let mut counts = Counts::default();
        for (text, _) in literals {
            grams::<N>(text).for_each(|gram| *counts.entry(gram).or_default() += 1);
        }
        let shortest = literals.iter().map(|(text, _)| text.len()).min().unwrap_or(N);
        let step = (shortest + 1).saturating_sub(N).clamp(1, STEP);
        let mut keyed: Vec<(u32, Place)> = Vec::with_capacity(literals.len() * step);
        for (literal, (text, _)) in literals.iter().enumerate() {
            let all: Vec<u32> = grams::<N>(text).collect();
            let rarest = all.windows(step).enumerate().min_by_key(|(at, side_by_side)| {
                let of = |gram: &u32| (counts.get(gram).copied().unwrap_or(0), plainness(*gram));
                let sum = side_by_side.iter().map(of).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
                (sum, *at)
            });
            let (first, side_by_side) = rarest?;
            keyed.extend(
                side_by_side
                    .iter()
                    .zip(first..)
                    .map(|(gram, at)| (*gram, Place { literal: place(literal), at: place(at) })),
            );
        }
        keyed.sort_by_key(|(gram, place)| (*gram, place.literal, place.at));
        let size = (keyed.len() * BITS).next_power_of_two().trailing_zeros().clamp(SIZES.0, SIZES.1);
        let mut pass = Pass {
            bits: vec![0; 1 << (size - 6)].into(),
            shift: 32 - size,
            step,
            buckets: FxHashMap::default(),
            all: Box::default(),
            texts: literals.iter().map(|(text, number)| ((*text).into(), *number)).collect(),
        };
        for (at, (gram, _)) in keyed.iter().enumerate() {
            pass.buckets.entry(*gram).or_insert((place(at), 0)).1 = place(at + 1);
            let (word, bit) = pass.place(*gram);
            if let Some(word) = pass.bits.get_mut(word) {
                *word |= 1 << bit;
            }
        }
        pass.all = keyed.into_iter().map(|(_, place)| place).collect();
        Some(pass)
    }

    /// Fibonacci's hash: the upper bits of a product.
    fn place(&self, gram: u32) -> (usize, u32) {
        let hash = gram.wrapping_mul(0x9E37_79B1) >> self.shift;
        ((hash >> 6) as usize, hash & 63)
    }

    fn find<const N: usize>(&self, text: &[u8], found: &mut impl FnMut(u32)) {
        if self.step == 1 {
            grams::<N>(text).enumerate().for_each(|(at, gram)| self.look(text, at, gram, found));
        } else {
            let places = grams::<N>(text).enumerate().step_by(self.step);
            places.for_each(|(at, gram)| self.look(text, at, gram, found));
        }
    }

    fn look(&self, text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(u32)) {
        let (word, bit) = self.place(gram);
        if self.bits.get(word).is_some_and(|word| word >> bit & 1 == 1) {
            self.compare(text, at, gram, found);
        }
    }

    #[cold]
    fn compare(&self, text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(u32)) {
        let Some((from, to)) = self.buckets.get(&gram) else { return };
        for place in self.all.get(*from as usize..*to as usize).unwrap_or_default() {
            let Some((literal, number)) = self.texts.get(place.literal as usize) else { continue };
            let there = at.checked_sub(place.at as usize).and_then(|from| text.get(from..));
            if there.is_some_and(|there| there.starts_with(literal)) {
                found(*number);
            }
        }
    }
}

fn place(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How common letters make four bytes common in texts that no rule knows.
fn plainness(gram: u32) -> u32 {
    gram.to_le_bytes()
        .into_iter()
        .map(|byte| match byte {
            b'e' | b's' | b'i' | b'o' | b't' | b'n' | b'r' | b'a' => 4,
            b'\\' | b'.' | b'0' | b'1' | b'2' | b'c' | b'd' | b'l' | b'm' | b'w' | b'x' | b' ' => 3,
            b'a'..=b'z' | b'0'..=b'9' => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::Grams;

    #[test]
    fn literals_of_any_length_anywhere() {
        let literals = ["a", "bc", "cde", "defg", "efghijk", "đ", "gđ", ""];
        let grams = Grams::new(literals.into_iter().zip(0..));
        let find = |text: &str| {
            let mut out = Vec::new();
            grams.find(text, |n| out.push(n));
            out.sort_unstable();
            out.dedup();
            out
        };
        assert_eq!(find("abcdefghijk"), [0, 1, 2, 3, 4]);
        assert_eq!(find("xefghijkx"), [4]);
        assert_eq!(find("xefghijx"), [0_u32; 0]);
        assert_eq!(find("xgđ"), [5, 6]);
        assert!(find("").is_empty() && find("d").is_empty());
    }

    #[test]
    fn long_literals_are_found_wherever_they_begin() {
        let literals = ["abcdefg", "hijklmnop", "ghijklmn"];
        let grams = Grams::new(literals.into_iter().zip(0..));
        for before in 0..20 {
            for (number, literal) in literals.into_iter().enumerate() {
                let mut found = Vec::new();
                grams.find(&format!("{}{literal}!", "x".repeat(before)), |n| found.push(n));
                assert!(found.iter().any(|n| *n as usize == number), "{literal} after {before}");
                assert!(found.iter().all(|n| *n as usize == number), "{literal} after {before}");
            }
        }
    }
}
