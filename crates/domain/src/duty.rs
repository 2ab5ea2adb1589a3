//! Duties: what letters order, by code. The catalogue itself is data of the legal pack.

use serde::{Deserialize, Serialize};

/// A duty's code: 2–8 capital letters. Agencies may add their own, so it is not an enum.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// A text that is not a duty code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a duty code is 2 to 8 capital letters, not {0:?}")]
pub struct BadCode(String);

impl Code {
    /// Checks and wraps.
    pub fn new(code: &str) -> Result<Self, BadCode> {
        if (2..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(Self(code.to_owned()))
        } else {
            Err(BadCode(code.to_owned()))
        }
    }
    /// The letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl TryFrom<String> for Code {
    type Error = BadCode;
    fn try_from(s: String) -> Result<Self, BadCode> {
        Self::new(&s)
    }
}
impl From<Code> for String {
    fn from(c: Code) -> String {
        c.0
    }
}
impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_capital_letters() {
        assert_eq!(Code::new("VREV").unwrap().as_str(), "VREV");
        for bad in ["", "A", "vrev", "VREV1", "TOOLONGCODE"] {
            assert!(Code::new(bad).is_err(), "{bad}");
        }
    }
}
