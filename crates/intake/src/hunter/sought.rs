//! What is looked for, by whatever it is said, and whose events.

use std::{collections::BTreeSet, io::Write, sync::Arc};

use detect::indicators::Indicators;
use domain::{
    event::Column,
    hunt::STRETCH,
    id::{Id, kind},
    query::{self, Query},
};
use jiff::{SignedDuration, Timestamp};
use lake::{
    View,
    search::{Answer, Ask, Export, Found, Lines, Order, ROWS, SearchError, Stop},
};
use store::hunts::Hit;

use super::{
    by::By,
    joined::{self, Joining},
};
use crate::judge::clean;

/// Of a line so many characters are kept with a hunt; the table has all of it.
const RAW: usize = 2_000;

/// What is looked for, and whose events.
#[derive(Clone)]
pub struct Sought {
    query: Query,
    /// Whose events are looked at.
    pub bodies: BTreeSet<Id<kind::Body>>,
    lines: Option<Arc<By>>,
    joining: Option<Arc<Joining>>,
}

impl Sought {
    /// By the words of the search box.
    pub fn query(text: &str, bodies: BTreeSet<Id<kind::Body>>) -> anyhow::Result<Self> {
        Ok(Self { query: query::read(text)?, bodies, lines: None, joining: None })
    }

    /// By a Sigma rule, or several, with what correlations over them say.
    pub fn rule(text: &str, bodies: BTreeSet<Id<kind::Body>>) -> anyhow::Result<Self> {
        let (by, correlations) = By::rule(text)?;
        let joining = (!correlations.is_empty()).then(|| Arc::new(Joining::new(correlations, &by)));
        Ok(Self { query: Query::All, bodies, lines: Some(Arc::new(by)), joining })
    }

    /// By indicators.
    pub fn list(list: Indicators, bodies: BTreeSet<Id<kind::Body>>) -> Self {
        Self { query: Query::All, bodies, lines: Some(Arc::new(By::list(list))), joining: None }
    }

    /// How much is looked through at once: of correlations at least their span, since that much before a stretch is read
    /// with it.
    pub fn stretch(&self) -> SignedDuration {
        self.joining.as_ref().map_or(STRETCH, |joining| joining.span().max(STRETCH))
    }

    /// Looks through a stretch of time; the newest events first. Nothing where it was stopped. Not for a thread that
    /// serves.
    pub fn look(
        &self,
        view: &View,
        (from, to): (Timestamp, Timestamp),
        rows: usize,
        stop: &Stop<'_>,
    ) -> anyhow::Result<Option<(Answer, Vec<Hit>)>> {
        if let (Some(joining), Some(by)) = (&self.joining, &self.lines) {
            return joined::look(joining, by, view, &self.bodies, (from, to), rows, stop);
        }
        let answer = self.answer(view, &self.ask((from, to), rows), stop)?;
        if answer.cut.is_some() {
            return Ok(None);
        }
        let because =
            |row: &Found| self.lines.as_ref().map(|by| by.because(&row.raw, &|_| true)).unwrap_or_default();
        let hit = |row: &Found| shown(row, because(row));
        let found = answer.rows.iter().map(hit).collect();
        Ok(Some((answer, found)))
    }

    /// Writes the newest events of a stretch of time to a Parquet file, page by page; the answer counts all there are.
    /// Nothing where it was stopped. Not for correlations, which are no events.
    pub fn export<W: Write + Send>(
        &self,
        view: &View,
        (from, to): (Timestamp, Timestamp),
        rows: usize,
        out: W,
        stop: &Stop<'_>,
    ) -> anyhow::Result<Option<Answer>> {
        anyhow::ensure!(self.joining.is_none(), "what correlations say are no events");
        let mut file = Export::begin(out, rows)?;
        let (mut first, mut after, mut left) = (None, None, rows);
        loop {
            let page = left.min(ROWS);
            let ask = Ask { after, count: first.is_none(), ..self.ask((from, to), page) };
            let mut answer = self.answer(view, &ask, stop)?;
            if answer.cut.is_some() {
                return Ok(None);
            }
            let found = std::mem::take(&mut answer.rows);
            file.add(&found)?;
            left -= found.len();
            after = found.last().map(|e| e.key);
            first.get_or_insert(answer);
            if found.len() < page || left == 0 {
                file.finish()?;
                return Ok(first);
            }
        }
    }

    fn ask(&self, (from, to): (Timestamp, Timestamp), rows: usize) -> Ask {
        Ask {
            query: self.query.clone(),
            from,
            to,
            bodies: self.bodies.clone(),
            rows,
            after: None,
            order: Order::Newest,
            buckets: 0,
            top: Vec::new(),
            count: true,
        }
    }

    fn answer(&self, view: &View, ask: &Ask, stop: &Stop<'_>) -> Result<Answer, SearchError> {
        view.search_lines(ask, self.lines.clone().map(|by| by as Arc<dyn Lines>), stop)
    }
}

/// An event found, as it is kept with a hunt.
pub(super) fn shown(row: &Found, because: Vec<domain::alert::Reason>) -> Hit {
    let host = row.columns.iter().find(|(c, _)| *c == Column::Host).map(|(_, v)| clean(v));
    Hit {
        at: row.time,
        body: row.body,
        place: (row.key.position, i64::from(row.key.line)),
        host: host.unwrap_or_default(),
        because,
        raw: clean(&row.raw).chars().take(RAW).collect(),
    }
}
