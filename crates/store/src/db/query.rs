//! Queries with optional filters: put together from literals, bound values and rights.

use domain::{actor::Scope, right::Right};

use super::{Arg, Row, Sql};
use crate::StoreError;

/// Stands for a bound value until the engine is known.
const VALUE: char = '\u{1}';

/// A query being put together. `$1 is null or …` would defeat the index; absent filters are absent text instead.
pub struct Query {
    sql: String,
    args: Vec<Arg>,
}

impl Query {
    /// Starts with a literal.
    pub fn new(sql: &'static str) -> Self {
        Self { sql: sql.to_owned(), args: Vec::new() }
    }
    /// Adds a literal; a space goes before it.
    pub fn push(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push(' ');
        self.sql.push_str(sql);
        self
    }
    /// Adds the placeholder of a bound value.
    pub fn bind(&mut self, value: impl Into<Arg>) -> &mut Self {
        self.args.push(value.into());
        self.sql.push(' ');
        self.sql.push(VALUE);
        self
    }
    /// Adds `(v1, v2, …)`; an empty list becomes one that matches nothing.
    pub fn list(&mut self, values: impl IntoIterator<Item = impl Into<Arg>>) -> &mut Self {
        let before = self.args.len();
        self.sql.push_str(" (");
        for value in values {
            if self.args.len() > before {
                self.sql.push(',');
            }
            self.bind(value);
        }
        if self.args.len() == before {
            self.sql.push_str("null");
        }
        self.sql.push(')');
        self
    }
    /// Adds the one predicate of rights: the body in `column` lies in a subtree over which the scope holds `right`.
    pub fn visible(&mut self, scope: &Scope, right: Right, column: &'static str) -> &mut Self {
        match scope.tops(right) {
            None => self.push("1 = 1"),
            Some(tops) if tops.is_empty() => self.push("1 = 0"),
            Some(tops) => {
                self.push("exists (select 1 from body_closure seen where seen.below =").push(column);
                self.push("and seen.above in").list(tops).push(")")
            }
        }
    }
    /// The statement as an engine wants it. SQLite takes `$7` for a name and looks it up among all others, twice: with
    /// the thousands of values of one insert that is most of the work. A bare `?` has no name.
    fn text(&self, pg: bool) -> String {
        let mut text = String::with_capacity(self.sql.len() + self.args.len() * 4);
        for (n, part) in self.sql.split(VALUE).enumerate() {
            match (n, pg) {
                (0, _) => {}
                (n, true) => text.push_str(&format!("${n}")),
                (_, false) => text.push('?'),
            }
            text.push_str(part);
        }
        text
    }
    /// All rows.
    pub async fn rows(self, sql: &mut Sql) -> Result<Vec<Row>, StoreError> {
        sql.rows_text(self.text(sql.is_pg()), self.args).await
    }
    /// The first row, if there is one.
    pub async fn row(self, sql: &mut Sql) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql).await?.into_iter().next())
    }
    /// Runs it; returns how many rows it touched.
    pub async fn exec(self, sql: &mut Sql) -> Result<u64, StoreError> {
        sql.exec_text(self.text(sql.is_pg()), self.args).await
    }
}
