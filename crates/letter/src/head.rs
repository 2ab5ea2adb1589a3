//! The head of a paper: issuer and its superior, number and symbol, place and date, kind and subject, stamps.

use crate::dates::{Date, head_date};
use crate::found::Found;
use crate::lines::Line;
use crate::names::name_case;
use crate::number::{read_number, read_stamped};
use crate::pattern::re;
use crate::stamps::stamp;
use crate::text::Text;
use crate::words::{Words, begins};
use std::ops::Range;

/// What the head says.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) kind: Option<Found>,
    pub(crate) number: Option<Found>,
    pub(crate) symbol: Option<Found>,
    pub(crate) date: Option<Found<Date>>,
    /// Whether a place for the date was printed but not filled in, or filled in part.
    pub(crate) date_whole: bool,
    pub(crate) place: Option<Found>,
    pub(crate) parent: Option<Found>,
    pub(crate) issuer: Option<Found>,
    pub(crate) subject: Option<Found>,
    /// The subject as a text, to be read for occasions, scope and vulnerabilities.
    pub(crate) subject_text: Option<Text>,
    pub(crate) urgency: Vec<Found>,
    pub(crate) secrecy: Vec<Found>,
    /// Whether the republic's (or the Party's) name and motto stand at the top.
    pub(crate) banner: bool,
}

/// One piece of a head line that says one thing.
struct Piece {
    text: Text,
    after_gap: bool,
}

pub(crate) fn head(lines: &[Line], words: &Words) -> Head {
    let mut head = Head::default();
    let mut issuer: Vec<Text> = Vec::new();
    let mut subject: Vec<Text> = Vec::new();
    let mut loose: Vec<Text> = Vec::new();
    let mut in_subject = false;
    let mut subject_closed = false;
    let pieces: Vec<Piece> = lines.iter().flat_map(pieces).collect();
    for piece in &pieces {
        let text = &piece.text;
        let folded = text.folded();
        if is_banner(folded) {
            head.banner = true;
            continue;
        }
        // "… dịp Lễ Quốc khánh⏎02/9/2018": a day carried over is the subject's, not the paper's.
        if in_subject
            && !subject_closed
            && !piece.after_gap
            && !subject.is_empty()
            && re!(r"^[0-9]{1,2}/[0-9]{1,2}(/[0-9]{4})?$").is_match(folded)
        {
            subject.push(text.clone());
            continue;
        }
        if head.place.is_none() && head.date.is_none() && read_place_and_date(text, &mut head) {
            continue;
        }
        if head.symbol.is_none() && read_number(text, &mut head) {
            continue;
        }
        if read_stamped(text, &mut head) {
            continue;
        }
        if let Some(stamp) = stamp(text, &words.lexicon.stamps.secrecy) {
            head.secrecy.push(stamp);
            continue;
        }
        if let Some(stamp) = stamp(text, &words.lexicon.stamps.urgency) {
            head.urgency.push(stamp);
            continue;
        }
        if !subject_closed && let Some(m) = re!(r"^[(\[]?(v ?/ ?v|ve viec)\b ?[:.]? ?").find(folded) {
            in_subject = true;
            subject.push(text.sub(m.end()..text.len()));
            continue;
        }
        if head.kind.is_none()
            && text.capitals() > 0.9
            && let Some((word, code)) = words.kinds.iter().find(|(word, _)| kind_at(folded, word))
        {
            head.kind = Some(Found::read(code.clone(), text, 0..word.len()).because("kind-read", 1.0));
            if let Some(at) = word.find("khan") {
                head.urgency
                    .push(Found::read("KHẨN".to_owned(), text, at..at + 4).because("stamp-read", 1.0));
            }
            in_subject = true;
            let rest =
                text.sub(word.len()..text.len()).trimmed_of(|c| !c.is_alphanumeric() && c != '(' && c != '"');
            if !rest.is_empty() && !rest.folded().starts_with("so ") {
                subject.push(rest);
            }
            continue;
        }
        if in_subject && !subject_closed {
            let small = text.first_alnum().is_some_and(|c| c.is_lowercase() || c.is_numeric())
                || text.folded().starts_with('(');
            if !subject.is_empty() && piece.after_gap && !small {
                subject_closed = true;
            } else {
                subject.push(text.clone());
            }
            continue;
        }
        // The Party's papers give the subject without "V/v", in small letters below the number.
        if head.symbol.is_some()
            && head.kind.is_none()
            && text.capitals() < 0.5
            && (text.first_alnum().is_some_and(char::is_lowercase) || !loose.is_empty())
        {
            loose.push(text.clone());
            continue;
        }
        let named = begins(folded, &words.head_openers).is_some();
        if (text.capitals() > 0.7
            || (named && text.len() < 90 && head.symbol.is_none() && subject.is_empty()))
            && head.kind.is_none()
            && subject.is_empty()
            && text.first_alnum().is_some()
            && (head.symbol.is_none() || issuer.is_empty())
        {
            issuer.push(text.clone());
        }
    }
    read_issuer(&issuer, words, &mut head);
    let subject = Text::joined(if subject.is_empty() { &loose } else { &subject }).squeezed();
    let range = subject.trim_range(0..subject.len(), |c| {
        c.is_whitespace() || matches!(c, '.' | ';' | ':' | ',' | '-' | '/')
    });
    let range = unbracketed(&subject, range);
    if !range.is_empty() {
        head.subject = Some(Found::written(&subject, range.clone()));
        head.subject_text = Some(subject.sub(range));
    }
    head
}

