//! What is known of flaws, in memory while hosts are judged: read once, however many chunks of hosts there are, and read
//! anew when it changed in between.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::{time, weakness::Weaknesses};
use jiff::civil::Date;
use review::{
    advisory::{Advisory, Feed, Signals},
    judge::{Knowledge, keys},
};

use crate::{StoreError, Tx, advisories};

/// Most advisories that are held: above it everything is forgotten, and only what the next hosts need is read.
const HELD_MAX: usize = 20_000;

/// What was read so far.
#[derive(Default)]
pub(super) struct Known {
    /// As of which knowledge, and which day.
    of: Option<(i64, Date)>,
    knowledge: Knowledge,
    by_number: HashMap<String, Vec<usize>>,
    /// Words that were looked up.
    words: HashSet<String>,
    /// Advisories that were read, by id.
    read: HashSet<String>,
    signals: Signals,
    /// Flaws whose signals were looked up.
    signalled: HashSet<String>,
}

impl Known {
    /// Sees to it that whatever shares one of those words is known, and how it and `flaws` are used.
    pub async fn learn(
        &mut self,
        tx: &mut Tx,
        weaknesses: &Weaknesses,
        words: &BTreeSet<String>,
        flaws: impl Iterator<Item = &str>,
    ) -> Result<(), StoreError> {
        let row = tx.row("select knowledge from judge_mark where id = 1", vec![]).await?;
        let of = (row.map_or(Ok(0), |r| r.int("knowledge"))?, time::date(tx.now()));
        if self.of != Some(of) || self.read.len() > HELD_MAX {
            let knowledge = Knowledge::new(Feed::default()).with_weaknesses(weaknesses, of.1);
            *self = Self { of: Some(of), knowledge, ..Self::default() };
            self.index(0);
        }
        let from = self.knowledge.advisories.len();
        self.read(tx, words.clone()).await?;
        // What others say of the same flaws, though nothing of it shares a word with anybody.
        let found = self.knowledge.advisories.get(from..).unwrap_or_default();
        let numbers =
            found.iter().flat_map(Advisory::numbers).map(|number| keys::of_number(&number)).collect();
        self.read(tx, numbers).await?;
        self.index(from);
        let mut asked: BTreeSet<String> = self
            .knowledge
            .advisories
            .iter()
            .skip(from)
            .flat_map(Advisory::numbers)
            .chain(flaws.map(str::to_owned))
            .collect();
        asked.retain(|flaw| !self.signalled.contains(flaw));
        let list: Vec<String> = asked.iter().cloned().collect();
        let signals = advisories::signals(tx, &list).await?;
        self.signals.exploited.extend(signals.exploited);
        self.signals.likely.extend(signals.likely);
        self.signalled.extend(asked);
        Ok(())
    }

    /// Reads the advisories of words that were not looked up before.
    async fn read(&mut self, tx: &mut Tx, mut words: BTreeSet<String>) -> Result<(), StoreError> {
        words.retain(|word| !self.words.contains(word));
        let ids = advisories::ids_by_keys(tx, &words).await?;
        self.words.extend(words);
        let ids: Vec<String> = ids.into_iter().filter(|id| !self.read.contains(id)).collect();
        for advisory in advisories::bodies(tx, &ids).await? {
            self.knowledge.add(advisory);
        }
        self.read.extend(ids);
        Ok(())
    }

    fn index(&mut self, from: usize) {
        for (at, advisory) in self.knowledge.advisories.iter().enumerate().skip(from) {
            for number in advisory.numbers() {
                self.by_number.entry(number).or_default().push(at);
            }
        }
    }

    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// What is said of a flaw.
    pub fn of(&self, flaw: &str) -> impl Iterator<Item = &Advisory> {
        let found = self.by_number.get(flaw).into_iter().flatten();
        found.filter_map(|at| self.knowledge.advisories.get(*at))
    }

    /// Whether it is known to be exploited, and how likely that is, in millionths.
    pub fn signal(&self, flaw: &str) -> (bool, Option<u32>) {
        let likely = self.signals.likely.get(flaw).map(|p| (p * 1e6).round() as u32);
        (self.signals.exploited.contains_key(flaw), likely)
    }
}

/// Whatever hosts are judged by is different now.
pub(crate) async fn moved(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec("update judge_mark set knowledge = knowledge + 1 where id = 1", vec![]).await?;
    Ok(())
}
