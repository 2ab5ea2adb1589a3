//! Publishing: from a draft to shifts that people rely on.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Pack,
    person::ChannelKind,
    roster::{
        Post, Presence, Shift,
        coverage::{self, Rest, Trouble},
        resolve,
        rules::{Layer, Person},
    },
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    Need, changed,
    changes::{WHY_MAX, span},
    check_in::plan_wakes,
    held, layers, subject,
};
use crate::{
    Query, Row, Sql, StoreError, Tx, args,
    assignments::{Tools, fact, said},
    facts,
};

/// A publication is at most so long: what lies further ahead is published when it comes nearer.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 100);
/// At most so many shifts are published at once.
const SHIFTS_MAX: usize = 20_000;

/// A publication as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// Which.
    pub id: Id<kind::Publication>,
    /// For when.
    pub window: Window,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<String>,
    /// What was wrong with it even so.
    pub troubles: Vec<Trouble>,
    /// Why a head published it with a gap.
    pub forced: Option<String>,
}

/// What is wrong with the draft over a window: shown while it is edited, and what publishing is refused for.
pub async fn troubles(
    sql: &mut Sql,
    scope: &Scope,
    pack: &Pack,
    post: Id<kind::Post>,
    window: Window,
) -> Result<(Vec<Shift>, Vec<Trouble>), StoreError> {
    let of = held(sql, scope, Need::See, post).await?;
    if of.presence == Presence::Covered {
        // Nobody takes turns here; whether the covering post has gaps is its own trouble, and this one's too.
        let shifts = super::on_duty::raw(sql, of.covered_by.unwrap_or(of.id), window).await?;
        let found =
            coverage::troubles(&Post { backup: false, ..of }, &shifts, window, &[], &|_| u8::MAX, NO_REST);
        return Ok((shifts, found.into_iter().filter(Trouble::forbids).collect()));
    }
    let shifts = layers::draft(sql, scope, pack, post, window).await?;
    let mut people: Vec<Person> = shifts.iter().map(|s| s.person).collect();
    people.sort_unstable();
    people.dedup();
    let verified = verified(sql, &people).await?;
    let elsewhere = elsewhere(sql, &people, post, window).await?;
    let rest = pack.duty_roster().map_or(NO_REST, |t| t.rest);
    let has = |person: Person| verified.iter().find(|(p, _)| *p == person).map_or(0, |(_, n)| *n);
    let found = coverage::troubles(&of, &shifts, window, &elsewhere, &has, rest);
    Ok((shifts, found))
}

/// Where the pack says nothing of rest nobody is on duty for too long.
const NO_REST: Rest = Rest { run_hours_max: u16::MAX, rest_hours_min: 0 };