/// Takes off a bracket that opened before "V/v" and closes at the end.
fn unbracketed(text: &Text, range: Range<usize>) -> Range<usize> {
    let inner = text.folded_at(range.clone());
    if inner.ends_with(')') && !inner.contains('(') { range.start..range.end - 1 } else { range }
}

fn kind_at(folded: &str, word: &str) -> bool {
    folded.strip_prefix(word).is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty()
            || rest.starts_with(['*', '(', ':', '-', '~'])
            || rest.starts_with("v/v")
            || rest.starts_with("ve ")
            || rest.starts_with("cua ")
    })
}

/// The republic's name, its motto, the Party's name — also when a scan damaged them.
fn is_banner(folded: &str) -> bool {
    re!(r"x[a-z] h[o0][il1] ch[a-z] n?gh[a-z]{2,3}|c[o0]ng h[o0]a x[a-z] h[o0]i|doc lap ?[-~.]? ?tu do|tu do ?[-~.]? ?hanh phuc|^d[a-z]ng c[o0]ng s[a-z]n viet nam")
        .is_match(folded)
}

/// Cuts a head line into pieces by its columns and, where the columns were lost, by what the words are.
fn pieces(line: &Line) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut first = true;
    for cell in &line.cells {
        let folded = cell.folded();
        let mut cuts: Vec<usize> = vec![0, cell.len()];
        for m in re!(r"c[o0]ng h[o0]a x[a-z] h[o0]i.{1,22}viet nam|d[o0]c l[a-z]p ?[-~.]{0,2} ?tu do ?[-~.]{0,2} ?h[a-z]nh ph[a-z]c|d[a-z]ng c[o0]ng s[a-z]n viet nam")
            .find_iter(folded)
        {
            cuts.extend([m.start(), m.end()]);
        }
        for m in re!(r"[^ ] (v ?/ ?v )").captures_iter(folded) {
            cuts.extend(m.get(1).map(|m| m.start()));
        }
        for m in re!(r"[^ ] (s[o0] ?: ?[0-9._~ ]{0,12}/ ?[a-z])").captures_iter(folded) {
            cuts.extend(m.get(1).map(|m| m.start()));
        }
        if let Some(range) = place_and_date(cell) {
            cuts.extend([range.start, range.end]);
        }
        // "UBND TỈNH ĐỒNG THÁP SỞ THÔNG TIN …" joined into one line.
        if cell.capitals() > 0.9 && cell.len() > 24 {
            for m in re!(r"[a-z]{2,} [a-z]{2,} (so (?:thong|giao|khoa|y te|noi|tai|van|tu phap|cong|xay|nong|lao|ke|du lich|ngoai)|truong dai hoc|truong thpt|truong cao dang|cong an (?:tinh|thanh|xa|phuong|huyen)|benh vien|trung tam |cuc an )")
                .captures_iter(folded)
            {
                cuts.extend(m.get(1).map(|m| m.start()).filter(|at| !folded_ends_and(folded, *at)));
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let &[from, to] = pair else { continue };
            let text = cell.sub(from..to).trimmed();
            if text.chars().iter().any(|c| c.is_alphanumeric()) {
                out.push(Piece { text, after_gap: line.after_gap && first });
                first = false;
            }
        }
    }
    out
}

fn folded_ends_and(folded: &str, at: usize) -> bool {
    folded
        .get(..at)
        .is_some_and(|before| before.trim_end().ends_with(" va") || before.trim_end().ends_with(['-', ',']))
}

