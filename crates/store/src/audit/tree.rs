//! A Merkle tree grown leaf by leaf that remembers only its right edge.

use tlog_tiles::tlog::{EMPTY_HASH, Hash, node_hash, record_hash};

use super::Root;

/// The tree over the leaves given so far: a few hashes, however long the log is. Needs nothing stored, so it can
/// be the judge of what is.
#[derive(Default)]
pub(super) struct Tree {
    size: u64,
    /// The roots of the full subtrees, widest first: one per set bit of `size`.
    edge: Vec<Hash>,
}

impl Tree {
    /// Adds a leaf. Returns the hashes that storing it adds, in their stored order: its own, then that of every
    /// subtree it completes.
    pub fn push(&mut self, leaf: &[u8]) -> Vec<Root> {
        let mut hash = record_hash(leaf);
        let mut stored = vec![hash.0];
        let mut n = self.size;
        while n & 1 == 1 {
            let Some(left) = self.edge.pop() else { break };
            hash = node_hash(left, hash);
            stored.push(hash.0);
            n >>= 1;
        }
        self.edge.push(hash);
        self.size += 1;
        stored
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Root {
        self.edge.iter().rev().copied().reduce(|right, left| node_hash(left, right)).unwrap_or(EMPTY_HASH).0
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tlog_tiles::tlog::{self, Error, HashReader};

    use super::*;

    struct Stored(RefCell<Vec<Hash>>);
    impl HashReader for Stored {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
            Ok(indexes.iter().map(|i| self.0.borrow()[*i as usize]).collect())
        }
    }

    #[test]
    fn it_agrees_with_the_library_at_every_size() {
        let (mut tree, stored) = (Tree::default(), Stored(RefCell::default()));
        assert_eq!(tree.root(), EMPTY_HASH.0);
        for n in 0..300_u64 {
            let leaf = n.to_string();
            let theirs = tlog::stored_hashes(n, leaf.as_bytes(), &stored).unwrap();
            assert_eq!(tree.push(leaf.as_bytes()), theirs.iter().map(|h| h.0).collect::<Vec<_>>());
            stored.0.borrow_mut().extend(theirs);
            assert_eq!(tree.root(), tlog::tree_hash(n + 1, &stored).unwrap().0);
            assert_eq!(tree.size(), n + 1);
        }
    }
}