/// Publishes the draft for a window; needs [`Right::Prepare`](domain::right::Right::Prepare) over the post's body, and
/// with a gap its head and a reason. What was published for the rest of that time before is replaced, from now on.
/// Returns what is wrong with it even so. `Refused`: `span-bad`, `roster-gap` (ask [`troubles`]), `roster-empty`,
/// `roster-many`, `post-covered`.
pub async fn publish(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    post: Id<kind::Post>,
    window: Window,
    forced: Option<&str>,
) -> Result<Vec<Trouble>, StoreError> {
    let need = if forced.is_some() { Need::Force } else { Need::Plan };
    let of = held(tx, scope, need, post).await?;
    if of.presence == Presence::Covered {
        return Err(StoreError::Refused("post-covered"));
    }
    let now = tx.now();
    let window = Window { from: window.from.max(now), to: window.to };
    if window.from >= window.to || window.to.duration_since(window.from) > LONGEST {
        return Err(StoreError::Refused("span-bad"));
    }
    let (shifts, troubles) = troubles(tx, scope, tools.pack, post, window).await?;
    if shifts.is_empty() {
        return Err(StoreError::Refused("roster-empty"));
    }
    if shifts.len() > SHIFTS_MAX {
        return Err(StoreError::Refused("roster-many"));
    }
    let gap = troubles.iter().any(Trouble::forbids);
    let forced = match forced {
        Some(why) if gap => Some(said(why, WHY_MAX)?),
        None if gap => return Err(StoreError::Refused("roster-gap")),
        _ => None,
    };
    let layers = layers::layers(tx, scope, post).await?;
    let id: Id<kind::Publication> = Id::new(tools.ids);
    let bad = |e: serde_json::Error| StoreError::Corrupt("roster_publication", e.to_string());
    let by = tx.actor().person();
    tx.exec(
        "insert into roster_publication (id, post, from_at, to_at, layers, troubles, forced, at, by_person)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![
            id,
            post,
            window.from,
            window.to,
            serde_json::to_value(&layers).map_err(bad)?,
            serde_json::to_value(&troubles).map_err(bad)?,
            forced.clone(),
            now,
            by
        ],
    )
    .await?;
    let mut turns: Vec<Person> = layers.iter().flat_map(|l| l.crews.iter().flatten()).copied().collect();
    turns.sort_unstable();
    turns.dedup();
    for person in turns {
        tx.exec(
            "insert into roster_publication_person (publication, person) values ($1,$2)",
            args![id, person],
        )
        .await?;
    }
    let seq = tx.record("roster.published", subject(post), Some(of.body), &(id, window, &layers, &forced));
    let value = json!({"name": of.name, "forced": forced, "troubles": troubles.len()});
    let kind = domain::fact::kinds::ROSTER_PUBLISHED;
    let key = format!("{kind}/{id}");
    let source = domain::fact::Source::Audit(seq);
    let learnt = fact(tools, now, kind, key, of.body, subject(post), source, value);
    facts::learn(tx, &domain::fact::Fact { from: window.from, to: window.to, ..learnt }).await?;
    rewrite(tx, tools.pack, &of).await?;
    plan_wakes(tx, tools, &of).await?;
    changed(tx, &of).await?;
    Ok(troubles)
}

/// Writes the shifts of a post anew from now on, as publications and changes by hand now make them: all of them, since a
/// change in the middle of a shift leaves an end of it behind. What has been stays; what is not published stays empty.
pub(super) async fn rewrite(tx: &mut Tx, pack: &Pack, of: &Post) -> Result<(), StoreError> {
    let now = tx.now();
    // Calendars tell by it that their entries changed.
    tx.exec(
        "update post set roster_version = roster_version + 1, roster_at = $2 where id = $1",
        args![of.id, now],
    )
    .await?;
    tx.exec("delete from shift where post = $1 and from_at >= $2", args![of.id, now]).await?;
    // Whoever is on duty now goes on only if the rules still say so.
    tx.exec("update shift set to_at = $2 where post = $1 and to_at > $2", args![of.id, now]).await?;
    for (piece, window, layers) in published(tx, of.id, now).await? {
        let rules = layers::rules(tx, of.id, layers, window).await?;
        // Over all that was published, so that a shift that is running keeps its true beginning.
        let shifts = resolve(of, &rules, window, &time::zone(), &|day| pack.is_worked(day));
        for shift in shifts {
            let cut = Shift { from: shift.from.max(piece.from), to: shift.to.min(piece.to), ..shift };
            if cut.from < cut.to && now < cut.to {
                write(tx, &cut, now).await?;
            }
        }
    }
    Ok(())
}

/// Writes a shift that has not ended; one that is running goes on where it was cut.
async fn write(tx: &mut Tx, shift: &Shift, now: Timestamp) -> Result<(), StoreError> {
    if shift.from < now {
        let goes_on = tx
            .exec(
                "update shift set to_at = $5 where post = $1 and line = $2 and person = $3 and to_at = $4",
                args![shift.post, shift.line.name(), shift.person, now, shift.to],
            )
            .await?;
        if goes_on > 0 {
            return Ok(());
        }
    }
    let why = serde_json::to_value(shift.why).map_err(|e| StoreError::Corrupt("shift", e.to_string()))?;
    tx.exec(
        "insert into shift (post, line, person, from_at, to_at, why) values ($1,$2,$3,$4,$5,$6)
         on conflict (post, line, person, from_at) do update set to_at = excluded.to_at, why = excluded.why",
        args![shift.post, shift.line.name(), shift.person, shift.from.max(now), shift.to, why],
    )
    .await?;
    Ok(())
}

