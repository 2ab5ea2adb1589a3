//! Lines as programs write them. Every one was made up for this test in a shape the named source documents; no real
//! host, person or address is in them.

mod corpus;
mod evtx;
mod hostile;
mod json;
mod syslog;
mod web;

use domain::event::{Column, Event};
use normalise::{Reader, Shape, Zone};

/// Reads one line as if taken in on 3 November 2026.
fn read(line: &str) -> (Shape, Event) {
    let now = "2026-11-03T12:00:00Z".parse().ok();
    let mut reader = Reader::new(Zone { now, ..Zone::default() });
    let mut event = Event::default();
    let shape = reader.line(line.as_bytes(), &mut event);
    (shape, event)
}

fn column(event: &Event, column: Column) -> &str {
    event.column(column).map_or("", |value| value.text)
}

#[test]
fn what_is_not_understood_is_kept() {
    let (shape, event) = read("something else entirely");
    assert_eq!(shape, Shape::Unknown);
    assert_eq!(
        (event.raw(), column(&event, Column::Message)),
        ("something else entirely", "something else entirely")
    );
    let (shape, event) = read("{\"broken\": ");
    assert_eq!((shape, event.raw()), (Shape::Unknown, "{\"broken\": "));
    assert_eq!(read("  ").0, Shape::Nothing);
}

proptest::proptest! {
    #[test]
    fn any_bytes_make_an_event(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let mut event = Event::default();
        let mut reader = Reader::default();
        reader.line(&bytes, &mut event);
        let mut line = b"<34>1 ".to_vec();
        line.extend(&bytes);
        reader.line(&line, &mut event);
        let _ = normalise::evtx::read(&bytes, &mut event, |_| {});
    }
}
