//! Microsoft's products by exact name, in one writing.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A product of Microsoft's. Two writings of one name are one product; nothing else is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Product(Arc<str>);

impl Product {
    /// From the name as an advisory or a report writes it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut key: String = name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        key = key.replace("microsoft windows", "windows");
        // The first release of Windows 11 was called without it.
        if let Some(rest) = key.strip_prefix("windows 11 for ") {
            key = format!("windows 11 version 21h2 for {rest}");
        }
        // Servers from 2012 on exist for one architecture, and are named with or without.
        if key.starts_with("windows server 20") && !key.starts_with("windows server 2008") {
            key = key.replace(" for x64-based systems", "");
        }
        Self(key.into())
    }

    /// The name in one writing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A Windows itself, not something on it.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        self.0.starts_with("windows ")
            && !self.0.contains(" on windows")
            && [
                "windows 1",
                "windows 7",
                "windows 8",
                "windows server",
                "windows rt",
                "windows vista",
                "windows xp",
            ]
            .iter()
            .any(|name| self.0.starts_with(name))
    }

    /// The same without the note that it is a Server Core.
    #[must_use]
    pub fn full(&self) -> Self {
        Self(self.0.replace(" (server core installation)", "").into())
    }

    /// Of `… on Windows …`, what comes first.
    #[must_use]
    pub fn own_name(&self) -> &str {
        self.0.split(" on windows").next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Product {
    fn from(name: String) -> Self {
        Self::new(&name)
    }
}

impl From<Product> for String {
    fn from(product: Product) -> Self {
        product.0.to_string()
    }
}
