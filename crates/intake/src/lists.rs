//! The lists of indicators in memory: read when the program starts and again whenever one changes, beside the events
//! that go on coming. Whoever judges takes what stands for one batch; another is put in its place in one step.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context;
use detect::indicators::{Builder, DAY, Hit, Indicators, LISTS};
use domain::{
    alert::Reason,
    event::Event,
    id::{Id, kind},
    indicator::{self, Kind, RULE},
};
use jiff::Timestamp;
use store::{
    Db, Topic,
    blobs::Blobs,
    indicators::{self, Terms, Watched},
};
use tokio::sync::watch;

use crate::judge::clean;

/// Changes that come one after the other are read once.
const SETTLE: Duration = Duration::from_millis(200);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(5);
/// What an alert says stood in the line, of a line nobody understood.
const LINE: &str = "message";

/// A list as it is held against events.
#[derive(Debug, Clone)]
pub struct List {
    /// Which.
    pub id: Id<kind::IndicatorList>,
    /// What it is told to be.
    pub terms: Terms,
    /// Whose events are held against it.
    bodies: Arc<BTreeSet<Id<kind::Body>>>,
}

impl List {
    /// The rule alerts of it stand under.
    pub fn rule(&self) -> String {
        format!("{RULE}:{}", self.id)
    }
}

/// All lists at one moment.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What is in them.
    pub matcher: Arc<Indicators>,
    lists: Vec<List>,
    /// Of which lists and versions `matcher` was made.
    made_of: Vec<(Id<kind::IndicatorList>, i64)>,
}

impl Loaded {
    /// A list by its number.
    pub fn list(&self, number: u16) -> Option<&List> {
        self.lists.get(usize::from(number))
    }

    /// Whether a body's event of that moment is held against a list.
    pub fn applies(&self, number: u16, body: Id<kind::Body>, at: Timestamp) -> bool {
        self.list(number).is_some_and(|list| {
            list.bodies.contains(&body)
                && list.terms.from <= at
                && list.terms.until.is_none_or(|until| at < until)
        })
    }
}

/// The day of a moment, as the matcher counts.
pub fn day(at: Timestamp) -> u16 {
    u16::try_from(at.as_second().div_euclid(DAY).max(1)).unwrap_or(u16::MAX)
}

/// Which field held which indicator.
pub fn reason(hit: &Hit, event: &Event) -> Reason {
    let field = event.fields().nth(usize::try_from(hit.field).unwrap_or(usize::MAX));
    let (name, value) = field.map_or((LINE, event.raw()), |(name, value)| (name, value.text));
    Reason {
        field: clean(name),
        value: clean(value),
        asked: format!("{} {}", hit.kind, clean(&hit.indicator)),
    }
}

/// What a correlation counted, and from when to when.
pub fn counted(found: &detect::Found) -> String {
    let at = domain::time::moment;
    format!("{} ({} – {})", found.figure, at(found.first), at(found.last))
}

/// What follows the lists.
pub struct Lists {
    db: Db,
    blobs: Blobs,
    now: RwLock<Arc<Loaded>>,
}

impl Lists {
    /// None yet.
    pub fn new(db: Db, blobs: Blobs) -> Self {
        Self { db, blobs, now: RwLock::default() }
    }

    /// The lists as they stand.
    pub fn now(&self) -> Arc<Loaded> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads them, where something changed: millions take seconds, while events are judged by what was read before.
    pub async fn load(&self) -> anyhow::Result<()> {
        let mut sql = self.db.read().await?;
        let watched = indicators::watched(&mut sql, None).await?;
        let tops = watched.iter().filter(|w| w.terms.tlp.reaches_below()).map(|w| w.body).collect();
        let reach = indicators::reach(&mut sql, &tops).await?;
        drop(sql);
        let reach: BTreeMap<_, _> = reach.into_iter().map(|(body, below)| (body, Arc::new(below))).collect();
        if watched.len() > LISTS {
            anyhow::bail!("{} lists of indicators are more than can be watched for", watched.len());
        }
        let lists: Vec<List> = watched
            .iter()
            .map(|w| List {
                id: w.id,
                terms: w.terms.clone(),
                bodies: match reach.get(&w.body).filter(|_| w.terms.tlp.reaches_below()) {
                    Some(below) => below.clone(),
                    None => Arc::new(BTreeSet::from([w.body])),
                },
            })
            .collect();
        let made_of: Vec<_> = watched.iter().map(|w| (w.id, w.version)).collect();
        let before = self.now();
        let matcher = if made_of == before.made_of {
            before.matcher.clone()
        } else {
            let blobs = self.blobs.clone();
            drop(before);
            let made =
                tokio::task::spawn_blocking(move || matcher(&blobs, &watched)).await.context("lists")?;
            Arc::new(made?)
        };
        tracing::info!(
            lists = lists.len(),
            indicators = matcher.len(),
            "lists of indicators are watched for"
        );
        let fresh = Arc::new(Loaded { matcher, lists, made_of });
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Follows them until told to stop.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let after = self.db.last_change().await.unwrap_or(0);
        let mut changes = self.db.changes(after, &[Topic::Indicator, Topic::Register]);
        // What changed between the first reading and now.
        let mut changed: Result<(), store::StoreError> = Ok(());
        loop {
            let done = match changed {
                Ok(()) => {
                    tokio::time::sleep(SETTLE).await;
                    self.load().await
                }
                Err(error) => Err(error.into()),
            };
            if let Err(error) = done {
                tracing::error!(
                    error = format!("{error:#}"),
                    "lists of indicators are watched for as they were"
                );
                tokio::time::sleep(AGAIN).await;
            }
            changed = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                found = changes.next() => found.map(|_| ()),
            };
        }
    }
}

/// Reads what lists hold and makes it ready. Lists have the numbers of their order.
pub fn matcher(blobs: &Blobs, lists: &[Watched]) -> anyhow::Result<Indicators> {
    let mut builder = Builder::default();
    let mut line = String::new();
    for (number, list) in lists.iter().enumerate() {
        let number = u16::try_from(number).context("too many lists")?;
        for sha256 in &list.files {
            let path = blobs.path(sha256);
            let file = std::fs::File::open(&path).with_context(|| path.display().to_string())?;
            let mut reader = BufReader::with_capacity(1 << 20, file);
            loop {
                line.clear();
                if reader.read_line(&mut line).with_context(|| path.display().to_string())? == 0 {
                    break;
                }
                let Some((kind, value, until)) = indicator::parse(&line) else { continue };
                if !is_gone(&list.gone, kind, value) {
                    builder.add(kind, value, number, until);
                }
            }
        }
    }
    Ok(builder.build())
}

fn is_gone(gone: &BTreeSet<(Kind, String)>, kind: Kind, value: &str) -> bool {
    !gone.is_empty() && gone.contains(&(kind, value.to_owned()))
}
