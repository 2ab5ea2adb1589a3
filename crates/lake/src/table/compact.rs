//! Fewer files of more events; events whose time is over, gone.

use std::{collections::BTreeMap, fs, sync::Arc};

use domain::id::{Id, kind};
use jiff::Timestamp;

use super::{
    Group, Lake, Name,
    file::{DataFile, Writing},
    merge::{merge, read},
};
use crate::Error;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Files made of others.
    pub made: usize,
    /// Events that went.
    pub expired: u64,
}

/// What is kept of a body's events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keep {
    /// What came since then.
    pub since: Timestamp,
    /// And what came or happened within any of these, both ends included.
    pub held: Vec<(Timestamp, Timestamp)>,
}

/// Whether a row group's time is over.
fn over(keep: &BTreeMap<Id<kind::Body>, Keep>, group: &Group) -> bool {
    let Some(keep) = keep.get(&group.body) else { return false };
    let touches = |(from, to): &(Timestamp, Timestamp)| {
        let within = |first: i64, last: i64| first <= to.as_microsecond() && last >= from.as_microsecond();
        within(group.came.0, group.came.1) || within(group.times.0, group.times.1)
    };
    group.came.1 < keep.since.as_microsecond() && !keep.held.iter().any(touches)
}

impl Lake {
    /// Makes one file of several small ones beside each other, if there are enough of them. Whether it did.
    pub fn compact(&self) -> Result<bool, Error> {
        let _one = self.tidying();
        let files = self.view().files;
        let Some(run) = run(&files, self.0.bounds.fan, self.0.bounds.merged) else { return Ok(false) };
        self.replace(run, &|_| true)?;
        Ok(true)
    }

    /// What [`Lake::expire`] would let go of, by body.
    pub fn over(&self, keep: &BTreeMap<Id<kind::Body>, Keep>) -> BTreeMap<Id<kind::Body>, u64> {
        let mut all = BTreeMap::new();
        for file in self.view().files {
            for group in file.groups.iter().filter(|g| over(keep, g)) {
                *all.entry(group.body).or_default() += group.rows;
            }
        }
        all
    }

    /// Lets go of what came before a body's term: whole row groups, the last event of which came before it, and nothing of
    /// which is held. `keep` says since when a body's events are kept; none of a body means all of them are.
    pub fn expire(&self, keep: &BTreeMap<Id<kind::Body>, Keep>) -> Result<Done, Error> {
        let _one = self.tidying();
        let mut done = Done::default();
        for file in self.view().files {
            let gone: u64 = file.groups.iter().filter(|g| over(keep, g)).map(|g| g.rows).sum();
            if gone > 0 {
                self.replace(std::slice::from_ref(&file), &|g| !over(keep, g))?;
                done.made += 1;
                done.expired += gone;
            }
        }
        Ok(done)
    }

    /// Writes one file in the place of several, of the row groups that are kept. A crash before the rename leaves the
    /// old ones, one after it both, of which opening takes the new one.
    fn replace(&self, old: &[Arc<DataFile>], keep: &dyn Fn(&Group) -> bool) -> Result<(), Error> {
        let (Some(first), Some(last)) = (old.first(), old.last()) else { return Ok(()) };
        let generation = old.iter().map(|f| f.name.generation).max().unwrap_or_default().saturating_add(1);
        let name = Name { from: first.name.from, to: last.name.to, generation, sum: String::new() };
        let mut bodies: BTreeMap<Id<kind::Body>, Vec<(&DataFile, Vec<usize>)>> = BTreeMap::new();
        for file in old {
            for (body, groups) in file.bodies() {
                let kept = |n: &usize| file.groups.get(*n).is_some_and(keep);
                let groups: Vec<usize> = groups.into_iter().filter(kept).collect();
                if !groups.is_empty() {
                    bodies.entry(body).or_default().push((file, groups));
                }
            }
        }
        let most = old.iter().map(|f| f.rows()).sum();
        let mut writing = Writing::begin(&self.0.dir, name, most, true, &self.0.steps)?;
        for (_, parts) in bodies {
            let parts: Result<Vec<_>, _> =
                parts.into_iter().map(|(file, groups)| read(file, groups)).collect();
            merge(parts?, |rows| writing.rows(rows))?;
            writing.end_of_group()?;
        }
        let made = Arc::new(DataFile::open(&self.0.dir, writing.finish()?)?);
        {
            let mut view = self.0.view.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            view.files.retain(|f| !old.iter().any(|o| o.name == f.name));
            let at = view.files.partition_point(|f| f.name.from < made.name.from);
            view.files.insert(at, made);
        }
        for file in old {
            (self.0.steps)("remove");
            fs::remove_file(file.name.path(&self.0.dir))?;
        }
        Ok(())
    }
}

/// Two files that together have no more than these bytes, unpacked, are made one when they are alike: each row group costs
/// some kilobytes beside its events, and little traffic of many bodies is many row groups. An event is written again a few
/// times more for it, in files that are written in no time.
const SMALL: u64 = 16 << 20;

/// The cheapest run of files to make one of. A large one waits until what lies beside it is worth its being written again.
fn run(files: &[Arc<DataFile>], fan: usize, most: u64) -> Option<&[Arc<DataFile>]> {
    let sum = |run: &[Arc<DataFile>]| run.iter().map(|f| f.bytes).sum::<u64>();
    let largest = |run: &[Arc<DataFile>]| run.iter().map(|f| f.bytes).max().unwrap_or_default();
    let alike = |pair: &&[Arc<DataFile>]| sum(pair) <= SMALL.min(most) && largest(pair) <= sum(pair) / 3 * 2;
    let fits = |run: &&[Arc<DataFile>]| sum(run) <= most && largest(run) <= sum(run) / 2;
    let pairs = files.windows(2).filter(alike).min_by_key(|pair| sum(pair));
    pairs.or_else(|| files.windows(fan.max(2)).filter(fits).min_by_key(|run| sum(run)))
}
