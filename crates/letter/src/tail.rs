//! *Nơi nhận* and the signature block, which stand side by side and reach us mingled.

use crate::blocks::is_signature_line;
use crate::found::Found;
use crate::limits::MAX_LIST;
use crate::lines::Line;
use crate::names::person;
use crate::pattern::re;
use crate::recipients::entry;
use crate::text::Text;
use crate::words::{Words, begins};

/// What the tail says.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) copies: Vec<Found>,
    pub(crate) capacity: Option<Found>,
    pub(crate) title: Option<Found>,
    pub(crate) name: Option<Found>,
}

pub(crate) fn tail(lines: &[Line], words: &Words) -> Tail {
    let mut tail = Tail::default();
    let mut rows: Vec<Text> = Vec::new();
    let mut signature: Vec<Text> = Vec::new();
    let mut names: Vec<Text> = Vec::new();
    let mut listing = false;
    for piece in lines.iter().flat_map(|line| pieces(line, words)) {
        let folded = piece.folded();
        if let Some(m) = re!(r"^[-~ ]*n[o0][iy1] ?nh[a-z]{1,2}n ?[:;.]? ?").find(folded) {
            listing = true;
            let rest = piece.sub(m.end()..piece.len()).trimmed();
            if !rest.is_empty() {
                rows.push(rest);
            }
            continue;
        }
        let dash = folded.starts_with(['-', '+', '*']);
        if re!(r"^[(\[]? ?(da ky|ky ten|ky so|ky, ghi|chu ky|ky ten, dong dau|da ky so|ky boi)")
            .is_match(folded)
        {
            continue;
        }
        if !dash && is_signature_line(&piece, words) && names.is_empty() {
            signature.push(piece);
            continue;
        }
        // A title that wrapped: capitals right after a signature line.
        if !dash
            && !signature.is_empty()
            && names.is_empty()
            && piece.capitals() > 0.95
            && piece.len() < 60
            && person(&piece, words).is_none()
        {
            signature.push(piece);
            continue;
        }
        if !dash && !folded.ends_with([';', ':']) && person(&piece, words).is_some() && !signature.is_empty()
        {
            names.push(piece);
            continue;
        }
        if !listing && !dash {
            continue;
        }
        let small = piece.first_alnum().is_some_and(char::is_lowercase);
        let open = rows.last().is_some_and(|row| !row.folded().trim_end().ends_with([';', '.', ':']));
        let is_last =
            rows.last().is_some_and(|row| row.folded().contains("luu:") || row.folded().contains("luu vt"));
        match rows.last_mut() {
            Some(row)
                if !dash
                    && (small || open)
                    && !(is_last && names.len() + signature.len() > 0 && piece.len() > 40) =>
            {
                row.join(&piece)
            }
            Some(_) if !dash && is_last => {}
            _ => rows.push(piece),
        }
    }
    // A name left at the end of the last line of copies: "- Lưu: VT. Nguyễn Văn A"
    for row in rows.iter_mut().rev() {
        if names.is_empty()
            && let Some(at) = trailing_name(row, words)
        {
            names.push(row.sub(at..row.len()));
            *row = row.sub(0..at).trimmed();
        }
    }
    for row in &rows {
        let mut start = 0;
        let dashes =
            re!(r"[;.] ?(-)").captures_iter(row.folded()).filter_map(|m| m.get(1)).map(|m| m.start());
        for cut in dashes.chain([row.len()]).collect::<Vec<_>>() {
            tail.copies.extend(entry(row, start, cut));
            start = cut;
        }
    }
    tail.copies.truncate(MAX_LIST);
    read_signature(&signature, words, &mut tail);
    if let Some(name) = names.last()
        && let Some(range) = person(name, words)
    {
        let found = Found::written(name, range.clone());
        let shouted = name.sub(range).capitals() > 0.95;
        let value = if shouted { proper_case(&found.value) } else { found.value };
        tail.name = Some(Found { value, evidence: found.evidence });
    }
    tail
}

