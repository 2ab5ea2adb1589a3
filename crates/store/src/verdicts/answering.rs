//! What evaluators of CMPL, ISPF, ISPD and DUTY read: figures of the register of requests, of lines and of posts, and
//! which of their facts to name.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    evidence::Count,
    id::{Id, kind},
    line::LineState,
    request::{ItemState, RequestKind, Standing},
    roster::TestCall,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::{Task, known::distinct};
use crate::{Sql, StoreError, findings, lines, requests, rosters};

/// So many requests or lines are opened as reasons of one verdict; the figures count all.
pub(super) const NAMED_MAX: usize = 20;

/// What is known of one task.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Counts by the names the evaluator asks for.
    pub counts: Vec<(&'static str, Count)>,
    /// Moments by name.
    pub times: Vec<(&'static str, Timestamp)>,
    /// The subjects whose facts are named as reasons.
    pub subjects: Vec<String>,
}

/// From the moment a body got the order until it is over; without a window, until the duty is due.
pub(super) fn window(task: &Task) -> Window {
    task.window.unwrap_or(Window { from: Timestamp::MIN, to: task.due })
}

/// All tasks' windows together: one query serves a batch, each task then takes what is its own.
pub(super) fn widest(tasks: &[&Task]) -> Window {
    let windows = || tasks.iter().map(|t| window(t));
    Window {
        from: windows().map(|w| w.from).min().unwrap_or(Timestamp::MIN),
        to: windows().map(|w| w.to).max().unwrap_or(Timestamp::MAX),
    }
}

/// The register of requests, for tasks of CMPL (`items` false) or ISPF (`items` true).
pub async fn requests(
    sql: &mut Sql,
    tasks: &[&Task],
    items: bool,
    now: Timestamp,
) -> Result<HashMap<Id<kind::Task>, Figures>, StoreError> {
    let bodies = distinct(tasks.iter().map(|t| t.body));
    let mut all = requests::concerning(sql, &Scope::system(), &bodies, widest(tasks)).await?;
    all.retain(|r| !items || r.kind == RequestKind::Filter);
    let entries = if items { requests::items_of(sql, &all).await? } else { HashMap::new() };
    let mut by_body: HashMap<_, Vec<&requests::Counted>> = HashMap::new();
    for request in &all {
        by_body.entry(request.body).or_default().push(request);
    }
    Ok(tasks
        .iter()
        .map(|task| {
            let mine = by_body.get(&task.body).into_iter().flatten().filter(|r| r.in_window(window(task)));
            let mut sums = Sums::default();
            for request in mine {
                let stands = request.standing(now);
                match entries.get(&request.id).filter(|_| items) {
                    Some(entries) => {
                        for entry in entries {
                            sums.add(entry_stands(entry, request, now), entry.n, request, now);
                        }
                    }
                    None if items => {}
                    None => sums.add(stands, 1, request, now),
                }
            }
            (task.id, sums.figures(items))
        })
        .collect())
}

fn entry_stands(entry: &requests::Entries, request: &requests::Counted, now: Timestamp) -> Standing {
    match entry.state {
        ItemState::Done if entry.late => Standing::Late,
        ItemState::Done => Standing::Done,
        ItemState::Impossible if request.accepted => Standing::Released,
        ItemState::Impossible => Standing::Impossible,
        ItemState::Open if request.due <= now => Standing::Overdue,
        ItemState::Open => Standing::Open,
    }
}

#[derive(Default)]
struct Sums {
    all: u32,
    handled: u32,
    owed: u32,
    overdue: u32,
    late: u32,
    impossible: u32,
    next: Option<Timestamp>,
    /// Overdue ones first, then the newest: those a reader wants to open.
    named: Vec<(bool, Timestamp, Id<kind::Request>)>,
}

impl Sums {
    fn add(&mut self, stands: Standing, n: u32, of: &requests::Counted, now: Timestamp) {
        self.all += n;
        match stands {
            Standing::Done | Standing::Released => self.handled += n,
            Standing::Late => {
                self.handled += n;
                self.late += n;
            }
            Standing::Impossible => self.impossible += n,
            Standing::Overdue => {
                self.owed += n;
                self.overdue += n;
            }
            Standing::Open => {
                self.owed += n;
                if of.due > now {
                    self.next = Some(self.next.map_or(of.due, |at| at.min(of.due)));
                }
            }
            Standing::Withdrawn => {}
        }
        self.named.push((stands == Standing::Overdue, of.asked, of.id));
    }

    fn figures(mut self, items: bool) -> Figures {
        self.named.sort_unstable();
        self.named.dedup_by_key(|(.., id)| *id);
        let subjects =
            self.named.iter().rev().take(NAMED_MAX).map(|(.., id)| format!("request:{id}")).collect();
        let names = if items {
            ["items", "items-owed", "items-judged", "items-next"]
        } else {
            ["requests", "requests-owed", "requests-judged", "requests-next"]
        };
        let [all, owed, judged, next] = names;
        let count = |handled, all| Count { handled, all };
        Figures {
            counts: vec![
                (all, count(self.handled, self.all)),
                (owed, count(self.overdue, self.owed)),
                (judged, count(self.late, self.impossible)),
            ],
            times: self.next.map(|at| (next, at)).into_iter().collect(),
            subjects,
        }
    }
}

/// The lines of each task's body; a report is believed for `hold`.
pub async fn lines(
    sql: &mut Sql,
    tasks: &[&Task],
    now: Timestamp,
    hold: SignedDuration,
) -> Result<HashMap<Id<kind::Task>, Figures>, StoreError> {
    let bodies = distinct(tasks.iter().map(|t| t.body));
    let all = lines::load(sql, &Scope::system(), &bodies, widest(tasks), hold).await?;
    Ok(tasks
        .iter()
        .map(|task| {
            let (mut minutes, mut up, mut down, mut lines) = (domain::line::Minutes::default(), 0, 0, 0);
            let mut figures = Figures::default();
            let mut next: Option<Timestamp> = None;
            for line in all.iter().filter(|l| l.body == task.body) {
                minutes = minutes.and(line.known.through(window(task), now, hold).1);
                let (state, until) = line.known.at(now, hold);
                up += u32::from(matches!(state, Some(LineState::Ok | LineState::Degraded)));
                down += u32::from(state == Some(LineState::Down));
                lines += 1;
                next = [next, until].into_iter().flatten().min();
                figures.subjects.push(format!("line:{}", line.id));
            }
            let count = |handled, all| Count { handled, all };
            figures.counts = vec![
                ("line-minutes", count(minutes.up, minutes.all)),
                ("line-past", count(minutes.down, minutes.unknown)),
                ("lines-now", count(up, lines)),
                ("lines-down", count(down, lines)),
            ];
            figures.times = next.map(|at| ("lines-next", at)).into_iter().collect();
            figures.subjects.truncate(NAMED_MAX);
            (task.id, figures)
        })
        .collect())
}

/// The posts that are a body's, for tasks of DUTY; with `test_call`, one answered a shift is owed.
pub async fn watches(
    sql: &mut Sql,
    tasks: &[&Task],
    now: Timestamp,
    test_call: Option<TestCall>,
) -> Result<HashMap<Id<kind::Task>, Figures>, StoreError> {
    let bodies = distinct(tasks.iter().map(|t| t.body));
    let all = rosters::known(sql, &bodies, widest(tasks)).await?;
    let answered = match test_call {
        Some(_) => rosters::answered_calls(sql, &all, widest(tasks)).await?,
        None => HashMap::new(),
    };
    Ok(tasks
        .iter()
        .map(|task| {
            let window = window(task);
            let mut figures = Figures::default();
            let (mut called, mut owing) = (0, 0);
            let (mut watched, mut unknown, mut uncovered) = (0, 0, 0);
            let (mut posts, mut held, mut empty, mut gaps, mut published) = (0, 0, 0, 0, 0);
            for known in all.iter().filter(|p| p.bodies.contains(&task.body) && p.counts(window)) {
                let post = known.within(window, now);
                watched += minutes(post.tally.watched);
                unknown += minutes(post.tally.unknown);
                uncovered += minutes(post.tally.uncovered);
                posts += 1;
                published += u32::from(known.is_published(window));
                held += u32::from(post.covered && !post.silent);
                empty += u32::from(!post.covered);
                gaps += u32::from(!post.gaps_ahead.is_zero());
                // Without a published roster the post is a plan: nobody was to be called.
                if let Some(rule) = test_call.filter(|_| known.is_published(window)) {
                    let tested = known.tested(&answered, rule, window, now);
                    owing += u32::try_from(tested.len()).unwrap_or(u32::MAX);
                    called += u32::try_from(tested.iter().filter(|t| t.2).count()).unwrap_or(u32::MAX);
                }
                figures.times.extend(known.next(now).map(|at| ("watch-next", at)));
                figures.subjects.push(format!("post:{}", post.id));
            }
            let count = |handled, all| Count { handled, all };
            let whole = minutes(window.to.duration_since(window.from)).saturating_mul(posts);
            figures.counts = vec![
                ("watch-minutes", count(watched, whole)),
                ("watch-past", count(uncovered, unknown)),
                ("watch-posts", count(held, posts)),
                ("watch-empty", count(empty, gaps)),
                ("watch-published", count(published, posts)),
                ("watch-tests", count(called, owing)),
            ];
            // Of one name the last counts when they are collected: keep the soonest.
            figures.times = figures.times.iter().copied().min_by_key(|(_, at)| *at).into_iter().collect();
            figures.subjects.truncate(NAMED_MAX);
            (task.id, figures)
        })
        .collect())
}

fn minutes(of: SignedDuration) -> u32 {
    u32::try_from(of.as_mins().max(0)).unwrap_or(u32::MAX)
}

/// Hosts and the flaws on them, for tasks of VREV, VFIX and WARN.
pub async fn flaws(sql: &mut Sql, tasks: &[&Task]) -> Result<HashMap<Id<kind::Task>, Figures>, StoreError> {
    let found = findings::task_figures(sql, tasks).await?;
    Ok(found.into_iter().map(|(id, counts)| (id, Figures { counts, ..Figures::default() })).collect())
}
