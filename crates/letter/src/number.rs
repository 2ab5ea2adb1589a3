//! The number and symbol of a paper, in every shape they come in.

use crate::dates::Date;
use crate::found::Found;
use crate::head::Head;
use crate::pattern::re;
use crate::text::Text;
use std::ops::Range;

pub(crate) fn read_number(text: &Text, head: &mut Head) -> bool {
    let folded = text.folded();
    let pattern = re!(
        r"^(?:(?:van ban|cong van|cong dien|ke hoach|thong bao)? ?s[o06] ?[:;.,]? ?|(?:so ky hieu|ky hieu) ?: ?)([0-9lo]{1,6}[a-z]?)?[ ._~]*(?:([/])|-) ?([a-z0-9&.]+(?: ?[-/&.~+] ?[a-z0-9&]+)*)"
    );
    if let Some(m) = pattern.captures(folded)
        && let Some(symbol) = m.get(3)
        && (m.get(1).is_some() || m.get(2).is_some())
    {
        let range = symbol_range(text, symbol.range());
        if range.is_empty() {
            return false;
        }
        if let Some(number) = m.get(1).filter(|n| n.as_str().contains(|c: char| c.is_ascii_digit())) {
            head.number = Some(read_digits(text, number.range()));
        }
        // "Số: /VNCERT-ĐPƯC263": a stamp's number run together with the symbol.
        let mut range = range;
        if head.number.is_none()
            && let Some(glued) =
                re!(r"[a-z]([0-9]{3,5})$").captures(text.folded_at(range.clone())).and_then(|m| m.get(1))
        {
            let at = range.start + glued.start()..range.start + glued.end();
            range.end = at.start;
            head.number = Some(Found::written(text, at).because("stamped-apart", 0.7));
        }
        let written = text.str_at(range.clone());
        let tidy = tidy_symbol(&written);
        let found = Found::read(tidy.clone(), text, range);
        head.symbol = Some(if tidy == written { found } else { found.because("blanks-removed", 0.95) });
        return true;
    }
    if let Some(m) = re!(r"^s[o0] ?[:;] ?(?:([0-9]{1,6}[a-z]?)[ .]*)?[^a-z0-9]*$").captures(folded) {
        head.number = m.get(1).map(|n| Found::written(text, n.range()));
        return true;
    }
    if let Some(m) = re!(r"^([0-9]{1,6}) ?/ ?([a-z]{2,}[a-z0-9&]*(?:-[a-z0-9&]+)*)$").captures(folded)
        && let (Some(number), Some(symbol)) = (m.get(1), m.get(2))
        && text.sub(symbol.range()).capitals() > 0.6
    {
        head.number = Some(Found::written(text, number.range()));
        head.symbol = Some(Found::written(text, symbol.range()));
        return true;
    }
    false
}

/// Number, day and month that a stamp printed apart from the blanks left for them: "412", "14     01".
pub(crate) fn read_stamped(text: &Text, head: &mut Head) -> bool {
    let folded = text.folded();
    if let Some(m) = re!(r"^([0-3]?[0-9]) +([01]?[0-9])$").captures(folded)
        && !head.date_whole
        && let (Some(day), Some(month)) = (m.get(1), m.get(2))
        && let Some(partial) = &head.date
        && partial.value.month.is_none()
        && let (Ok(day), Ok(month)) = (day.as_str().parse(), month.as_str().parse())
        && let Some(date) = Date::day(partial.value.year, month, day)
    {
        let mut found = Found::read(date, text, 0..text.len());
        found.evidence.ranges.extend(partial.evidence.ranges.iter().copied());
        head.date = Some(found.because("stamped-apart", 0.8));
        head.date_whole = true;
        return true;
    }
    if head.number.is_none() && head.symbol.is_some() && re!(r"^[0-9]{1,5}$").is_match(folded) {
        head.number = Some(Found::whole(text).because("stamped-apart", 0.8));
        return true;
    }
    re!(r"^[0-9 /-]{1,9}$").is_match(folded)
}

fn read_digits(text: &Text, range: Range<usize>) -> Found {
    let written = text.str_at(range.clone());
    let folded = text.folded_at(range.clone());
    let mended: String = folded
        .chars()
        .map(|c| match c {
            'l' => '1',
            'o' => '0',
            c => c,
        })
        .collect();
    let plain = folded.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if plain.chars().all(|c| c.is_ascii_digit()) {
        Found::written(text, range)
    } else {
        let found = Found::read(mended.clone(), text, range);
        if mended == written { found } else { found.because("scan-digits", 0.8) }
    }
}

/// The part of a matched symbol that is one: capitals, digits, dashes; the place that follows in a joined line is not.
fn symbol_range(text: &Text, range: Range<usize>) -> Range<usize> {
    let mut end = range.start;
    for at in range.clone() {
        let Some(c) = text.char_at(at) else { break };
        let lower_run = c.is_lowercase()
            && text.char_at(at + 1).is_some_and(char::is_lowercase)
            && text.char_at(at + 2).is_some_and(char::is_lowercase);
        if lower_run {
            break;
        }
        end = at + 1;
    }
    // A blank inside is kept only beside a dash or slash.
    let part = text.folded_at(range.start..end);
    let mut cut = part.len();
    for (at, _) in part.match_indices(' ') {
        let beside = part.get(..at).is_some_and(|b| b.trim_end().ends_with(['-', '/', '&', '.']))
            || part.get(at..).is_some_and(|a| a.trim_start().starts_with(['-', '/', '&']));
        if !beside {
            cut = at;
            break;
        }
    }
    text.trim_range(range.start..range.start + cut, |c| !c.is_alphanumeric())
}

fn tidy_symbol(written: &str) -> String {
    written
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if matches!(c, '–' | '—' | '‑' | '‐') { '-' } else { c })
        .collect()
}
