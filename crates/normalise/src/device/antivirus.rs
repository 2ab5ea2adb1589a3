//! ClamAV: `clamd`, `clamonacc` and `clamscan` (ClamAV's manual, «Scanning»): `path: Name FOUND`.

use domain::event::{Column, Event};

use crate::fields::{keep, put};

/// Reads a find, with or without ClamAV's own time before it.
pub fn read(program: &str, message: &str, event: &mut Event) -> bool {
    let ours = matches!(program, "clamd" | "clamonacc" | "clamscan" | "clamdscan" | "clamav" | "freshclam");
    let text = message.split_once(" -> ").map_or(message, |(_, text)| text);
    let Some(found) = text.trim_end().strip_suffix(" FOUND") else {
        if ours {
            event.set_source("linux", "clamav");
        }
        return ours;
    };
    let Some((path, name)) = found.rsplit_once(": ") else { return false };
    if !ours && !path.starts_with(['/', '\\']) && path.as_bytes().get(1) != Some(&b':') {
        return false;
    }
    event.set_source("linux", "clamav");
    let (name, hash) = name.split_once('(').map_or((name, ""), |(name, rest)| (name, rest));
    keep(event, "Signature", name, None);
    put(event, Column::File, path);
    // `Name(md5:size)` where hashes are told.
    put(event, Column::Hash, hash.split(':').next().unwrap_or_default());
    put(event, Column::Action, "found");
    true
}
