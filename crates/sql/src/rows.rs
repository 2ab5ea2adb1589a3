//! Rows on their way into the child.

use crate::{BYTES, EVENTS};

/// Nothing, where the length of a value stands.
const NONE: u32 = u32::MAX;

/// Rows of some columns, packed: of each value its length in four bytes, then itself.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    columns: Vec<String>,
    packed: Vec<u8>,
    rows: usize,
}

impl Rows {
    /// None yet, of these columns by their names in [`crate::COLUMNS`].
    pub fn new(columns: Vec<String>) -> Self {
        Self { columns, packed: Vec::new(), rows: 0 }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row, its values in the order of the columns. False, and nothing is added, when there are [`EVENTS`] or
    /// [`BYTES`] already.
    pub fn push<'v>(&mut self, values: impl Iterator<Item = Option<&'v str>>) -> bool {
        if self.rows >= EVENTS || self.packed.len() >= BYTES {
            return false;
        }
        for value in values {
            let length = value.map_or(NONE, |v| u32::try_from(v.len()).unwrap_or(0));
            self.packed.extend(length.to_le_bytes());
            self.packed.extend(value.unwrap_or_default().as_bytes());
        }
        self.rows += 1;
        true
    }

    /// The request a child reads: whether to plan only, the statement, the columns, the rows.
    pub(crate) fn request(&self, sql: &str, plan: bool) -> Vec<u8> {
        let head = serde_json::to_vec(&(plan, sql, &self.columns)).unwrap_or_default();
        let length = u32::try_from(head.len()).unwrap_or(0);
        [&length.to_le_bytes(), head.as_slice(), &self.packed].concat()
    }
}

/// Whether to plan only, the statement, the columns.
pub(crate) type Head = (bool, String, Vec<String>);

/// A request's head, and its values one after the other.
pub(crate) fn read(request: &[u8]) -> Option<(Head, Values<'_>)> {
    let mut values = Values(request);
    let head = values.next()??;
    Some((serde_json::from_str(head).ok()?, values))
}

/// What is left to be read.
pub(crate) struct Values<'a>(&'a [u8]);

impl<'a> Iterator for Values<'a> {
    type Item = Option<&'a str>;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length);
        let length = if length == NONE { None } else { Some(usize::try_from(length).ok()?) };
        let (value, rest) = rest.split_at_checked(length.unwrap_or(0))?;
        self.0 = rest;
        Some(match length {
            Some(_) => Some(std::str::from_utf8(value).ok()?),
            None => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_read() {
        let mut rows = Rows::new(vec!["host_name".into(), "raw".into()]);
        assert!(rows.push([Some("máy"), None].into_iter()));
        assert!(rows.push([None, Some("")].into_iter()));
        assert_eq!(rows.len(), 2);
        let request = rows.request("select 1", false);
        let (head, values) = read(&request).unwrap();
        assert_eq!(head, (false, "select 1".into(), vec!["host_name".into(), "raw".into()]));
        assert_eq!(values.collect::<Vec<_>>(), [Some("máy"), None, None, Some("")]);
        // Cut anywhere it is not read wrongly, nor does it panic.
        for end in 0..request.len() {
            if let Some((_, values)) = read(&request[..end]) {
                assert!(values.count() < 4);
            }
        }
    }
}
