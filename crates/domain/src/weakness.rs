//! Weaknesses (điểm yếu): what is wrong with a machine without a flaw in any product — a door left open, a password
//! nobody changed, a system nobody mends any more. They stand beside flaws, under numbers of their own.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{flaw::Grade, right::names};

/// How the number of every weakness begins.
const NUMBER: &str = "WEAK-";

/// Kinds of weaknesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weakness {
    /// A password nobody changed, or none.
    DefaultPassword,
    /// Remote desktop that the network reaches.
    RemoteDesktop,
    /// File sharing (SMB) that the network reaches.
    FileSharing,
    /// A database that the network reaches.
    Database,
    /// Pages and protocols of administration that the network reaches.
    Administration,
    /// A system whose maker mends it no more.
    Unsupported,
    /// Cameras, recorders and storage boxes that the network reaches.
    Device,
    /// A certificate that has run out.
    Certificate,
    /// Anti-malware that is switched off or out of date.
    AntiMalware,
}
names!(Weakness {
    DefaultPassword = "default-password", RemoteDesktop = "remote-desktop", FileSharing = "file-sharing",
    Database = "database", Administration = "administration", Unsupported = "unsupported", Device = "device",
    Certificate = "certificate", AntiMalware = "anti-malware",
} "kind of weakness");

impl Weakness {
    /// The number it is kept under, as flaws are under theirs: `WEAK-REMOTE-DESKTOP`.
    #[must_use]
    pub fn number(self) -> String {
        format!("{NUMBER}{}", self.name().to_uppercase())
    }
    /// The weakness of a number.
    #[must_use]
    pub fn of_number(number: &str) -> Option<Self> {
        let upper = number.trim().to_uppercase();
        Self::parse(&upper.strip_prefix(NUMBER)?.to_lowercase())
    }
}

/// What of the facts about a machine makes one kind of weakness; data of the pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which.
    pub kind: Weakness,
    /// How grave it is.
    pub severity: Grade,
    /// Open ports that are it.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Names of services that are it, as scanners write them.
    #[serde(default)]
    pub services: Vec<String>,
    /// Words in what answers on a port, or in the title of its page, that are it.
    #[serde(default)]
    pub words: Vec<String>,
    /// Words in the titles of what scanners report that are it.
    #[serde(default)]
    pub titles: Vec<String>,
    /// Scripts of Nmap whose finding is it, by their names or the ends of these.
    #[serde(default)]
    pub scripts: Vec<String>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// Until when the maker of a system mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportEnd {
    /// The system: a product of Microsoft's, or a distribution with its release; whatever begins so.
    pub system: String,
    /// Only editions with one of these words; the first entry that fits counts.
    #[serde(default)]
    pub editions: Vec<String>,
    /// Its last day.
    pub ends: Date,
}

/// All that is known of weaknesses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weaknesses {
    /// What makes which.
    pub rules: Vec<Rule>,
    /// Whose support ends when.
    pub ends: Vec<SupportEnd>,
}

impl Weaknesses {
    /// The rule of a kind; a pack without one does not judge it.
    #[must_use]
    pub fn rule(&self, kind: Weakness) -> Option<&Rule> {
        self.rules.iter().find(|r| r.kind == kind)
    }

    /// The last day a system is mended: by the name it goes by, of which the entry's is the beginning.
    #[must_use]
    pub fn end(&self, system: &str, edition: &str) -> Option<&SupportEnd> {
        let (system, edition) = (system.to_lowercase(), edition.to_lowercase());
        self.ends.iter().find(|e| {
            let rest = system.strip_prefix(&e.system.to_lowercase());
            let whole = rest.is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric()));
            // `7` is the beginning of `7.9`, but `Windows 8` is another system than `Windows 8.1`.
            let own = rest.is_some_and(|r| !r.starts_with('.') || !e.system.starts_with("Windows"));
            whole
                && own
                && (e.editions.is_empty() || e.editions.iter().any(|w| edition.contains(&w.to_lowercase())))
        })
    }

    /// Whether support of anything ends within those days: after the first, up to the second.
    #[must_use]
    pub fn ends_between(&self, after: Date, until: Date) -> bool {
        self.ends.iter().any(|e| e.ends >= after && e.ends < until)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::legal::Legal;

    #[test]
    fn a_weakness_is_found_by_its_number() {
        for kind in Weakness::ALL {
            assert_eq!(Weakness::of_number(&kind.number()), Some(*kind));
        }
        assert_eq!(Weakness::of_number("weak-remote-desktop"), Some(Weakness::RemoteDesktop));
        assert_eq!(Weakness::of_number("CVE-2024-30080"), None);
    }

    #[test]
    fn the_pack_has_a_rule_for_each_kind() {
        let legal = Legal::builtin().unwrap();
        let all = legal.on(date(2026, 11, 21)).weaknesses();
        for kind in Weakness::ALL {
            assert!(all.rule(*kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn the_end_of_support_is_that_of_the_exact_system_and_edition() {
        let legal = Legal::builtin().unwrap();
        let all = legal.on(date(2026, 11, 21)).weaknesses();
        let end = |system: &str, edition: &str| all.end(system, edition).map(|e| e.ends);
        assert_eq!(end("Windows 7 for x64-based Systems Service Pack 1", ""), Some(date(2020, 1, 14)));
        assert_eq!(end("windows 8.1 for x64-based systems", ""), Some(date(2023, 1, 10)));
        assert_eq!(end("Windows 8 for x64-based Systems", ""), Some(date(2016, 1, 12)));
        let w10 = "Windows 10 Version 1809 for x64-based Systems";
        assert_eq!(end(w10, "Professional"), Some(date(2020, 11, 10)));
        assert_eq!(end(w10, "EnterpriseS"), Some(date(2029, 1, 9)), "kept up for longer");
        assert_eq!(end("centos 7.9", ""), Some(date(2024, 6, 30)));
        assert_eq!(end("debian 10", ""), Some(date(2024, 6, 30)));
        assert_eq!(end("debian 100", ""), None);
        assert!(all.ends_between(date(2024, 6, 1), date(2024, 7, 1)));
        assert!(!all.ends_between(date(2024, 7, 1), date(2024, 7, 1)));
    }
}
