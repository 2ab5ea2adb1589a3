//! Many short lists, back to back: one by its number.

#[derive(Debug)]
pub struct Lists<T> {
    spans: Box<[(u32, u32)]>,
    all: Box<[T]>,
}

impl<T> Lists<T> {
    pub fn new(lists: impl Iterator<Item = impl IntoIterator<Item = T>>) -> Lists<T> {
        let (mut all, mut spans) = (Vec::new(), Vec::new());
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        for list in lists {
            let from = all.len();
            all.extend(list);
            spans.push((place(from), place(all.len())));
        }
        Lists { spans: spans.into(), all: all.into() }
    }

    /// Empty where there is none of that number.
    pub fn get(&self, number: u32) -> &[T] {
        let (from, to) = self.spans.get(number as usize).copied().unwrap_or_default();
        self.all.get(from as usize..to as usize).unwrap_or_default()
    }
}