/// The range of "Thanh Hóa, ngày 09 tháng 01 năm 2020" in a line.
fn place_and_date(cell: &Text) -> Option<Range<usize>> {
    let folded = cell.folded();
    let stamp =
        re!(r",? ?\(?ng[a-z]y (?:ky|ban hanh|phat hanh)[a-z ]{0,12}\)?").find(folded).map(|m| m.range());
    let date = head_date(cell).map(|(_, _, range)| range).or(stamp)?;
    // Words back from the comma that begin with a capital are the place.
    let mut start = date.start;
    let before = folded.get(..date.start)?.trim_end_matches([' ', ',', '.']);
    let mut at = before.len();
    let mut taken = 0;
    while at > 0 && taken < 6 {
        let from = folded.get(..at)?.rfind(' ').map_or(0, |space| space + 1);
        let capital = cell.char_at(from).is_some_and(|c| c.is_uppercase());
        let all_capitals = cell.sub(from..at).capitals() > 0.99 && at - from > 2;
        if !capital || all_capitals && !folded.get(from..at)?.starts_with("tp") {
            break;
        }
        start = from;
        taken += 1;
        at = folded.get(..from)?.trim_end_matches(' ').len();
        // A comma or digit before ends the place.
        if folded.get(..at)?.ends_with([',', ';', '.', ')']) && !folded.get(..at)?.ends_with("tp.") {
            break;
        }
    }
    if let Some(kind) = re!(r"(?:thanh pho|thi xa|tp\.?) $").find(folded.get(..start)?).filter(|_| taken > 0)
    {
        start = kind.start();
    }
    // In running text ("Công văn số … ngày …") no place stands before, or the line goes on.
    (taken > 0 || date.start <= 2).then_some(start..date.end)
}

fn read_place_and_date(text: &Text, head: &mut Head) -> bool {
    let Some(range) = place_and_date(text) else { return false };
    if range.start != 0 || text.len() > range.end + 6 {
        return false;
    }
    let date = head_date(text);
    let until = match &date {
        Some((_, _, at)) => at.start,
        None => re!(r",? ?\(?ng[a-z]y (?:ky|ban hanh|phat hanh)")
            .find(text.folded())
            .map_or(range.end, |m| m.start()),
    };
    let place = text.trim_range(0..until, |c| !c.is_alphanumeric());
    if !place.is_empty() {
        head.place = Some(Found::written(text, place));
    }
    if let Some((date, whole, at)) = date {
        head.date_whole = whole;
        head.date = date.map(|date| Found::read(date, text, at));
    }
    true
}

fn read_issuer(lines: &[Text], words: &Words, head: &mut Head) {
    let mut bodies: Vec<Text> = Vec::new();
    for line in lines {
        let range =
            line.trim_range(0..line.len(), |c| !c.is_alphanumeric() && c != ')' && c != '(' && c != ',');
        let line = line.sub(range);
        if line.is_empty() {
            continue;
        }
        let folded = line.folded();
        let opens = begins(folded, &words.head_openers).is_some()
            && !re!(r"^phong,? chong|^ban nhan dan|^bo (sung|phan)|^hoi nhap|^doi moi").is_match(folded);
        match bodies.last_mut() {
            Some(before)
                if !opens
                    || re!(r"( va|,|-|^uy|^truong|^so|^bo|^cuc|^trung tam|^van phong|^phong|^ban|^uy ban|^benh vien|^cong ty|^cong an| thanh vien| uy)$")
                        .is_match(before.folded()) =>
            {
                before.join(&line);
            }
            _ => bodies.push(line),
        }
    }
    bodies.retain(|body| begins(body.folded(), &words.head_openers).is_some());
    let place = head.place.as_ref().map(|p| p.value.clone()).unwrap_or_default();
    let mut bodies = bodies.into_iter().rev();
    let made = |text: Text| {
        let text = text.squeezed();
        let text = text.sub(text.trim_range(0..text.len(), |c| c == ',' || c.is_whitespace()));
        let found = Found::whole(&text);
        // "Uỷ" and "Ủy" are one word; names bear the mark where the state writes it today.
        let cased = name_case(&found.value, &place, words);
        let value = cased.replace("Uỷ", "Ủy").replace("uỷ", "ủy");
        let changed = value != cased;
        let found = Found { value, evidence: found.evidence };
        if changed { found.because("marks-restored", 0.95) } else { found }
    };
    head.issuer = bodies.next().map(made);
    head.parent = bodies.next().map(made);
}
