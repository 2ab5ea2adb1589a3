//! The text as clean lines: markdown marks, rules, page numbers and signature stamps taken out, cells of two-column
//! lines told apart.

use crate::limits::{HEAD_LINES, MAX_LAYOUT_LINE};
use crate::pattern::{Regex, re};
use crate::text::Text;
use std::ops::Range;

/// One line of the paper.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The whole line, cells joined by one blank.
    pub(crate) text: Text,
    /// The cells of a line set in columns (three or more blanks, a tab or a table bar between); one for a plain line.
    pub(crate) cells: Vec<Text>,
    /// Whether an empty line, a rule or a page break stood before it.
    pub(crate) after_gap: bool,
}

/// The lines of a paper and what was lifted out of them.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) lines: Vec<Line>,
    /// Lines a digital signature printed ("Thời gian ký: …"): they carry the date when the head does not.
    pub(crate) stamps: Vec<Text>,
    /// Width at which the paper wraps its lines, in characters; `usize::MAX` when it does not wrap.
    pub(crate) width: usize,
}

/// Cuts a text into lines.
pub(crate) fn lines(text: &Text) -> Lines {
    let mut out = Lines::default();
    let mut after_gap = false;
    let mut start = 0;
    // "Digitally signed by⏎NAME⏎Date: …": what stands between is the stamp's, not the paper's.
    let mut stamping = 0;
    let mut cut: Vec<(usize, Text)> = Vec::new();
    for at in 0..=text.len() {
        let c = text.char_at(at);
        if !matches!(c, None | Some('\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')) {
            continue;
        }
        cut.extend(broken(text.sub(start..at)).into_iter().map(|raw| (at, raw)));
        start = at + 1;
    }
    for (at, raw) in cut {
        let c = text.char_at(at);
        let page_break = c == Some('\u{c}');
        match clean(&raw) {
            Cleaned::Empty => {
                after_gap = after_gap || !(c == Some('\n') && raw.is_empty() && follows_return(text, at))
            }
            // Above the body a lone number is one that a stamp printed: the paper's own.
            Cleaned::PageNumber if out.lines.len() < HEAD_LINES && !addressed(&out.lines) => {
                let cell = raw.squeezed();
                out.lines.push(Line { text: cell.clone(), cells: vec![cell], after_gap });
            }
            Cleaned::PageNumber => {}
            Cleaned::Stamp(stamp) => {
                stamping = if re!(r"^digitally signed( by)?:?$").is_match(stamp.folded()) { 3 } else { 0 };
                out.stamps.push(stamp);
            }
            Cleaned::Line(cells) if stamping > 0 && cells.len() == 1 => {
                stamping -= 1;
                out.stamps.extend(cells);
            }
            Cleaned::Line(cells) => {
                for line in split_joined(Line { text: Text::joined(&cells), cells, after_gap }) {
                    out.lines.push(line);
                }
                after_gap = page_break;
            }
        }
    }
    out.lines = rejoin(out.lines);
    strip_incoming(&mut out.lines);
    out.width = width(&out.lines);
    out
}

/// Lines that a web page broke in the middle of a set phrase ("Công văn số⏎6400/…", "TM.⏎ỦY BAN …") are put together.
fn rejoin(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        if let Some(before) = out.last_mut()
            && before.cells.len() == 1
            && line.cells.len() == 1
            && !line.after_gap
            // "3. Trung tâm … số:⏎3.1. …", "2. Văn phòng Sở:⏎a) …": an item of its own.
            && !re!(r"^([0-9]{1,2}(\.[0-9]{1,2})*[.)]|[a-z][.)]|[-+*]) ").is_match(line.text.folded())
            && re!(r"(^|[ ,])(van ban so|van so|dien so|dinh so|hoach so|thi so|so ?:|cua|v/v|ve viec)$|^(tm|kt|tl|tuq|q)\.$|^(cong|uy|hoi dong|uy ban)$")
                .is_match(before.text.folded())
        {
            before.text.join(&line.text);
            before.cells = vec![before.text.clone()];
            continue;
        }
        out.push(line);
    }
    out
}

