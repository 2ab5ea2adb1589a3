//! Which events a logsource means, and under which names their fields go: data, `data/logsources.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rule::{LogSource, Rule, pattern::fold};

const BUILTIN: &str = include_str!("../../data/logsources.toml");

/// What must hold of an event: of every field one of the values.
pub type When = BTreeMap<String, Vec<String>>;

/// The data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Where shippers put fields before their names.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Fields of shippers by the names rules use.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
    /// Events in which fields have other names.
    #[serde(default, rename = "view")]
    pub views: Vec<View>,
    #[serde(default, rename = "source")]
    rows: Vec<Row>,
    /// Windows' services by their channels.
    #[serde(default)]
    channels: BTreeMap<String, Vec<String>>,
}

/// Events in which fields have other names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Which.
    pub when: When,
    /// Their names to the names rules use.
    pub rename: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    product: Option<String>,
    category: Option<String>,
    service: Option<String>,
    any: Vec<When>,
}

/// The data does not hold together.
#[derive(Debug, thiserror::Error)]
#[error("the table of logsources: {0}")]
pub struct Unreadable(#[from] toml::de::Error);

impl Sources {
    /// The data that comes with the program.
    pub fn builtin() -> Sources {
        // A test reads it: it cannot fail afterwards.
        Sources::read(BUILTIN).unwrap_or_else(|_| Sources {
            prefixes: Vec::new(),
            rename: BTreeMap::new(),
            views: Vec::new(),
            rows: Vec::new(),
            channels: BTreeMap::new(),
        })
    }

    /// Reads a table.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(text: &str) -> Result<Sources, Unreadable> {
        Ok(toml::from_str(text)?)
    }

    /// Whether the table knows this logsource.
    pub fn knows(&self, source: &LogSource) -> bool {
        let LogSource { product, category, service } = source;
        if category.is_none() && service.is_none() {
            return product.is_none() || product.as_deref().is_some_and(|p| self.product(p));
        }
        (category.is_none() || self.row(source, true).is_some())
            && (service.is_none() || self.row(source, false).is_some())
    }

    fn product(&self, product: &str) -> bool {
        self.rows.iter().any(|row| row.product.as_deref() == Some(product))
    }

    fn row(&self, source: &LogSource, category: bool) -> Option<Vec<When>> {
        let fits = |row: &&Row| {
            (row.product.is_none() || row.product == source.product)
                && if category {
                    row.category.is_some() && row.category == source.category && row.service.is_none()
                } else {
                    row.service.is_some() && row.service == source.service && row.category.is_none()
                }
        };
        if let Some(row) = self.rows.iter().find(fits) {
            return Some(row.any.clone());
        }
        let channels = self.channels.get(source.service.as_deref()?)?;
        let windows = source.product.as_deref() == Some("windows") && !category;
        windows.then(|| vec![BTreeMap::from([("Channel".to_owned(), channels.clone())])])
    }

    /// What must hold of an event before a rule is looked at: any of these.
    pub fn gates(&self, rule: &Rule) -> Vec<When> {
        let source = &rule.source;
        let mut all: Vec<Vec<When>> = Vec::new();
        if self.knows(source) {
            for category in [true, false] {
                let named = if category { &source.category } else { &source.service };
                if named.is_some()
                    && let Some(any) = self.row(source, category)
                {
                    all.push(any);
                }
            }
            if let Some(product) = source.product.as_deref().filter(|p| self.product(p))
                && all.is_empty()
            {
                all.push(vec![one("@product", &[product])]);
            }
        } else {
            let product = source.product.as_deref().unwrap_or("");
            all.push(vec![one("@product", &["", product])]);
        }
        for (field, values) in &rule.gates {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            all.push(vec![one(field, &values)]);
        }
        let mut out = vec![When::new()];
        for any in all {
            out = out.iter().flat_map(|so_far| any.iter().filter_map(|more| both(so_far, more))).collect();
        }
        out
    }
}

fn one(field: &str, values: &[&str]) -> When {
    BTreeMap::from([(field.to_owned(), values.iter().map(|v| (*v).to_owned()).collect())])
}

/// Both at once; nothing where they shut each other out.
fn both(a: &When, b: &When) -> Option<When> {
    let mut out = a.clone();
    for (field, values) in b {
        match out.get_mut(field) {
            None => drop(out.insert(field.clone(), values.clone())),
            Some(own) => own.retain(|v| values.iter().any(|w| same(v, w))),
        }
        if out.get(field).is_some_and(Vec::is_empty) {
            return None;
        }
    }
    Some(out)
}

/// Whether two texts are one but for case.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.eq_ignore_ascii_case(b)
        || (!a.is_ascii() && a.chars().map(fold).eq(b.chars().map(fold)))
}

/// Whether an event is what a gate means, looked at the plain way.
pub fn holds<V: AsRef<str>>(when: &When, mut value: impl FnMut(&str) -> V) -> bool {
    when.iter().all(|(field, values)| {
        let own = value(field);
        values.iter().any(|v| same(v, own.as_ref()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(product: &str, category: &str, service: &str) -> LogSource {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        LogSource { product: some(product), category: some(category), service: some(service) }
    }

    fn gates(product: &str, category: &str, service: &str) -> Vec<When> {
        Sources::builtin().gates(&Rule { source: source(product, category, service), ..Rule::default() })
    }

    #[test]
    fn the_table_that_comes_along_is_whole() {
        Sources::read(BUILTIN).unwrap();
        let known = gates("windows", "process_creation", "");
        assert_eq!(known.len(), 2, "Sysmon 1 and Security 4688");
        assert_eq!(gates("windows", "", "security")[0]["Channel"], ["Security"]);
        assert_eq!(gates("windows", "", "")[0]["@product"], ["windows"]);
    }

    #[test]
    fn category_and_service_must_both_hold() {
        let both = gates("windows", "process_creation", "sysmon");
        assert_eq!(both.len(), 1, "Security 4688 is not of Sysmon's channel");
        assert_eq!(both[0]["EventID"], ["1"]);
    }

    #[test]
    fn what_nobody_knows_meets_its_own_product_and_the_unknown() {
        assert_eq!(gates("okta", "", "okta")[0]["@product"], ["", "okta"]);
        assert_eq!(gates("", "", ""), [When::new()], "no logsource: any event");
    }
}
