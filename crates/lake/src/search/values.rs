//! Some columns of every event found, for whoever computes with them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use arrow_array::{Array, RecordBatch};
use jiff::Timestamp;

use super::{
    Ask, Cut, SearchError, Stop, Visited,
    condition::{self, Condition},
    part, threads, together,
};
use crate::{
    Error, View,
    table::rows::{self, Fields, SCHEMA, name},
};

/// A value of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// It has none.
    None,
    /// A text.
    Text(&'a str),
    /// A time.
    Time(Timestamp),
    /// All original fields, by name.
    Fields(&'a [(&'a str, &'a str)]),
}

impl View {
    /// Gives the values of some columns, by the table's names, of every event found, in no order, from a few threads,
    /// until `each` says no; columns the table does not have are passed over. Not for a thread that serves.
    pub fn values(
        &self,
        ask: &Ask,
        columns: &[&str],
        stop: &Stop<'_>,
        each: &(dyn Fn(&[Value<'_>]) -> bool + Sync),
    ) -> Result<Visited, SearchError> {
        let (from, to) = (ask.from.as_microsecond(), ask.to.as_microsecond());
        let conditions: Vec<Condition> =
            std::iter::once(Condition::Time(from, to)).chain(condition::compile(&ask.query)?).collect();
        let conditions = Arc::new(conditions);
        let mut parts = part::of(self, &ask.bodies);
        parts.retain(|part| part.times().0 < to && part.times().1 >= from);
        let known = |name: &&str| SCHEMA.fields().iter().map(|f| f.name().as_str()).find(|have| have == name);
        let columns: Vec<&'static str> = columns.iter().filter_map(known).collect();
        let wanted: Vec<&'static str> = [name::BODY].into_iter().chain(columns.iter().copied()).collect();
        let (next, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
        let told = || stop().or_else(|| enough.load(Ordering::Relaxed).then_some(Cut::Gone));
        let work = || -> Result<(), Error> {
            while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                if told().is_some() {
                    break;
                }
                part.scan(&conditions, &wanted, &told, &mut |batch| {
                    if told().is_none() && !show(&batch, ask, &columns, each)? {
                        enough.store(true, Ordering::Relaxed);
                    }
                    Ok(())
                })?;
            }
            Ok(())
        };
        together(threads(true).min(parts.len()), work)?;
        Ok(match stop() {
            _ if enough.load(Ordering::Relaxed) => Visited::Enough,
            Some(cut) => Visited::Cut(cut),
            None => Visited::All,
        })
    }
}

/// Whether more is wanted. Whose a row is is looked at once more: another body's is not shown.
fn show(
    batch: &RecordBatch,
    ask: &Ask,
    columns: &[&str],
    each: &(dyn Fn(&[Value<'_>]) -> bool + Sync),
) -> Result<bool, Error> {
    let whose = rows::texts(batch, name::BODY)?;
    let fields = if columns.contains(&name::FIELDS) { Some(Fields::of(batch)?) } else { None };
    for row in 0..batch.num_rows() {
        if !whose.value(row).parse().is_ok_and(|body| ask.bodies.contains(&body)) {
            continue;
        }
        let pairs: Vec<(&str, &str)> = fields.iter().flat_map(|f| f.list(row)).collect();
        let mut values = Vec::with_capacity(columns.len());
        for column in columns {
            values.push(match *column {
                name::TIME | name::CAME => {
                    let time = rows::times(batch, column)?.value(row);
                    Timestamp::from_microsecond(time).map_or(Value::None, Value::Time)
                }
                name::FIELDS => Value::Fields(&pairs),
                name::POSITION | name::LINE => Value::None,
                text => {
                    let texts = rows::texts(batch, text)?;
                    if texts.is_valid(row) { Value::Text(texts.value(row)) } else { Value::None }
                }
            });
        }
        if !each(&values) {
            return Ok(false);
        }
    }
    Ok(true)
}