/// Takes out the stamp of the office that received the paper: its name, "CÔNG VĂN ĐẾN", its own number and day.
fn strip_incoming(lines: &mut Vec<Line>) {
    let Some(at) = lines.iter().take(40).position(|line| {
        re!(r"^(cong van|van ban)? ?den( so\b.*)?$").is_match(line.text.folded())
            && line.text.capitals() > 0.7
    }) else {
        return;
    };
    let own = lines.get(at).is_some_and(|line| !line.after_gap);
    let before =
        at.checked_sub(1).and_then(|b| lines.get(b)).is_some_and(|line| own && line.text.capitals() > 0.8);
    let from = if before { at - 1 } else { at };
    let to = lines
        .iter()
        .enumerate()
        .skip(at + 1)
        .find(|(_, line)| {
            line.after_gap || !re!(r"^(so|ngay|chuyen|gio|luu|den)\b").is_match(line.text.folded())
        })
        .map_or(lines.len(), |(end, _)| end);
    lines.drain(from..to);
    if let Some(next) = lines.get_mut(from) {
        next.after_gap = true;
    }
}

/// Whether the recipients have been named, or so much said that the head is past.
fn addressed(lines: &[Line]) -> bool {
    lines.len() < 2
        || lines.iter().any(|line| {
            re!(r"^k[a-z]nh g[a-z]{1,2}[iy]\b|^can cu |^thuc hien |[a-z]:$").is_match(line.text.folded())
        })
}

/// Whether this line feed only completes a carriage return.
fn follows_return(text: &Text, at: usize) -> bool {
    at.checked_sub(1).and_then(|before| text.char_at(before)) == Some('\r')
}

/// A line of a web page cut where the page breaks it; the two columns of a head or of the signature one after the other.
fn broken(raw: Text) -> Vec<Text> {
    let breaks = re!(r"(?: ?<br ?/?>)+ ?");
    if !breaks.is_match(raw.folded()) {
        return vec![raw];
    }
    let parts = |text: &Text, at: &[Range<usize>]| {
        let mut out = Vec::new();
        let mut start = 0;
        for gap in at.iter().cloned().chain(std::iter::once(text.len()..text.len())) {
            out.push(text.sub(start..gap.start));
            start = gap.end;
        }
        out
    };
    let found = |text: &Text, of: &Regex| of.find_iter(text.folded()).map(|m| m.range()).collect::<Vec<_>>();
    if !raw.folded().trim_start().starts_with('|') {
        return parts(&raw, &found(&raw, breaks));
    }
    let cells: Vec<Text> = parts(&raw, &found(&raw, re!(r" ?\| ?")));
    let full = cells.iter().filter(|cell| !cell.folded().trim().is_empty()).count();
    let layout = full <= 2
        && re!(r"c[o0]ng h[o0]a x|\bs[o0] ?:|noi nhan|\bngay .{1,12}thang|\bv ?/ ?v\b|\b(kt|tm|tl|tuq)\. ")
            .is_match(raw.folded());
    if layout {
        return cells.iter().flat_map(|cell| parts(cell, &found(cell, breaks))).collect();
    }
    // In a table's row what is broken stays one cell.
    vec![Text::joined(&parts(&raw, &found(&raw, breaks)))]
}

enum Cleaned {
    Empty,
    PageNumber,
    Stamp(Text),
    Line(Vec<Text>),
}

fn clean(raw: &Text) -> Cleaned {
    if !raw.chars().iter().any(|c| c.is_alphanumeric()) {
        return Cleaned::Empty;
    }
    if raw.len() > MAX_LAYOUT_LINE {
        return Cleaned::Line(vec![raw.squeezed()]);
    }
    let plain = without_markdown(raw);
    let folded = plain.folded().trim();
    if re!(r"^[-~ ]*(trang )?\d{1,3}( ?/ ?\d{1,3})?[-~ ]*$").is_match(folded) {
        return Cleaned::PageNumber;
    }
    if re!(r"^(nguoi ky|ky boi|ky so boi|thoi gian ky|ngay ky|gio ky|chu ky so|da ky so|co quan|signer|signed by|signature|email|date|reason|location)\s*:|^signature not verified|^digitally signed|^van ban (nay )?(duoc|da) ky so")
        .is_match(folded)
        && plain.len() < 160
    {
        return Cleaned::Stamp(plain.squeezed());
    }
    let cells: Vec<Text> =
        cells(&plain).into_iter().map(|cell| cell.squeezed()).filter(|c| !c.is_empty()).collect();
    if cells.is_empty() { Cleaned::Empty } else { Cleaned::Line(cells) }
}

