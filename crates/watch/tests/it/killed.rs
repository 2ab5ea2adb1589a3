//! A night during which the process is killed: after any of its waits, in every state of a call-out.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::Arc,
    task::{Context, Poll},
};

use domain::paging::Standing;
use send::Channel;
use store::testing::{minute, sqlite};

use crate::{
    night::{Night, PEOPLE},
    paging::{Fake, taken},
};

/// When the clocks look: when something is due, and when what was cut off is taken up again. Leases end within three
/// minutes and some seconds.
const MINUTES: [i64; 9] = [15, 16, 19, 20, 21, 22, 25, 29, 35];

/// What stood in the records when the process was killed.
async fn state(n: &Night<'_>, telegram: &Fake) -> String {
    let log = n.log().await;
    let sent = n.count("select count(*) as n from delivery where state in ('sent', 'acknowledged')").await;
    let due = n.count("select count(*) as n from delivery where state in ('due', 'claimed')").await;
    let last = log.last().map_or("not raised".to_owned(), |(what, who)| format!("{what} {who}"));
    let unrecorded = i64::try_from(telegram.to().len()).unwrap() > sent;
    format!(
        "{last}; {due} to send; {}",
        if unrecorded { "sent but not written down" } else { "all written down" }
    )
}

/// Polls `work` at most so many times; whether it ended. What did not is dropped: killed.
async fn until_killed<T>(work: impl Future<Output = T>, left: &mut usize) -> Option<T> {
    let mut work = Box::pin(work);
    std::future::poll_fn(move |cx: &mut Context<'_>| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if *left == 0 => Poll::Ready(None),
        Poll::Pending => {
            *left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// The night, killed after so many waits. Returns whether it was, and in which state.
async fn night(steps: usize) -> Option<String> {
    let t = sqlite().await;
    let n = Night::new(&t).await;
    let telegram = Fake::new("telegram", vec![taken()]);
    let ways = || vec![telegram.clone() as Arc<dyn Channel>];
    n.engine(ways()).run_due(minute(0)).await.unwrap();
    let (mut left, mut killed) = (steps, None);
    for at in MINUTES {
        // The deputy presses as soon as there is a button; Telegram tells it until it was taken.
        let token = telegram.tokens.lock().unwrap().get("22").cloned();
        if let Some(token) = token {
            n.press(1, 22, &format!("a:{token}"), at).await;
        }
        // A new process each minute: nothing lives on but the records.
        let (engine, desk) = (n.engine(ways()), n.desk(None, None));
        let work = async {
            desk.run_due(minute(at)).await.unwrap();
            engine.run_due(minute(at)).await.unwrap();
        };
        if killed.is_some() {
            work.await;
        } else if until_killed(work, &mut left).await.is_none() {
            killed = Some(state(&n, &telegram).await);
        }
    }
    let told = || killed.clone().unwrap_or_default();
    // Nobody was lost.
    let (standing, taker) = n.taken().await;
    assert_eq!(standing, Standing::Resolved, "after {steps} waits: {}", told());
    assert_eq!(taker, Some((PEOPLE[1].0.to_owned(), "telegram".to_owned())), "{}", told());
    assert_eq!(n.count("select count(*) as n from delivery where state in ('due', 'claimed')").await, 0);
    // Nobody was called twice by us, and nothing happened twice.
    let log = n.log().await;
    let mut seen = BTreeSet::new();
    assert!(log.iter().all(|line| seen.insert(line)), "after {steps} waits: {log:?}");
    for (sql, want) in [
        ("select count(*) as n from missed_check_in", 1),
        ("select count(*) as n from check_in", 1),
        ("select count(*) as n from intent where callout is not null", 2),
        ("select count(*) as n from fact where kind = 'callout.raised'", 1),
        ("select count(*) as n from fact where kind = 'callout.taken'", 1),
        ("select count(*) as n from fact where kind = 'roster.taken-over'", 1),
    ] {
        assert_eq!(n.count(sql).await, want, "{sql}, after {steps} waits: {}", told());
    }
    // The channel is at least once: what it took and nobody wrote down goes again, and nothing else does.
    let mut messages: BTreeMap<String, usize> = BTreeMap::new();
    for to in telegram.to() {
        *messages.entry(to).or_default() += 1;
    }
    assert_eq!(messages.keys().collect::<Vec<_>>(), ["11", "22"], "{}", told());
    let twice = messages.values().filter(|times| **times > 1).count();
    assert!(messages.values().sum::<usize>() <= 3, "after {steps} waits: {messages:?}");
    assert!(
        twice == 0 || told().contains("not written down"),
        "after {steps} waits: {}: {messages:?}",
        told()
    );
    // Everybody who was called sees who has it; only what was sent and not written down cannot be changed, since nobody
    // knows its number. Its button says who has it.
    let lost = usize::from(told().contains("not written down"));
    let changed: BTreeSet<String> =
        telegram.changed.lock().unwrap().iter().map(|(to, said)| format!("{to} {said}")).collect();
    assert!(changed.len() + lost >= 2, "after {steps} waits: {}: {changed:?}", told());
    assert!(changed.iter().all(|said| said.contains(PEOPLE[1].0)), "{changed:?}");
    killed
}

/// In the short form after every seventh wait, from another first one in each part; all of them in `every_single_wait`.
#[tokio::test]
async fn killed_anywhere_nobody_is_lost_and_nobody_is_called_twice() {
    let (mut states, mut places) = (BTreeSet::new(), 0);
    for steps in (0..).step_by(7) {
        let Some(state) = night(steps).await else { break };
        states.insert(state);
        places += 1;
    }
    eprintln!("killed at {places} places, in these states: {states:#?}");
    assert!(places > 10);
}

#[tokio::test]
#[ignore = "takes minutes; prints the states"]
async fn every_single_wait() {
    let (mut states, mut places) = (BTreeMap::new(), 0);
    for steps in 0.. {
        let Some(state) = night(steps).await else { break };
        *states.entry(state).or_insert(0) += 1;
        places += 1;
    }
    eprintln!("killed at {places} places, in these states: {states:#?}");
}
