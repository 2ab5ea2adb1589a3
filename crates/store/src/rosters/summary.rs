//! What the watch of posts comes to within a window: for evidence, quick reports and the report up.

use std::collections::{BTreeMap, HashMap};

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::About,
    right::Right,
    roster::{
        CheckIn, Line, Post, Shift, TestCall,
        check_in::{Made, Stretch, Tally, answered, owed, stretches, tally},
        coverage,
        rules::Person,
        test_calls,
    },
    time::Window,
};
use jiff::Timestamp;

use super::{changes::span, check_in, on_duty, post};
use crate::{Query, Sql, StoreError};

/// Bodies asked for in one statement.
pub(super) const CHUNK: usize = 500;

/// The watch of one body's posts within a window: its own, those it shares, those that are watched for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Its posts, by name.
    pub posts: Vec<PostNow>,
    /// All their time together.
    pub tally: Tally,
}

/// A post within a window.
#[derive(Debug, Clone, PartialEq)]
pub struct PostNow {
    /// Which.
    pub id: Id<kind::Post>,
    /// What it is called.
    pub name: String,
    /// Its time.
    pub tally: Tally,
    /// Whether enough people are on duty now.
    pub covered: bool,
    /// Whether a check-in of one of them is missing now.
    pub silent: bool,
    /// Time of the window still to come for which nobody, or not enough people, are planned.
    pub gaps_ahead: jiff::SignedDuration,
}

/// What the watch comes to for each of those bodies within `window`, as known at `now`. Every body asked for has an entry;
/// those the scope may not see an empty one.
pub async fn summary(
    sql: &mut Sql,
    scope: &Scope,
    window: Window,
    bodies: &[Id<kind::Body>],
    now: Timestamp,
) -> Result<BTreeMap<Id<kind::Body>, Summary>, StoreError> {
    let mut seen = Vec::new();
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new("select b.id from body b where b.id in");
        query.list(some.iter().copied()).push("and").visible(scope, Right::See, "b.id");
        for row in query.rows(sql).await? {
            seen.push(row.id("id")?);
        }
    }
    let posts = of_window(sql, &seen, window).await?;
    let mut found: BTreeMap<_, Summary> = bodies.iter().map(|b| (*b, Summary::default())).collect();
    for one in &posts {
        let at_present = one.within(window, now);
        for body in &one.bodies {
            let Some(of) = found.get_mut(body) else { continue };
            of.tally = and(of.tally, at_present.tally);
            of.posts.push(at_present.clone());
        }
    }
    Ok(found)
}

/// How a post stands before a window, or for what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// Whether a roster was published for any part of it.
    pub published: bool,
    /// Time for which nobody, or not enough people, are planned.
    pub gaps: jiff::SignedDuration,
}

/// How those posts stand before a window, for whoever was shown them.
pub async fn ahead(
    sql: &mut Sql,
    posts: &[super::Shown],
    window: Window,
    now: Timestamp,
) -> Result<HashMap<Id<kind::Post>, Ahead>, StoreError> {
    let mut bodies: Vec<Id<kind::Body>> = posts.iter().map(|s| s.post.body).collect();
    bodies.sort_unstable();
    bodies.dedup();
    let known = of_window(sql, &bodies, window).await?;
    let one = |k: &Known| {
        let gaps = k.within(window, now).gaps_ahead;
        (k.post.id, Ahead { published: k.is_published(window), gaps })
    };
    Ok(known.iter().map(one).collect())
}

pub(super) fn and(a: Tally, b: Tally) -> Tally {
    Tally {
        all: a.all + b.all,
        watched: a.watched + b.watched,
        unknown: a.unknown + b.unknown,
        uncovered: a.uncovered + b.uncovered,
    }
}

/// A post with all that is known of a window.
pub(crate) struct Known {
    pub post: Post,
    /// Those of the bodies asked for whose post it is.
    pub bodies: Vec<Id<kind::Body>>,
    shifts: Vec<Shift>,
    made: Vec<Made>,
    /// For when its roster was published.
    published: Vec<Window>,
    /// From when on it was there.
    since: Timestamp,
    /// When it was given up.
    until: Option<Timestamp>,
}