/// The line without emphasis, headings, quotes and escapes of markdown.
fn without_markdown(raw: &Text) -> Text {
    let mut out = Text::default();
    let folded = raw.folded().as_bytes();
    let mut leading = true;
    let mut at = 0;
    while let Some(c) = raw.char_at(at) {
        let next = raw.char_at(at + 1);
        let mut keep = true;
        match c {
            '#' | '>' if leading => keep = false,
            '*' if next == Some('*') || folded.get(at.wrapping_sub(1)) == Some(&b'*') => keep = false,
            // A star before a blank at the start of a line is a bullet; any other star is emphasis.
            '*' => keep = leading && next.is_some_and(char::is_whitespace),
            '_' => {
                let opens = (at == 0
                    || raw.char_at(at - 1).is_some_and(|c| c.is_whitespace() || "(*\"".contains(c)))
                    && next.is_some_and(|c| c.is_alphanumeric() || c == '*');
                let closes = next.is_none_or(|c| c.is_whitespace() || ".,;:)*\"".contains(c))
                    && at > 0
                    && raw.char_at(at - 1).is_some_and(|c| c.is_alphanumeric() || ".;:)*".contains(c));
                keep = !(opens || closes);
            }
            // A tag of a web page.
            '<' => {
                if let Some(tag) =
                    re!(r"^</?[a-z][a-z0-9]{0,9}( [^<>]{0,80})?/?>").find(raw.folded_at(at..raw.len()))
                {
                    at += tag.len();
                    continue;
                }
            }
            '`' => keep = false,
            '\\' if next.is_some_and(|n| n.is_ascii_punctuation()) => keep = false,
            _ => {}
        }
        let origin = raw.sub(at..at + 1);
        if keep {
            if !c.is_whitespace() {
                leading = false;
            }
            append(&mut out, &origin);
        }
        at += 1;
    }
    out
}

fn append(out: &mut Text, one: &Text) {
    if let (Some(c), Some((start, end))) = (one.char_at(0), one.origin(0..1).first().copied()) {
        out.push(c, start, end);
    }
}

/// Cells of a line set in columns.
fn cells(line: &Text) -> Vec<Text> {
    if re!(r"^ *[0-9]{1,2} +[0-9]{1,2} *$").is_match(line.folded()) {
        return vec![line.clone()];
    }
    let mut cells = Vec::new();
    let mut start = 0;
    for gap in re!(r" {3,}| ?\| ?").find_iter(line.folded()) {
        // Room left to be filled in by hand parts no columns: "Số:      /KH-SGDĐT", "ngày      tháng 01".
        let blank = re!(r"(s[o0] ?[:.]?|ng[a-z]y|th[a-z]ng|n[a-z]m) ?$")
            .is_match(line.folded_at(start..gap.start()))
            && re!(r"^(/|-|th[a-z]ng|n[a-z]m)").is_match(line.folded_at(gap.end()..line.len()));
        if blank {
            continue;
        }
        // A table bar counts only between blanks; leading blanks are indentation.
        if gap.as_str().contains('|') && gap.len() < 2 || line.folded_at(start..gap.start()).trim().is_empty()
        {
            if line.folded_at(start..gap.start()).trim().is_empty() {
                start = gap.end();
            }
            continue;
        }
        cells.push(line.sub(start..gap.start()));
        start = gap.end();
    }
    cells.push(line.sub(start..line.len()));
    let mut out = Vec::new();
    for cell in cells {
        let mut from = 0;
        for at in 0..cell.len() {
            if cell.char_at(at) == Some('\t') && !cell.folded_at(from..at).trim().is_empty() {
                out.push(cell.sub(from..at));
                from = at + 1;
            }
        }
        out.push(cell.sub(from..cell.len()));
    }
    out
}

