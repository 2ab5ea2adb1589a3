//! Numbers that a paper leaves out, and numbers that go on through its sections.

use crate::items::{Item, Mark, Paragraph};
use crate::pattern::re;
use crate::sentences::is_closing;
use crate::text::Text;

/// Gives the paragraphs of a paper without any number or dash their numbers: those between "… yêu cầu:" and what closes.
pub(crate) fn number_plain(paragraphs: &mut [Paragraph]) {
    if paragraphs.iter().any(|p| p.mark.is_some() || p.row.is_some() || p.listed) {
        return;
    }
    let orders = |p: &Paragraph| {
        p.text.folded().trim_end().ends_with(':')
            && re!(r"(de nghi|yeu cau|thuc hien|trien khai|chi dao|noi dung|nhiem vu|bien phap|nhu sau)")
                .is_match(p.text.folded())
    };
    let Some(from) = paragraphs.iter().position(orders).map(|at| at + 1) else { return };
    let closing = paragraphs
        .iter()
        .rposition(|p| {
            let told = re!(r"^moi (su co|dau hieu|tinh huong)").is_match(p.text.folded());
            told || !is_closing(&p.text) && !re!(r"lien he|vuong mac|tran trong").is_match(p.text.folded())
        })
        .map_or(from, |at| at + 1);
    for (number, paragraph) in paragraphs.iter_mut().take(closing).skip(from).enumerate() {
        paragraph.mark = Some(Mark::number((number + 1).to_string()));
    }
}

/// "1. Các sở, ban, ngành⏎1. …⏎2. …⏎2. Công an tỉnh⏎1. …": a count that begins again right below a heading stands under it.
///
/// Where the list's next number is also the heading's next, an item without end of sentence before another "1." is a heading.
pub(crate) fn number_below(paragraphs: &mut [Paragraph]) {
    let number = |p: &Paragraph| p.mark.as_ref().and_then(Mark::plain_number);
    let heads = |p: &Paragraph| p.row.is_none() && !p.text.folded().trim_end().ends_with(['.', ';', '!']);
    let (mut outer, mut inner): (Option<u32>, Option<u32>) = (None, None);
    for at in 0..paragraphs.len() {
        let Some(here) = paragraphs.get(at) else { continue };
        if here.mark.as_ref().is_some_and(Mark::is_above) {
            (outer, inner) = (None, None);
            continue;
        }
        let Some(label) = number(here) else { continue };
        let headed = at.checked_sub(1).and_then(|above| paragraphs.get(above)).is_some_and(|above| {
            heads(above) && number(above).is_some_and(|of| outer == Some(of) && inner.is_none())
        });
        let begins = heads(here) && paragraphs.get(at + 1).and_then(number) == Some(1);
        let below = match inner {
            None => label == 1 && headed,
            Some(last) => label == last + 1 && !(begins && outer.is_some_and(|of| label == of + 1)),
        };
        inner = below.then_some(label);
        if below {
            if let Some(mark) = paragraphs.get_mut(at).and_then(|p| p.mark.as_mut()) {
                mark.lower();
            }
        } else {
            outer = Some(label);
        }
    }
}

/// "4, Hệ thống …": a scan's comma for the stop behind a number.
pub(crate) fn comma_mark(text: &Text) -> Option<Mark> {
    let m = re!(r"^([0-9]{1,2}), [a-z]").captures(text.folded())?;
    let (all, label) = (m.get(0)?, m.get(1)?);
    let capital = text.char_at(all.end() - 1).is_some_and(char::is_uppercase);
    capital.then(|| Mark::counted(label.as_str().to_owned(), all.len() - 1))
}

/// A second "d)" in a row is a "đ)" whose stroke a scan lost.
pub(crate) fn second_d(items: &[Item], parent: Option<usize>, label: String) -> String {
    let before = items.iter().rev().find(|item| item.parent == parent && item.is_letter());
    let again = label == "d" && before.is_some_and(|item| item.path.rsplit('.').next() == Some("d"));
    if again { "đ".to_owned() } else { label }
}

/// Numbers that go on through the sections ("I. … 1., 2. … II. … 3.") need no section before them.
pub(crate) fn number_through(items: &mut [Item]) {
    let section = |items: &[Item], item: &Item| {
        item.parent.filter(|at| items.get(*at).is_some_and(|p| p.parent.is_none() && p.is_section()))
    };
    let numbered: Vec<(usize, u32)> = items
        .iter()
        .filter(|item| item.is_number())
        .filter_map(|item| Some((section(items, item)?, item.path.rsplit('.').next()?.parse().ok()?)))
        .collect();
    let through = numbered.windows(2).all(|pair| matches!(pair, [(_, one), (_, next)] if one < next));
    let several = numbered.iter().any(|(at, _)| numbered.first().is_some_and(|(first, _)| first != at));
    if !(through && several) {
        return;
    }
    for index in 0..items.len() {
        let mut root = index;
        while let Some(parent) = items.get(root).and_then(|item| item.parent) {
            root = parent;
        }
        let prefix = items.get(root).map(|item| format!("{}.", item.path)).unwrap_or_default();
        if numbered.iter().any(|(at, _)| *at == root)
            && let Some(item) = items.get_mut(index)
            && let Some(rest) = item.path.strip_prefix(&prefix)
        {
            item.path = rest.to_owned();
        }
    }
}
