//! The few messages of OTLP that carry logs, read from protobuf by hand: fields of other numbers are passed over, as
//! the format asks.

use serde_json::{Map, Value};

use super::{DEPTH, Log, Records, bytes};

/// A field's value on the wire.
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Goes through the fields of a message; nothing where it is none.
fn fields<'a>(mut rest: &'a [u8], mut with: impl FnMut(u64, Wire<'a>) -> Option<()>) -> Option<()> {
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        let value = match tag & 7 {
            0 => Wire::Number(varint(&mut rest)?),
            1 => Wire::Number(u64::from_le_bytes(take(&mut rest, 8)?.try_into().ok()?)),
            2 => {
                let len = usize::try_from(varint(&mut rest)?).ok()?;
                Wire::Bytes(take(&mut rest, len)?)
            }
            5 => Wire::Number(u64::from(u32::from_le_bytes(take(&mut rest, 4)?.try_into().ok()?))),
            _ => return None,
        };
        with(tag >> 3, value)?;
    }
    Some(())
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some(taken)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let [byte] = *take(rest, 1)? else { return None };
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Reads an `ExportLogsServiceRequest`.
pub fn read(request: &[u8], out: &mut Records) -> Option<()> {
    fields(request, |number, value| {
        if let (1, Wire::Bytes(resource)) = (number, value) {
            resource_logs(resource, out)?;
        }
        Some(())
    })
}

fn resource_logs(message: &[u8], out: &mut Records) -> Option<()> {
    let mut about = Vec::new();
    let mut scopes = Vec::new();
    fields(message, |number, value| match (number, value) {
        (1, Wire::Bytes(resource)) => fields(resource, |number, value| {
            if let (1, Wire::Bytes(kv)) = (number, value) {
                about.push(key_value(kv, 0)?);
            }
            Some(())
        }),
        (2, Wire::Bytes(scope)) => {
            scopes.push(scope);
            Some(())
        }
        _ => Some(()),
    })?;
    for scope in scopes {
        fields(scope, |number, value| {
            if let (2, Wire::Bytes(record)) = (number, value) {
                out.add(log(record)?, &about)?;
            }
            Some(())
        })?;
    }
    Some(())
}

fn log(message: &[u8]) -> Option<Log> {
    let mut log = Log::default();
    fields(message, |number, value| {
        match (number, value) {
            (1, Wire::Number(n)) => log.time = n,
            (11, Wire::Number(n)) => log.observed = n,
            (2, Wire::Number(n)) => log.number = n,
            (3, Wire::Bytes(b)) => log.severity = text(b),
            (5, Wire::Bytes(b)) => log.body = any(b, 0)?,
            (6, Wire::Bytes(b)) => log.attributes.push(key_value(b, 0)?),
            (9, Wire::Bytes(b)) => log.trace = hex(b),
            (10, Wire::Bytes(b)) => log.span = hex(b),
            _ => {}
        }
        Some(())
    })?;
    Some(log)
}

fn key_value(message: &[u8], depth: usize) -> Option<(String, Value)> {
    let (mut key, mut found) = (String::new(), Value::Null);
    fields(message, |number, value| {
        match (number, value) {
            (1, Wire::Bytes(b)) => key = text(b),
            (2, Wire::Bytes(b)) => found = any(b, depth + 1)?,
            _ => {}
        }
        Some(())
    })?;
    Some((key, found))
}

fn any(message: &[u8], depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return Some(Value::Null);
    }
    let mut found = Value::Null;
    fields(message, |number, value| {
        found = match (number, value) {
            (1, Wire::Bytes(b)) => text(b).into(),
            (2, Wire::Number(n)) => (n != 0).into(),
            // Two's complement on the wire.
            (3, Wire::Number(n)) => i64::from_le_bytes(n.to_le_bytes()).into(),
            (4, Wire::Number(n)) => f64::from_bits(n).into(),
            (5, Wire::Bytes(b)) => {
                let mut list = Vec::new();
                fields(b, |number, value| {
                    if let (1, Wire::Bytes(item)) = (number, value) {
                        list.push(any(item, depth + 1)?);
                    }
                    Some(())
                })?;
                list.into()
            }
            (6, Wire::Bytes(b)) => {
                let mut object = Map::new();
                fields(b, |number, value| {
                    if let (1, Wire::Bytes(kv)) = (number, value) {
                        let (key, value) = key_value(kv, depth)?;
                        object.insert(key, value);
                    }
                    Some(())
                })?;
                Value::Object(object)
            }
            (7, Wire::Bytes(b)) => bytes(b),
            _ => return Some(()),
        };
        Some(())
    })?;
    Some(found)
}
