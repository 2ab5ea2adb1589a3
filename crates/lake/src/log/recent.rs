//! What was kept lately, by key: batches until whoever sent them was told, names of records until newer ones push
//! them out.

use std::collections::{HashMap, VecDeque};

use super::{Batch, Record, digest};

type Key = [u8; 16];

/// Most batches remembered that nobody was told of: each is a request that broke off.
const BATCHES: usize = 100_000;

#[derive(Debug, Default)]
pub struct Recent {
    batches: Ring,
    names: Ring,
}

impl Recent {
    pub fn new(names: usize) -> Self {
        Self {
            batches: Ring { most: BATCHES, ..Ring::default() },
            names: Ring { most: names, ..Ring::default() },
        }
    }
    /// Whether a batch was kept and nobody told.
    pub fn knows(&self, batch: &Batch) -> bool {
        batch.key.is_some_and(|key| self.batches.held.contains_key(&key))
    }
    /// Takes a batch in; returns the places of records whose names were there already.
    pub fn add(&mut self, batch: &Batch) -> Vec<usize> {
        if let Some(key) = batch.key {
            self.batches.add(key);
        }
        let named = |(n, r): (usize, &Record)| Some((n, name(batch, r)?));
        let all = batch.records.iter().enumerate().filter_map(named);
        all.filter_map(|(n, key)| (!self.names.add(key)).then_some(n)).collect()
    }
    /// It was not kept after all.
    pub fn remove(&mut self, batch: &Batch, already: &[usize]) {
        if let Some(key) = batch.key {
            self.batches.held.remove(&key);
        }
        for (_, record) in batch.records.iter().enumerate().filter(|(n, _)| !already.contains(n)) {
            if let Some(key) = name(batch, record) {
                self.names.held.remove(&key);
            }
        }
    }
    /// Whoever sent it was told.
    pub fn told(&mut self, key: &Key) {
        self.batches.held.remove(key);
    }
}

fn name(batch: &Batch, record: &Record) -> Option<Key> {
    let id = record.id.as_ref()?;
    Some(digest(&[batch.source.uuid().as_bytes(), b"\0", id.as_bytes()]))
}

/// Keys in the order they came; a key's number tells a place in the order that was taken up again.
#[derive(Debug, Default)]
struct Ring {
    held: HashMap<Key, u64>,
    order: VecDeque<(Key, u64)>,
    last: u64,
    most: usize,
}

impl Ring {
    /// False where it was there.
    fn add(&mut self, key: Key) -> bool {
        if self.held.contains_key(&key) {
            return false;
        }
        self.last += 1;
        self.held.insert(key, self.last);
        self.order.push_back((key, self.last));
        while self.order.len() > self.most {
            let Some((old, number)) = self.order.pop_front() else { break };
            if self.held.get(&old) == Some(&number) {
                self.held.remove(&old);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_a_key_taken_up_again_stays() {
        let mut ring = Ring { most: 2, ..Ring::default() };
        assert!(ring.add([1; 16]));
        assert!(!ring.add([1; 16]));
        ring.held.remove(&[1; 16]);
        assert!(ring.add([1; 16]), "it was forgotten");
        assert!(ring.add([2; 16]));
        assert!(!ring.add([1; 16]), "its first place in the order went, not itself");
        assert!(ring.add([3; 16]));
        assert!(ring.add([1; 16]));
    }
}