/// Where a person's name begins at the end of a row, after an end mark.
fn trailing_name(row: &Text, words: &Words) -> Option<usize> {
    let folded = row.folded();
    let last = folded.rfind("luu");
    let at = last.unwrap_or(0);
    let ends = if last.is_some() { re!(r"[.;,)] ?|[a-z0-9] ") } else { re!(r"[.;] ") };
    for m in ends.find_iter(folded.get(at..)?) {
        let start = at + m.end();
        let rest = row.sub(start..row.len());
        if let Some(range) = person(&rest, words)
            && rest.folded_at(range.clone()).split(' ').count() >= 3
            && begins(rest.folded_at(range), &words.surnames).is_some()
            && rest.capitals() < 0.6
        {
            return Some(start);
        }
    }
    None
}

/// Cuts a tail line by its columns and, where these were lost, where a capacity or title in capitals begins.
fn pieces(line: &Line, words: &Words) -> Vec<Text> {
    let mut out = Vec::new();
    for cell in &line.cells {
        let folded = cell.folded();
        let mut cuts = vec![0, cell.len()];
        for m in re!(r"[^ ] ((?:tm|kt|tl|tuq|q|t/m|k/t) ?[./] ?[a-z]{2,})").captures_iter(folded) {
            if let Some(m) = m.get(1)
                && cell.sub(m.range()).capitals() > 0.95
            {
                cuts.push(m.start());
            }
        }
        for title in &words.titles {
            for (at, _) in folded.match_indices(title.as_str()) {
                let after = folded.get(at + title.len()..).unwrap_or_default();
                let before = folded.get(..at).unwrap_or_default();
                if at > 0
                    && before.ends_with(' ')
                    && cell.sub(at..at + title.len()).capitals() > 0.99
                    && re!(r"([;.:,)]|nh[a-z]{1,2}n ?:?) *$").is_match(before)
                    && !re!(r"(^|[^a-z])(tm|kt|tl|tuq|q|t/m|k/t|t/l)\s?[./,] ?$").is_match(before)
                    // "KT. BỘ TRƯỞNG, CHỦ NHIỆM": two offices of the one stood in for.
                    && !re!(r"(^|[^a-z])(tm|kt|tl|tuq|q|t/m|k/t|t/l)\s?[./] ?[a-z ]{4,40}, $").is_match(before)
                    && !after.starts_with(|c: char| c.is_ascii_alphanumeric())
                {
                    cuts.push(at);
                }
            }
        }
        // "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC Nguyễn Văn A" in one line.
        if re!(r"(?:^| )(tm|kt|tl|tuq|q)\s?\.").is_match(folded) || is_title_start(cell, words) {
            let mut previous_capital = false;
            let mut at = 0;
            for word in folded.split(' ') {
                let text = cell.sub(at..at + word.len());
                let capital = text.capitals() > 0.99 && word.len() > 1;
                let starts_name =
                    !capital && text.char_at(0).is_some_and(char::is_uppercase) && word.len() > 1;
                if previous_capital
                    && starts_name
                    && at > 0
                    && person(&cell.sub(at..cell.len()), words).is_some()
                {
                    cuts.push(at);
                }
                previous_capital = capital;
                at += word.len() + 1;
            }
        }
        for m in re!(r"[;.] ?(- )").captures_iter(folded) {
            cuts.extend(m.get(1).map(|m| m.start()));
        }
        // "KT. GIÁM ĐỐC - Như trên": the dash after capitals begins a line of copies again.
        for m in re!(r"[a-z] (- )[a-z]|(\((?:da ky|ky|ky so|da ky so)\))|\((?:da ky|ky|ky so|da ky so)\)( )")
            .captures_iter(folded)
        {
            let Some(at) = m.get(1).or(m.get(2)).or(m.get(3)).map(|m| m.start()) else { continue };
            let from = cuts.iter().copied().filter(|cut| *cut < at).max().unwrap_or(0);
            if m.get(1).is_none()
                || cell.sub(from..at).capitals() > 0.95
                    && cell.char_at(at + 2).is_some_and(char::is_uppercase)
                    && !cell.sub(at..cell.len()).capitals().ge(&0.95)
            {
                cuts.push(at);
            }
        }
        for m in re!(r"\((?:da ky|ky|ky so|da ky so)\) ?").find_iter(folded) {
            cuts.push(m.end());
        }
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let &[from, to] = pair else { continue };
            let text = cell.sub(from..to).trimmed();
            if text.chars().iter().any(|c| c.is_alphanumeric()) {
                out.push(text);
            }
        }
    }
    out
}

