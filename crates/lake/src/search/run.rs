//! A search over its parts, on a few threads.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow_array::{Array, RecordBatch};
use domain::{
    event::Column,
    id::{Id, kind},
};
use jiff::Timestamp;

use super::{
    Answer, Ask, BUCKETS, Cut, Found, Key, Order, ROWS, Stop, TOP, Top, VALUE, VALUES,
    condition::Condition,
    part::{self, Part},
    threads, together,
};
use crate::{
    Error, View,
    table::rows::{self, Fields, common, name},
};

/// What sorts rows: the greatest come first.
type Rank = (i64, i64, i64);

/// What one thread gathers.
#[derive(Default)]
struct Gathered {
    total: u64,
    looked_at: u64,
    histogram: Vec<u64>,
    top: Vec<(HashMap<String, u64>, u64)>,
    /// The rows wanted, with the number of their part.
    best: BTreeMap<Rank, (usize, Key)>,
}

/// Runs it.
pub fn run(view: &View, ask: &Ask, first: &[Condition], stop: &Stop<'_>) -> Result<Answer, Error> {
    let (from, to) = (ask.from.as_microsecond(), ask.to.as_microsecond());
    let rows = ask.rows.min(ROWS);
    let mut parts = part::of(view, &ask.bodies);
    parts.retain(|part| {
        let (oldest, newest) = part.times();
        oldest < to && newest >= from && in_order(part, &ask.order)
    });
    // The best first, so that what cannot be among the rows wanted is passed over where nothing is counted.
    parts.sort_by_key(|part| std::cmp::Reverse(best_of(part, &ask.order)));
    let plain: Arc<Vec<Condition>> = Arc::new(first.to_vec());
    let timed: Arc<Vec<Condition>> =
        Arc::new([Condition::Time(from, to)].into_iter().chain(first.iter().cloned()).collect());
    let next = AtomicUsize::new(0);
    let many = threads(first.iter().any(|c| matches!(c, Condition::Lines(_)))).min(parts.len());
    let work = || -> Result<Gathered, Error> {
        let buckets = ask.buckets.min(BUCKETS);
        let mut own = Gathered { histogram: vec![0; buckets], ..Gathered::default() };
        own.top = ask.top.iter().map(|_| (HashMap::new(), 0)).collect();
        let mut wanted = vec![name::TIME, name::POSITION, name::LINE];
        wanted.extend(ask.top.iter().map(|c| c.name()));
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(at) else { return Ok(own) };
            if stop().is_some() {
                return Ok(own);
            }
            let full = own.best.len() >= rows;
            if !ask.count
                && full
                && own.best.first_key_value().is_some_and(|(k, _)| *k > best_of(part, &ask.order))
            {
                continue;
            }
            own.looked_at += part.within((from, to))?;
            let (oldest, newest) = part.times();
            let conditions = if oldest >= from && newest < to { &plain } else { &timed };
            part.scan(conditions, &wanted, stop, &mut |batch| gather(&mut own, &batch, ask, at, rows))?;
        }
    };
    let results = together(many, work)?;
    let mut answer = Answer { histogram: vec![0; ask.buckets.min(BUCKETS)], ..Answer::default() };
    let mut best = BTreeMap::new();
    let mut top: Vec<(HashMap<String, u64>, u64)> = ask.top.iter().map(|_| (HashMap::new(), 0)).collect();
    for own in results {
        answer.total += own.total;
        answer.looked_at += own.looked_at;
        answer.histogram.iter_mut().zip(own.histogram).for_each(|(a, b)| *a += b);
        for ((all, other), (values, more)) in top.iter_mut().zip(own.top) {
            values.into_iter().for_each(|(value, n)| *all.entry(value).or_default() += n);
            *other += more;
        }
        best.extend(own.best);
    }
    while best.len() > rows {
        best.pop_first();
    }
    answer.cut = stop();
    answer.top =
        ask.top.iter().zip(top).map(|(column, (values, other))| ranked(*column, values, other)).collect();
    answer.rows = fetch(&parts, best.into_values().rev(), &ask.bodies, &answer.cut)?;
    Ok(answer)
}

