//! What is asked of a board: filters, order, view; and the same again as addresses.

use domain::{
    actor::Scope,
    board::{Filter, Sort},
    body::BodyKind,
    id::{Id, kind},
};
use serde::Deserialize;
use store::{Sql, StoreError, board};

use super::state;

/// The query of a board's address. What cannot be read is left out: an old link still opens.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Ask {
    /// Part of a name.
    #[serde(default)]
    pub q: String,
    /// Kind of body.
    #[serde(default)]
    pub kind: String,
    /// State: its letter or name.
    #[serde(default)]
    pub s: String,
    /// Duty code.
    #[serde(default)]
    pub duty: String,
    /// Only this body and those below it.
    #[serde(default)]
    pub under: String,
    /// `1`: only what is open.
    #[serde(default)]
    pub open: String,
    /// `1`: only what is overdue.
    #[serde(default)]
    pub late: String,
    /// `name`, `-name`, a duty code, or `-CODE`; worst first without.
    #[serde(default)]
    pub sort: String,
    /// `1`: for a wall.
    #[serde(default)]
    pub wall: String,
    /// Which page of rows, or `all`; programs get all rows.
    #[serde(default)]
    #[param(ignore)]
    pub page: String,
}

impl Ask {
    /// The filter. The subtree is read from the records, within the scope.
    pub(crate) async fn filter(&self, sql: &mut Sql, scope: &Scope) -> Result<Filter, StoreError> {
        let under: Option<Id<kind::Body>> = self.under.parse().ok();
        Ok(Filter {
            kind: BodyKind::parse(&self.kind),
            state: state::parse(&self.s),
            code: Some(self.duty.clone()).filter(|d| !d.is_empty()),
            text: self.q.clone(),
            bodies: match under {
                Some(top) => Some(board::bodies_under(sql, scope, top).await?),
                None => None,
            },
            open: self.open == "1",
            overdue: self.late == "1",
        })
    }

    /// The order.
    pub(crate) fn order(&self) -> Sort {
        let (back, key) = match self.sort.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, self.sort.as_str()),
        };
        match key {
            "" => Sort::Worst,
            "name" => Sort::Name(back),
            code => Sort::Duty(code.to_owned(), back),
        }
    }

    /// Whether anything is filtered.
    pub(crate) fn narrows(&self) -> bool {
        [&self.q, &self.kind, &self.s, &self.duty, &self.under, &self.open, &self.late]
            .iter()
            .any(|v| !v.is_empty())
    }

    /// The address with one parameter changed; an empty value takes it away. Another order or filter begins with its
    /// first page, unless all rows are wanted.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let page = if self.page == "all" { "all" } else { "" };
        let mut out = form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
        for (n, v) in [
            ("q", self.q.as_str()),
            ("kind", &self.kind),
            ("s", &self.s),
            ("duty", &self.duty),
            ("under", &self.under),
            ("open", &self.open),
            ("late", &self.late),
            ("sort", &self.sort),
            ("wall", &self.wall),
            ("page", page),
        ] {
            let v = if n == name { value } else { v };
            if !v.is_empty() {
                out.append_pair(n, v);
            }
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_was_asked_before() {
        let ask = Ask { q: "xã & phường".into(), sort: "-VFIX".into(), ..Ask::default() };
        assert_eq!(ask.with("sort", "name"), "?q=x%C3%A3+%26+ph%C6%B0%E1%BB%9Dng&sort=name");
        assert_eq!(ask.with("q", ""), "?sort=-VFIX");
        assert_eq!(ask.order(), Sort::Duty("VFIX".into(), true));
    }

    #[test]
    fn another_order_begins_with_its_first_page_unless_all_rows_are_wanted() {
        let ask = |page: &str| Ask { s: "n".into(), page: page.into(), ..Ask::default() };
        assert_eq!(ask("3").with("page", "4"), "?s=n&page=4");
        assert_eq!(ask("3").with("sort", "name"), "?s=n&sort=name");
        assert_eq!(ask("all").with("sort", "name"), "?s=n&sort=name&page=all");
        assert_eq!(ask("all").with("page", ""), "?s=n");
    }
}
