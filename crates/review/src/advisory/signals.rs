//! What is exploited (CISA's catalogue), and how likely the rest is to be (EPSS).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Feed;
use crate::inventory::{Refused, each_csv_row, text, walk};

/// Beside the advisories, by CVE number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// Known to be exploited.
    pub exploited: BTreeMap<String, Exploited>,
    /// Probability of exploitation within thirty days.
    pub likely: BTreeMap<String, f64>,
}

/// An entry of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploited {
    /// When it was added.
    pub added: Option<String>,
    /// By when agencies there must have mended it.
    pub due: Option<String>,
    /// Used by blackmailers.
    pub ransomware: bool,
}

impl Signals {
    pub(super) fn append(&mut self, mut other: Self) {
        self.exploited.append(&mut other.exploited);
        self.likely.append(&mut other.likely);
    }
}

pub fn kev(source: &str, feed: &mut Feed) -> Result<(), Refused> {
    walk(source, &|key| key == "vulnerabilities", &mut |_, at, value| {
        let Some(cve) = text(&value, "cveID") else {
            return feed.not_understood(at, &value.to_string());
        };
        let owned = |key: &str| text(&value, key).map(str::to_owned);
        let entry = Exploited {
            added: owned("dateAdded"),
            due: owned("dueDate"),
            ransomware: text(&value, "knownRansomwareCampaignUse") == Some("Known"),
        };
        feed.signals.exploited.insert(cve.to_owned(), entry);
    })
}

pub fn is_epss(text: &str) -> bool {
    text.lines().take(3).any(|l| l.starts_with("cve,epss"))
}

pub fn epss(source: &str, feed: &mut Feed) {
    for (at, row) in each_csv_row(source).enumerate() {
        let (Some(cve), Some(value)) = (row.first(), row.get(1)) else { continue };
        match value.parse::<f64>() {
            Ok(value) if cve.starts_with("CVE-") && (0.0..=1.0).contains(&value) => {
                feed.signals.likely.insert(cve.clone(), value);
            }
            _ if at > 1 => feed.not_understood(at + 1, &row.join(",")),
            _ => {}
        }
    }
}
