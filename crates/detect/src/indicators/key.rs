//! What stands for a value: a quick number for the filter, and a fingerprint of 128 bits. Of hashes and addresses of
//! version 4 the fingerprint is the value itself; of names it is made by SipHash twice over, so that nobody meets one by
//! chance: five million names have one in 10^25 to be taken for another.

use std::{
    hash::{DefaultHasher, Hasher},
    net::IpAddr,
};

use domain::{indicator::Kind, request::Net};

/// A value on its way to be looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'v> {
    pub(super) quick: u64,
    exact: Exact<'v>,
}

#[derive(Debug, Clone, Copy)]
enum Exact<'v> {
    Ready(u64, u64),
    /// Its tag, and text in lower case or not.
    Text(u8, &'v str),
}

/// Tags, so that no two kinds meet.
const DOMAIN: u8 = 1;
const URL: u8 = 2;
const NETWORK: u8 = 3;
/// Of hashes, so that the first half of a SHA-256 is no MD5.
const HASHES: [u64; 3] = [0, 0x5A5A_5A5A_0000_0001, 0xA5A5_A5A5_0000_0002];

impl<'v> Key<'v> {
    /// Of a hash in hex; nothing where it is none.
    #[inline]
    pub(super) fn hash(kind: Kind, hex: &str) -> Option<Self> {
        let (first, last) = (word(hex.get(..16)?)?, word(hex.get(16..32)?)?);
        let rest = hex.get(32..)?;
        if !rest.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let tag = match kind {
            Kind::Md5 => HASHES[0],
            Kind::Sha1 => HASHES[1],
            _ => HASHES[2],
        };
        Some(Self { quick: first ^ tag, exact: Exact::Ready(first ^ tag, last) })
    }

    /// Of a network or an address as text, with its family (0 or 1) and the length of its prefix.
    pub(super) fn network(text: &str) -> Option<(Self, usize, u8)> {
        let net: Net = text.parse().ok()?;
        let family = usize::from(!net.first().is_ipv4());
        Some((Self::net(&net), family, net.prefix()))
    }

    /// Of a network.
    #[inline]
    pub(super) fn net(net: &Net) -> Self {
        let prefix = u64::from(net.prefix());
        match net.first() {
            IpAddr::V4(a) => {
                let number = u64::from(u32::from(a));
                Self { quick: number << 8 | prefix, exact: Exact::Ready(0x4444 << 32 | prefix, number) }
            }
            IpAddr::V6(a) => {
                let all = u128::from(a);
                let (high, low) = ((all >> 64) as u64, all as u64);
                let quick = high.rotate_left(17) ^ low ^ (prefix << 56);
                let (one, two) = prints(NETWORK, |h| {
                    h.write_u64(high);
                    h.write_u64(low);
                    h.write_u64(prefix);
                });
                Self { quick, exact: Exact::Ready(one, two) }
            }
        }
    }

    /// Of a domain, with its quick number where that is known already.
    #[inline]
    pub(super) fn suffix(name: &'v str, quick: u64) -> Self {
        Self { quick: quick ^ u64::from(DOMAIN) << 60, exact: Exact::Text(DOMAIN, name) }
    }

    /// Of a domain.
    pub(super) fn domain(name: &'v str) -> Self {
        Self::suffix(name, name.bytes().rev().fold(SEED, step))
    }

    /// Of what [`url_key`] made of a URL.
    #[inline]
    pub(super) fn url(key: &'v str) -> Self {
        let (words, rest) = key.as_bytes().as_chunks::<8>();
        let last = rest.iter().fold(key.len() as u64, |word, byte| word << 8 | u64::from(*byte));
        let all = words.iter().map(|w| u64::from_le_bytes(*w)).chain([last]);
        let quick = all.fold(SEED, |h, w| (h.rotate_left(26) ^ w).wrapping_mul(0xF135_7AEA_2E62_A9C5));
        Self { quick, exact: Exact::Text(URL, key) }
    }

    /// The fingerprint.
    pub(super) fn print(&self) -> (u64, u64) {
        match self.exact {
            Exact::Ready(one, two) => (one, two),
            Exact::Text(tag, text) => prints(tag, |h| {
                // A URL's path keeps its letters; a domain has none but small ones.
                if tag == DOMAIN {
                    text.bytes().for_each(|b| h.write_u8(b.to_ascii_lowercase()));
                } else {
                    h.write(text.as_bytes());
                }
            }),
        }
    }
}

/// Where a domain's quick number begins; it grows from the end of the name, so that those of all names above come by.
pub(super) const SEED: u64 = 0xCBF2_9CE4_8422_2325;

/// One more character of it.
#[inline]
pub(super) fn step(quick: u64, byte: u8) -> u64 {
    (quick ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01B3)
}

fn prints(tag: u8, write: impl Fn(&mut DefaultHasher)) -> (u64, u64) {
    let one = |round: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(round);
        hasher.write_u8(tag);
        write(&mut hasher);
        hasher.finish()
    };
    (one(1), one(2))
}

#[inline]
fn word(hex: &str) -> Option<u64> {
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(hex, 16).ok()
}

/// A URL as it is compared: without scheme, fragment and usual port, its host in lower case. False where there is none.
pub fn url_key(url: &str, out: &mut String) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('#').map_or(rest, |(head, _)| head);
    let cut = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(cut);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443")).unwrap_or(host);
    if host.is_empty() {
        return false;
    }
    out.extend(host.chars().map(|c| c.to_ascii_lowercase()));
    if !path.starts_with('/') {
        out.push('/');
    }
    out.push_str(path);
    true
}
