//! Calls that make themselves: the drill before a window, and one call a shift where an order under way wants posts
//! watched.

use std::collections::BTreeMap;

use domain::{
    evidence::Evaluator,
    id::{Id, kind},
    paging::{About, Severity},
};
use jiff::{SignedDuration, Timestamp};

use super::{BATCH, at};
use crate::{
    Query, StoreError, Tx, args,
    assignments::{Tools, person_name},
    callouts::{New, raise},
};

/// A window is looked at so long before it begins at most, whatever the pack says.
const BEFORE_MAX: SignedDuration = SignedDuration::from_hours(24 * 31);

/// Whether a body of `watched` has post `o`: as its own, shared, or covered by it. Found once a look, not once a shift.
const WATCHED: &str = "(o.body in (select x.body from watched x)
   or o.id in (select h.post from post_share h join watched x on x.body = h.body)
   or o.id in (select w.covered_by from post w join watched x on x.body = w.body
     where w.covered_by is not null and w.closed_at is null))";

/// Begins a statement with the bodies of which an order under way wants that posts are watched; what is asked of `k`, the
/// campaign, follows, and a closing bracket.
fn watched(tools: &Tools<'_>) -> Query {
    let mut query = Query::new(
        "with watched as (select distinct t.body from task t join assignment a on a.id = t.assignment
           join campaign k on k.id = t.campaign
           where t.withdrawn_at is null and a.cancelled_at is null and k.state = 'issued' and t.code in",
    );
    query.list(codes(tools)).push("and");
    query
}

fn codes(tools: &Tools<'_>) -> Vec<String> {
    let duties = tools.pack.duties().iter().filter(|d| d.evaluator == Evaluator::Watch);
    duties.map(|d| d.code.as_str().to_owned()).collect()
}

/// Everybody on the roster of a window that begins soon is called on every channel, once a window and post. Returns how
/// many.
pub(super) async fn drills(tx: &mut Tx, tools: &Tools<'_>) -> Result<usize, StoreError> {
    let now = tx.now();
    let Some(rule) = tools.pack.duty_roster().and_then(|t| t.drill) else { return Ok(0) };
    let soon = now.checked_add(BEFORE_MAX).unwrap_or(Timestamp::MAX);
    let campaigns = tx
        .rows(
            "select id, window_from, window_to from campaign
             where state = 'issued' and window_from > $1 and window_from <= $2 order by window_from, id",
            args![now, soon],
        )
        .await?;
    let mut done = 0;
    for row in &campaigns {
        let (from, to) = (row.time("window_from")?, row.time("window_to")?);
        let day = domain::time::date(from);
        let day = day.checked_sub(jiff::Span::new().days(i64::from(rule.days_before))).unwrap_or(day);
        if now < at(day, rule.at) || done >= BATCH {
            continue;
        }
        done += drill(tx, tools, &row.text("id")?, from, to, BATCH - done).await?;
    }
    Ok(done)
}

async fn drill(
    tx: &mut Tx,
    tools: &Tools<'_>,
    campaign: &str,
    from: Timestamp,
    to: Timestamp,
    most: usize,
) -> Result<usize, StoreError> {
    let mut query = watched(tools);
    query.push("k.id =").bind(campaign).push(
        ") select distinct o.id as post, o.name, o.body, s.person
         from shift s join post o on o.id = s.post join person p on p.id = s.person and p.closed_at is null
         where o.closed_at is null and s.from_at <",
    );
    query.bind(to).push("and s.to_at >").bind(from).push("and").push(WATCHED);
    query.push("and not exists (select 1 from callout c where c.key = 'drill/' ||").bind(campaign);
    query.push("|| '/' || o.id || '/' || s.person) order by o.id, s.person limit");
    query.bind(i64::try_from(most).unwrap_or(i64::MAX));
    let found = query.rows(tx).await?;
    let key = |post: &str, person: &str, _: &str| format!("drill/{campaign}/{post}/{person}");
    call(tx, tools, About::Drill, &found, key).await
}

/// Whoever is first in line in a shift of a watched window is called once, some minutes into it. Returns how many.
pub(super) async fn of_shifts(tx: &mut Tx, tools: &Tools<'_>) -> Result<usize, StoreError> {
    let now = tx.now();
    let Some(rule) = tools.pack.duty_roster().and_then(|t| t.test_call) else { return Ok(0) };
    let begun =
        now.checked_sub(SignedDuration::from_mins(rule.after_minutes.into())).unwrap_or(Timestamp::MIN);
    let mut query = watched(tools);
    query.push("k.window_from <=").bind(now).push("and k.window_to >").bind(now).push(
        ") select distinct o.id as post, o.name, o.body, s.person, s.from_at as shift
         from shift s join post o on o.id = s.post join person p on p.id = s.person and p.closed_at is null
         where o.closed_at is null and s.line = 'primary' and s.to_at >",
    );
    query.bind(now).push("and s.from_at <=").bind(begun);
    query.push("and").push(WATCHED);
    query.push(
        "and not exists (select 1 from callout c
             where c.key = 'test-call/' || o.id || '/' || s.person || '/' || s.from_at)
         order by o.id, s.person, s.from_at limit",
    );
    query.bind(i64::try_from(BATCH).unwrap_or(i64::MAX));
    let found = query.rows(tx).await?;
    let key = |post: &str, person: &str, shift: &str| format!("test-call/{post}/{person}/{shift}");
    call(tx, tools, About::TestCall, &found, key).await
}

/// Of each post, whose it is and who was called.
type Called = BTreeMap<Id<kind::Post>, (Id<kind::Body>, Vec<Id<kind::Person>>)>;

async fn call(
    tx: &mut Tx,
    tools: &Tools<'_>,
    about: About,
    found: &[crate::Row],
    key: impl Fn(&str, &str, &str) -> String,
) -> Result<usize, StoreError> {
    let now = tx.now();
    let mut called = Called::new();
    for row in found {
        let (post, body): (Id<kind::Post>, Id<kind::Body>) = (row.id("post")?, row.id("body")?);
        let person: Id<kind::Person> = row.id("person")?;
        let shift = match about {
            About::TestCall => row.int("shift")?.to_string(),
            _ => String::new(),
        };
        let new = New {
            key: key(&post.to_string(), &person.to_string(), &shift),
            about,
            subject: format!("post:{post}"),
            body,
            post: Some(post),
            person: Some(person),
            severity: Severity::High,
            words: vec![("post", row.text("name")?), ("who", person_name(tx, person).await?)],
            since: now,
        };
        raise(tx, tools, new).await?;
        called.entry(post).or_insert_with(|| (body, Vec::new())).1.push(person);
    }
    for (post, (body, people)) in &called {
        tx.record("roster.tried-out", format!("post:{post}"), Some(*body), &(about, people));
    }
    Ok(found.len())
}
