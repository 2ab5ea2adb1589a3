//! Warnings: what a letter, or an agency by hand, warns of, item by item, before it is looked up.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    order::{Paper, Vulnerability},
    text::fold,
};

/// At most so many flaws of one warning by number: a letter has tens, a vendor's quarter hundreds.
pub const FLAWS_MAX: usize = 5000;
/// At most so many characters of a title.
pub const TITLE_MAX: usize = 300;

/// One thing warned of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Item {
    /// Flaws by number, perhaps under a name.
    Flaws {
        /// `Spring4Shell`.
        name: Option<String>,
        /// CVE numbers, in capitals.
        numbers: Vec<String>,
    },
    /// What a vendor mended in some months.
    Months {
        /// The vendor.
        vendor: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// `low`, `medium`, `high`, `critical`; all if empty.
        severities: Vec<String>,
    },
    /// Everything the same body warned of before.
    All,
}

/// A warning as a letter gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Warned {
    /// Item by item.
    pub items: Vec<Item>,
    /// "như: …": the list is not complete, and never counts as such.
    pub open: bool,
}

impl Warned {
    /// What a paper warns of. `quotes` are the words of its duties to review and to mend; `open` whether its reading says
    /// that its list is left open.
    #[must_use]
    pub fn of(paper: &Paper, quotes: &[&str], open: bool) -> Self {
        let mut items: Vec<Item> = paper.vulnerabilities.iter().filter_map(item).collect();
        if quotes.iter().any(|q| is_all(q)) && !items.contains(&Item::All) {
            items.push(Item::All);
        }
        Self { items, open }
    }
}

fn item(read: &Vulnerability) -> Option<Item> {
    if let Some(vendor) = read.vendor.as_ref().filter(|_| read.cves.is_empty()) {
        let (from, to) = (read.from.as_deref()?, read.to.as_deref().or(read.from.as_deref())?);
        let from = format!("{from}-01").parse::<Date>().ok()?;
        let to = format!("{to}-01").parse::<Date>().ok()?.last_of_month();
        let severities = read.severities.clone();
        return (from <= to).then(|| Item::Months { vendor: vendor.clone(), from, to, severities });
    }
    let numbers: Vec<String> = read.cves.iter().filter_map(|n| number(n)).collect();
    (!numbers.is_empty()).then(|| Item::Flaws { name: read.name.clone(), numbers })
}

/// "các lỗ hổng, điểm yếu đã được … cảnh báo": all that was warned about, not only what is named.
fn is_all(quote: &str) -> bool {
    let words = fold(quote);
    words.match_indices("da duoc ").any(|(at, _)| {
        let rest: String = words.get(at..).unwrap_or_default().chars().take(120).collect();
        rest.split([';', '.']).next().is_some_and(|clause| clause.contains("canh bao"))
    })
}

/// A CVE number in one writing; nothing else is one.
#[must_use]
pub fn number(text: &str) -> Option<String> {
    let upper = text.trim().to_uppercase().replace('\u{2013}', "-");
    let (year, rest) = upper.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    (year.len() == 4 && digits(year) && (4..=7).contains(&rest.len()) && digits(rest)).then_some(upper)
}

/// The CVE numbers in a text that a person typed or pasted, each once, in their order; and the words that are none.
#[must_use]
pub fn numbers(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut found, mut odd) = (Vec::new(), Vec::new());
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|w| !w.is_empty()) {
        match number(word) {
            Some(number) if !found.contains(&number) => found.push(number),
            Some(_) => {}
            None => odd.push(word.to_owned()),
        }
    }
    (found, odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_letter_names_becomes_items() {
        let months = Vulnerability {
            vendor: Some("Microsoft".into()),
            from: Some("2022-01".into()),
            to: Some("2022-04".into()),
            severities: vec!["high".into(), "critical".into()],
            ..Vulnerability::default()
        };
        let named = Vulnerability {
            name: Some("Spring4Shell".into()),
            cves: vec!["cve-2022-22965".into()],
            ..Vulnerability::default()
        };
        let paper = Paper { vulnerabilities: vec![months, named], ..Paper::default() };
        let quotes = ["khắc phục triệt để các lỗ hổng, điểm yếu đã được Cục An toàn thông tin cảnh báo"];
        let warned = Warned::of(&paper, &quotes, true);
        assert_eq!(
            warned.items,
            [
                Item::Months {
                    vendor: "Microsoft".into(),
                    from: jiff::civil::date(2022, 1, 1),
                    to: jiff::civil::date(2022, 4, 30),
                    severities: vec!["high".into(), "critical".into()],
                },
                Item::Flaws { name: Some("Spring4Shell".into()), numbers: vec!["CVE-2022-22965".into()] },
                Item::All,
            ]
        );
        assert!(warned.open);
        assert!(Warned::of(&paper, &["rà soát các lỗ hổng"], false).items.iter().all(|i| *i != Item::All));
    }

    #[test]
    fn numbers_are_told_from_other_words() {
        let (found, odd) = numbers("CVE-2024-30080, cve-2024-30080;\nCVE-2022-22965 Log4Shell CVE-24-1");
        assert_eq!(found, ["CVE-2024-30080", "CVE-2022-22965"]);
        assert_eq!(odd, ["Log4Shell", "CVE-24-1"]);
    }
}