fn ranked(column: Column, values: HashMap<String, u64>, other: u64) -> Top {
    let different = values.len();
    let mut values: Vec<(String, u64)> = values.into_iter().collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest: u64 = values.iter().skip(TOP).map(|(_, n)| n).sum();
    values.truncate(TOP);
    Top { column, values, different, other: other + rest }
}

fn rank(key: &Key, order: &Order) -> Rank {
    let line = i64::from(key.line);
    match order {
        Order::Newest => (key.time, key.position, line),
        Order::Back(..) => (key.position, line, 0),
        Order::On(..) => (-key.position, -line, 0),
    }
}

fn best_of(part: &Part, order: &Order) -> Rank {
    match order {
        Order::Newest => (part.times().1, i64::MAX, i64::MAX),
        Order::Back(..) => (part.places().1, i64::MAX, 0),
        Order::On(..) => (-part.places().0, 0, 0),
    }
}

fn in_order(part: &Part, order: &Order) -> bool {
    match order {
        Order::Newest => true,
        Order::Back(_, (position, _)) => part.places().0 <= *position,
        Order::On(_, (position, _)) => part.places().1 >= *position,
    }
}

/// In which of so many equal steps a time lies. Narrow numbers where they do: this is asked of every event.
fn bucket(time: i64, from: i64, span: u64, buckets: u64) -> Option<usize> {
    let offset = u64::try_from(time.saturating_sub(from)).ok()?;
    match offset.checked_mul(buckets) {
        Some(many) => usize::try_from(many / span).ok(),
        None => usize::try_from(u128::from(offset) * u128::from(buckets) / u128::from(span)).ok(),
    }
}

fn gather(own: &mut Gathered, batch: &RecordBatch, ask: &Ask, at: usize, rows: usize) -> Result<(), Error> {
    let times = rows::times(batch, name::TIME)?.values();
    let (places, lines) = (rows::places(batch)?.values(), rows::lines(batch)?.values());
    own.total += batch.num_rows() as u64;
    let from = ask.from.as_microsecond();
    let span = ask.to.as_microsecond().saturating_sub(from).unsigned_abs().max(1);
    let buckets = own.histogram.len() as u64;
    for ((time, position), line) in times.iter().zip(places).zip(lines) {
        if let Some(slot) = bucket(*time, from, span, buckets).and_then(|b| own.histogram.get_mut(b)) {
            *slot += 1;
        }
        if rows == 0 {
            continue;
        }
        let key = Key { time: *time, position: *position, line: *line };
        let rank = rank(&key, &ask.order);
        if own.best.len() < rows || own.best.first_key_value().is_some_and(|(worst, _)| rank > *worst) {
            own.best.insert(rank, (at, key));
            if own.best.len() > rows {
                own.best.pop_first();
            }
        }
    }
    for (column, (values, other)) in ask.top.iter().zip(&mut own.top) {
        let texts = rows::texts(batch, column.name())?;
        for value in texts.iter().flatten() {
            if let Some(n) = values.get_mut(value) {
                *n += 1;
            } else if values.len() < VALUES {
                values.insert(cut(value, VALUE), 1);
            } else {
                *other += 1;
            }
        }
    }
    Ok(())
}

