//! One log event: every original field under its own name, the raw line, and common columns that point at fields.
//!
//! An event is a buffer to be filled again and again: names lie back to back in one text, values in another, and a common
//! column is only the number of the field that holds it, so that nothing is copied and nothing is allocated once the
//! buffers have grown.

use std::{hash::BuildHasher, ops::Range};

use jiff::Timestamp;
use rustc_hash::FxBuildHasher;

/// Columns every source shares, under the names of the Elastic Common Schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is named by `name`")]
pub enum Column {
    Time,
    Host,
    User,
    UserTarget,
    SourceIp,
    SourcePort,
    DestinationIp,
    DestinationPort,
    Domain,
    Url,
    Method,
    Status,
    UserAgent,
    Process,
    ProcessId,
    CommandLine,
    Parent,
    File,
    Hash,
    Code,
    Channel,
    Provider,
    Action,
    Outcome,
    Message,
}

impl Column {
    /// All columns, in their order.
    pub const ALL: [Column; 25] = [
        Column::Time,
        Column::Host,
        Column::User,
        Column::UserTarget,
        Column::SourceIp,
        Column::SourcePort,
        Column::DestinationIp,
        Column::DestinationPort,
        Column::Domain,
        Column::Url,
        Column::Method,
        Column::Status,
        Column::UserAgent,
        Column::Process,
        Column::ProcessId,
        Column::CommandLine,
        Column::Parent,
        Column::File,
        Column::Hash,
        Column::Code,
        Column::Channel,
        Column::Provider,
        Column::Action,
        Column::Outcome,
        Column::Message,
    ];

    /// The column's name in the Elastic Common Schema.
    pub fn name(self) -> &'static str {
        match self {
            Column::Time => "@timestamp",
            Column::Host => "host.name",
            Column::User => "user.name",
            Column::UserTarget => "user.target.name",
            Column::SourceIp => "source.ip",
            Column::SourcePort => "source.port",
            Column::DestinationIp => "destination.ip",
            Column::DestinationPort => "destination.port",
            Column::Domain => "dns.question.name",
            Column::Url => "url.original",
            Column::Method => "http.request.method",
            Column::Status => "http.response.status_code",
            Column::UserAgent => "user_agent.original",
            Column::Process => "process.executable",
            Column::ProcessId => "process.pid",
            Column::CommandLine => "process.command_line",
            Column::Parent => "process.parent.executable",
            Column::File => "file.path",
            Column::Hash => "file.hash",
            Column::Code => "event.code",
            Column::Channel => "winlog.channel",
            Column::Provider => "event.provider",
            Column::Action => "event.action",
            Column::Outcome => "event.outcome",
            Column::Message => "message",
        }
    }
}

/// What a value was where it came from; its text is kept as it stood there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// A number, as written.
    Number,
    /// `true` or `false`.
    Bool,
    /// Nothing: the field is named and empty.
    Null,
}

/// A value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value<'a> {
    /// As it stood in the event; empty of a null.
    pub text: &'a str,
    /// What it was.
    pub kind: Kind,
}

#[derive(Clone, Copy)]
struct Field {
    /// Where its name ends; it begins where the one before ends.
    name: u32,
    start: u32,
    end: u32,
    kind: Kind,
}

/// What ends each name among the names: so that two rows of names seldom are one text.
const END: char = '\0';

/// A place or number; the limits of an event keep it far from the last.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// No field.
const NONE: u32 = u32::MAX;

/// The names of an event's fields in their order, to know events of the same make again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    names: Box<str>,
    ends: Box<[u32]>,
}

impl Shape {
    /// Whether an event's fields have these names in this order.
    pub fn is_of(&self, event: &Event) -> bool {
        *self.names == *event.names
            && self.ends.len() == event.fields.len()
            && event.fields.iter().zip(&self.ends).all(|(field, end)| field.name == *end)
    }
}

/// An event. Several fields may share a name: a list's values.
#[derive(Clone)]
pub struct Event {
    /// All names, and all values: each back to back.
    names: String,
    text: String,
    raw: String,
    fields: Vec<Field>,
    columns: [u32; Column::ALL.len()],
    time: Option<Timestamp>,
    product: &'static str,
    dataset: &'static str,
}

impl Default for Event {
    fn default() -> Self {
        Event {
            names: String::new(),
            text: String::new(),
            raw: String::new(),
            fields: Vec::new(),
            columns: [NONE; Column::ALL.len()],
            time: None,
            product: "",
            dataset: "",
        }
    }
}

impl Event {
    /// The most bytes of text an event may have; what comes after is not kept, and [`Event::push`] says so.
    pub const MAX_TEXT: usize = 16 << 20;
    /// The most fields an event may have: above that it is no event but an attack on memory.
    pub const MAX_FIELDS: usize = 4096;

    /// Empties it, keeping what it has grown to.
    pub fn clear(&mut self) {
        self.names.clear();
        self.text.clear();
        self.raw.clear();
        self.fields.clear();
        self.columns = [NONE; Column::ALL.len()];
        self.time = None;
        self.product = "";
        self.dataset = "";
    }

    /// Adds a field; its number, or nothing where the event is full.
    pub fn push(&mut self, name: &str, value: &str, kind: Kind) -> Option<u32> {
        let all = self.names.len() + name.len() + END.len_utf8() + self.text.len() + value.len();
        if self.fields.len() >= Self::MAX_FIELDS || all > Self::MAX_TEXT {
            return None;
        }
        let (number, start) = (place(self.fields.len()), place(self.text.len()));
        self.names.push_str(name);
        self.names.push(END);
        self.text.push_str(value);
        self.fields.push(Field { name: place(self.names.len()), start, end: place(self.text.len()), kind });
        Some(number)
    }