impl Known {
    /// Whether that window is its affair: one that was over before the post was made is not, nor one during which it was
    /// given up. What was on duty there before stays.
    pub(crate) fn counts(&self, window: Window) -> bool {
        self.since < window.to && self.until.is_none_or(|until| window.to <= until)
    }
    /// Whether a roster was published for any part of that window.
    pub(crate) fn is_published(&self, window: Window) -> bool {
        self.published.iter().any(|p| p.from < window.to && window.from < p.to)
    }
    /// The window so far, stretch by stretch.
    pub(super) fn stretches(&self, window: Window, now: Timestamp) -> Vec<Stretch> {
        stretches(&self.post, &self.shifts, &self.made, window, now)
    }
    pub(crate) fn within(&self, window: Window, now: Timestamp) -> PostNow {
        let ahead = Window { from: window.from.max(now), to: window.to };
        let gaps_ahead = if ahead.from < ahead.to {
            ahead.to.duration_since(ahead.from) - coverage::covered(&self.post, &self.shifts, ahead)
        } else {
            jiff::SignedDuration::ZERO
        };
        PostNow {
            id: self.post.id,
            name: self.post.name.clone(),
            tally: tally(&self.post, &self.shifts, &self.made, window, now),
            covered: self.on(now).count() >= usize::from(self.post.needed.max(1)),
            silent: self.on(now).any(|s| self.is_silent(s, now)),
            gaps_ahead,
        }
    }
    /// The shifts whose test call is decided, with whether it was answered; `answered` as [`answered_calls`] gives them.
    pub(crate) fn tested(
        &self,
        answered: &ByPost<Vec<Made>>,
        rule: TestCall,
        window: Window,
        now: Timestamp,
    ) -> Vec<(Window, Person, bool)> {
        let answered = answered.get(&held_by(&self.post)).map_or(&[][..], Vec::as_slice);
        let decided = test_calls::decided(&self.shifts, answered, rule, window, now);
        decided.into_iter().map(|(s, heard)| (Window { from: s.from, to: s.to }, s.person, heard)).collect()
    }
    /// When what [`Self::within`] says may change though nobody does anything.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let borders = self.shifts.iter().flat_map(|s| [s.from, s.to]);
        let misses = self.shifts.iter().flat_map(|s| owed(s, self.post.check_in)).map(|o| o.missed);
        borders.chain(misses).filter(|at| *at > now).min()
    }
    fn on(&self, now: Timestamp) -> impl Iterator<Item = &Shift> {
        self.shifts.iter().filter(move |s| s.line == Line::Primary && s.from <= now && now < s.to)
    }
    fn is_silent(&self, shift: &Shift, now: Timestamp) -> bool {
        let owed = owed(shift, self.post.check_in);
        let answers = answered(&owed, &self.made);
        // The last one that is over counts: a late check-in makes up for an earlier miss.
        let last = owed.iter().zip(answers).rfind(|(o, answer)| o.missed <= now || answer.is_some());
        last.is_some_and(|(_, answer)| answer.is_none())
    }
}

/// The posts of those bodies of which the window is the affair.
pub(super) async fn of_window(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
    window: Window,
) -> Result<Vec<Known>, StoreError> {
    let mut posts = known(sql, bodies, window).await?;
    posts.retain(|k| k.counts(window));
    Ok(posts)
}

/// The posts of those bodies that were there at some time of the window, with its shifts and check-ins.
pub(crate) async fn known(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
    window: Window,
) -> Result<Vec<Known>, StoreError> {
    let mut posts: Vec<Known> = Vec::new();
    let mut place: HashMap<Id<kind::Post>, usize> = HashMap::new();
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new(
            "select p.*, o.body as of_body from post p
             join (select id as post, body from post union select post, body from post_share) o on o.post = p.id
             where o.body in",
        );
        query.list(some.iter().copied()).push("and p.created_at <").bind(window.to);
        query.push("and (p.closed_at is null or p.closed_at >").bind(window.from);
        query.push(") order by p.sort_key, p.id");
        for row in query.rows(sql).await? {
            let of = post(&row)?;
            let (since, until) = (row.time("created_at")?, row.opt_time("closed_at")?);
            let index = *place.entry(of.id).or_insert_with(|| {
                posts.push(Known {
                    post: of,
                    bodies: Vec::new(),
                    shifts: Vec::new(),
                    made: Vec::new(),
                    published: Vec::new(),
                    since,
                    until,
                });
                posts.len() - 1
            });
            if let Some(known) = posts.get_mut(index) {
                known.bodies.push(row.id("of_body")?);
            }
        }
    }
    let mut by: Vec<Id<kind::Post>> = posts.iter().map(|k| held_by(&k.post)).collect();
    by.sort_unstable();
    by.dedup();
    let (rules, shifts) = (rules(sql, &by).await?, shifts(sql, &by, window).await?);
    // A shift of which the window sees a part is proved by all of its check-ins.
    let whole = shifts
        .values()
        .flatten()
        .fold(window, |w, s| Window { from: w.from.min(s.from), to: w.to.max(s.to) });
    let made = made(sql, &by, whole).await?;
    let published = published(sql, &by, window).await?;
    for known in &mut posts {
        // A post that is covered is held by those of the covering one, under that one's own check-ins.
        let by = held_by(&known.post);
        if let Some(rule) = rules.get(&by).filter(|_| by != known.post.id) {
            known.post = Post { needed: 1, check_in: *rule, ..known.post.clone() };
        }
        known.shifts = shifts.get(&by).cloned().unwrap_or_default();
        known.made = made.get(&by).cloned().unwrap_or_default();
        known.published = published.get(&by).cloned().unwrap_or_default();
    }
    Ok(posts)
}

