//! Finding tampering: the whole tree is computed again from the entries, and everything stored is held against it.
//!
//! What no log can find alone, a consistent rewrite by somebody who can sign, is found against a checkpoint that
//! was kept elsewhere.

use std::{collections::BTreeMap, fmt};

use tlog_tiles::tlog;

use super::{
    Entry, Head, Root,
    checkpoint::{self, Checkpoint, Keys},
    head::Known,
    proof,
    tree::Tree,
};
use crate::{Row, Sql, StoreError, args};

/// Rows read at once.
const BATCH: i64 = 2_000;
/// After so many faults the rest are only counted: the log is broken either way.
const FAULTS_MAX: usize = 100;

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Entry number `seq` is not where it should be: removed, doubled, swapped or added.
    Sequence {
        /// The number expected.
        seq: u64,
    },
    /// Entry `seq` is not an entry as Canh writes it.
    Entry {
        /// Its number.
        seq: u64,
    },
    /// A searchable column of entry `seq` differs from what was hashed.
    Column {
        /// Its number.
        seq: u64,
        /// The column.
        column: &'static str,
    },
    /// A stored hash is missing or differs.
    Hash {
        /// Its stored index.
        idx: u64,
    },
    /// More stored hashes, or hashes elsewhere, than the entries call for.
    Hashes {
        /// Stored.
        stored: u64,
        /// Called for.
        wanted: u64,
    },
    /// The log does not have the length its head says.
    Size {
        /// Said.
        said: u64,
        /// Found.
        found: u64,
    },
    /// The log does not have the root its head says.
    Head,
    /// The log is shorter than what a checkpoint vouches for: its end was cut off.
    Shorter {
        /// Where the checkpoint is from.
        from: String,
        /// Entries it vouches for.
        size: u64,
    },
    /// The first `size` entries are not those a checkpoint vouches for: rewritten after it was signed.
    Rewritten {
        /// Where the checkpoint is from.
        from: String,
        /// Entries it vouches for.
        size: u64,
    },
    /// A checkpoint that is not believed.
    Checkpoint {
        /// Where it is from.
        from: String,
        /// Why.
        why: String,
    },
}

impl Fault {
    /// A stable word, for translation.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Sequence { .. } => "sequence",
            Fault::Entry { .. } => "entry",
            Fault::Column { .. } => "column",
            Fault::Hash { .. } => "hash",
            Fault::Hashes { .. } => "hashes",
            Fault::Size { .. } => "size",
            Fault::Head => "head",
            Fault::Shorter { .. } => "shorter",
            Fault::Rewritten { .. } => "rewritten",
            Fault::Checkpoint { .. } => "checkpoint",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Sequence { seq } => write!(f, "entry {seq} is not where it should be"),
            Fault::Entry { seq } => write!(f, "entry {seq} is not as Canh writes entries"),
            Fault::Column { seq, column } => {
                write!(f, "entry {seq}: column `{column}` differs from what was hashed")
            }
            Fault::Hash { idx } => write!(f, "stored hash {idx} is missing or differs"),
            Fault::Hashes { stored, wanted } => {
                write!(f, "{stored} hashes are stored, {wanted} belong there")
            }
            Fault::Size { said, found } => write!(f, "the head says {said} entries, there are {found}"),
            Fault::Head => write!(f, "the root in the head is not that of the entries"),
            Fault::Shorter { from, size } => {
                write!(f, "{from} vouches for {size} entries: the end was cut off")
            }
            Fault::Rewritten { from, size } => {
                write!(f, "{from}: the first {size} entries were rewritten after it was signed")
            }
            Fault::Checkpoint { from, why } => write!(f, "{from}: {why}"),
        }
    }
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries read.
    pub size: u64,
    /// The root computed from them.
    pub root: Root,
    /// Checkpoints whose signature and root hold.
    pub checkpoints: u32,
    /// What is wrong, at most a hundred.
    pub faults: Vec<Fault>,
    /// Further faults.
    pub more: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }
}

