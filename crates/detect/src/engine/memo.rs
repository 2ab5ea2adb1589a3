//! What a field's texts pointed to the last time they were seen: a machine's events say the same names, paths and users
//! again and again, and a text that is known is neither folded nor searched.

use std::hash::Hasher;

use super::index::Found;

/// Texts remembered by one thread, as a power of two; a newer one takes the place of an older.
const SLOTS: usize = 1 << 10;
/// A longer text, in bytes, is searched each time: the longest seldom come again, and are what would fill the memory.
const LONGEST: usize = 512;

/// What is remembered.
#[derive(Debug, Default)]
pub struct Memo {
    slots: Vec<Slot>,
    /// What was found in a text that is not remembered.
    other: Vec<Found>,
}

#[derive(Debug, Default)]
struct Slot {
    /// The index that was asked, plus one; 0 is nothing.
    index: u32,
    text: String,
    found: Vec<Found>,
}

impl Memo {
    /// What an index finds in a text; `search` is asked where that is not known.
    pub fn find(&mut self, index: u32, text: &str, search: impl FnOnce(&mut Vec<Found>)) -> &[Found] {
        if text.len() > LONGEST {
            self.other.clear();
            search(&mut self.other);
            return &self.other;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Slot::default);
        }
        let mut hasher = rustc_hash::FxHasher::default();
        hasher.write_u32(index);
        hasher.write(text.as_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "the lower bits are all that is wanted")]
        let place = hasher.finish() as usize & (SLOTS - 1);
        let Some(slot) = self.slots.get_mut(place) else { return &[] };
        if slot.index != index + 1 || slot.text != text {
            slot.found.clear();
            search(&mut slot.found);
            slot.index = index + 1;
            slot.text.clear();
            slot.text.push_str(text);
        }
        &slot.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_searched_once_for_each_index() {
        let mut memo = Memo::default();
        let mut searched = 0;
        let mut ask = |index: u32, text: &str| {
            let found = memo.find(index, text, |out| {
                searched += 1;
                out.push(Found::new(index * 100 + u32::try_from(text.len()).unwrap(), false));
            });
            (found.first().map(|f| f.atom()), searched)
        };
        assert_eq!(ask(1, "abc"), (Some(103), 1));
        assert_eq!(ask(1, "abc"), (Some(103), 1));
        assert_eq!(ask(2, "abc"), (Some(203), 2));
        assert_eq!(ask(0, ""), (Some(0), 3));
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(ask(1, &long).1, 4);
        assert_eq!(ask(1, &long).1, 5, "a long one is searched again");
        // More texts than there are places: whatever was overwritten is found again.
        for _ in 0..2 {
            for n in 0..u32::try_from(SLOTS).unwrap() * 2 {
                let text = n.to_string();
                assert_eq!(ask(3, &text).0, Some(300 + u32::try_from(text.len()).unwrap()));
            }
        }
    }
}
