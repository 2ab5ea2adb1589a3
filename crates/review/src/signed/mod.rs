//! Detached OpenPGP signatures, as issuers of security advisories lay them beside each file: checked by keys that were
//! given beforehand. As much of RFC 9580 as that takes: version 4, RSA from 2048 bits and Ed25519, SHA-256 and longer. What is
//! not understood is no good signature (`docs/adr/0022`).

mod packet;
mod rsa;

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use jiff::Timestamp;
use packet::{Key, Packet, Signature, packets};

/// A key may sign documents.
const SIGNS: u8 = 2;
/// Clocks differ.
const AHEAD: i64 = 24 * 3600;
/// Bytes of a document that are read at once.
const PIECE: usize = 64 << 10;

/// A key that documents may be signed with.
#[derive(Debug, Clone)]
struct Signer {
    key: Key,
    /// From when on it holds no longer.
    until: Option<i64>,
}

/// Keys that are believed.
#[derive(Debug, Clone)]
pub struct Keys(Vec<Signer>);

impl Keys {
    /// The keys of a file, armoured or not: those that may sign documents and were not taken back; none if there is none.
    #[must_use]
    pub fn parse(file: &[u8]) -> Option<Self> {
        let packets = packets(file)?;
        let mut signers = Vec::new();
        let begins: Vec<usize> =
            packets.iter().enumerate().filter(|(_, (tag, _))| *tag == 6).map(|(at, _)| at).collect();
        for (n, from) in begins.iter().enumerate() {
            let until = begins.get(n + 1).copied().unwrap_or(packets.len());
            signers.extend(packets.get(*from..until).and_then(certificate).unwrap_or_default());
        }
        (!signers.is_empty()).then_some(Self(signers))
    }

    /// Their fingerprints, for people to compare.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<String> {
        self.0.iter().map(|signer| signer.key.fingerprint()).collect()
    }

    /// Whether one of them signed the document, and the signature holds now.
    #[must_use]
    pub fn signed(&self, document: &[u8], signature: &[u8], now: Timestamp) -> bool {
        self.signed_as_read(document, signature, now).unwrap_or(false)
    }

    /// The same of a document that is read piece by piece.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn signed_as_read(
        &self,
        mut document: impl Read,
        signature: &[u8],
        now: Timestamp,
    ) -> io::Result<bool> {
        let now = now.as_second();
        let holds = |it: &Signature| {
            it.kind == 0 && it.made <= now + AHEAD && it.holds.is_none_or(|seconds| it.made + seconds > now)
        };
        let signatures = packets(signature).unwrap_or_default();
        let signatures = signatures.iter().filter(|(tag, _)| *tag == 2);
        let signatures: Vec<Signature> =
            signatures.filter_map(|(_, body)| Signature::parse(body)).filter(holds).collect();
        let mut hashes: BTreeMap<u8, _> =
            signatures.iter().filter_map(|it| Some((it.hash, it.context()?))).collect();
        let mut piece = vec![0; PIECE];
        while !hashes.is_empty() {
            let n = match document.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                got => got?,
            };
            let Some(bytes) = piece.get(..n).filter(|bytes| !bytes.is_empty()) else { break };
            hashes.values_mut().for_each(|context| context.update(bytes));
        }
        Ok(signatures.iter().any(|it| {
            // A key that ran out since signed while it held.
            let held = |s: &&Signer| s.key.made <= it.made && s.until.is_none_or(|until| it.made < until);
            let context = hashes.get(&it.hash);
            context
                .is_some_and(|context| self.0.iter().filter(held).any(|s| s.key.closes(it, context.clone())))
        }))
    }
}

/// The keys of one certificate: its first, and those it vouches for.
fn certificate(packets: &[Packet]) -> Option<Vec<Signer>> {
    let (_, body) = packets.first()?;
    let primary = Key::parse(body)?;
    let whole = primary.hashed();
    // What each signature is about stands before it: a name, a subordinate key, else the key itself.
    let mut name: Option<Vec<u8>> = None;
    let mut under: Option<(Key, Vec<Signature>)> = None;
    let (mut own, mut signers): (Option<Signature>, Vec<Signer>) = (None, Vec::new());
    for (tag, body) in packets.iter().skip(1) {
        match tag {
            13 | 17 => {
                let length = u32::try_from(body.len()).ok()?.to_be_bytes();
                let mark = if *tag == 13 { 0xb4 } else { 0xd1 };
                name = Some([&[mark], &length[..], body].concat());
            }
            14 => {
                signers.extend(under.take().and_then(|(key, signed)| vouched(&primary, key, &signed)));
                under = Key::parse(body).map(|key| (key, Vec::new()));
                name = None;
            }
            2 => {
                let Some(it) = Signature::parse(body) else { continue };
                match (it.kind, &name, &mut under) {
                    (0x18 | 0x28, _, Some((_, signed))) => signed.push(it),
                    // Taken back: nothing of it is believed.
                    (0x20, ..) if primary.verifies(&it, &[&whole]) => return None,
                    (0x10..=0x13, Some(name), None) if primary.verifies(&it, &[&whole, name]) => {
                        newest(&mut own, it);
                    }
                    (0x1f, None, None) if primary.verifies(&it, &[&whole]) => newest(&mut own, it),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    signers.extend(under.and_then(|(key, signed)| vouched(&primary, key, &signed)));
    // It vouches for itself, or for nobody.
    let own = own?;
    let until = own.key_holds.map(|seconds| primary.made + seconds);
    for signer in &mut signers {
        signer.until = signer.until.into_iter().chain(until).min();
    }
    if own.flags.is_none_or(|flags| flags & SIGNS != 0) {
        signers.push(Signer { key: primary, until });
    }
    Some(signers)
}

fn newest(kept: &mut Option<Signature>, it: Signature) {
    if kept.as_ref().is_none_or(|old| old.made <= it.made) {
        *kept = Some(it);
    }
}

/// A subordinate key: vouched for by the first, not taken back, for signing, and vouching for the first in turn.
fn vouched(primary: &Key, key: Key, signed: &[Signature]) -> Option<Signer> {
    let (one, other) = (primary.hashed(), key.hashed());
    let by_primary = |it: &&Signature| primary.verifies(it, &[&one, &other]);
    if signed.iter().filter(|it| it.kind == 0x28).any(|it| by_primary(&it)) {
        return None;
    }
    let bound = signed.iter().filter(|it| it.kind == 0x18).filter(by_primary).max_by_key(|it| it.made)?;
    let back = bound.within.as_ref().filter(|it| it.kind == 0x19);
    let signs = bound.flags.is_some_and(|flags| flags & SIGNS != 0);
    let mutual = back.is_some_and(|it| key.verifies(it, &[&one, &other]));
    let until = bound.key_holds.map(|seconds| key.made + seconds);
    (signs && mutual).then_some(Signer { key, until })
}

#[cfg(test)]
mod tests;
