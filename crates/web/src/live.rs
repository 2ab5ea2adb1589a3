//! Live pages: what changed, as server-sent events (`ui/README.md`, "Live").
//!
//! `topics=board&campaign=ID` sends the cells of rows that changed, of what was passed on from them, and the figures
//! above them; `anew` when the order itself changed; any other topic sends
//! `refresh` for `#live`, which then fetches itself. Every row is read again within the asker's scope. A stream ends
//! after [`LIFE`]: the browser comes back by itself, through the gate, and names the last event it had.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::route::operation;
use axum::{
    extract::Query,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use domain::{
    board::Board,
    id::{Id, kind},
    right::Right,
};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    Change, Changes, Sql, StoreError, Topic,
    board::{self, Campaign},
};

use crate::{
    Access, AppError, LIMIT_FORM, Route, Visit,
    board::{state, strip, sum_cell},
};
use tokio::time::Instant;

/// A sign of life at least this often; the page waits for 40 s.
const BEAT: Duration = Duration::from_secs(15);
/// How long a stream lasts before the gate looks at its owner again.
const LIFE: Duration = Duration::from_secs(300);
/// What an event says that only happens: without a line of data browsers pass an event over.
const NOTHING: &str = "-";
/// How soon the browser comes back.
const RETRY: Duration = Duration::from_secs(1);
/// After the first change of a burst the rest is waited for.
const GATHER: Duration = Duration::from_millis(300);
/// The figures cost a look at the whole board; more often nobody can read them.
const FIGURES_EVERY: Duration = Duration::from_secs(3);
/// Streams of one person on this process: some windows and a wall.
const STREAMS_MAX: usize = 12;
/// Rows told in one event.
const ROWS: usize = 50;
/// Whoever has missed more than this is told the whole board instead.
const MISSED_MAX: i64 = 2_000;

const TOPICS: &[Topic] = &[
    Topic::Verdict,
    Topic::Task,
    Topic::Assignment,
    Topic::Campaign,
    Topic::Letter,
    Topic::Question,
    Topic::Register,
    Topic::System,
    Topic::QuickReport,
    Topic::Callout,
    Topic::Alert,
    Topic::Source,
    Topic::Indicator,
    Topic::Hunt,
];

pub(crate) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![Route::get("/events", see, events), Route::api(see, LIMIT_FORM, operation!(events))]
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Ask {
    /// `board`, or any of `task`, `assignment`, `campaign`, `letter`, `question`, `register`, `system`, `quick-report`,
    /// `callout`, `alert`, `source`, `indicator`, `hunt`, by commas.
    #[serde(default)]
    topics: String,
    /// Whose board.
    #[serde(default)]
    campaign: String,
    /// The last change already seen.
    after: Option<i64>,
}

/// Server-sent events: `cells`, `texts`, `anew`, `refresh`, `beat`. Resumes by `Last-Event-ID`.
#[utoipa::path(get, path = "/api/v1/events", tag = "board", security(("token" = [])), params(Ask),
    responses((status = 200, description = "text/event-stream"), (status = 429, description = "Too many streams")))]
