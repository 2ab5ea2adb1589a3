//! Which lines are head, recipients, body, tail and appendix.

use crate::items::mark;
use crate::limits::HEAD_LINES;
use crate::lines::Line;
use crate::pattern::re;
use crate::text::Text;
use crate::words::{Words, begins};

/// The paper cut into its parts, in order.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    pub(crate) head: Vec<Line>,
    /// Lines of *Kính gửi*, without these words.
    pub(crate) to: Vec<Line>,
    pub(crate) body: Vec<Line>,
    /// *Nơi nhận* and the signature, mingled as they were set.
    pub(crate) tail: Vec<Line>,
    pub(crate) appendix: Vec<Line>,
}

/// A line that starts the body: what it acts on, why it is written.
pub(crate) fn starts_body(text: &Text) -> bool {
    re!(r"^(can cu|thuc hien|trien khai|tiep theo|theo |nham |de |qua |ngay \d|trong thoi gian|thoi gian (qua|gan)|hien nay|xet |tren co so|sau khi|vua qua|phuc dap|tiep tuc|trong (nhung|boi canh|dip)|nhung (ngay|nam|thang)|van phong .{0,60} nhan duoc|.{0,60}(da )?nhan duoc|.{0,50} (de nghi|yeu cau|thong bao|ban hanh|khuyen nghi|canh bao)\b|dot |tu ngay|tu dau nam|thi hanh|duoc su|chap hanh|truoc tinh hinh|truoc dien bien|dien bien|gan day|voi muc tieu|tinh hinh|chuan bi|huong ung|lien quan|nhu vay|thoi diem)")
        .is_match(text.folded())
}

pub(crate) fn blocks(lines: Vec<Line>, words: &Words) -> Blocks {
    let mut out = Blocks::default();
    let appendix = find_appendix(&lines);
    let mut lines = lines;
    out.appendix = lines.split_off(appendix);
    let (addressed, inline) = match find_to(&lines) {
        Some((at, split)) => (Some(at), split),
        None => (None, None),
    };
    let body_from = match addressed {
        Some(at) => {
            let end = end_of_to(&lines, at, inline.is_some());
            if let Some(line) = lines.get(at)
                && let Some((from, to)) = inline
            {
                let rest = line.text.sub(from..to).trimmed();
                if !rest.is_empty() {
                    out.to.push(Line { cells: vec![rest.clone()], text: rest, after_gap: false });
                }
            }
            out.to.extend(lines.get(at + 1..end).unwrap_or_default().iter().cloned());
            end
        }
        None => end_of_head(&lines, words),
    };
    let head_end = addressed.unwrap_or(body_from);
    out.head = lines.get(..head_end).unwrap_or_default().to_vec();
    if let Some(at) = addressed
        && lines.get(at).is_some_and(|line| {
            line.cells.len() > 1 && line.cells.first().is_some_and(|c| !c.folded().starts_with("kinh"))
        })
    {
        // Two columns: the subject goes on to the left of the recipients.
        if let Some(left) = lines.get(at).and_then(|line| line.cells.first()) {
            out.head.push(Line { cells: vec![left.clone()], text: left.clone(), after_gap: false });
        }
        let mut to = Vec::new();
        for line in out.to.drain(..) {
            match line.cells.split_first() {
                Some((left, right)) if !right.is_empty() && !left.folded().starts_with(['-', '+']) => {
                    out.head.push(Line { cells: vec![left.clone()], text: left.clone(), after_gap: false });
                    let text = Text::joined(right);
                    to.push(Line { cells: vec![text.clone()], text, after_gap: false });
                }
                _ => to.push(line),
            }
        }
        out.to = to;
    } else if let Some(line) = addressed.and_then(|at| lines.get(at)) {
        // What stood before "Kính gửi" in the same line still belongs to the head.
        if let Some(m) = re!(r"k[a-z]nh g[a-z]{1,2}[iy]\b").find(line.text.folded())
            && m.start() > 3
        {
            let before = line.text.sub(0..m.start()).trimmed();
            out.head.push(Line { cells: vec![before.clone()], text: before, after_gap: false });
        }
    }
    let tail = lines
        .iter()
        .enumerate()
        .skip(body_from)
        .find(|(at, line)| is_tail(line, *at > body_from, words))
        .map_or(lines.len(), |(at, _)| at);
    out.body = lines.get(body_from..tail).unwrap_or_default().to_vec();
    out.tail = lines.get(tail..).unwrap_or_default().to_vec();
    out
}

