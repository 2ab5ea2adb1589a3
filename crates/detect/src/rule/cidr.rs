//! Networks.

use std::net::IpAddr;

/// A network, of either family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    first: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Reads `10.0.0.0/8`; a lone address is itself alone.
    pub fn read(text: &str) -> Option<Cidr> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().ok()?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(most);
        (prefix <= most).then_some(Cidr { first, prefix })
    }

    /// Whether an address, written out, lies in it; an IPv4 address in IPv6 clothes is taken for what it is.
    pub fn holds(&self, text: &str) -> bool {
        let Ok(address) = text.trim().parse::<IpAddr>() else { return false };
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(own)) => {
                let shift = 32 - u32::from(self.prefix);
                u64::from(net.to_bits()) >> shift == u64::from(own.to_bits()) >> shift
            }
            (IpAddr::V6(net), _) => {
                let IpAddr::V6(own) = address else { return false };
                let shift = 128 - u32::from(self.prefix);
                shift == 128 || net.to_bits() >> shift == own.to_bits() >> shift
            }
            _ => false,
        }
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn networks_of_both_families() {
        let is = |net: &str, address: &str| Cidr::read(net).unwrap().holds(address);
        assert!(is("10.0.0.0/8", "10.255.1.2") && !is("10.0.0.0/8", "11.0.0.0"));
        assert!(is("0.0.0.0/0", "1.2.3.4") && is("::/0", "fe80::1"));
        assert!(is("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(is("fe80::/10", "fe80::1") && !is("fe80::/10", "2001:db8::1"));
        assert!(is("127.0.0.1", "127.0.0.1"));
        assert!(!is("::1/128", "-") && !is("10.0.0.0/8", ""));
        assert!(Cidr::read("10.0.0.0/33").is_none() && Cidr::read("x/8").is_none());
    }
}