async fn events(visit: Visit, headers: HeaderMap, Query(ask): Query<Ask>) -> Result<Response, AppError> {
    let person = visit.user.person.ok_or(AppError::SignIn)?;
    let slot = Slot::take(person).ok_or(AppError::TooMany(RETRY.as_secs() as u32 * 30))?;
    let campaign = match ask.topics.split(',').any(|t| t == "board") {
        true => {
            let id: Id<kind::Campaign> = ask.campaign.parse().map_err(|_| AppError::NotFound)?;
            Some(board::campaign(&mut visit.app.db.read().await?, visit.scope(), id).await?)
        }
        false => None,
    };
    let last = visit.app.db.last_change().await?;
    let named = headers.get("last-event-id").and_then(|v| v.to_str().ok()?.parse::<i64>().ok());
    let after = named.or(ask.after).filter(|at| *at <= last).unwrap_or(last);
    let missed = last - after > MISSED_MAX || !visit.app.db.keeps_changes_after(after).await?;
    let after = if missed { last } else { after };
    let listener = Listener {
        changes: visit.app.db.changes(after, TOPICS),
        topics: ask.topics.split(',').map(str::to_owned).collect(),
        campaign,
        missed,
        ready: VecDeque::from([Event::default().event("beat").retry(RETRY).data(NOTHING)]),
        ends: Instant::now() + LIFE,
        figures: None,
        refresh: None,
        seq: after,
        visit,
        _slot: slot,
    };
    let stream = stream::unfold(listener, |mut listener| async move {
        listener.next().await.map(|event| (Ok::<_, Infallible>(event), listener))
    });
    let mut response = Sse::new(stream).into_response();
    // A proxy that gathers answers would keep the page waiting.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

struct Listener {
    visit: Visit,
    topics: Vec<String>,
    campaign: Option<Campaign>,
    changes: Changes,
    /// The whole board is to be told first.
    missed: bool,
    ready: VecDeque<Event>,
    ends: Instant,
    /// When the figures are to be told.
    figures: Option<Instant>,
    /// When a page that fetches itself is to do so again: in a round of reports every second brings some.
    refresh: Option<Instant>,
    seq: i64,
    _slot: Slot,
}

impl Listener {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if Instant::now() >= self.ends {
                return None;
            }
            if let Err(error) = self.gather().await {
                tracing::warn!(%error, "a live page is let go");
                return None;
            }
        }
    }

    /// Waits for something to say.
    async fn gather(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.missed) {
            self.tell_all().await?;
        }
        let due = [self.figures, self.refresh].into_iter().flatten().min();
        let wait = due.map_or(BEAT, |at| at.saturating_duration_since(Instant::now()).min(BEAT));
        match tokio::time::timeout(wait, self.changes.next()).await {
            Ok(found) => {
                let mut found = found?;
                tokio::time::sleep(GATHER).await;
                found.extend(self.changes.now().await?);
                self.seq = found.last().map_or(self.seq, |c| c.seq);
                self.tell(&found).await?;
            }
            Err(_) if due.is_none() => self.ready.push_back(Event::default().event("beat").data(NOTHING)),
            Err(_) => {}
        }
        if self.figures.is_some_and(|at| at <= Instant::now()) {
            self.figures = None;
            self.tell_figures().await?;
        }
        if self.refresh.is_some_and(|at| at <= Instant::now()) {
            self.refresh = None;
            self.say("refresh", "#live".into());
        }
        Ok(())
    }

    async fn tell(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if let Some(campaign) = &self.campaign {
            let subject = format!("campaign:{}", campaign.id);
            let rows: BTreeSet<Id<kind::Assignment>> = changes
                .iter()
                .filter(|c| c.topic == Topic::Verdict)
                .filter_map(|c| c.subject.strip_prefix("assignment:")?.parse().ok())
                .collect();
            self.tell_rows(&rows.into_iter().collect::<Vec<_>>()).await?;
            // Amended or ended: rows and columns may have gone.
            if changes.iter().any(|c| c.topic == Topic::Campaign && c.subject == subject) {
                self.say("anew", NOTHING.into());
            }
            if changes.iter().any(|c| matches!(c.topic, Topic::Verdict | Topic::Task)) {
                self.figures.get_or_insert(Instant::now() + FIGURES_EVERY);
            }
        }
        let asked = |c: &&Change| self.topics.iter().any(|t| t == c.topic.name());
        let bodies: BTreeSet<_> = changes.iter().filter(asked).filter_map(|c| c.body).collect();
        if !bodies.is_empty() {
            let bodies: Vec<_> = bodies.into_iter().collect();
            let mut sql = self.visit.app.db.read().await?;
            if board::sees_any(&mut sql, self.visit.scope(), &bodies).await? {
                let reports = |c: &Change| c.topic == Topic::QuickReport;
                if changes.iter().filter(asked).all(reports) {
                    self.refresh.get_or_insert(Instant::now() + FIGURES_EVERY);
                } else {
                    self.say("refresh", "#live".into());
                }
            }
        }
        Ok(())
    }

    async fn tell_rows(&mut self, rows: &[Id<kind::Assignment>]) -> Result<(), StoreError> {
        let Some(campaign) = &self.campaign else { return Ok(()) };
        for some in rows.chunks(ROWS) {
            let mut sql = self.visit.app.db.read().await?;
            let found =
                board::rows_of(&mut sql, self.visit.scope(), campaign.id, some, self.visit.app.clock.now())
                    .await?;
            let mut cells = cells(&self.visit, &found);
            cells.extend(sums(&self.visit, &mut sql, campaign.id, some).await?);
            drop(sql);
            if !cells.is_empty() {
                self.ready.push_back(event("cells", Value::from(cells).to_string(), self.seq));
            }
        }
        Ok(())
    }

    async fn tell_all(&mut self) -> Result<(), StoreError> {
        let Some(campaign) = &self.campaign else {
            self.say("refresh", "#live".into());
            return Ok(());
        };
        let mut sql = self.visit.app.db.read().await?;
        let whole =
            board::load(&mut sql, self.visit.scope(), campaign.id, self.visit.app.clock.now()).await?;
        let cells = cells(&self.visit, &whole);
        self.figures = Some(Instant::now());
        self.say("cells", Value::from(cells).to_string());
        Ok(())
    }

    async fn tell_figures(&mut self) -> Result<(), StoreError> {
        let Some(campaign) = &self.campaign else { return Ok(()) };
        let mut sql = self.visit.app.db.read().await?;
        let whole =
            board::load(&mut sql, self.visit.scope(), campaign.id, self.visit.app.clock.now()).await?;
        let strip = strip(&self.visit, &mut sql, self.visit.scope(), campaign, &whole).await?;
        self.say("texts", strip.texts().to_string());
        Ok(())
    }

    fn say(&mut self, name: &'static str, data: String) {
        self.ready.push_back(event(name, data, self.seq));
    }
}

