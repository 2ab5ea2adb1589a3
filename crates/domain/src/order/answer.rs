//! Whether a unit's own letter acknowledges an order: it comes from the unit, is signed, and refers to the order.

use serde::{Deserialize, Serialize};

use super::Paper;
use crate::text::fold;

/// What the order is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderMarks {
    /// Its number, unless the paper leaves it blank.
    pub number: Option<String>,
    /// Its symbol.
    pub symbol: Option<String>,
    /// What it is about; looked for only when it has neither.
    pub subject: Option<String>,
}

/// Why a letter cannot stand for an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// It names another issuer, or none.
    OtherIssuer,
    /// It does not name the order.
    OtherOrder,
    /// Nobody signed it.
    Unsigned,
}

/// Everything that speaks against taking `paper`, whose whole text is `text`, as the acknowledgement of an order by a
/// body with those `names` (official ones and aliases). Empty: nothing does; a person still confirms.
pub fn doubts(paper: &Paper, text: &str, names: &[String], order: &OrderMarks) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let issuer = paper.issuer.as_deref().map(fold).unwrap_or_default();
    if issuer.is_empty() || !names.iter().any(|n| words(&fold(n)) == words(&issuer)) {
        doubts.push(Doubt::OtherIssuer);
    }
    if !refers(paper, text, order) {
        doubts.push(Doubt::OtherOrder);
    }
    if paper.signer.as_ref().and_then(|s| s.name.as_deref()).is_none_or(|n| n.trim().is_empty()) {
        doubts.push(Doubt::Unsigned);
    }
    doubts
}

fn refers(paper: &Paper, text: &str, order: &OrderMarks) -> bool {
    let tight = |t: &str| fold(t).split_whitespace().collect::<String>();
    let mark = match (&order.number, &order.symbol) {
        (Some(number), Some(symbol)) => tight(&format!("{number}/{symbol}")),
        (None, Some(symbol)) => tight(symbol),
        // A number alone stands in every letter.
        _ => {
            let subject = order.subject.as_deref().map(fold).unwrap_or_default();
            return !subject.is_empty() && words(&fold(text)).contains(&words(&subject));
        }
    };
    let named = |t: &str| {
        let t = tight(t);
        t.match_indices(&mark).any(|(at, _)| {
            // 12/UBND-VX is not 112/UBND-VX, nor 12/UBND-VX2.
            let (head, tail) = (t.get(..at).unwrap_or(""), t.get(at + mark.len()..).unwrap_or(""));
            !head.ends_with(|c: char| c.is_ascii_digit()) && !tail.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    paper.basis.iter().any(|b| named(&b.reference)) || named(text)
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Signer;

    fn paper(issuer: &str) -> Paper {
        Paper {
            issuer: Some(issuer.into()),
            signer: Some(Signer { name: Some("Lê Văn Hùng".into()), ..Signer::default() }),
            ..Paper::default()
        }
    }
    fn order() -> OrderMarks {
        OrderMarks { number: Some("12".into()), symbol: Some("CAT-PA05".into()), subject: None }
    }

    #[test]
    fn the_units_signed_letter_that_names_the_order_is_taken() {
        let names = vec!["Ủy ban nhân dân xã Hòa Lộc".to_owned(), "UBND xã Hòa Lộc".to_owned()];
        let text = "Thực hiện Công văn số 12/CAT-PA05 ngày 20/01/2027, UBND xã đã quán triệt.";
        assert_eq!(doubts(&paper("UBND XÃ HÒA LỘC"), text, &names, &order()), []);
        assert_eq!(doubts(&paper("UBND XÃ HÒA LỢI"), text, &names, &order()), [Doubt::OtherIssuer]);
        let other = text.replace("12/", "112/");
        assert_eq!(doubts(&paper("UBND xã Hòa Lộc"), &other, &names, &order()), [Doubt::OtherOrder]);
        let unsigned = Paper { signer: None, ..paper("UBND xã Hòa Lộc") };
        assert_eq!(doubts(&unsigned, text, &names, &order()), [Doubt::Unsigned]);
        assert_eq!(doubts(&Paper::default(), "", &names, &order()).len(), 3);
    }

    #[test]
    fn an_order_without_a_number_is_named_by_its_symbol_or_subject() {
        let names = vec!["Sở Y tế".to_owned()];
        let blank = OrderMarks { number: None, ..order() };
        assert_eq!(doubts(&paper("Sở Y tế"), "Công văn số … /CAT-PA05", &names, &blank), []);
        let subject = OrderMarks {
            subject: Some("bảo đảm an ninh mạng dịp Tết".into()),
            ..OrderMarks::default()
        };
        assert_eq!(doubts(&paper("Sở Y tế"), "v/v bảo đảm an ninh mạng  dịp Tết", &names, &subject), []);
        assert_eq!(
            doubts(&paper("Sở Y tế"), "v/v khác", &names, &OrderMarks::default()),
            [Doubt::OtherOrder]
        );
    }
}
