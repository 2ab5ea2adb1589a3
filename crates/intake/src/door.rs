//! The door every line goes through: who sends, may they, is it kept.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use domain::{
    id::{Id, kind},
    source::{Kind, Network},
    time::Clock,
};
use lake::{Batch, Kept, Log, Record};
use store::{
    Db, StoreError, Topic,
    sign_in::digest,
    sources::{self, Known},
};
use tokio::sync::watch;

use crate::{counts::Counts, rate::Rate};

/// What came in is written down this often.
const FLUSH: Duration = Duration::from_secs(3);

/// Why lines are not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// No source has that token or address, or it is one that speaks otherwise.
    #[error("no source")]
    Stranger,
    /// More than the source may send.
    #[error("too many events")]
    TooMany,
    /// The queue is full, or the disk refuses: later.
    #[error("not now: {0}")]
    NotNow(String),
    /// Larger than a batch may be.
    #[error("too large")]
    Large,
}

/// How lines come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Whoever sends can wait: the stream is read no further while the queue is full.
    Waits,
    /// Whoever sends is told to come again.
    Told,
    /// Whoever sends neither waits nor hears: what does not fit is dropped and counted.
    Dropped,
}

/// The door. Shared by all ways in.
pub struct Door {
    db: Db,
    log: Log,
    clock: Arc<dyn Clock>,
    known: RwLock<Arc<Directory>>,
    rates: Mutex<HashMap<Id<kind::Source>, Rate>>,
    pub(crate) counts: Counts,
}

/// The sources there are.
#[derive(Debug, Default)]
pub struct Directory {
    by_digest: HashMap<String, Known>,
    by_network: Vec<(Network, Known)>,
    by_id: HashMap<Id<kind::Source>, Known>,
}

impl Directory {
    fn of(all: Vec<Known>) -> Self {
        let mut by_network: Vec<(Network, Known)> = all
            .iter()
            .filter(|k| k.kind == Kind::Syslog)
            .filter_map(|k| Some((Network::parse(k.address.as_deref()?)?, k.clone())))
            .collect();
        by_network.sort_by_key(|(network, _)| std::cmp::Reverse(network.bits()));
        Self {
            by_digest: all.iter().map(|k| (k.digest.clone(), k.clone())).collect(),
            by_network,
            by_id: all.into_iter().map(|k| (k.id, k)).collect(),
        }
    }
    /// A source by its id.
    pub fn get(&self, id: Id<kind::Source>) -> Option<&Known> {
        self.by_id.get(&id)
    }
}

impl Door {
    /// Opens the door; the sources are read once and again whenever they change, by [`Door::run`].
    pub async fn open(db: Db, log: Log, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let known = Directory::of(sources::known(&mut db.read().await?).await?);
        Ok(Self {
            db,
            log,
            clock,
            known: RwLock::new(Arc::new(known)),
            rates: Mutex::default(),
            counts: Counts::default(),
        })
    }

    /// The log behind it.
    pub fn log(&self) -> &Log {
        &self.log
    }
    /// The records behind it.
    pub fn db(&self) -> &Db {
        &self.db
    }
    /// The program's clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
    /// The sources there are now.
    pub fn directory(&self) -> Arc<Directory> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The source of a token. `from`: where it is sent from, if the source is bound to an address.
    pub fn by_token(&self, token: &str, kind: Kind, from: Option<IpAddr>) -> Result<Known, Refused> {
        let found = self.directory().by_digest.get(&digest(token)).cloned();
        let here = |known: &Known| match (known.address.as_deref().and_then(Network::parse), from) {
            (Some(network), Some(from)) => network.holds(from),
            _ => true,
        };
        found.filter(|known| known.kind == kind && here(known)).ok_or(Refused::Stranger)
    }

    /// The source at an address: of several the one with the narrowest network. A stranger's lines are counted.
    pub fn by_address(&self, from: IpAddr, lines: usize) -> Result<Known, Refused> {
        let from = from.to_canonical();
        let directory = self.directory();
        let found = directory.by_network.iter().find(|(network, _)| network.holds(from));
        found.map(|(_, known)| known.clone()).ok_or_else(|| {
            self.counts.stranger(from.to_string(), lines as u64, self.clock.now());
            Refused::Stranger
        })
    }

    /// Keeps lines of a source; answers when they are on disk. `key`: what makes the same bytes sent again recognisable.
    pub async fn keep(
        &self,
        source: &Known,
        records: Vec<Record>,
        key: Option<[u8; 16]>,
        way: Way,
    ) -> Result<Kept, Refused> {
        let (now, n) = (self.clock.now(), records.len());
        if n == 0 {
            return Ok(Kept { at: None, already: Vec::new(), resent: false });
        }
        let within = {
            let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
            rates.entry(source.id).or_insert_with(|| Rate::new(source.rate, now)).take(n, source.rate, now)
        };
        let refused = |why: Refused| {
            // Who waits offers the same lines again.
            if way == Way::Waits && !matches!(why, Refused::Large) {
                return why;
            }
            self.counts.at(source.id, |c| {
                c.received += n as u64;
                c.refused += n as u64;
            });
            why
        };
        if !within {
            return Err(refused(Refused::TooMany));
        }
        let batch = Batch { source: source.id, body: source.body, at: now, key, records };
        let kept = match way {
            Way::Waits => self.log.append(batch).await,
            Way::Told | Way::Dropped => self.log.try_append(batch).await,
        };
        match kept {
            Ok(kept) => {
                let fresh = if kept.resent { 0 } else { n.saturating_sub(kept.already.len()) };
                self.counts.at(source.id, |c| {
                    c.received += n as u64;
                    c.kept += fresh as u64;
                    c.last_at = c.last_at.max(Some(now));
                });
                Ok(kept)
            }
            Err(lake::Error::Large(_)) => Err(refused(Refused::Large)),
            Err(error) => Err(refused(Refused::NotNow(error.to_string()))),
        }
    }

    /// Writes down what came in.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let (sources, strangers) = self.counts.take();
        if sources.is_empty() && strangers.is_empty() {
            return Ok(());
        }
        sources::flush(&self.db, self.clock.now(), &sources, &strangers).await
    }

    /// Reads the sources again.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let known = Directory::of(sources::known(&mut self.db.read().await?).await?);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        Ok(())
    }

    /// Follows the sources and writes down counts, until told to stop.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let after = self.db.last_change().await.unwrap_or(0);
        let mut changes = self.db.changes(after, &[Topic::Source]);
        let mut every = tokio::time::interval(FLUSH);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                () = ended(&mut stop) => break,
                found = changes.next() => match found {
                    Ok(_) => self.reload().await,
                    Err(error) => Err(error),
                },
                _ = every.tick() => self.flush().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "sources of events");
                tokio::time::sleep(FLUSH).await;
            }
        }
        if let Err(error) = self.flush().await {
            tracing::warn!(%error, "the last counts of sources are lost");
        }
    }
}

/// Returns when it is told to stop, or nobody is left who could.
async fn ended(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
