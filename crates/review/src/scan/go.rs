//! Programs written in Go say of which modules they were built: the text that the linker puts between two marks, the same
//! in programs of every system and since Go 1.12.

use domain::inventory::Package;

use super::package;

/// What stands before and behind the text.
const START: &[u8] =
    &[0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6];
const END: &[u8] =
    &[0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72, 0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2];
/// What stands before the version of Go itself, since 1.18 followed by the version.
const HEAD: &[u8] = b"\xff Go buildinf:";
/// Longest text that is believed: the largest programs list some two thousand modules.
const LONGEST: usize = 1 << 20;
/// Most modules of one program.
const MOST: usize = 20_000;

pub fn read(bytes: &[u8]) -> Vec<Package> {
    let mut found: Vec<Package> =
        standard(bytes).map(|version| package("Go", "stdlib", version)).into_iter().collect();
    if let Some(text) = between(bytes) {
        modules(text, &mut found);
    }
    found
}

/// The version of Go: `go1.21.4` without the `go`.
fn standard(bytes: &[u8]) -> Option<&str> {
    let head = memchr::memmem::find(bytes, HEAD)?;
    // Head, width of pointers, flags; at 32 the length and the version, if flag 2 says so.
    let flags = *bytes.get(head.checked_add(15)?)?;
    if flags & 2 == 0 {
        return None;
    }
    let len = usize::from(*bytes.get(head.checked_add(32)?)?);
    let text = std::str::from_utf8(super::bytes::part(bytes, head.checked_add(33)?, len)?).ok()?;
    let version = text.split([' ', '+']).next()?.strip_prefix("go")?;
    version.starts_with(|c: char| c.is_ascii_digit()).then_some(version)
}

fn between(bytes: &[u8]) -> Option<&str> {
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memchr::memmem::find(rest, START)) {
        let begin = from.checked_add(at)?.checked_add(START.len())?;
        let rest = bytes.get(begin..)?;
        let rest = rest.get(..rest.len().min(LONGEST)).unwrap_or_default();
        let text = memchr::memmem::find(rest, END).and_then(|end| rest.get(..end));
        // Programs that read others carry the marks themselves.
        if let Some(text) = text.and_then(|t| std::str::from_utf8(t).ok()).filter(|t| t.contains("path\t")) {
            return Some(text);
        }
        from = begin;
    }
    None
}

/// Lines of `dep NAME VERSION SUM`; `=> NAME VERSION` below one takes its place.
fn modules(text: &str, found: &mut Vec<Package>) {
    for line in text.lines() {
        let mut cells = line.split('\t');
        let (kind, name, version) = (cells.next(), cells.next(), cells.next());
        let (Some(name), Some(version)) = (name.filter(|n| !n.is_empty()), version) else { continue };
        match kind {
            Some("mod" | "dep") if found.len() < MOST => {
                // What was built from a working copy has no version; it is still there.
                let version = if version == "(devel)" { "" } else { version };
                found.push(package("Go", name, version));
            }
            Some("=>") => {
                if let Some(last) = found.last_mut() {
                    *last = package("Go", name, version);
                }
            }
            _ => {}
        }
    }
}
