//! What the two lists of this section ask for and show alike: words, state, order, page.

use serde::Deserialize;

use crate::Page;

/// Rows on a page.
pub(super) const PER_PAGE: usize = 50;
/// Rows of a CSV: what a table program still opens; more is a matter for the API.
pub(super) const CSV_MAX: usize = 10_000;

/// What is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub q: String,
    pub state: String,
    pub sort: String,
    /// The page, from 1 on.
    pub page: usize,
}

/// The foot and the heads of a list.
pub(super) struct Pager {
    /// `q=…&state=…&`: what a head that sorts keeps.
    pub query: String,
    pub sort: String,
    pub csv: String,
    pub said: String,
    pub prev: String,
    pub next: String,
}

impl Asked {
    /// Rows on the pages before.
    pub fn skip(&self) -> usize {
        self.page.saturating_sub(1).saturating_mul(PER_PAGE)
    }

    fn query(&self, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [("q", self.q.as_str()), ("state", self.state.as_str())];
        for (key, value) in all.iter().chain(more).filter(|(_, v)| !v.is_empty()) {
            query.append_pair(key, value);
        }
        query.finish()
    }

    /// The links of a page on which `found` rows were found, one more than it shows if there is another page.
    /// `csv`: the address of the same list as a file; `first`: the order where none was asked for.
    pub fn pager(&self, p: &Page, found: usize, csv: &str, first: &str) -> Pager {
        let here = self.page.max(1);
        let sorted = [("sort", self.sort.as_str())];
        let at = |page: usize| {
            let page = page.to_string();
            format!("?{}", self.query(&[("sort", self.sort.as_str()), ("page", page.as_str())]))
        };
        let kept = self.query(&[]);
        let shown = found.min(PER_PAGE);
        Pager {
            query: if kept.is_empty() { kept } else { format!("{kept}&") },
            sort: if self.sort.is_empty() { first.to_owned() } else { self.sort.clone() },
            csv: format!("{csv}?{}", self.query(&sorted)),
            said: p.t2("order-rows", "from", self.skip() + usize::from(shown > 0), "to", self.skip() + shown),
            prev: if here > 1 { at(here - 1) } else { String::new() },
            next: if found > PER_PAGE { at(here + 1) } else { String::new() },
        }
    }
}

impl Pager {
    /// Whether there is more than this page.
    pub fn many(&self) -> bool {
        !(self.prev.is_empty() && self.next.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_what_was_asked_for() {
        let asked = Asked { q: "an ninh".into(), sort: "-name".into(), page: 3, ..Asked::default() };
        assert_eq!(asked.skip(), 100);
        assert_eq!(asked.query(&[("sort", "-name"), ("page", "4")]), "q=an+ninh&sort=-name&page=4");
        assert_eq!(Asked::default().skip(), 0);
    }
}
