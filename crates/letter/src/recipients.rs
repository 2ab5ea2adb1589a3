//! The lines of *Kính gửi*.

use crate::found::Found;
use crate::limits::MAX_LIST;
use crate::lines::Line;
use crate::text::Text;

/// Every recipient, as written, without dash and end mark.
pub(crate) fn recipients(lines: &[Line]) -> Vec<Found> {
    let mut rows: Vec<Text> = Vec::new();
    for line in lines {
        let folded = line.text.folded();
        let dash = folded.starts_with(['-', '+', '*']);
        let small = line.text.first_alnum().is_some_and(char::is_lowercase);
        let open = rows.last().is_some_and(|row| !row.folded().trim_end().ends_with([';', '.', ':']));
        match rows.last_mut() {
            Some(row) if !dash && (small || open) => row.join(&line.text),
            _ => rows.push(line.text.clone()),
        }
    }
    let mut out = Vec::new();
    for row in rows {
        let dashed = row.folded().starts_with(['-', '+', '*']);
        let mut start = 0;
        let cuts = row.folded().match_indices(';').map(|(at, _)| at).chain([row.len()]).collect::<Vec<_>>();
        for cut in cuts {
            // A semicolon inside brackets separates nothing.
            let inner = row.folded_at(start..cut);
            let open = inner.matches('(').count() > inner.matches(')').count();
            // "…; doanh nghiệp …": what goes on in small letters is one entry.
            // … unless it is again a group of bodies and the line a list of such.
            let goes_on = row.sub(cut..row.len()).first_alnum().is_some_and(char::is_lowercase)
                && (dashed || !row.folded_at(cut + 1..row.len()).trim_start().starts_with("cac "));
            let next_dash = row.folded_at(cut + 1..row.len()).trim_start().starts_with('-');
            if (open || goes_on || dashed && !next_dash) && cut < row.len() {
                continue;
            }
            out.extend(entry(&row, start, cut));
            start = cut + 1;
        }
    }
    out.truncate(MAX_LIST);
    out
}

/// One entry without dash and end mark; nothing when no letter is left.
pub(crate) fn entry(row: &Text, start: usize, end: usize) -> Option<Found> {
    let range = row.trim_range(start..end, |c| {
        c.is_whitespace()
            || matches!(c, '-' | '–' | '—' | '+' | '*' | '•' | ';' | '.' | ':' | ',' | '/' | '_' | '~')
    });
    if range.is_empty() || !row.sub(range.clone()).chars().iter().any(|c| c.is_alphabetic()) {
        return None;
    }
    Some(Found::written(row, range))
}
