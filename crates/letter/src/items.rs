//! The body of a paper as numbered items, and the paragraphs before and after them.

use crate::limits::MAX_ITEMS;
use crate::lines::Line;
use crate::numbering::{comma_mark, number_below, number_plain, number_through, second_d};
use crate::pattern::re;
use crate::sentences::is_closing;
use crate::tables::{Row, Table};
use crate::text::Text;

/// A paragraph: lines put together again.
#[derive(Debug, Clone)]
pub(crate) struct Paragraph {
    pub(crate) text: Text,
    pub(crate) mark: Option<Mark>,
    pub(crate) row: Option<Row>,
    /// A row of a table that orders nothing: addresses, weaknesses.
    pub(crate) listed: bool,
}

/// The number, letter or dash in front of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    rank: u8,
    label: String,
    /// Length of the mark in the paragraph, in characters.
    len: usize,
}

impl Mark {
    /// The number of a top item, if it is one without points.
    pub(crate) fn plain_number(&self) -> Option<u32> {
        (self.rank == NUMBER).then(|| self.label.parse().ok()).flatten()
    }

    /// Whether it begins a part above numbers.
    pub(crate) fn is_above(&self) -> bool {
        self.rank < NUMBER
    }

    /// Puts a number below another one.
    pub(crate) fn lower(&mut self) {
        self.rank = NUMBER + 1;
    }

    /// A number of so many characters.
    pub(crate) fn counted(label: String, len: usize) -> Self {
        Self { rank: NUMBER, label, len }
    }

    /// A number given to a paragraph that shows none.
    pub(crate) fn number(label: String) -> Self {
        Self::counted(label, 0)
    }
}

/// "Thứ nhất, …", "Một là, …"
const ORDINALS: [&str; 10] = ["nhat mot", "hai", "ba", "tu bon", "nam", "sau", "bay", "tam", "chin", "muoi"];

const SECTION: u8 = 0;
const ROMAN: u8 = 1;
/// "Điều 2", "Mục 1": numbers stand under it.
const ARTICLE: u8 = 2;
const NUMBER: u8 = 3;
const LETTER: u8 = 5;
const DASH: u8 = 6;
const PLUS: u8 = 7;

/// One item of the body.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// `1`, `1.2`, `II.1.a`.
    pub(crate) path: String,
    /// Index of the item it stands under.
    pub(crate) parent: Option<usize>,
    pub(crate) has_children: bool,
    /// The item's first paragraph without its mark: a heading or the whole item.
    pub(crate) head: Text,
    /// All of its paragraphs without the mark.
    pub(crate) text: Text,
    /// Who and when, for a row of a table.
    pub(crate) row: Option<Row>,
    /// Whether it stands in a part that states aims and orders nothing ("MỤC ĐÍCH").
    pub(crate) aims: bool,
    rank: u8,
}

/// The body in order: what leads in, the items, what closes.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) opening: Vec<Text>,
    pub(crate) items: Vec<Item>,
    pub(crate) closing: Vec<Text>,
    /// Dashes after a closing "Gửi kèm theo:".
    pub(crate) enclosed: Vec<Text>,
    /// Rows of tables that order nothing.
    pub(crate) listed: Vec<Text>,
}

impl Item {
    pub(crate) fn is_section(&self) -> bool {
        matches!(self.rank, SECTION | ROMAN)
    }

    pub(crate) fn is_letter(&self) -> bool {
        self.rank == LETTER
    }

    pub(crate) fn is_number(&self) -> bool {
        self.rank == NUMBER
    }

    /// A paragraph after the items, to be looked at as one.
    pub(crate) fn closing(text: &Text) -> Self {
        Self {
            path: String::new(),
            parent: None,
            has_children: false,
            head: text.clone(),
            text: text.clone(),
            row: None,
            aims: false,
            rank: NUMBER,
        }
    }
}

