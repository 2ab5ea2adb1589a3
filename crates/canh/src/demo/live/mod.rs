//! The demonstration alive: its sources keep talking as offices do, and soon somebody breaks in.
//!
//! Lines go through the door every source's lines go through, so they are kept, read, judged and found as any others. What
//! is said in a minute is always the same ([`day`]); nothing here says what is an alert.

mod day;
mod lines;
mod story;
#[cfg(test)]
mod tests;
mod voices;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use domain::{
    actor::{Actor, Scope},
    time::Clock,
};
use intake::{Door, Way};
use jiff::{SignedDuration, Timestamp};
use lake::Record;
use store::{
    StoreError,
    register::{bodies, systems},
    sources::{self, Known},
};
use tokio::{sync::watch, task::JoinHandle};

use self::{day::Said, voices::Voice};
use super::logs;
use crate::centre::Centre;

/// A folder with this file holds a demonstration: in no other does anybody speak by themselves.
pub const MARK: &str = "demo";
/// How often what was said is sent, as shippers gather a little.
const EVERY: Duration = Duration::from_secs(2);
/// After the machine slept, what was not said is not said afterwards.
const MOST: SignedDuration = SignedDuration::from_secs(60);
/// The break-in begins so long after the start: whoever tries it has signed in by then; and again every day.
const FIRST: SignedDuration = SignedDuration::from_mins(2);
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Begins to speak, until told to stop. Anything but a demonstration is left alone.
pub async fn start(
    centre: &Centre,
    door: Arc<Door>,
    stop: watch::Receiver<bool>,
) -> Result<Option<JoinHandle<()>>> {
    if !centre.data.path(MARK).exists() {
        tracing::warn!("--live: this is no demonstration's data, so nobody speaks in it");
        return Ok(None);
    }
    let voices = voices::all();
    let known = known(centre, &voices).await.context("the demonstration's sources")?;
    Ok(Some(tokio::spawn(talk(centre.clock.clone(), door, voices, known, stop))))
}

async fn talk(
    clock: Arc<dyn Clock>,
    door: Arc<Door>,
    voices: Vec<Voice>,
    known: Vec<Option<Known>>,
    mut stop: watch::Receiver<bool>,
) {
    let mut from = clock.now();
    let mut begins = from.checked_add(FIRST).unwrap_or(from);
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        let to = clock.now();
        from = from.max(to.checked_sub(MOST).unwrap_or(to));
        if begins.checked_add(story::LENGTH).is_ok_and(|ended| from > ended) {
            begins = begins.checked_add(AGAIN).unwrap_or(begins);
        }
        let mut said = day::between(&voices, from, to);
        said.extend(story::between(&voices, begins, from, to));
        send(&door, &known, said).await;
        from = to.max(from);
    }
}

/// What those of the sources say in a minute that speak, for what is told of the past.
pub fn minute(begins: Timestamp, sources: &[sources::Shown]) -> Vec<(Known, String)> {
    let voices = voices::all();
    let to = lines::plus(begins, 60);
    let of = |said: Said| {
        let voice = voices.get(said.voice)?;
        let source = sources.iter().find(|s| s.name == voice.name && s.body_name == voice.body)?;
        Some((source.known.clone(), said.line))
    };
    day::between(&voices, begins, to).into_iter().filter_map(of).collect()
}

/// Hands over what each source said.
async fn send(door: &Door, known: &[Option<Known>], said: Vec<Said>) {
    let mut by_voice: BTreeMap<usize, Vec<Record>> = BTreeMap::new();
    for one in said {
        let record = Record { line: one.line.into_bytes(), ..Record::default() };
        by_voice.entry(one.voice).or_default().push(record);
    }
    for (voice, records) in by_voice {
        if let Some(Some(source)) = known.get(voice)
            && let Err(error) = door.keep(source, records, None, Way::Told).await
        {
            tracing::warn!(%error, "the demonstration's lines");
        }
    }
}

/// The sources of the voices, those that are missing made; none of a source somebody closed.
async fn known(centre: &Centre, voices: &[Voice]) -> Result<Vec<Option<Known>>> {
    let now = centre.clock.now();
    let mark = centre.data.path(MARK);
    if std::fs::read_to_string(&mark).context("the mark")?.is_empty() {
        make(centre, voices, now).await.context("making them")?;
        std::fs::write(&mark, MADE).context("the mark")?;
    }
    let all = sources::list(&mut centre.db.read().await?, &Scope::system(), &Default::default()).await?;
    let of = |voice: &Voice| all.iter().find(|s| s.name == voice.name && s.body_name == voice.body);
    Ok(voices.iter().map(|voice| of(voice).map(|s| s.known.clone())).collect())
}

/// What the mark says once the sources were made: one that somebody closes afterwards stays closed.
const MADE: &str = "live\n";

async fn make(centre: &Centre, voices: &[Voice], now: Timestamp) -> Result<()> {
    let mut sql = centre.db.read().await?;
    let there = sources::list(&mut sql, &Scope::system(), &Default::default()).await?;
    let all = bodies::tree(&mut sql, &Scope::system()).await?;
    let mut new = Vec::new();
    for voice in voices {
        if there.iter().any(|s| s.name == voice.name && s.body_name == voice.body) {
            continue;
        }
        let Some(body) = all.iter().map(|n| &n.body).find(|b| b.name == voice.body) else { continue };
        let filter = systems::Filter { body: Some(body.id), ..Default::default() };
        let own = systems::list(&mut sql, &Scope::system(), &filter, None, 10).await?;
        let system = voice.system.and_then(|n| own.get(n)).map(|entry| entry.system.id);
        let made = logs::source(centre, body.id, &voice.name, voice.kind, voice.address.as_deref());
        new.push(sources::New { system, ..made });
    }
    drop(sql);
    let done: Result<(), StoreError> = store::write!(centre.db, Actor::System, now, tx => {
        for one in &new {
            sources::create(tx, &Scope::system(), one).await?;
        }
        Ok(())
    });
    done.map_err(Into::into)
}