/// A checkpoint to hold the log against, with where it is from (a file name) for the report.
pub struct Outside {
    /// Where it is from.
    pub from: String,
    /// The signed note.
    pub note: String,
}

/// The judge: is fed the entries in order and knows what should come out.
pub(super) struct Judge {
    tree: Tree,
    /// By size: where the checkpoint is from, and the root it vouches for.
    vouched: BTreeMap<u64, Vec<(String, Root)>>,
    report: Report,
}

impl Judge {
    pub fn new(outside: &[Outside], keys: &Keys) -> Self {
        let tree = Tree::default();
        let report = Report { size: 0, root: tree.root(), checkpoints: 0, faults: vec![], more: 0 };
        let mut judge = Self { tree, vouched: BTreeMap::new(), report };
        for Outside { from, note } in outside {
            judge.believe(from.clone(), note, None, keys);
        }
        judge
    }

    /// Takes a checkpoint as a witness, if it is signed. `size`: under which it was stored.
    pub fn believe(&mut self, from: String, note: &str, size: Option<u64>, keys: &Keys) {
        match Checkpoint::open(note, keys) {
            Ok(c) if size.is_none_or(|s| s == c.size) => {
                self.vouched.entry(c.size).or_default().push((from, c.root));
            }
            Ok(_) => self.fault(Fault::Checkpoint { from, why: "stored under another size".into() }),
            Err(error) => self.fault(Fault::Checkpoint { from, why: error.to_string() }),
        }
    }

    pub fn fault(&mut self, fault: Fault) {
        if self.report.faults.len() < FAULTS_MAX {
            self.report.faults.push(fault);
        } else {
            self.report.more += 1;
        }
    }

    /// The next entry's bytes. Returns the entry, if it is one, and the hashes storing it adds.
    pub fn entry(&mut self, leaf: &[u8]) -> (Option<Entry>, Vec<Root>) {
        self.compare();
        let seq = self.tree.size();
        let entry = Entry::from_leaf(leaf);
        match &entry {
            None => self.fault(Fault::Entry { seq }),
            Some(e) if e.seq != seq => self.fault(Fault::Sequence { seq }),
            Some(_) => {}
        }
        (entry, self.tree.push(leaf))
    }

    /// Holds the log so far against the checkpoints of exactly its size.
    fn compare(&mut self) {
        let size = self.tree.size();
        if let Some(witnesses) = self.vouched.remove(&size) {
            let root = self.tree.root();
            for (from, vouched) in witnesses {
                if vouched == root {
                    self.report.checkpoints += 1;
                } else {
                    self.fault(Fault::Rewritten { from, size });
                }
            }
        }
    }

    /// The end of the entries; `head` is what the log says of itself.
    pub fn end(mut self, said_size: u64, said_root: &Root) -> Report {
        self.compare();
        (self.report.size, self.report.root) = (self.tree.size(), self.tree.root());
        if said_size != self.report.size {
            self.fault(Fault::Size { said: said_size, found: self.report.size });
        }
        if *said_root != self.report.root {
            self.fault(Fault::Head);
        }
        for (size, witnesses) in std::mem::take(&mut self.vouched) {
            for (from, _) in witnesses {
                self.fault(Fault::Shorter { from, size });
            }
        }
        self.report
    }

    pub fn root(&self) -> Root {
        self.tree.root()
    }

    fn seq(&self) -> u64 {
        self.tree.size()
    }
}