/// Reads rows whole, in the order given.
fn fetch(
    parts: &[Part],
    wanted: impl Iterator<Item = (usize, Key)>,
    bodies: &BTreeSet<Id<kind::Body>>,
    cut: &Option<Cut>,
) -> Result<Vec<Found>, Error> {
    let wanted: Vec<(usize, Key)> = wanted.collect();
    if *cut == Some(Cut::Gone) {
        return Ok(Vec::new());
    }
    let mut by_part: BTreeMap<usize, BTreeSet<(i64, i32)>> = BTreeMap::new();
    for (at, key) in &wanted {
        by_part.entry(*at).or_default().insert((key.position, key.line));
    }
    let by_part: Vec<(usize, BTreeSet<(i64, i32)>)> = by_part.into_iter().collect();
    let next = AtomicUsize::new(0);
    let found = together(threads(false).min(by_part.len()), || {
        let mut own = Vec::new();
        while let Some((at, places)) = by_part.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(part) = parts.get(*at) else { continue };
            let conditions = Arc::new(vec![Condition::Among(places.clone())]);
            part.scan(&conditions, &everything(), &|| None, &mut |batch| {
                own.append(&mut whole(&batch, bodies)?);
                Ok(())
            })?;
        }
        Ok(own)
    })?;
    let mut found: HashMap<Key, Found> = found.into_iter().flatten().map(|row| (row.key, row)).collect();
    Ok(wanted.iter().filter_map(|(_, key)| found.remove(key)).collect())
}

fn everything() -> Vec<&'static str> {
    let mut all = vec![
        name::BODY,
        name::TIME,
        name::CAME,
        name::POSITION,
        name::LINE,
        name::SOURCE,
        name::PRODUCT,
        name::DATASET,
        name::FIELDS,
        name::RAW,
    ];
    all.extend(common().map(Column::name));
    all
}

/// One event by its place.
pub fn event(
    view: &View,
    bodies: &BTreeSet<Id<kind::Body>>,
    place: (i64, i32),
) -> Result<Option<Found>, Error> {
    let conditions = Arc::new(vec![Condition::Among(BTreeSet::from([place]))]);
    let mut found = None;
    for part in part::of(view, bodies) {
        let (first, last) = part.places();
        if found.is_none() && (first..=last).contains(&place.0) {
            part.scan(&conditions, &everything(), &|| None, &mut |batch| {
                found = whole(&batch, bodies)?.into_iter().next();
                Ok(())
            })?;
        }
    }
    Ok(found)
}

/// Rows of a batch that has all columns. Whose they are is looked at once more: a row of another body's is none.
fn whole(batch: &RecordBatch, bodies: &BTreeSet<Id<kind::Body>>) -> Result<Vec<Found>, Error> {
    let (times, came) = (rows::times(batch, name::TIME)?, rows::times(batch, name::CAME)?);
    let (places, lines) = (rows::places(batch)?, rows::lines(batch)?);
    let fields = Fields::of(batch)?;
    let text = |name: &str, row: usize| {
        let texts = rows::texts(batch, name)?;
        Ok::<_, Error>(if texts.is_valid(row) { texts.value(row) } else { "" })
    };
    let mut all = Vec::new();
    for row in 0..batch.num_rows() {
        let body = text(name::BODY, row)?.parse().ok().filter(|body| bodies.contains(body));
        let Some(body) = body else { continue };
        let mut columns = Vec::new();
        for column in common() {
            let value = text(column.name(), row)?;
            if !value.is_empty() {
                columns.push((column, cut(value, VALUE)));
            }
        }
        let stamp = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or_default();
        all.push(Found {
            key: Key { time: times.value(row), position: places.value(row), line: lines.value(row) },
            body,
            source: text(name::SOURCE, row)?.parse().ok(),
            time: stamp(times.value(row)),
            came: stamp(came.value(row)),
            product: text(name::PRODUCT, row)?.to_owned(),
            dataset: text(name::DATASET, row)?.to_owned(),
            columns,
            fields: fields.list(row).map(|(k, v)| (k.to_owned(), cut(v, VALUE))).collect(),
            raw: cut(text(name::RAW, row)?, 8 * VALUE),
        });
    }
    Ok(all)
}

/// The begin of a text, whole characters.
fn cut(text: &str, most: usize) -> String {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default().to_owned()
}
