//! Hunts carried out: what lies in the table is looked at again, stretch by stretch back in time, by a query, a rule or a
//! list of indicators.
//!
//! A line that may hold what is looked for is read as it was when it came, so that a rule sees of the past what it sees of
//! the present. Whose events are looked at is settled by the store, and by the table before anything is read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use detect::{
    Ruleset, Scratch, Sources,
    indicators::{Indicators, Spotter, glance},
    ruleset::Watch,
};
use domain::{
    alert::Reason,
    event::{Column, Event},
    hunt::{HITS_MAX, How, STRETCH},
    id::{Id, Ids, kind},
    query::{self, Query},
    time::Clock,
};
use jiff::Timestamp;
use lake::{
    Lake, View,
    search::{Answer, Ask, Cut, Found, Lines, Order, Stop},
};
use normalise::{Reader, Zone};
use store::{
    Db, Topic,
    blobs::Blobs,
    hunts::{self, Hit, Step, Work},
    indicators,
};
use tokio::sync::watch;

use crate::{
    judge::{clean, understand},
    lists::{matcher, reason},
};

/// Schedules are looked at this often; a run that is asked for begins at once.
const LOOK: Duration = Duration::from_secs(30);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(5);
/// Reasons kept of one event.
const REASONS: usize = 20;
/// Of a line so many characters are kept with a hunt; the table has all of it.
const RAW: usize = 2_000;

/// Who carries hunts out.
pub struct Hunter {
    /// The records.
    pub db: Db,
    /// The files: lists of indicators.
    pub blobs: Blobs,
    /// The events.
    pub lake: Lake,
    /// The program's clock.
    pub clock: Arc<dyn Clock>,
    /// The program's ids.
    pub ids: Arc<dyn Ids>,
}

impl Hunter {
    /// Carries out what is asked for until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let after = self.db.last_change().await.unwrap_or(0);
        let mut changes = self.db.changes(after, &[Topic::Hunt]);
        while !*stop.borrow() {
            let pause = match self.once(&stop).await {
                Ok(true) => continue,
                Ok(false) => LOOK,
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "hunts wait");
                    AGAIN
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(pause) => {}
                _ = changes.next(), if pause == LOOK => {}
            }
        }
    }

    /// Carries out one run, if one waits; whether one did.
    pub async fn once(&self, stop: &watch::Receiver<bool>) -> anyhow::Result<bool> {
        hunts::due(&self.db, &*self.ids, self.clock.now()).await?;
        let Some(work) = hunts::claim(&self.db, self.clock.now()).await? else { return Ok(false) };
        let sought = match self.sought(&work).await {
            Ok(sought) => sought,
            Err(error) => {
                hunts::fail(&self.db, self.clock.now(), &work, &format!("{error:#}")).await?;
                return Ok(true);
            }
        };
        if let Err(error) = self.carry_out(&work, &sought, stop).await {
            let why = format!("{error:#}");
            tracing::error!(error = why, hunt = %work.hunt.id, "a hunt failed");
            hunts::fail(&self.db, self.clock.now(), &work, &why).await?;
        }
        Ok(true)
    }

    /// What is looked for, made ready.
    async fn sought(&self, work: &Work) -> anyhow::Result<Sought> {
        let (text, mut bodies) = (&work.hunt.query, work.bodies.clone());
        match work.hunt.how {
            How::Search => Sought::query(text, bodies),
            How::Sigma => Sought::rule(text, bodies),
            How::List => {
                let mut sql = self.db.read().await?;
                let all = indicators::watched(&mut sql, work.hunt.list).await?;
                let list = all.first().context("the list is closed or empty")?;
                // What may not be told below is not looked for there.
                let own = BTreeSet::from([list.body]);
                let reach = match list.terms.tlp.reaches_below() {
                    true => indicators::reach(&mut sql, &own).await?.remove(&list.body).unwrap_or(own),
                    false => own,
                };
                drop(sql);
                bodies.retain(|body| reach.contains(body));
                let blobs = self.blobs.clone();
                let list = tokio::task::spawn_blocking(move || matcher(&blobs, &all)).await??;
                Ok(Sought::list(list, bodies))
            }
        }
    }

    async fn carry_out(
        &self,
        work: &Work,
        sought: &Sought,
        stop: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let (mut to, from) = (work.run.done_to, work.run.from);
        let mut first = work.run.done_to == work.run.to;
        while to > from {
            let begin = to.checked_sub(STRETCH).unwrap_or(from).max(from);
            let (lake, sought, stopped, run) =
                (self.lake.clone(), sought.clone(), stop.clone(), (from, work.run.to));
            let look = move || -> anyhow::Result<Option<Step>> {
                let view = lake.view();
                let stop = || (*stopped.borrow()).then_some(Cut::Gone);
                let Some((answer, found)) = sought.look(&view, (begin, to), HITS_MAX, &stop)? else {
                    return Ok(None);
                };
                let reach = if first { view.held(&sought.bodies, run.0, run.1) } else { BTreeMap::new() };
                let done_to = Some(begin);
                Ok(Some(Step { done_to, looked_at: answer.looked_at, hits: answer.total, found, reach }))
            };
            // Told to stop: whoever starts next carries on from here.
            let Some(step) = tokio::task::spawn_blocking(look).await.context("looking")?? else {
                return Ok(());
            };
            if !hunts::step(&self.db, self.clock.now(), work, &step).await? {
                return Ok(());
            }
            (to, first) = (begin, false);
        }
        hunts::finish(&self.db, self.clock.now(), work).await?;
        Ok(())
    }
}