/// What is published of a post and has not ended: each stretch for which a publication is the newest, with that
/// publication's own window and layers.
async fn published(
    sql: &mut Sql,
    post: Id<kind::Post>,
    now: Timestamp,
) -> Result<Vec<(Window, Window, Vec<Layer>)>, StoreError> {
    let rows = sql
        .rows(
            "select from_at, to_at, layers from roster_publication where post = $1 and to_at > $2
             order by at desc, id desc",
            args![post, now],
        )
        .await?;
    let mut free: Vec<Window> = vec![Window { from: Timestamp::MIN, to: Timestamp::MAX }];
    let mut found = Vec::new();
    for row in &rows {
        let of = span(row)?;
        let layers: Vec<Layer> = row.json("layers")?;
        let mut rest = Vec::new();
        for window in free {
            let cut = Window { from: window.from.max(of.from), to: window.to.min(of.to) };
            if cut.from >= cut.to {
                rest.push(window);
                continue;
            }
            found.push((cut, of, layers.clone()));
            rest.push(Window { from: window.from, to: cut.from });
            rest.push(Window { from: cut.to, to: window.to });
        }
        free = rest.into_iter().filter(|w| w.from < w.to).collect();
    }
    Ok(found)
}

/// The publications of a post, newest first.
pub async fn publications(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
) -> Result<Vec<Publication>, StoreError> {
    held(sql, scope, Need::See, post).await?;
    let rows = sql
        .rows(
            "select r.*, p.name as maker from roster_publication r left join person p on p.id = r.by_person
             where r.post = $1 order by r.at desc, r.id desc limit 50",
            args![post],
        )
        .await?;
    let one = |row: &Row| {
        Ok(Publication {
            id: row.id("id")?,
            window: span(row)?,
            at: row.time("at")?,
            by: row.opt_text("maker")?,
            troubles: row.json("troubles")?,
            forced: row.opt_text("forced")?,
        })
    };
    rows.iter().map(one).collect()
}

/// How many kinds of channel each of those people has verified.
async fn verified(sql: &mut Sql, people: &[Person]) -> Result<Vec<(Person, u8)>, StoreError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        Query::new("select person, kind from channel where verified_at is not null and person in");
    query.list(people.iter().copied());
    let mut found: Vec<(Person, Vec<ChannelKind>)> = Vec::new();
    for row in query.rows(sql).await? {
        let (person, kind) = (row.id("person")?, row.word("kind", ChannelKind::parse)?);
        match found.iter_mut().find(|(p, _)| *p == person) {
            Some((_, kinds)) => kinds.push(kind),
            None => found.push((person, vec![kind])),
        }
    }
    Ok(found.into_iter().map(|(p, kinds)| (p, u8::try_from(kinds.len()).unwrap_or(u8::MAX))).collect())
}

/// Where else those people are on duty, with whether that post wants them on site.
async fn elsewhere(
    sql: &mut Sql,
    people: &[Person],
    post: Id<kind::Post>,
    window: Window,
) -> Result<Vec<(Shift, bool)>, StoreError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Query::new(
        "select s.*, p.presence from shift s join post p on p.id = s.post and p.closed_at is null where s.person in",
    );
    query.list(people.iter().copied()).push("and s.post <>").bind(post);
    query.push("and s.to_at >").bind(window.from).push("and s.from_at <").bind(window.to);
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|row| {
            let presence = row.word("presence", Presence::parse)?;
            Ok((super::on_duty::shift(row)?, presence == Presence::OnSite))
        })
        .collect()
}
