//! Numbers that a paper leaves out, and numbers that go on through its sections.

use crate::items::{Item, Mark, Paragraph, is_closing};
use crate::pattern::re;

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
