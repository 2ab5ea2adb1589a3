//! Networks: an address with a prefix, enough to say what overlaps what.

use std::{fmt, net::IpAddr, str::FromStr};

/// A network of either family; a single address has the longest prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Net {
    first: IpAddr,
    prefix: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address or network")]
pub struct BadNet;

impl Net {
    /// The network of `prefix` bits in which the address lies.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, BadNet> {
        // ::ffff:1.2.3.4 is 1.2.3.4: a filter must not be fooled by the spelling.
        let (address, prefix) = match address.to_canonical() {
            IpAddr::V4(v4) if address.is_ipv6() => (IpAddr::V4(v4), prefix.checked_sub(96).ok_or(BadNet)?),
            other => (other, prefix),
        };
        let longest = longest(address);
        if prefix > longest {
            return Err(BadNet);
        }
        let first = match address {
            IpAddr::V4(a) => IpAddr::V4((u32::from(a) & mask32(prefix)).into()),
            IpAddr::V6(a) => IpAddr::V6((u128::from(a) & mask128(prefix)).into()),
        };
        Ok(Self { first, prefix })
    }
    /// The network of one address.
    pub fn single(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { first: address, prefix: longest(address) }
    }
    /// Whether it is one address.
    pub fn is_single(&self) -> bool {
        self.prefix == longest(self.first)
    }
    /// Its lowest address.
    pub fn first(&self) -> IpAddr {
        self.first
    }
    /// How many bits are fixed.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
    /// Whether the two have an address in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        let prefix = self.prefix.min(other.prefix);
        match (self.first, other.first) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (u32::from(a) ^ u32::from(b)) & mask32(prefix) == 0,
            (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a) ^ u128::from(b)) & mask128(prefix) == 0,
            _ => false,
        }
    }
}

const fn longest(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}
fn mask32(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}
fn mask128(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0)
}

impl FromStr for Net {
    type Err = BadNet;
    fn from_str(text: &str) -> Result<Self, BadNet> {
        match text.split_once('/') {
            None => text.parse().map(Self::single).map_err(|_| BadNet),
            Some((address, prefix)) => {
                let prefix = prefix.parse().map_err(|_| BadNet)?;
                Self::new(address.parse().map_err(|_| BadNet)?, prefix)
            }
        }
    }
}
impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_single() { self.first.fmt(f) } else { write!(f, "{}/{}", self.first, self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Net {
        text.parse().unwrap()
    }

    #[test]
    fn networks_overlap_both_ways() {
        assert!(net("203.0.113.0/24").overlaps(&net("203.0.113.7")));
        assert!(net("203.0.113.7").overlaps(&net("203.0.113.0/24")));
        assert!(!net("203.0.113.7").overlaps(&net("203.0.114.0/24")));
        assert!(net("2001:db8::/32").overlaps(&net("2001:db8:1::1")));
        assert!(!net("2001:db8::/32").overlaps(&net("203.0.113.7")));
        assert!(net("0.0.0.0/0").overlaps(&net("8.8.8.8")));
    }

    #[test]
    fn spellings_of_one_network_are_one() {
        assert_eq!(net("203.0.113.9/24").to_string(), "203.0.113.0/24");
        assert_eq!(net("::ffff:203.0.113.9"), net("203.0.113.9"));
        assert_eq!(net("::ffff:203.0.113.9/120"), net("203.0.113.0/24"));
        for bad in ["203.0.113.9/33", "::1/129", "1.2.3", "", "1.2.3.4/x", "::ffff:1.2.3.4/20"] {
            assert!(bad.parse::<Net>().is_err(), "{bad}");
        }
    }
}
