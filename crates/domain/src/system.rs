//! The register of information systems: contract 11; hosts are in [`crate::host`].

use serde::{Deserialize, Serialize};

use crate::id::{Id, kind};

/// Security level 1–5 of an information system (NĐ 331/2026 Đ11–15; before it NĐ 85/2016).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

impl Level {
    /// A level, if it is one of 1–5.
    pub const fn new(level: u8) -> Option<Self> {
        if level >= 1 && level <= 5 { Some(Self(level)) } else { None }
    }
    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}
impl TryFrom<u8> for Level {
    type Error = &'static str;
    fn try_from(v: u8) -> Result<Self, Self::Error> {
        Self::new(v).ok_or("a level is 1, 2, 3, 4 or 5")
    }
}
impl From<Level> for u8 {
    fn from(v: Level) -> u8 {
        v.0
    }
}

/// An information system (*hệ thống thông tin*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// Its id.
    pub id: Id<kind::System>,
    /// The owner (*chủ quản*).
    pub body: Id<kind::Body>,
    /// Who runs it (*đơn vị vận hành*); `None` = the owner itself.
    pub operator: Option<Id<kind::Body>>,
    /// Its name.
    pub name: String,
    /// Its level; `None` = not yet classified, which is a finding, not a 1.
    pub level: Option<Level>,
    /// Marked *quan trọng*.
    pub important: bool,
    /// Holds personal data.
    pub personal_data: bool,
    /// Part of or connected to a national platform.
    pub national_platform: bool,
}

/// Which systems an order speaks of; no flag set means all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemScope {
    /// Only *important* ones.
    pub important: bool,
    /// Only those with personal data.
    pub personal_data: bool,
    /// Only national platforms.
    pub national_platform: bool,
}

impl SystemScope {
    /// Whether a system is meant: any one of the named properties suffices.
    pub fn covers(&self, s: &System) -> bool {
        *self == Self::default()
            || (self.important && s.important)
            || (self.personal_data && s.personal_data)
            || (self.national_platform && s.national_platform)
    }
}
