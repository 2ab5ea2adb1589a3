//! Where a client may go. Addresses that the operator wrote into the configuration are trusted; addresses that users
//! bring (webhooks of a body, push subscriptions) must not reach into the centre's own network.

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Who may be asked.
#[derive(Debug, Clone)]
pub(crate) enum Guard {
    /// Anybody: the address is the operator's own.
    Trusting,
    /// Public hosts over HTTPS, and hosts the administrator allowed by name.
    Public { allowed: Arc<BTreeSet<String>> },
}

/// Why somebody is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blocked(&'static str);

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Blocked {}

const INSIDE: Blocked = Blocked(
    "the host is in a private network; the administrator can allow it by name ([send.webhook] allow)",
);
const SCHEME: Blocked = Blocked("only https:// addresses may be used");
const USER: Blocked = Blocked("an address must not carry a name or password");

impl Guard {
    /// Public hosts, and these.
    pub(crate) fn public(allowed: impl IntoIterator<Item = String>) -> Self {
        let allowed = allowed.into_iter().map(|host| host.trim().to_ascii_lowercase()).collect();
        Guard::Public { allowed: Arc::new(allowed) }
    }

    /// What can be said of an address before its name is looked up.
    pub(crate) fn admits(&self, url: &Url) -> Result<(), Blocked> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        let Guard::Public { allowed } = self else { return Ok(()) };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(USER);
        }
        if allowed.contains(&host) {
            return if matches!(url.scheme(), "http" | "https") { Ok(()) } else { Err(SCHEME) };
        }
        if url.scheme() != "https" {
            return Err(SCHEME);
        }
        match host.parse::<IpAddr>() {
            Ok(ip) if !is_public(ip) => Err(INSIDE),
            _ => Ok(()),
        }
    }
}

/// Looks names up and lets only public addresses through, unless the name is allowed: what a name means is settled
/// here, at the moment of connecting, so that no second lookup can mean something else.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_ascii_lowercase();
            let found: Vec<_> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let free = match &guard {
                Guard::Trusting => true,
                Guard::Public { allowed } => allowed.contains(&host),
            };
            let public: Vec<_> = found.into_iter().filter(|a| free || is_public(a.ip())).collect();
            if public.is_empty() { Err(INSIDE.into()) } else { Ok(Box::new(public.into_iter()) as Addrs) }
        })
    }
}

/// Whether an address belongs to the public internet: neither this machine, nor its networks, nor anything reserved
/// (RFC 6890). What wraps an IPv4 address in IPv6 is judged by the IPv4 address.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => public_v4(ip),
        IpAddr::V6(ip) => public_v6(ip),
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = a == 192 && b == 0 && c == 0;
    !(ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || shared
        || benchmark
        || protocol)
}

fn public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let four = |x: u16, y: u16| {
        let ([p, q], [r, s]) = (x.to_be_bytes(), y.to_be_bytes());
        public_v4(Ipv4Addr::new(p, q, r, s))
    };
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return public_v4(mapped);
    }
    match (a, b) {
        // NAT64 and 6to4 carry an IPv4 address.
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => four(g, h),
        (0x2002, _) => four(b, c),
        (0x2001, 0xdb8) | (0x2001, 0) => false,
        // Global unicast is 2000::/3; everything else is local, multicast or reserved.
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "203.162.4.190", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn an_address_of_a_user_is_https_and_outside_unless_allowed() {
        let guard = Guard::public(["soc.tinh.local".to_owned(), "10.0.0.9".to_owned()]);
        let may = |url: &str| guard.admits(&Url::parse(url).unwrap());
        assert_eq!(may("https://hooks.example/x"), Ok(()));
        assert_eq!(may("http://hooks.example/x"), Err(SCHEME));
        assert_eq!(may("https://127.0.0.1/x"), Err(INSIDE));
        assert_eq!(may("https://2130706433/x"), Err(INSIDE), "another spelling of 127.0.0.1");
        assert_eq!(may("https://0x7f.1/x"), Err(INSIDE));
        assert_eq!(may("https://[::1]/x"), Err(INSIDE));
        assert_eq!(may("https://u:p@hooks.example/x"), Err(USER));
        assert_eq!(may("http://soc.tinh.local:8080/x"), Ok(()));
        assert_eq!(may("http://10.0.0.9/x"), Ok(()));
        assert_eq!(may("file://soc.tinh.local/etc/passwd"), Err(SCHEME));
        assert_eq!(Guard::Trusting.admits(&Url::parse("http://127.0.0.1:1").unwrap()), Ok(()));
    }

    #[tokio::test]
    async fn a_name_that_means_this_machine_is_not_asked() {
        let guard = Guard::public([]);
        assert!(guard.resolve("localhost".parse().unwrap()).await.is_err());
        let allowed = Guard::public(["localhost".to_owned()]);
        assert!(allowed.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