fn is_title_start(cell: &Text, words: &Words) -> bool {
    begins(cell.folded(), &words.titles).is_some_and(|title| cell.sub(0..title.len()).capitals() > 0.99)
}

fn read_signature(lines: &[Text], words: &Words, tail: &mut Tail) {
    let mut capacity: Vec<Text> = Vec::new();
    let mut title: Vec<Text> = Vec::new();
    for line in lines {
        let line = line.trimmed_of(|c| !c.is_alphanumeric() && c != ')' && c != '(');
        // Capacity and title in one line: the last title in it is the signer's own.
        let mut parts = vec![line.clone()];
        let is_capacity =
            |text: &Text| re!(r"^((tm|kt|tl|tuq|q|t/m|k/t|t/l)\s?[./,]|[tk]/[mtl] )").is_match(text.folded());
        if is_capacity(&line)
            && let Some(at) = second_title(&line, words)
        {
            parts = vec![line.sub(0..at).trimmed(), line.sub(at..line.len())];
        }
        for part in parts {
            if let Some(at) = re!(r"[a-z] (kt|tl|tuq)\s?\.")
                .captures(part.folded())
                .and_then(|m| m.get(1))
                .map(|m| m.start())
            {
                capacity.push(part.sub(0..at).trimmed());
                capacity.push(part.sub(at..part.len()));
            } else if is_capacity(&part) {
                capacity.push(part);
            } else if title.is_empty()
                && !capacity.is_empty()
                && begins(part.folded(), &words.titles).is_none()
            {
                // "TM. ỦY BAN NHÂN DÂN⏎TỈNH X": the capacity goes on.
                capacity.push(part);
            } else {
                title.push(part);
            }
        }
    }
    let whole = |parts: &[Text]| (!parts.is_empty()).then(|| Found::whole(&Text::joined(parts).squeezed()));
    tail.capacity = whole(&capacity);
    tail.title = whole(&title);
    // "Q. GIÁM ĐỐC": who acts as the head has the head's title.
    if tail.title.is_none()
        && let [only] = capacity.as_slice()
        && let Some(m) = re!(r"^q\s?[.,] ?").find(only.folded())
    {
        tail.title = Some(Found::written(only, m.end()..only.len()));
    }
}

/// Where the signer's own title begins in "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC".
fn second_title(line: &Text, words: &Words) -> Option<usize> {
    let folded = line.folded();
    let body = re!(r"^(?:(?:tm|kt|tl|tuq|q|t/m|k/t|t/l)\s?[./,] ?|[tk]/[mtl] )").find(folded)?.end();
    let first = begins(folded.get(body..)?, &words.titles).map_or(0, str::len);
    let from = body + first;
    words
        .titles
        .iter()
        .filter_map(|title| folded.get(from..)?.find(title.as_str()).map(|at| (from + at, title.len())))
        .filter(|(at, len)| {
            *at > body
                // "KT. BỘ TRƯỞNG, CHỦ NHIỆM": two offices of the one stood in for.
                && folded.get(..*at).is_some_and(|b| b.ends_with(' ') && !b.ends_with(", "))
                && !folded.get(at + len..).is_some_and(|a| a.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
        .min()
        .map(|(at, _)| at)
}

fn proper_case(name: &str) -> String {
    let mut begins = true;
    name.chars()
        .flat_map(|c| {
            let out: Vec<char> = if begins { c.to_uppercase().collect() } else { c.to_lowercase().collect() };
            begins = c.is_whitespace();
            out
        })
        .collect()
}
