//! What was read of a paper.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything read of one official paper. What the paper leaves blank is `None` or empty, never guessed.
///
/// Its JSON form is that of the corpus' gold readings, with `kind`, `items` and `spans` beside them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Kind of paper, a code of the lexicon: `cong-van`, `cong-dien`, `chi-thi`, `ke-hoach` ….
    pub kind: Option<String>,
    /// `4146` of `4146/UBND-CNTT`.
    pub number: Option<String>,
    /// `UBND-CNTT` of `4146/UBND-CNTT`.
    pub symbol: Option<String>,
    /// `2024-01-03`, or what is known of it: `2024-01`, `2024`.
    pub date: Option<String>,
    /// Place of issue.
    pub place: Option<String>,
    /// The body above the issuer, from the head.
    pub parent: Option<String>,
    /// The body that issued the paper.
    pub issuer: Option<String>,
    /// *Trích yếu*, without "V/v".
    pub subject: Option<String>,
    /// Lines of *Kính gửi*.
    pub to: Vec<String>,
    /// Lines of *Nơi nhận*.
    pub copies: Vec<String>,
    /// Who signed.
    pub signer: Option<Signer>,
    /// Papers it acts on.
    pub basis: Vec<Basis>,
    /// `tet-2024`, `30-4-2022` … or the occasion in the paper's words.
    pub occasions: Vec<String>,
    /// First and last day, only when the paper itself gives them.
    pub window: Option<Window>,
    /// What is ordered.
    pub duties: Vec<Duty>,
    /// `important`, `personal-data`, `national-platform`; empty means all systems.
    pub scope: Vec<String>,
    /// Vulnerabilities named.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Whether the list of vulnerabilities is left open ("như: …").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open_list: bool,
    /// Whom to call or write to.
    pub contacts: Vec<Contact>,
    /// What the paper sets a date for.
    pub deadlines: Vec<Deadline>,
    /// Indicators of compromise.
    pub indicators: Vec<Indicator>,
    /// What comes with the paper, in its words.
    pub attachments: Vec<String>,
    /// `KHẨN`, `THƯỢNG KHẨN`, `HỎA TỐC`.
    pub urgency: Vec<String>,
    /// `MẬT`, `TỐI MẬT`, `TUYỆT MẬT`. A paper with any of these must be refused and nothing of it kept.
    pub secrecy: Vec<String>,
    /// What was missing, doubtful or mended; stable codes.
    pub problems: Vec<String>,
    /// Every numbered item of the body.
    pub items: Vec<Item>,
    /// For every value (JSON pointer into this object) where it was read.
    pub spans: BTreeMap<String, Evidence>,
}

/// Who signed, as the signature block says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Name without rank or degree.
    pub name: Option<String>,
    /// `PHÓ GIÁM ĐỐC`.
    pub title: Option<String>,
    /// `KT. GIÁM ĐỐC`; `None` when the head of the body signs himself.
    pub capacity: Option<String>,
}

/// A paper this one acts on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// `1353/BTTTT-CATTT`.
    pub reference: String,
    /// Date of the paper, `2022-04-18` or part of it.
    pub date: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Day it was received, when the paper says so instead of its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
}

/// A span of days, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First day, `2025-04-28`.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// The duties one item orders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// The item's own numbering; `contact` or `closing` for what follows the items.
    pub path: String,
    /// Codes of the catalogue of duties.
    pub codes: Vec<String>,
    /// For whom, when not for all addressees: the body as written, or `providers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// One named vulnerability, one list of CVEs, or a vendor's patches of some months.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// `Spring4Shell`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `CVE-2022-22965` ….
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cves: Vec<String>,
    /// `Microsoft`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// First month, `2022-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `low`, `medium`, `high`, `critical`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<String>,
}

/// A unit or person with ways to reach it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The unit as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Digits only; a number that cannot be read for certain is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<String>,
    /// Addresses in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// The words it was read from, kept when something in them was doubtful.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// A date the paper sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// `2022-04-30` or `2022-04-28T17:00`.
    pub date: String,
    /// The item that sets it.
    pub path: String,
}

/// One indicator of compromise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Indicator {
    /// `md5`, `sha1`, `sha256`, `ipv4`, `ipv6`, `domain`, `url`, `email`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Refanged, in lower case except for the path of a URL.
    pub value: String,
}

/// One item of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `1`, `1.2`, `II.1.a`.
    pub path: String,
    /// Its words.
    pub text: String,
    /// Where it stands, in characters of the input.
    pub range: (usize, usize),
}

/// Where a value was read, how sure that is, and why it differs from the words there if it does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Ranges of characters of the input, `[start, end)`.
    pub ranges: Vec<(usize, usize)>,
    /// 0 to 1.
    pub confidence: f32,
    /// Set when the value was inferred or corrected; a stable code that screens translate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