/// What is looked for, and whose events.
#[derive(Clone)]
pub struct Sought {
    query: Query,
    /// Whose events are looked at.
    pub bodies: BTreeSet<Id<kind::Body>>,
    lines: Option<Arc<By>>,
}

impl Sought {
    /// By the words of the search box.
    pub fn query(text: &str, bodies: BTreeSet<Id<kind::Body>>) -> anyhow::Result<Self> {
        Ok(Self { query: query::read(text)?, bodies, lines: None })
    }

    /// By a Sigma rule, or several; correlations look over many events and are not used.
    pub fn rule(text: &str, bodies: BTreeSet<Id<kind::Body>>) -> anyhow::Result<Self> {
        Ok(Self { query: Query::All, bodies, lines: Some(Arc::new(By::rule(text)?)) })
    }

    /// By indicators.
    pub fn list(list: Indicators, bodies: BTreeSet<Id<kind::Body>>) -> Self {
        Self { query: Query::All, bodies, lines: Some(Arc::new(By::list(list))) }
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
        let ask = Ask {
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
        };
        let lines = self.lines.clone().map(|by| by as Arc<dyn Lines>);
        let answer = view.search_lines(&ask, lines, stop)?;
        if answer.cut.is_some() {
            return Ok(None);
        }
        let host = |row: &Found| row.columns.iter().find(|(c, _)| *c == Column::Host).map(|(_, v)| clean(v));
        let hit = |row: &Found| Hit {
            at: row.time,
            body: row.body,
            place: (row.key.position, i64::from(row.key.line)),
            host: host(row).unwrap_or_default(),
            because: self.lines.as_ref().map(|by| by.because(&row.raw)).unwrap_or_default(),
            raw: clean(&row.raw).chars().take(RAW).collect(),
        };
        let found = answer.rows.iter().map(hit).collect();
        Ok(Some((answer, found)))
    }
}

/// By what lines are judged; what judges is lent out and given back, so that its memory is made once.
struct By {
    what: What,
    lent: Mutex<Vec<State>>,
}

enum What {
    Rule(Box<Watch>),
    List(Indicators),
}

#[derive(Default)]
struct State {
    reader: Option<Reader>,
    event: Event,
    inner: Event,
    scratch: Scratch,
    spotter: Spotter,
    key: String,
}

impl By {
    /// A Sigma rule; correlations look over many events and are refused.
    fn rule(text: &str) -> anyhow::Result<Self> {
        let mut set = Ruleset::default();
        set.add("hunt", detect::rule::read::file(text));
        let watch = set.watch(&[], &Sources::builtin())?;
        anyhow::ensure!(!watch.matcher.rules().is_empty(), "no rule that could be used");
        Ok(Self { what: What::Rule(Box::new(watch)), lent: Mutex::default() })
    }

    fn list(list: Indicators) -> Self {
        Self { what: What::List(list), lent: Mutex::default() }
    }

    fn borrow(&self) -> State {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, state: State) {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).push(state);
    }

    fn passes(&self, line: &str, state: &mut State) -> bool {
        if let What::List(list) = &self.what
            && !glance(list, line, &mut state.key)
        {
            return false;
        }
        state.read(line);
        match &self.what {
            What::Rule(watch) => !watch.matcher.matches(&state.event, &mut state.scratch).is_empty(),
            // Day 0: also what has ended since was one when the event came.
            What::List(list) => !state.spotter.spot(list, &state.event, 0, &|_| true).is_empty(),
        }
    }

    /// Which fields were why.
    fn because(&self, line: &str) -> Vec<Reason> {
        let mut state = self.borrow();
        state.read(line);
        let because: Vec<Reason> = match &self.what {
            What::Rule(watch) => {
                let hits: Vec<u32> = watch.matcher.matches(&state.event, &mut state.scratch).to_vec();
                let all = hits.iter().flat_map(|rule| watch.matcher.explain(*rule, &state.event));
                let one = |b: detect::Because| Reason {
                    field: clean(&b.field),
                    value: clean(&b.value),
                    asked: clean(&b.asked),
                };
                all.map(one).take(REASONS).collect()
            }
            What::List(list) => {
                let hits = state.spotter.spot(list, &state.event, 0, &|_| true);
                hits.iter().map(|hit| reason(hit, &state.event)).take(REASONS).collect()
            }
        };
        self.give_back(state);
        because
    }
}

impl State {
    fn read(&mut self, line: &str) {
        // When it happened is known from the table; of a rule only what stands in the line matters.
        let reader = self.reader.get_or_insert_with(|| {
            Reader::new(Zone { zone: jiff::tz::TimeZone::UTC, now: Some(Timestamp::UNIX_EPOCH) })
        });
        understand(reader, line.as_bytes(), &mut self.event, &mut self.inner);
    }
}

/// Given back when the work is done.
struct Lent<'b>(&'b By, Option<State>);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(state) = self.1.take() {
            self.0.give_back(state);
        }
    }
}

impl Lines for By {
    fn tester(&self) -> Box<dyn FnMut(&str) -> bool + '_> {
        let mut lent = Lent(self, Some(self.borrow()));
        Box::new(move |line| {
            let Lent(by, state) = &mut lent;
            state.as_mut().is_some_and(|state| by.passes(line, state))
        })
    }
}