/// Reads the mark at the start of a line.
pub(crate) fn mark(text: &Text) -> Option<Mark> {
    let folded = text.folded();
    let first_upper = text.first_alnum().is_some_and(char::is_uppercase);
    let made = |rank, label: &str, len| Some(Mark { rank, label: label.to_owned(), len });
    if let Some(m) = re!(r"^(?:phan )?([ivx]{1,5}) ?[./)-] ?[a-z0-9]").captures(folded)
        && first_upper
        && let (Some(all), Some(label)) = (m.get(0), m.get(1))
    {
        return made(ROMAN, &label.as_str().to_uppercase(), all.len() - 1);
    }
    if let Some(m) = re!(r"^([a-h]) ?[./)] ?[a-z0-9]").captures(folded)
        && first_upper
        && text.capitals() > 0.6
        && let (Some(all), Some(_)) = (m.get(0), m.get(1))
        && let Some(label) = text.first_alnum()
    {
        return made(SECTION, &label.to_string(), all.len() - 1);
    }
    if let Some(m) = re!(r"^(?:dieu|muc) (\d{1,2}) ?[.:] ?").captures(folded)
        && let (Some(all), Some(label)) = (m.get(0), m.get(1))
    {
        return made(ARTICLE, label.as_str(), all.len());
    }
    if let Some(m) = re!(r#"^(\d{1,2}(?:\.\d{1,2}){0,3}) ?(?:[.)] ?|[/-] )[a-z"(~]"#).captures(folded)
        .or_else(|| re!(r#"^(\d{1,2}(?:\.\d{1,2}){1,3}) [a-z"]"#).captures(folded))
        && let (Some(all), Some(label)) = (m.get(0), m.get(1))
        // "24/7", "2.b" are no items.
        && !re!(r"^\d+[/-]\d").is_match(folded)
    {
        let depth = label.as_str().matches('.').count() as u8;
        return made(NUMBER + depth.min(1), label.as_str(), all.len() - 1);
    }
    if let Some(m) = re!(r"^\(?([a-z]) ?[)] ?|^([a-z])[./] ").captures(folded)
        && !first_upper
        && let Some(all) = m.get(0)
        && let Some(label) = m.get(1).or_else(|| m.get(2))
        && let Some(written) = text.char_at(label.start())
    {
        return made(LETTER, &written.to_string(), all.len());
    }
    if let Some(m) = re!(r"^(?:thu )?(nhat|mot|hai|ba|bon|tu|nam|sau|bay|tam|chin|muoi)(?: la)?[,:] ?[a-z]")
        .captures(folded)
        && first_upper
        && let (Some(all), Some(word)) = (m.get(0), m.get(1))
        && let Some(number) = ORDINALS.iter().position(|of| of.split(' ').any(|w| w == word.as_str()))
        && (folded.starts_with("thu ") || folded.contains(" la"))
    {
        return made(NUMBER, &(number + 1).to_string(), all.len() - 1);
    }
    // A scan sometimes reads a dash as a tilde; what stands for an ellipsis among folded letters is none.
    if let Some(m) = re!(r"^(?:[-*] ?|~ )").find(folded)
        && (text.char_at(0) == Some('~') || !folded.starts_with('~'))
        && folded.len() > m.len()
    {
        return made(DASH, "", m.len());
    }
    if let Some(m) = re!(r"^[+] ?").find(folded)
        && folded.len() > m.len()
    {
        return made(PLUS, "", m.len());
    }
    None
}

/// Puts wrapped lines together again.
pub(crate) fn paragraphs(lines: &[Line], width: usize) -> Vec<Paragraph> {
    let mut out: Vec<Paragraph> = Vec::new();
    let mut last_len = 0;
    let mut table: Option<Table> = None;
    for (at, line) in lines.iter().enumerate() {
        let text = &line.text;
        if let Some(columns) = Table::of(line) {
            table = Some(columns);
            continue;
        }
        if let Some(paragraph) = table.as_ref().and_then(|table| table.row(line)) {
            out.push(paragraph);
            last_len = 0;
            continue;
        }
        table = table.filter(|table| line.cells.len() > 1 && !matches!(table, Table::Flat));
        let ended = |p: &Paragraph| p.text.folded().trim_end().ends_with(['.', ';', ':']);
        let mark = mark(text).or_else(|| comma_mark(text).filter(|_| out.last().is_some_and(ended)));
        if let Some(before) = out.last_mut()
            && before.row.is_none()
            && !before.listed
            && continues(before, last_len, text, mark.as_ref(), line.after_gap, width)
            && !(mark.as_ref().is_some_and(|mark| mark.rank == DASH) && dashes_follow(lines, at))
        {
            before.text.join(text);
        } else {
            out.push(Paragraph { text: text.clone(), mark, row: None, listed: false });
        }
        last_len = text.len();
    }
    out
}

/// Whether the dash of a line is one of several: a list, no name that happened to be wrapped at its dash.
fn dashes_follow(lines: &[Line], at: usize) -> bool {
    let next = lines.iter().skip(at + 1).take(LIST_LINES).find_map(|line| mark(&line.text));
    next.is_some_and(|next| next.rank == DASH)
}

/// Lines that one item of a list may take.
const LIST_LINES: usize = 8;

fn continues(
    before: &Paragraph,
    last_len: usize,
    line: &Text,
    mark: Option<&Mark>,
    gap: bool,
    width: usize,
) -> bool {
    let heads = before.mark.is_some() && before.text.len() == last_len;
    let before = &before.text;
    let ended = before.folded().trim_end_matches(['"', ' ', ')']).ends_with(['.', ';', ':', '!', '?']);
    let full = width == usize::MAX && last_len > 60 || width != usize::MAX && last_len * 10 >= width * 6;
    // What would have found room on the heading's line was not wrapped: it begins anew.
    let (words, share) = if mark.is_some() { (2, 95) } else { (1, 80) };
    let first: usize = line.folded().split(' ').take(words).map(|word| word.len() + 1).sum();
    let full = full && !(heads && width != usize::MAX && (last_len + first) * 100 < width * share);
    // A telephone number broken behind its area: "0293.⏎3878.125".
    if mark.is_none()
        && !gap
        && re!(r"\b0[0-9]{2,3}[.-]$").is_match(before.folded())
        && re!(r"^[0-9]{3}").is_match(line.folded())
    {
        return true;
    }
    let small =
        line.first_alnum().is_some_and(|c| c.is_lowercase()) && !line.folded().starts_with(['-', '+']);
    if let Some(mark) = mark {
        // A dash inside a name that happens to be wrapped there: "Phòng Hạ tầng⏎- An toàn thông tin".
        return mark.rank == DASH
            && !gap
            && !ended
            && full
            && width != usize::MAX
            && last_len * 10 >= width * 8
            && !before.folded().ends_with([',', '/']);
    }
    if small {
        return true;
    }
    // A number or bracket carried over to the next line.
    if !gap && full && re!(r"^\(?[0-9]").is_match(line.folded()) && before.folded().ends_with([':', ',']) {
        return true;
    }
    // What closes the paper begins anew even where the scan lost the stop before it.
    let closes = re!(r"^(trong qua trinh (trien khai|thuc hien)|khi trien khai|trong truong hop|moi (kho khan|vuong mac)|kho khan, vuong mac|tren day la)").is_match(line.folded());
    if gap || closes { false } else { !ended && full }
}

/// Numbers the paragraphs into items.
pub(crate) fn body(mut paragraphs: Vec<Paragraph>) -> Body {
    number_plain(&mut paragraphs);
    number_below(&mut paragraphs);
    let mut body = Body::default();
    let mut stack: Vec<usize> = Vec::new();
    let numbered = |p: &Paragraph| p.mark.as_ref().is_some_and(|m| m.rank < DASH);
    let first_numbered = paragraphs.iter().position(numbered);
    let last_marked = match first_numbered {
        Some(_) => paragraphs.iter().rposition(numbered),
        None => paragraphs.iter().rposition(|p| p.mark.is_some()),
    };
    let mut enclosing = false;
    let mut offering = false;
    for (at, paragraph) in paragraphs.into_iter().enumerate() {
        if paragraph.listed {
            body.listed.push(paragraph.text);
            continue;
        }
        let Some(mark) = paragraph.mark else {
            enclosing = re!(r"(kem theo|gui kem|dinh kem)[a-z ]{0,20} ?:$").is_match(paragraph.text.folded());
            let unfinished =
                body.closing.last().is_some_and(|last| last.folded().trim_end().ends_with([':', ',']));
            match body.items.last_mut() {
                None => body.opening.push(paragraph.text),
                Some(_) if unfinished => {
                    if let Some(last) = body.closing.last_mut() {
                        last.join(&paragraph.text);
                    }
                }
                Some(_) if !body.closing.is_empty() && last_marked.is_none_or(|last| last <= at) => {
                    body.closing.push(paragraph.text);
                }
                Some(item) => {
                    let heading = !item.text.folded().trim_end().ends_with(['.', ';'])
                        && item.text.len() == item.head.len();
                    let later = last_marked.is_some_and(|last| last > at);
                    if (heading || later) && !is_closing(&paragraph.text) || later && item.text.len() < 4000 {
                        item.text.join(&paragraph.text);
                    } else {
                        body.closing.push(paragraph.text);
                    }
                }
            }
            continue;
        };
        let text = paragraph.text.sub(mark.len..paragraph.text.len()).trimmed();
        if mark.rank >= DASH && enclosing {
            body.enclosed.push(text);
            continue;
        }
        // "Đầu mối liên hệ:" and dashes behind it, after the last number: whom to call, nothing ordered.
        let calls =
            |text: &Text| re!(r"(lien he|dau moi|thong tin|ho tro|dien thoai)").is_match(text.folded());
        let behind = mark.rank >= DASH && last_marked.is_none_or(|last| last <= at);
        offering = behind
            && (offering
                || body
                    .closing
                    .last()
                    .is_some_and(|last| last.folded().trim_end().ends_with(':') && calls(last)));
        if offering {
            body.closing.push(text);
            continue;
        }
        // Dashes before the first number belong to what leads in (a list of weaknesses, of reasons).
        if mark.rank >= DASH && first_numbered.is_some_and(|first| at < first) {
            body.opening.push(text);
            continue;
        }
        if body.items.len() >= MAX_ITEMS {
            break;
        }
        // A section without a title of its own that begins again from I or 1 after the closing stays an item.
        while let Some(top) = stack.last().and_then(|at| body.items.get(*at)) {
            if top.rank >= mark.rank {
                stack.pop();
            } else {
                break;
            }
        }
        let parent = stack.last().copied();
        let label = if mark.rank >= DASH {
            (count_children(&body.items, parent, mark.rank) + 1).to_string()
        } else {
            second_d(&body.items, parent, mark.label.clone())
        };
        let path = match parent.and_then(|at| body.items.get(at)) {
            None => label,
            Some(above) => {
                // "2.1" under "2" is already complete but for what stands above "2".
                let tail = above.path.rsplit('.').next().unwrap_or_default();
                match label.strip_prefix(&format!("{tail}.")) {
                    Some(rest) if mark.rank < LETTER => format!("{}.{rest}", above.path),
                    _ => format!("{}.{label}", above.path),
                }
            }
        };
        let aims = parent.and_then(|at| body.items.get(at)).is_some_and(|above| above.aims)
            || mark.rank <= NUMBER
                && re!(
                    r"^(muc dich|muc tieu|yeu cau:?$|quan diem|nguyen tac|danh gia|tinh hinh|can cu|pham vi)(\b|$)"
                )
                .is_match(text.folded())
                && text.len() < 60
                && !text.folded().contains("nhiem vu");
        if let Some(above) = parent.and_then(|at| body.items.get_mut(at)) {
            above.has_children = true;
        }
        stack.push(body.items.len());
        body.items.push(Item {
            path,
            parent,
            has_children: false,
            head: text.clone(),
            text,
            aims,
            row: paragraph.row,
            rank: mark.rank,
        });
    }
    number_through(&mut body.items);
    body
}

fn count_children(items: &[Item], parent: Option<usize>, rank: u8) -> usize {
    items.iter().filter(|item| item.parent == parent && item.rank == rank).count()
}
