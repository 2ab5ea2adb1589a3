//! The yearly report on levels of systems as a paper: its counts, and the form with every system attached. Pure.

use crate::{
    model::{Attached, Column, Document, Facts, Form, Level, Part, Signature, Span, Table, compose},
    report::NO_DATA,
};

/// A column no wider than this holds figures.
const FIGURE: u16 = 5;

/// What the paper says.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// The body above the issuer, if its head names one.
    pub superior: Option<String>,
    /// Who reports.
    pub issuer: String,
    /// The symbol, without the number.
    pub symbol: String,
    /// Where it is issued.
    pub place: String,
    /// Lines of capacity.
    pub capacity: Vec<String>,
    /// Who signs.
    pub signer: String,
    /// *BÁO CÁO*.
    pub title: String,
    /// What it is about.
    pub subject: String,
    /// The form: *Mẫu số 08*.
    pub form: String,
    /// Its counts, worded.
    pub counts: Vec<(String, usize)>,
    /// Heads and widths of its columns.
    pub columns: Vec<(String, u16)>,
    /// Its lines.
    pub rows: Vec<Vec<String>>,
}

/// The paper; undated and without a number, both are the clerk's.
pub fn levels(of: &Levels) -> Document {
    let mut parts: Vec<Part> =
        of.counts.iter().map(|(title, n)| Part::item(Level::Clause, format!("{title}: {n}."))).collect();
    if of.rows.is_empty() {
        parts.push(Part::text(format!("Hệ thống thông tin: {NO_DATA}.")));
    } else {
        parts.push(Part::text("Từng hệ thống nêu tại biểu kèm theo."));
    }
    let column = |(at, (title, width)): (usize, &(String, u16))| match at {
        // The running number, and the level: one digit.
        0 => Column::figures(title.clone(), *width),
        _ if *width <= FIGURE => Column::figures(title.clone(), *width),
        _ => Column::words(title.clone(), *width),
    };
    let table = Table {
        columns: of.columns.iter().enumerate().map(column).collect(),
        rows: of.rows.iter().map(|row| row.iter().map(|c| Span::plain(c.clone())).collect()).collect(),
        dense: true,
        ..Table::default()
    };
    let attached = Attached { title: of.form.clone(), parts: vec![Part::Table(table)], landscape: true };
    compose(&Facts {
        superior: of.superior.clone(),
        issuer: of.issuer.clone(),
        symbol: of.symbol.clone(),
        place: of.place.clone(),
        form: Form::Titled { title: of.title.clone(), subject: of.subject.clone() },
        parts,
        copies: vec!["Như trên".into(), "Lưu: VT".into()],
        signature: Signature { capacity: of.capacity.clone(), name: of.signer.clone() },
        appendices: if of.rows.is_empty() { Vec::new() } else { vec![attached] },
        ..Facts::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_lies_across_with_every_system() {
        let of = Levels {
            issuer: "Sở Y tế".into(),
            title: "BÁO CÁO".into(),
            subject: "Công tác bảo đảm an ninh mạng theo cấp độ năm 2026".into(),
            form: "Mẫu số 08".into(),
            counts: vec![("Tổng số hệ thống thông tin".into(), 1)],
            columns: vec![("STT".into(), 4), ("Tên hệ thống thông tin".into(), 20)],
            rows: vec![vec!["1".into(), "Một cửa".into()]],
            ..Levels::default()
        };
        let document = levels(&of);
        let [appendix] = document.appendices.as_slice() else { panic!("one appendix") };
        assert!(appendix.landscape);
        assert_eq!(document.copies, ["- Lưu: VT."], "addressed to nobody, it is *như trên* to nobody");
        let text = format!("{document:?}");
        for says in ["MẪU SỐ 08", "Một cửa", "Tổng số hệ thống thông tin: 1"] {
            assert!(text.contains(says), "{says}");
        }
        let none = levels(&Levels { rows: vec![], ..of });
        assert!(none.appendices.is_empty() && format!("{none:?}").contains(NO_DATA));
    }
}