/// Where the recipients begin: the line, and the range of that line after "Kính gửi:" when there is one.
fn find_to(lines: &[Line]) -> Option<(usize, Option<(usize, usize)>)> {
    for (at, line) in lines.iter().enumerate().take(HEAD_LINES) {
        let folded = line.text.folded();
        if let Some(m) = re!(r"(?:^|[^a-z])(k[a-z]nh g[a-z]{1,2}[iy])\b ?[:;.]? ?").captures(folded)
            && let (Some(all), Some(words)) = (m.get(0), m.get(1))
            && line.text.char_at(words.start()).is_some_and(char::is_uppercase)
        {
            let left = line.text.len() > all.end();
            return Some((at, left.then_some((all.end(), line.text.len()))));
        }
        // Công điện: "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH điện:"
        if let Some(m) = re!(r"(?:^|[ ,])(?:dien|gui)\s?:\s?").find(folded)
            && m.start() < 120
            && !folded.starts_with(['-', '+'])
            && !folded.starts_with("so")
        {
            let left = line.text.len() > m.end();
            return Some((at, left.then_some((m.end(), line.text.len()))));
        }
    }
    None
}

fn end_of_to(lines: &[Line], at: usize, inline: bool) -> usize {
    let mut seen = usize::from(inline);
    let mut dashed = false;
    let mut last: Option<&Text> = if inline { lines.get(at).map(|l| &l.text) } else { None };
    for (index, line) in lines.iter().enumerate().skip(at + 1) {
        let folded = line.text.folded();
        let dash = folded.starts_with(['-', '+', '*']);
        let small = line.text.first_alnum().is_some_and(char::is_lowercase);
        let numbered = !dash && mark(&line.text).is_some();
        if seen > 0 {
            let ended = last.is_some_and(|l| l.folded().trim_end().ends_with('.'));
            let listed = last.is_some_and(|l| l.folded().trim_end().ends_with([';', ':', ',']));
            if numbered || (!dash && !small && starts_body(&line.text)) {
                return index;
            }
            if !dash
                && !small
                && (line.after_gap || ended || (dashed && listed))
                && !(listed && line.text.len() < 90 && !dashed)
            {
                return index;
            }
            if !dash && line.text.len() > 200 {
                return index;
            }
            if dash && ended && line.after_gap && !dashed {
                return index;
            }
        }
        dashed |= dash;
        seen += 1;
        last = Some(&line.text);
        if seen > 80 {
            return index + 1;
        }
    }
    lines.len()
}

/// Where the body begins when nobody is addressed.
fn end_of_head(lines: &[Line], words: &Words) -> usize {
    let mut titled = false;
    let mut subject = 0;
    for (at, line) in lines.iter().enumerate().take(HEAD_LINES) {
        let text = &line.text;
        // "KẾ HOẠCH⏎Triển khai các giải pháp …": what stands right below the kind is the subject, though it begins as a body may.
        let below = titled
            && at == subject
            && re!(r"^(trien khai|thuc hien|tiep tuc|chuan bi|huong ung)\b").is_match(text.folded())
            && !re!(r"\bso:? ?[0-9]|[,;:.]$").is_match(text.folded())
            && lines
                .get(at + 1)
                .is_some_and(|next| next.after_gap || !text.folded().ends_with(char::is_alphanumeric));
        if below {
            continue;
        }
        if titled && (starts_body(text) && !text.folded().starts_with("de ") || text.len() > 180) {
            return at;
        }
        if mark(text).is_some() && text.first_alnum().is_some() && !text.folded().starts_with('-') && at > 2 {
            return at;
        }
        if !titled
            && at > 0
            && text.capitals() < 0.5
            && text.len() > 30
            && starts_body(text)
            && !re!(r"ng[a-z]y .{0,20}th[a-z]ng").is_match(text.folded_at(0..text.len().min(60)))
            && !re!(r"^(v/v|ve viec)").is_match(text.folded())
        {
            return at;
        }
        if text.capitals() > 0.9 && begins(text.folded(), &words.kinds_words()).is_some() {
            titled = true;
            subject = at + 1;
        }
    }
    if titled { lines.len().min(HEAD_LINES) } else { lines.len().min(8) }
}

