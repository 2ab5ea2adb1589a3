//! Sentences of a paragraph, and paragraphs that close a paper.

use crate::pattern::re;
use crate::text::Text;
use std::ops::Range;

/// Whether an unnumbered paragraph closes the paper rather than continuing an item.
pub(crate) fn is_closing(text: &Text) -> bool {
    re!(r"^(trong qua trinh|qua trinh|trong truong hop|truong hop|khi trien khai|moi |thong tin (lien he|trao doi|chi tiet|ho tro|phan hoi)|dau moi |moi thong tin|lien he|gui kem|kem theo|mong |so |ubnd |uy ban |kho khan|tren day|thong tin lien he|dau moi lien he|tran trong|rat mong|de nghi|yeu cau|nhan duoc|can cu noi dung|chi thi nay|cong dien nay|ke hoach nay|thong bao nay|quyet dinh nay|giao |neu (co|can)|can (ho tro|trao doi|giai dap|lien he)|khi can |vay )")
        .is_match(text.folded())
}

/// The ranges of the sentences of a text.
pub(crate) fn sentences(text: &Text) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for m in re!(r"[.;!?] +").find_iter(text.folded()) {
        let next_capital = text.char_at(m.end()).is_some_and(|c| c.is_uppercase() || c == '-');
        let abbreviation =
            re!(r"(^|[^a-z])(tp|tt|ts|ks|ths|pgs|gs|bs|mr|ong|ba|st|d/c|so|kt|tm|tl|tx|vt)\.$")
                .is_match(text.folded_at(start..m.start() + 1));
        if (m.as_str().starts_with(';') || next_capital) && !abbreviation {
            out.push(start..m.start() + 1);
            start = m.end();
        }
    }
    if start < text.len() {
        out.push(start..text.len());
    }
    out
}
