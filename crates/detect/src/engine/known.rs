//! What is remembered of events seen before: events of one source carry the same fields in the same order again and
//! again, so that which rules to ask, and of which fields, is worked out once.

use domain::event::{Event, Shape};
use rustc_hash::FxHashMap;

use super::Matcher;

/// The most plans remembered, and of kinds and shapes each: real sources have some thousands. Who sends more has them
/// worked out again.
const MOST: usize = 1 << 14;

/// Events whose fields have the same names.
#[derive(Debug)]
struct Make {
    shape: Shape,
    /// Fields that say what kind of event it is: which, and the event's field.
    gates: Box<[(u32, u32)]>,
}

/// What to do with events of one kind and shape.
#[derive(Debug, Default)]
pub struct Plan {
    /// For each group whether its rules are asked.
    pub active: Box<[bool]>,
    /// Fields these groups speak of: `(rules' field, event's field)`.
    pub fields: Box<[(u32, u32)]>,
    /// Rules that may hold whatever the values are.
    pub rules: Box<[u32]>,
    /// The groups among them that have keywords.
    pub keywords: Box<[u32]>,
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Known {
    /// By a hash of the names.
    shapes: FxHashMap<u64, u32>,
    makes: Vec<Make>,
    kinds: FxHashMap<Box<str>, u32>,
    plans: FxHashMap<(u32, u32), Plan>,
    key: String,
}

impl Known {
    /// The plan for an event.
    pub fn plan(&mut self, matcher: &Matcher, event: &Event) -> &Plan {
        if self.plans.len() >= MOST || self.makes.len() >= MOST || self.kinds.len() >= MOST {
            *self = Known::default();
        }
        let shape = self.shape(matcher, event);
        let kind = self.kind(shape, matcher, event);
        self.plans.entry((shape, kind)).or_insert_with(|| matcher.plan(event))
    }

    fn shape(&mut self, matcher: &Matcher, event: &Event) -> u32 {
        let hash = event.shape_hash();
        if let Some(number) = self.shapes.get(&hash)
            && self.makes.get(*number as usize).is_some_and(|make| make.shape.is_of(event))
        {
            return *number;
        }
        // Another shape of the same hash gives way: it is worked out again.
        let number = place(self.makes.len());
        self.makes.push(Make::new(matcher, event));
        self.shapes.insert(hash, number);
        number
    }

    fn kind(&mut self, shape: u32, matcher: &Matcher, event: &Event) -> u32 {
        let key = &mut self.key;
        key.clear();
        key.push_str(event.product());
        key.push('\0');
        key.push_str(event.dataset());
        let mut add = |id: u32, value: &str| {
            key.push('\0');
            key.push(char::from_u32(id).unwrap_or_default());
            key.push_str(value);
        };
        let gates = self.makes.get(shape as usize).map(|s| &s.gates);
        for (id, number) in gates.into_iter().flatten() {
            add(*id, event.value(*number).map_or("", |v| v.text));
        }
        for (column, id) in matcher.gate_columns() {
            if let Some(value) = event.column(*column) {
                add(*id, value.text);
            }
        }
        if let Some(kind) = self.kinds.get(key.as_str()) {
            return *kind;
        }
        let number = place(self.kinds.len());
        self.kinds.insert(key.as_str().into(), number);
        number
    }
}

impl Make {
    fn new(matcher: &Matcher, event: &Event) -> Make {
        let mut gates = Vec::new();
        for (number, (name, _)) in event.fields().enumerate() {
            let ids = matcher.names().resolve(name, 0);
            gates.extend(ids.iter().filter(|id| matcher.is_gate(*id)).map(|id| (id, place(number))));
        }
        Make { shape: event.shape(), gates: gates.into() }
    }
}

fn place(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