fn is_tail(line: &Line, inside: bool, words: &Words) -> bool {
    let label = line.cells.iter().any(|cell| {
        re!(r"^[-~ ]*n[o0][iy1] ?nh[a-z]{1,2}n ?[:;.]?( |$)|^[-~ ]*n[o0][iy1] ?nh[a-z]{1,2}n ?[:;]")
            .is_match(cell.folded())
    });
    label || (inside && line.cells.iter().any(|cell| is_signature_line(cell, words)))
}

/// Letters of the office behind a title: "TRƯỞNG PHÒNG AN NINH MẠNG VÀ PHÒNG, CHỐNG TỘI PHẠM SỬ DỤNG CÔNG NGHỆ CAO".
const OFFICE_CHARS: usize = 72;

/// "KT. GIÁM ĐỐC", "CHỦ TỊCH": a line of its own in capitals that names in what capacity a paper is signed.
pub(crate) fn is_signature_line(cell: &Text, words: &Words) -> bool {
    if cell.capitals() < 0.85 || cell.len() > 90 {
        return false;
    }
    let folded = cell.folded().trim_start_matches([' ', '-']);
    let capacity = re!(r"^((tm|kt|tl|tuq|q|t/m|k/t|t/l)\s?[./,]\s?|[tk]/[mtl] )[a-z]").is_match(folded);
    capacity
        || begins(folded, &words.titles).is_some_and(|t| folded.len() <= t.len() + OFFICE_CHARS)
            && !folded.ends_with([':', ','])
}

fn find_appendix(lines: &[Line]) -> usize {
    // A paper without copies and without "./." is past its own text after a dozen lines.
    let closed = lines
        .iter()
        .position(|line| {
            re!(r"^[-~ ]*n[o0][iy1] ?nh[a-z]{1,2}n\b").is_match(line.text.folded())
                || line.text.folded().ends_with("./.")
        })
        .unwrap_or(lines.len());
    lines
        .iter()
        .enumerate()
        .position(|(at, line)| {
            let text = &line.text;
            let head = text.sub(0..text.len().min(7));
            let shouted =
                re!(r"^\(?phu ?luc\b").is_match(text.folded()) && head.capitals() > 0.8 && text.len() < 160
                    || re!(r"^(danh sach|danh muc|bieu mau|mau so|bieu so|mau bao cao|huong dan)\b")
                        .is_match(text.folded())
                        && text.capitals() > 0.9;
            // "Phụ lục I" in small letters is a heading where it stands alone behind the paper's end.
            let alone =
                re!(r"^\(?phu ?luc( (so )?([ivx]{1,5}|[0-9]{1,2}))?[.:]?\)?$").is_match(text.folded());
            // "Phụ lục: Dấu hiệu tấn công": with its title, behind a gap.
            let titled = line.after_gap
                && text.len() < 120
                && re!(r"^phu luc( (so )?([ivx]{1,5}|[0-9]{1,2}))? ?[:.] ?[a-z]").is_match(text.folded())
                && text.char_at(0).is_some_and(char::is_uppercase);
            shouted && (at > closed || at > 12) || (alone || titled) && at > closed
        })
        .unwrap_or(lines.len())
}