    /// Says that a column is held by this field; the first to say so is believed.
    pub fn point(&mut self, column: Column, field: u32) {
        if let Some(slot) = self.columns.get_mut(column as usize)
            && *slot == NONE
        {
            *slot = field;
        }
    }

    /// The value of a column.
    pub fn column(&self, column: Column) -> Option<Value<'_>> {
        self.value(self.column_field(column)?)
    }

    /// The number of the field that holds a column.
    pub fn column_field(&self, column: Column) -> Option<u32> {
        self.columns.get(column as usize).copied().filter(|number| *number != NONE)
    }

    /// The value of a field by its number.
    pub fn value(&self, number: u32) -> Option<Value<'_>> {
        let field = self.fields.get(usize::try_from(number).ok()?)?;
        Some(self.value_of(field))
    }

    fn value_of(&self, field: &Field) -> Value<'_> {
        let text = self.text.get(field.start as usize..field.end as usize).unwrap_or_default();
        Value { text, kind: field.kind }
    }

    /// All values, back to back in the order of the fields.
    pub fn values(&self) -> &str {
        &self.text
    }

    /// Where among [`Event::values`] a field's value lies.
    pub fn span(&self, number: u32) -> Range<usize> {
        self.fields.get(number as usize).map_or(0..0, |field| field.start as usize..field.end as usize)
    }

    /// The fields in their order, under their original names.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, Value<'_>)> {
        let mut from = 0;
        self.fields.iter().map(move |field| {
            let name = self.names.get(from..field.name as usize - END.len_utf8()).unwrap_or_default();
            from = field.name as usize;
            (name, self.value_of(field))
        })
    }

    /// The names of its fields.
    pub fn shape(&self) -> Shape {
        let ends = self.fields.iter().map(|field| field.name).collect();
        Shape { names: self.names.as_str().into(), ends }
    }

    /// A number that events of one [`Shape`] share, and others seldom: for a table of shapes, which then asks
    /// [`Shape::is_of`]. Quick, and no defence against who wants two shapes to have one.
    pub fn shape_hash(&self) -> u64 {
        FxBuildHasher.hash_one(&self.names)
    }

    /// The columns that are there, with the field that holds each.
    pub fn columns(&self) -> impl Iterator<Item = (Column, Value<'_>)> {
        Column::ALL.into_iter().filter_map(|column| Some((column, self.column(column)?)))
    }

    /// The first value under an original name or a column's name.
    pub fn get(&self, name: &str) -> Option<Value<'_>> {
        self.fields().find(|(own, _)| *own == name).map(|(_, value)| value).or_else(|| {
            Column::ALL.into_iter().find(|c| c.name() == name).and_then(|column| self.column(column))
        })
    }

    /// When it happened, as far as that could be read.
    pub fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Sets when it happened.
    pub fn set_time(&mut self, time: Timestamp) {
        self.time = Some(time);
    }

    /// The line as it came.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Keeps the line as it came.
    pub fn set_raw(&mut self, raw: &str) {
        self.raw.clear();
        self.raw.push_str(raw);
    }

    /// What wrote it: `windows`, `linux`, `web` …; empty where that is not known.
    pub fn product(&self) -> &'static str {
        self.product
    }

    /// Which of its logs: `sshd`, `access` …; empty where that is not known.
    pub fn dataset(&self) -> &'static str {
        self.dataset
    }

    /// Says what wrote it.
    pub fn set_source(&mut self, product: &'static str, dataset: &'static str) {
        self.product = product;
        self.dataset = dataset;
    }
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.fields().map(|(name, value)| (name, value.text))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_point_at_fields_and_clearing_keeps_nothing() {
        let mut event = Event::default();
        let field = event.push("Image", r"C:\a.exe", Kind::Text).unwrap();
        event.point(Column::Process, field);
        let other = event.push("x", "1", Kind::Number).unwrap();
        event.point(Column::Process, other);
        assert_eq!(event.column(Column::Process).unwrap().text, r"C:\a.exe", "the first is believed");
        assert_eq!(event.get("process.executable").unwrap().text, r"C:\a.exe");
        assert_eq!(event.get("Image").unwrap().text, r"C:\a.exe");
        event.clear();
        assert_eq!(event.fields().len(), 0);
        assert!(event.column(Column::Process).is_none());
    }

    #[test]
    fn an_event_is_never_larger_than_its_limits() {
        let mut event = Event::default();
        for _ in 0..Event::MAX_FIELDS {
            event.push("a", "b", Kind::Text).unwrap();
        }
        assert!(event.push("a", "b", Kind::Text).is_none());
        event.clear();
        assert!(event.push("a", &"x".repeat(Event::MAX_TEXT + 1), Kind::Text).is_none());
    }

    #[test]
    fn events_of_one_shape_are_known_again() {
        let event = |fields: &[(&str, &str)]| {
            let mut event = Event::default();
            for (name, value) in fields {
                event.push(name, value, Kind::Text).unwrap();
            }
            event
        };
        let (one, same) = (event(&[("EventID", "1"), ("a", "b")]), event(&[("EventID", "7"), ("a", "")]));
        assert!(one.shape().is_of(&same));
        assert_eq!(one.shape_hash(), same.shape_hash());
        for other in
            [&[("a", "1"), ("EventID", "b")][..], &[("EventID", "1")], &[("EventIDa", "1"), ("", "b")]]
        {
            assert!(!one.shape().is_of(&event(other)));
            assert_ne!(one.shape_hash(), event(other).shape_hash());
        }
    }

    #[test]
    fn columns_stand_in_their_own_order() {
        for (at, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, at);
        }
    }
}