fn event(name: &'static str, data: String, seq: i64) -> Event {
    Event::default().event(name).id(seq.to_string()).data(data)
}

/// `["r12", "VFIX", "p", "88/143"]` of each cell.
fn cells(visit: &Visit, board: &Board) -> Vec<Value> {
    let words = state::Short::new(visit.words());
    let of = |row: &domain::board::Row| {
        let cells = board.codes.iter().zip(&row.cells).filter_map(|(code, cell)| Some((code, (*cell)?)));
        let id = format!("r{}", row.number);
        cells.map(|(code, c)| json!([id, code, state::letter(c.state), words.cell(&c)])).collect::<Vec<_>>()
    };
    board.rows.iter().flat_map(of).collect()
}

/// The same of what was passed on from rows of this board, where something below them changed: `["s12", …]`.
async fn sums(
    visit: &Visit,
    sql: &mut Sql,
    campaign: Id<kind::Campaign>,
    below: &[Id<kind::Assignment>],
) -> Result<Vec<Value>, StoreError> {
    let tops = board::tops(sql, campaign, below).await?;
    if tops.is_empty() {
        return Ok(Vec::new());
    }
    let shown = board::rows_of(sql, visit.scope(), campaign, &tops, visit.app.clock.now()).await?;
    let rolled = board::rollups(sql, visit.scope(), campaign, Some(&tops)).await?;
    let of = |row: &domain::board::Row| {
        let Some(rolled) = rolled.get(&row.assignment) else { return Vec::new() };
        let id = format!("s{}", row.number);
        let told = |code: &String| sum_cell(rolled, code).map(|(class, text)| json!([id, code, class, text]));
        shown.codes.iter().filter_map(told).collect()
    };
    Ok(shown.rows.iter().flat_map(of).collect())
}

/// One of the streams somebody may have open on this process.
struct Slot(Id<kind::Person>);

static OPEN: Mutex<Option<HashMap<Id<kind::Person>, usize>>> = Mutex::new(None);

impl Slot {
    fn take(person: Id<kind::Person>) -> Option<Self> {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.get_or_insert_with(HashMap::new).entry(person).or_default();
        if *count >= STREAMS_MAX {
            return None;
        }
        *count += 1;
        Some(Self(person))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = open.as_mut() else { return };
        if let Some(count) = open.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.0);
            }
        }
    }
}