pub(super) fn held_by(of: &Post) -> Id<kind::Post> {
    of.covered_by.unwrap_or(of.id)
}

pub(crate) type ByPost<T> = HashMap<Id<kind::Post>, T>;

/// What is owed at those posts.
async fn rules(sql: &mut Sql, posts: &[Id<kind::Post>]) -> Result<ByPost<CheckIn>, StoreError> {
    let mut found = ByPost::new();
    for some in posts.chunks(CHUNK) {
        let mut query = Query::new("select id, check_in from post where id in");
        query.list(some.iter().copied());
        for row in query.rows(sql).await? {
            found.insert(row.id("id")?, row.json("check_in")?);
        }
    }
    Ok(found)
}

/// The shifts of those posts that touch a window.
async fn shifts(
    sql: &mut Sql,
    posts: &[Id<kind::Post>],
    window: Window,
) -> Result<ByPost<Vec<Shift>>, StoreError> {
    let mut found: ByPost<Vec<Shift>> = ByPost::new();
    for some in posts.chunks(CHUNK) {
        let mut query = Query::new("select * from shift where post in");
        query.list(some.iter().copied()).push("and to_at >").bind(window.from);
        query.push("and from_at <").bind(window.to);
        query
            .push("and from_at < to_at order by from_at, case line when 'primary' then 0 else 1 end, person");
        for row in query.rows(sql).await? {
            let shift = on_duty::shift(&row)?;
            found.entry(shift.post).or_default().push(shift);
        }
    }
    Ok(found)
}

/// The check-ins made at those posts around a window.
async fn made(
    sql: &mut Sql,
    posts: &[Id<kind::Post>],
    window: Window,
) -> Result<ByPost<Vec<Made>>, StoreError> {
    let around = check_in::around(window);
    let mut found: ByPost<Vec<Made>> = ByPost::new();
    for some in posts.chunks(CHUNK) {
        let mut query = Query::new("select post, person, at from check_in where post in");
        query.list(some.iter().copied()).push("and at >=").bind(around.from);
        query.push("and at <").bind(around.to).push("order by at, id");
        for row in query.rows(sql).await? {
            let made = Made { person: row.id("person")?, at: row.time("at")? };
            found.entry(row.id("post")?).or_default().push(made);
        }
    }
    Ok(found)
}

/// For when rosters of those posts were published, as far as that touches a window.
async fn published(
    sql: &mut Sql,
    posts: &[Id<kind::Post>],
    window: Window,
) -> Result<ByPost<Vec<Window>>, StoreError> {
    let mut found: ByPost<Vec<Window>> = ByPost::new();
    for some in posts.chunks(CHUNK) {
        let mut query = Query::new("select post, from_at, to_at from roster_publication where post in");
        query.list(some.iter().copied()).push("and to_at >").bind(window.from);
        query.push("and from_at <").bind(window.to);
        for row in query.rows(sql).await? {
            found.entry(row.id("post")?).or_default().push(span(&row)?);
        }
    }
    Ok(found)
}

/// The test calls within a window at the posts by which those are held, which whoever was called took themselves: by when they were called.
pub(crate) async fn answered_calls(
    sql: &mut Sql,
    of: &[Known],
    window: Window,
) -> Result<ByPost<Vec<Made>>, StoreError> {
    let mut posts: Vec<Id<kind::Post>> = of.iter().map(|k| held_by(&k.post)).collect();
    posts.sort_unstable();
    posts.dedup();
    let mut found: ByPost<Vec<Made>> = ByPost::new();
    for some in posts.chunks(CHUNK) {
        let mut query = Query::new("select c.post, c.person, c.at from callout c where c.about =");
        query.bind(About::TestCall.name()).push("and c.taker = c.person and c.post in");
        query.list(some.iter().copied()).push("and c.at >=").bind(window.from);
        query.push("and c.at <").bind(window.to).push("order by c.at, c.id");
        for row in query.rows(sql).await? {
            let made = Made { person: row.id("person")?, at: row.time("at")? };
            found.entry(row.id("post")?).or_default().push(made);
        }
    }
    Ok(found)
}
