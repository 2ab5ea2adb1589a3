//! What a page, a file or a program asks.

use std::collections::BTreeSet;

use domain::{
    event::Column,
    id::{Id, kind},
    query::{self, Fault},
};
use jiff::{SignedDuration, Timestamp};
use lake::search::{Ask, Key, Order};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Visit;

/// Times to choose from, in hours; the first is what is meant without one.
pub const SPANS: [(&str, i64); 6] =
    [("24h", 24), ("1h", 1), ("7d", 24 * 7), ("30d", 24 * 30), ("90d", 24 * 90), ("1y", 24 * 366)];
/// Columns whose most frequent values stand beside the result.
pub const TOPS: [Column; 6] =
    [Column::Host, Column::User, Column::SourceIp, Column::DestinationIp, Column::Process, Column::Code];

#[derive(Deserialize, IntoParams, Default, Clone)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// The query: `host:web01 "failed password" NOT user:backup`.
    pub q: String,
    /// Only events of that body and those below it.
    pub body: String,
    /// `1h`, `24h`, `7d`, `30d`, `90d`, `1y` back from now; `24h` without, unless `from` and `to` are given.
    pub span: String,
    /// From that moment (RFC 3339, or a local time `2026-11-22T08:00` or `22/11/2026 08:00`).
    pub from: String,
    /// Until before that moment.
    pub to: String,
    /// The `key` of the last event seen, for those after it.
    pub after: String,
}

impl Asked {
    pub fn under(&self) -> Option<Id<kind::Body>> {
        self.body.parse().ok()
    }

    /// From when and until when as people write it; what is no time, as it was typed.
    pub fn ends(&self) -> [String; 2] {
        let said = |text: &String| moment(text.trim()).map_or_else(|| text.clone(), domain::time::moment);
        [said(&self.from), said(&self.to)]
    }

    /// From when until when. What cannot be read as a time is not guessed at: its field is named.
    pub fn times(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), &'static str> {
        let own = |text: &str, field| match text.trim() {
            "" => Ok(None),
            text => moment(text).map(Some).ok_or(field),
        };
        let (from, to) = (own(&self.from, "from")?, own(&self.to, "to")?);
        let hours = SPANS.iter().find(|(name, _)| *name == self.span).or(SPANS.first()).map_or(24, |s| s.1);
        // An event that came in this very second, or whose clock is a little ahead, is meant by "now".
        let to = to.unwrap_or_else(|| now.checked_add(SignedDuration::from_mins(10)).unwrap_or(now));
        let from = from.unwrap_or_else(|| {
            now.min(to).checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN)
        });
        if from < to { Ok((from, to)) } else { Err("to") }
    }

    pub fn ask(
        &self,
        times: (Timestamp, Timestamp),
        bodies: BTreeSet<Id<kind::Body>>,
        rows: usize,
    ) -> Result<Ask, Fault> {
        Ok(Ask {
            query: query::read(&self.q)?,
            from: times.0,
            to: times.1,
            bodies,
            rows,
            after: key(&self.after),
            order: Order::Newest,
            buckets: 0,
            top: Vec::new(),
            count: false,
        })
    }

    /// The same question in an address, with some of it changed.
    pub fn address(&self, path: &str, changed: &[(&str, String)]) -> String {
        let own = [
            ("q", &self.q),
            ("body", &self.body),
            ("span", &self.span),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = own
            .into_iter()
            .filter(|(name, value)| !value.is_empty() && !changed.iter().any(|(n, _)| n == name));
        query.extend_pairs(kept);
        query.extend_pairs(changed.iter().filter(|(_, value)| !value.is_empty()));
        format!("{path}?{}", query.finish())
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let local = || {
        let zone = domain::time::zone();
        text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(zone).ok().map(|z| z.timestamp())
    };
    let read = |form| jiff::civil::DateTime::strptime(form, text).ok()?.to_zoned(domain::time::zone()).ok();
    let written =
        || ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"].into_iter().find_map(read).map(|z| z.timestamp());
    text.parse().ok().or_else(local).or_else(written)
}

/// A key as text.
pub fn written(key: Key) -> String {
    format!("{}.{}.{}", key.time, key.position, key.line)
}

fn key(text: &str) -> Option<Key> {
    let mut parts = text.split('.');
    let key = Key {
        time: parts.next()?.parse().ok()?,
        position: parts.next()?.parse().ok()?,
        line: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(key)
}

/// Where an event's page is.
pub fn href(key: Key) -> String {
    format!("/logs/{}-{}", key.position, key.line)
}

/// The bodies whose events the asker may see, of those asked for; by name.
pub async fn bodies(
    v: &Visit,
    under: Option<Id<kind::Body>>,
) -> Result<std::collections::BTreeMap<Id<kind::Body>, String>, crate::AppError> {
    Ok(store::events::bodies(&mut v.app.db.read().await?, v.scope(), under).await?)
}
