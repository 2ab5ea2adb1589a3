//! EVTX, the file in which Windows keeps its events.

use std::sync::Arc;

use domain::event::Event;
use evtx::{EvtxChunkData, EvtxParser, ParserSettings};

use crate::{json, windows};

/// What could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no such file.
    #[error("no EVTX: {0}")]
    File(String),
}

/// What a file held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Records read.
    pub records: u64,
    /// Records or chunks that could not be.
    pub broken: u64,
}

/// Reads all records of a file, each into the same event. A broken record is counted and passed over.
///
/// # Errors
/// Where it is no such file.
pub fn read(bytes: Vec<u8>, event: &mut Event, mut each: impl FnMut(&Event)) -> Result<Read, Unreadable> {
    let mut parser = EvtxParser::from_buffer(bytes).map_err(|e| Unreadable::File(e.to_string()))?;
    let mut out = Read::default();
    let settings = Arc::new(ParserSettings::new());
    for chunk in parser.chunks() {
        match chunk {
            Ok(mut chunk) => read_chunk(&mut chunk, &settings, event, &mut out, &mut each),
            Err(_) => out.broken += 1,
        }
    }
    Ok(out)
}

fn read_chunk(
    data: &mut EvtxChunkData,
    settings: &Arc<ParserSettings>,
    event: &mut Event,
    out: &mut Read,
    each: &mut impl FnMut(&Event),
) {
    let Ok(mut chunk) = data.parse(Arc::clone(settings)) else {
        out.broken += 1;
        return;
    };
    for record in chunk.iter() {
        let Ok(text) = record.and_then(evtx::EvtxRecord::into_json) else {
            out.broken += 1;
            continue;
        };
        event.clear();
        if json::flatten(&text.data, event, json::Names::Windows).is_err() {
            out.broken += 1;
            continue;
        }
        event.set_raw(&text.data);
        windows::columns(event);
        out.records += 1;
        each(event);
    }
}