/// Lines that were joined into one are cut again where only a new line explains what follows.
fn split_joined(line: Line) -> Vec<Line> {
    let folded = line.text.folded();
    let long = line.text.len() > 300;
    let mut cuts: Vec<usize> = Vec::new();
    if line.text.len() <= MAX_LAYOUT_LINE && line.cells.len() == 1 {
        // "…; - Next" and "…: - First"
        for m in re!(r"[;:] ?([-+] ?)[a-z]").captures_iter(folded) {
            if let Some(mark) = m.get(1)
                && line.text.char_at(m.get(0).map_or(0, |all| all.end() - 1)).is_some_and(char::is_uppercase)
            {
                cuts.push(mark.start());
            }
        }
        // "… ./. Nơi nhận:" and "… Kính gửi:"
        for m in re!(r"[^ ] ((noi nhan ?:)|(kinh gui ?:)|(v/v )|(ve viec: ))").captures_iter(folded) {
            if let Some(mark) = m.get(1) {
                let capital = line.text.char_at(mark.start()).is_some_and(char::is_uppercase);
                if capital {
                    cuts.push(mark.start());
                }
            }
        }
        // ". 2. Next" in sequence
        let mut expected = None;
        for m in re!(r"(?:^|[.;:,] ?)((\d{1,2})\. ?)[a-z]").captures_iter(folded) {
            let (Some(all), Some(mark), Some(number)) = (m.get(0), m.get(1), m.get(2)) else { continue };
            let Ok(number) = number.as_str().parse::<u32>() else { continue };
            let capital = line.text.char_at(all.end() - 1).is_some_and(char::is_uppercase);
            // The second "1" of "1.1. Rà quét" begins nothing.
            let inside = all.as_str().starts_with('.')
                && folded
                    .get(..all.start())
                    .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
            if inside {
                continue;
            }
            if capital && (expected == Some(number) || (number == 1 && long) || all.start() == 0) {
                if mark.start() > 0 {
                    cuts.push(mark.start());
                }
                expected = Some(number + 1);
            }
        }
        if long {
            // The closing and what follows it, in papers flattened to one line.
            for m in re!(r"\./\. ?([a-z-])").captures_iter(folded) {
                if let Some(mark) = m.get(1) {
                    cuts.push(mark.start());
                }
            }
            for m in re!(r"[.;] ((trong qua trinh|trong truong hop|moi kho khan|moi vuong mac|truong hop can|kho khan, vuong mac)[ ,])")
                .captures_iter(folded)
            {
                if let Some(mark) = m.get(1)
                    && line.text.char_at(mark.start()).is_some_and(char::is_uppercase)
                {
                    cuts.push(mark.start());
                }
            }
        }
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts.retain(|cut| *cut > 0);
    if cuts.is_empty() {
        return vec![line];
    }
    let mut out = Vec::new();
    let mut start = 0;
    for cut in cuts.into_iter().chain([line.text.len()]) {
        let part = line.text.sub(start..cut).squeezed();
        if !part.is_empty() {
            let after_gap = out.is_empty() && line.after_gap;
            out.push(Line { cells: vec![part.clone()], text: part, after_gap });
        }
        start = cut;
    }
    out
}

/// The width at which lines are wrapped: where many lines end within a narrow band.
fn width(lines: &[Line]) -> usize {
    let mut lengths: Vec<usize> = lines.iter().map(|line| line.text.len()).collect();
    lengths.sort_unstable();
    let longest = lengths.get(lengths.len().saturating_sub(1 + lengths.len() / 20)).copied().unwrap_or(0);
    let near = lengths.iter().filter(|len| **len * 10 >= longest * 8).count();
    if longest <= 130 && near * 4 >= lengths.len() && lengths.len() >= 8 { longest } else { usize::MAX }
}
