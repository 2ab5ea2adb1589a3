//! The reading of a letter as orders use it: what a person corrects and what a campaign is drafted from.
//!
//! `letter` reads more (kinds, indicators, spans); this is the part of its JSON that has consequences here.

use serde::{Deserialize, Serialize};

/// A paper's facts. Blank stays `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Paper {
    /// `4146` of `4146/UBND-CNTT`.
    pub number: Option<String>,
    /// `UBND-CNTT` of it.
    pub symbol: Option<String>,
    /// `2024-01-03`, or what is known of it.
    pub date: Option<String>,
    /// Place of issue.
    pub place: Option<String>,
    /// The body above the issuer.
    pub parent: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// *Trích yếu*.
    pub subject: Option<String>,
    /// Lines of *Kính gửi*.
    pub to: Vec<String>,
    /// Lines of *Nơi nhận*.
    pub copies: Vec<String>,
    /// Who signed.
    pub signer: Option<Signer>,
    /// Papers it acts on.
    pub basis: Vec<Basis>,
    /// Occasion keys (`tet-2027`) or the paper's words.
    pub occasions: Vec<String>,
    /// Only when the paper itself gives the days.
    pub window: Option<Days>,
    /// What is ordered.
    pub duties: Vec<PaperDuty>,
    /// `important`, `personal-data`, `national-platform`; empty = all systems.
    pub scope: Vec<String>,
    /// Vulnerabilities named.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Whom to call or write to.
    pub contacts: Vec<Contact>,
    /// What the paper sets a date for.
    pub deadlines: Vec<Deadline>,
    /// The numbered items with their words.
    pub items: Vec<Item>,
    /// Indicators of compromise.
    pub indicators: Vec<Indicator>,
    /// What comes with the paper, in its words.
    pub attachments: Vec<String>,
    /// `KHẨN`, `THƯỢNG KHẨN`, `HỎA TỐC`.
    pub urgency: Vec<String>,
}

/// Who signed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signer {
    /// Name.
    pub name: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// `KT. GIÁM ĐỐC`.
    pub capacity: Option<String>,
}

/// A paper acted on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Basis {
    /// Number and symbol.
    pub reference: String,
    /// Its date, or part of it.
    pub date: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
}

/// A span of days, both included, as ISO dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// The duties of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaperDuty {
    /// The item's numbering; `contact` or `closing` for what follows the items.
    pub path: String,
    /// Codes of the catalogue.
    pub codes: Vec<String>,
    /// For whom, when not for all: the body as written, or `providers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// One named vulnerability, list of CVEs, or a vendor's months.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Vulnerability {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// CVE numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cves: Vec<String>,
    /// Vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// First month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `low`, `medium`, `high`, `critical`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<String>,
}

/// A unit or person with ways to reach it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// The unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Digits only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<String>,
    /// E-mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
}

impl Contact {
    /// One line: *Trung tâm Công nghệ số, 02053818657*.
    pub fn line(&self) -> String {
        let parts = self.unit.iter().chain(&self.name).chain(&self.phones).chain(&self.emails);
        parts.map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// One indicator of compromise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Indicator {
    /// `md5`, `sha1`, `sha256`, `ipv4`, `ipv6`, `domain`, `url`, `email`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As programs need it.
    pub value: String,
}

impl Indicator {
    /// As people read it: nobody opens it by a slip, and no program makes a link of it.
    pub fn defanged(&self) -> String {
        match self.kind.as_str() {
            "ipv4" | "domain" => self.value.replace('.', "[.]"),
            "ipv6" => self.value.replace(':', "[:]"),
            "email" => self.value.replace('@', "[@]").replace('.', "[.]"),
            "url" => {
                let (scheme, rest) = self.value.split_once("://").unwrap_or(("", &self.value));
                let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
                let scheme = scheme.replace("tt", "xx");
                let mark = if scheme.is_empty() { "" } else { "://" };
                format!("{scheme}{mark}{}{path}", host.replace('.', "[.]"))
            }
            _ => self.value.clone(),
        }
    }
}

/// A date the paper sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deadline {
    /// `2022-04-30` or `2022-04-28T17:00`.
    pub date: String,
    /// The item that sets it.
    pub path: String,
}

/// One item of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// Its numbering.
    pub path: String,
    /// Its words.
    pub text: String,
}

impl Paper {
    /// From the JSON of a reading; `None` if it is not of that form.
    pub fn of(reading: &serde_json::Value) -> Option<Self> {
        Self::deserialize(reading).ok()
    }
    /// Number and symbol as papers write them, with a dash for what is blank; `None` if both are.
    pub fn reference(&self) -> Option<String> {
        match (&self.number, &self.symbol) {
            (None, None) => None,
            (n, s) => Some(format!("{}/{}", n.as_deref().unwrap_or("—"), s.as_deref().unwrap_or("—"))),
        }
    }
    /// The words of the item with that numbering.
    pub fn item(&self, path: &str) -> Option<&str> {
        self.items.iter().find(|i| i.path == path).map(|i| i.text.as_str())
    }
    /// The day of the paper, if it is known in full.
    pub fn day(&self) -> Option<jiff::civil::Date> {
        self.date.as_deref().and_then(|d| d.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indicator_is_shown_so_that_nobody_opens_it() {
        for (kind, value, shown) in [
            ("ipv4", "203.0.113.9", "203[.]0[.]113[.]9"),
            ("domain", "xau.example", "xau[.]example"),
            ("url", "https://xau.example/a.b?c=d.e", "hxxps://xau[.]example/a.b?c=d.e"),
            ("url", "xau.example", "xau[.]example"),
            ("email", "a.b@xau.example", "a[.]b[@]xau[.]example"),
            ("ipv6", "2001:db8::1", "2001[:]db8[:][:]1"),
            ("sha256", "ab12", "ab12"),
        ] {
            assert_eq!(Indicator { kind: kind.into(), value: value.into() }.defanged(), shown);
        }
    }
}
