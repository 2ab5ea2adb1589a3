//! Sources of events: a way in for the logs of one system of one body.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::right::names;

/// How a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Syslog over UDP, TCP or TLS: known by its address.
    Syslog,
    /// The bulk interface of Elasticsearch: Winlogbeat, Filebeat, Fluent Bit, Vector, Logstash, rsyslog.
    Elastic,
    /// Splunk's HTTP event collector.
    Hec,
    /// OpenTelemetry over HTTP.
    Otlp,
    /// Lines or JSON posted as they are.
    Lines,
}
names!(Kind {
    Syslog = "syslog", Elastic = "elastic", Hec = "hec", Otlp = "otlp", Lines = "lines",
} "kind of source");

/// An address, or a network of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.0.0.7`, `10.0.0.0/24`, `2001:db8::/32`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address.trim().parse().ok()?, Some(bits.trim().parse().ok()?)),
            None => (text.trim().parse().ok()?, None),
        };
        let most = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }
    /// How narrow it is: of two that fit, the narrower is meant.
    pub const fn bits(&self) -> u8 {
        self.bits
    }
    /// Whether an address lies in it.
    pub fn holds(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(u32::from(32 - self.bits.min(32))).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(u32::from(128 - self.bits.min(128))).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses() {
        let holds = |net: &str, ip: &str| Network::parse(net).unwrap().holds(ip.parse().unwrap());
        assert!(holds("10.1.0.0/16", "10.1.255.1"));
        assert!(!holds("10.1.0.0/16", "10.2.0.1"));
        assert!(holds("10.1.2.3", "10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("10.1.2.3", "::ffff:10.1.2.3"), "as a dual-stack socket sees it");
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1") && holds("::/0", "::1"));
        for bad in ["10.0.0.0/33", "x", "", "::/129", "10.0.0.1/-1"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
