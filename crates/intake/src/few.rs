//! Too few events: what no event tells, only that time has passed without more of them.
//!
//! A span begins with a hit. When it has passed, and nothing that belongs to it is awaited any more, its hits are counted.
//! What is found is told about the last of them, which is read from the table.

use std::collections::{BTreeSet, HashMap};

use detect::{Correlation, Correlator, Found, rule};
use domain::{
    alert::Finding,
    event::Column,
    id::{Id, kind},
};
use jiff::{SignedDuration, Timestamp};
use lake::{Position, View};

use crate::{
    door::Directory,
    judge::{SKEW, clean, joined, named, place},
};

/// How often it is looked: it takes a look at everything that is remembered.
const EVERY: SignedDuration = SignedDuration::from_secs(10);

type Body = Id<kind::Body>;

/// What was found and is not told yet.
#[derive(Default)]
pub struct Few {
    /// Up to when it was told.
    pub upto: Timestamp,
    /// When what this program judged first came.
    first: Option<Timestamp>,
    /// What came before is not known any more, so that a span which began before may have had more than is seen of it.
    since: Option<Timestamp>,
    /// What was remembered is at hand.
    recalled: bool,
    found: Vec<(Body, rule::About, Found)>,
}

impl Few {
    /// Since when everything is known; always, where there is none.
    pub const fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Knows what was known before.
    pub fn recall(&mut self, since: Option<Timestamp>) {
        (self.since, self.recalled) = (since, true);
    }

    /// A batch that came then is judged.
    pub fn came(&mut self, at: Timestamp) {
        self.first.get_or_insert(at);
    }

    /// Goes on where it was told up to; all that was judged so far was told.
    pub fn resume(&mut self, upto: Timestamp, correlators: &mut HashMap<Body, Correlator>) {
        correlators.values_mut().for_each(|correlator| drop(correlator.tick(upto)));
        self.found.clear();
        self.upto = upto;
        if !self.recalled {
            self.since = self.first;
        }
    }

    /// A correlation found something that is not about the event at hand.
    pub fn found(&mut self, body: Body, of: &Correlation, found: Found) {
        let whole = |since: Timestamp| found.first.duration_since(since) >= of.span();
        if self.since.is_none_or(whole) {
            self.found.push((body, of.about.clone(), found));
        }
    }

    /// Everything was read that had come by then.
    pub fn tick(&mut self, came: Timestamp, correlators: &mut HashMap<Body, Correlator>) {
        // What happened earlier may come still, by as much as clocks may be off.
        let Ok(upto) = came.checked_sub(SKEW) else { return };
        if upto.duration_since(self.upto) < EVERY {
            return;
        }
        self.upto = upto;
        for (body, correlator) in correlators {
            for found in correlator.tick(upto) {
                if let Some(of) = correlator.correlations().get(found.correlation) {
                    self.found(*body, of, found);
                }
            }
        }
    }

    /// What is to be told.
    pub fn findings(&mut self, view: &View, directory: &Directory) -> anyhow::Result<Vec<Finding>> {
        let mut all = Vec::new();
        for (body, about, found) in std::mem::take(&mut self.found) {
            let (position, line) = place(found.reference);
            let last = view.event(&BTreeSet::from([body]), Position::unpacked(position), line)?;
            match last.as_ref().and_then(|last| of_row(last, directory)) {
                Some(base) => all.push(joined(&found, named(&about, base))),
                // Its term was shorter than the span.
                None => {
                    tracing::error!(rule = about.title, %body, "too few events, of which the last is gone")
                }
            }
        }
        Ok(all)
    }
}

/// What an event of the table says itself.
fn of_row(row: &lake::search::Found, directory: &Directory) -> Option<Finding> {
    let column = |column| row.columns.iter().find(|(c, _)| *c == column).map(|(_, value)| clean(value));
    let source = row.source?;
    Some(Finding {
        rule: String::new(),
        title: String::new(),
        about: String::new(),
        severity: None,
        body: row.body,
        system: directory.get(source).and_then(|known| known.system),
        source,
        host: column(Column::Host).unwrap_or_default(),
        user: column(Column::User).unwrap_or_default(),
        address: column(Column::SourceIp).unwrap_or_default(),
        group: Vec::new(),
        at: row.time,
        because: Vec::new(),
        raw: clean(&row.raw),
        place: (row.key.position, row.key.line.cast_unsigned()),
    })
}
