//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, request::Parts},
};

/// The address of the client: the peer's, or, behind `trusted` proxies, what the outermost of them saw.
pub(crate) fn address(parts: &Parts, trusted: u8) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    if trusted == 0 { peer } else { forwarded(&parts.headers, trusted).or(peer) }
}

/// Each proxy adds its peer at the right end; whatever stands further left than our proxies reach, anybody can write.
fn forwarded(headers: &HeaderMap, trusted: u8) -> Option<IpAddr> {
    let all: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .collect();
    let at = all.len().checked_sub(usize::from(trusted))?;
    all.get(at)?.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// What limits count by: an IPv4 address, or the /64 network of an IPv6 one, of which one customer has all.
pub(crate) fn counted(address: Option<IpAddr>) -> String {
    match address {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_write_their_own_address() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().unwrap());
        headers.append("x-forwarded-for", "3.3.3.3".parse().unwrap());
        let ip = |text: &str| Some(text.parse().unwrap());
        assert_eq!(forwarded(&headers, 1), ip("3.3.3.3"));
        assert_eq!(forwarded(&headers, 2), ip("2.2.2.2"));
        assert_eq!(forwarded(&headers, 4), None);
        assert_eq!(counted(ip("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
        assert_eq!(counted(ip("10.0.0.1")), "10.0.0.1");
    }
}