/// Verifies the log of a store, as one transaction sees it. A million entries take some seconds.
pub async fn live(sql: &mut Sql, outside: &[Outside], keys: &Keys) -> Result<Report, StoreError> {
    let head = Head::load(sql).await?;
    let mut judge = Judge::new(outside, keys);
    for kept in checkpoint::all(sql).await? {
        judge.believe(format!("stored checkpoint {}", kept.size), &kept.note, Some(kept.size), keys);
    }
    let mut after = -1_i64;
    loop {
        let rows = sql
            .rows(
                "select seq, at, actor, action, subject, body, leaf from audit_entry
                 where seq > $1 order by seq limit $2",
                args![after, BATCH],
            )
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.int("seq")?;
        batch(sql, &mut judge, &rows).await?;
    }
    let wanted = tlog::stored_hash_count(judge.seq());
    let row = sql.row("select count(*) as n from audit_hash", vec![]).await?;
    let stored = row.map_or(Ok(0), |r| r.int("n"))?.unsigned_abs();
    if stored != wanted {
        judge.fault(Fault::Hashes { stored, wanted });
    }
    Ok(judge.end(head.size, &head.root))
}

async fn batch(sql: &mut Sql, judge: &mut Judge, rows: &[Row]) -> Result<(), StoreError> {
    let first = tlog::stored_hash_index(0, judge.seq());
    let next = tlog::stored_hash_index(0, judge.seq() + rows.len() as u64);
    let stored: BTreeMap<u64, Vec<u8>> = sql
        .rows(
            "select idx, hash from audit_hash where idx >= $1 and idx < $2",
            args![first as i64, next as i64],
        )
        .await?
        .iter()
        .map(|r| Ok((r.int("idx")?.unsigned_abs(), r.bytes("hash")?)))
        .collect::<Result<_, StoreError>>()?;
    let mut idx = first;
    for row in rows {
        let seq = judge.seq();
        let (entry, hashes) = judge.entry(&row.bytes("leaf")?);
        if row.int("seq")? != seq as i64 {
            judge.fault(Fault::Sequence { seq });
        }
        if let Some(column) = entry.and_then(|e| differing(row, &e)) {
            judge.fault(Fault::Column { seq, column });
        }
        for hash in hashes {
            if stored.get(&idx).is_none_or(|s| *s != hash) {
                judge.fault(Fault::Hash { idx });
            }
            idx += 1;
        }
    }
    Ok(())
}

/// The first column that does not say what the entry says.
fn differing(row: &Row, entry: &Entry) -> Option<&'static str> {
    // A column that cannot even be read differs too.
    let text = |column, value: &str| row.text(column).ok().as_deref() == Some(value);
    let body = entry.body.map(|b| b.to_string());
    if row.int("at").ok() != Some(entry.at.as_microsecond()) {
        Some("at")
    } else if !text("actor", &entry.actor) {
        Some("actor")
    } else if !text("action", &entry.action) {
        Some("action")
    } else if !text("subject", &entry.subject) {
        Some("subject")
    } else if row.opt_text("body").ok() != Some(body) {
        Some("body")
    } else {
        None
    }
}

/// A look instead of a verification: does the head agree with the number of entries, the stored hashes and the last
/// entry? Takes the same time however long the log is.
pub async fn quick(sql: &mut Sql) -> Result<Option<Fault>, StoreError> {
    let head = Head::load(sql).await?;
    let row = sql.row("select count(*) as n, max(seq) as last from audit_entry", vec![]).await?;
    let (found, last) =
        row.map_or(Ok((0, None)), |r| Ok::<_, StoreError>((r.int("n")?, r.opt_int("last")?)))?;
    if found.unsigned_abs() != head.size || last.map_or(0, |l| l + 1) != found {
        return Ok(Some(Fault::Size { said: head.size, found: found.unsigned_abs() }));
    }
    let Some(last) = last.map(i64::unsigned_abs) else { return Ok(None) };
    let root = Known::default().with(sql, |known| tlog::tree_hash(head.size, known)).await?;
    if root.0 != head.root {
        return Ok(Some(Fault::Head));
    }
    let row = sql.row("select leaf from audit_entry where seq = $1", args![last as i64]).await?;
    let leaf = row.ok_or(StoreError::NotFound("entry"))?.bytes("leaf")?;
    let same = tlog::record_hash(&leaf).0 == proof::leaf_hash(sql, last).await?;
    Ok((!same).then_some(Fault::Entry { seq: last }))
}
