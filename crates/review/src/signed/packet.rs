//! How OpenPGP lays things out: armour, packets, keys and signatures of version 4.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{digest, signature};

use super::rsa;

/// Most bytes of a key file or a signature: real ones have some thousand.
const MAX: usize = 1 << 20;
/// Most packets of one.
const PACKETS: usize = 4_000;

/// A packet: what it is, and its body.
pub type Packet = (u8, Vec<u8>);

/// Reads from the front.
pub struct Front<'a>(pub &'a [u8]);

impl<'a> Front<'a> {
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(first)
    }
    pub fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }
    pub fn u16(&mut self) -> Option<usize> {
        Some(usize::from(u16::from_be_bytes(self.take(2)?.try_into().ok()?)))
    }
    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }
    /// A number of many bits, which it must have, no more and no fewer.
    pub fn mpi(&mut self) -> Option<&'a [u8]> {
        let bits = self.u16()?;
        let bytes = self.take(bits.div_ceil(8))?;
        let zeros = bytes.first().map_or(0, |first| first.leading_zeros() as usize);
        (bytes.len() * 8 == bits + zeros && zeros < 8).then_some(bytes)
    }
    /// A length as packets of the newer form and parts of signatures tell it.
    fn length(&mut self) -> Option<usize> {
        let first = usize::from(self.u8()?);
        match first {
            0..192 => Some(first),
            192..224 => Some(((first - 192) << 8) + usize::from(self.u8()?) + 192),
            255 => usize::try_from(self.u32()?).ok(),
            _ => None,
        }
    }
}

/// The packets of a file, armoured or not; none if it is not whole.
pub fn packets(file: &[u8]) -> Option<Vec<Packet>> {
    if file.len() > MAX {
        return None;
    }
    let armoured = file.windows(15).any(|w| w == b"-----BEGIN PGP ");
    let bytes = if armoured { unarmoured(std::str::from_utf8(file).ok()?)? } else { file.to_vec() };
    let (mut front, mut found) = (Front(&bytes), Vec::new());
    while !front.0.is_empty() {
        let head = front.u8()?;
        let (tag, length) = match head {
            0xc0.. => (head & 0x3f, front.length()?),
            0x80..0xc0 => {
                let length = match head & 3 {
                    0 => usize::from(front.u8()?),
                    1 => front.u16()?,
                    2 => usize::try_from(front.u32()?).ok()?,
                    _ => return None,
                };
                (head >> 2 & 0xf, length)
            }
            _ => return None,
        };
        found.push((tag, front.take(length)?.to_vec()));
        if found.len() > PACKETS {
            return None;
        }
    }
    Some(found)
}

/// The bytes of all armoured blocks of a text. What surrounds them says nothing; a checksum guards against accidents only.
fn unarmoured(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut lines) = (Vec::new(), text.lines().map(str::trim));
    while lines.any(|line| line.starts_with("-----BEGIN PGP ")) {
        let mut coded = String::new();
        let mut heads = true;
        loop {
            let line = lines.next()?;
            if line.starts_with("-----END PGP ") {
                break;
            }
            heads &= line.contains(": ");
            if !heads && !line.starts_with('=') {
                coded.push_str(line);
            }
        }
        bytes.extend(STANDARD.decode(coded).ok()?);
    }
    Some(bytes)
}

/// What a key verifies with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ed25519(Vec<u8>),
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// As it is hashed.
    pub body: Vec<u8>,
    /// When it was made.
    pub made: i64,
    public: Public,
}

impl Key {
    /// Version 4, RSA or Ed25519; none for any other.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut front = Front(body);
        let (version, made, algorithm) = (front.u8()?, front.u32()?, front.u8()?);
        let public = match (version, algorithm) {
            (4, 1 | 3) => Public::Rsa { n: front.mpi()?.to_vec(), e: front.mpi()?.to_vec() },
            (4, 22) => {
                const CURVE: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1];
                let length = usize::from(front.u8()?);
                if front.take(length)? != CURVE {
                    return None;
                }
                Public::Ed25519(front.mpi()?.strip_prefix(&[0x40])?.to_vec())
            }
            (4, 27) => Public::Ed25519(front.take(32)?.to_vec()),
            _ => return None,
        };
        Some(Self { body: body.to_vec(), made: i64::from(made), public })
    }

    /// As it enters a hash.
    pub fn hashed(&self) -> Vec<u8> {
        let length = u16::try_from(self.body.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&[0x99], &length[..], &self.body].concat()
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> String {
        hex::encode_upper(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.hashed()))
    }

    /// Whether a signature over those bytes is good.
    pub fn verifies(&self, it: &Signature, over: &[&[u8]]) -> bool {
        it.context().is_some_and(|mut context| {
            over.iter().for_each(|part| context.update(part));
            self.closes(it, context)
        })
    }

    /// Whether a signature is good over what was put into its hash.
    pub fn closes(&self, it: &Signature, mut context: digest::Context) -> bool {
        let length = u32::try_from(it.hashed.len()).unwrap_or(u32::MAX).to_be_bytes();
        [&it.hashed[..], &[4, 0xff], &length[..]].iter().for_each(|part| context.update(part));
        let digest = context.finish();
        match (&self.public, &it.value) {
            (Public::Rsa { n, e }, Value::Rsa(value)) => rsa::verifies(n, e, value, it.hash, digest.as_ref()),
            (Public::Ed25519(key), Value::Ed25519(value)) => {
                signature::UnparsedPublicKey::new(&signature::ED25519, key)
                    .verify(digest.as_ref(), value)
                    .is_ok()
            }
            _ => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Rsa(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What it says: 0 over a document, 0x13 over a name, 0x18 over another key, 0x20 takes a key back …
    pub kind: u8,
    /// Which hash: 8, 9 and 10 are SHA-256, -384 and -512.
    pub hash: u8,
    /// What of itself it covers.
    hashed: Vec<u8>,
    value: Value,
    /// When it was made.
    pub made: i64,
    /// For how many seconds it holds.
    pub holds: Option<i64>,
    /// For how many seconds from its making the key holds.
    pub key_holds: Option<i64>,
    /// What the key is for.
    pub flags: Option<u8>,
    /// A signature within, by the other key.
    pub within: Option<Box<Signature>>,
}

impl Signature {
    /// Its hash, still empty; none for one that is not believed.
    pub fn context(&self) -> Option<digest::Context> {
        let hash = match self.hash {
            8 => &digest::SHA256,
            9 => &digest::SHA384,
            10 => &digest::SHA512,
            _ => return None,
        };
        Some(digest::Context::new(hash))
    }

    /// Version 4; none for any other, and none with a condition that is not understood.
    pub fn parse(body: &[u8]) -> Option<Self> {
        Self::nested(body, 0)
    }

    fn nested(body: &[u8], depth: u8) -> Option<Self> {
        let mut front = Front(body);
        let (version, kind, algorithm, hash) = (front.u8()?, front.u8()?, front.u8()?, front.u8()?);
        let length = front.u16()?;
        let parts = front.take(length)?;
        if version != 4 {
            return None;
        }
        let mut it = Self {
            kind,
            hash,
            hashed: body.get(..6 + length)?.to_vec(),
            value: Value::Rsa(Vec::new()),
            made: 0,
            holds: None,
            key_holds: None,
            flags: None,
            within: None,
        };
        it.parts(parts, true, depth)?;
        let length = front.u16()?;
        it.parts(front.take(length)?, false, depth)?;
        front.take(2)?;
        it.value = match algorithm {
            1 | 3 => Value::Rsa(front.mpi()?.to_vec()),
            22 => {
                let half =
                    |bytes: &[u8]| [vec![0; 32_usize.saturating_sub(bytes.len())], bytes.to_vec()].concat();
                Value::Ed25519([half(front.mpi()?), half(front.mpi()?)].concat())
            }
            27 => Value::Ed25519(front.take(64)?.to_vec()),
            _ => return None,
        };
        Some(it)
    }

    /// Its parts; of those it does not cover only the signature within counts, which stands for itself.
    fn parts(&mut self, bytes: &[u8], covered: bool, depth: u8) -> Option<()> {
        let mut front = Front(bytes);
        while !front.0.is_empty() {
            let length = front.length()?;
            let mut part = Front(front.take(length)?);
            let tag = part.u8()?;
            match (tag & 0x7f, covered) {
                (32, _) if depth == 0 => {
                    self.within = Self::nested(part.0, depth + 1).map(Box::new);
                }
                (2, true) => self.made = i64::from(part.u32()?),
                (3, true) => self.holds = Some(i64::from(part.u32()?)).filter(|s| *s > 0),
                (9, true) => self.key_holds = Some(i64::from(part.u32()?)).filter(|s| *s > 0),
                (27, true) => self.flags = Some(part.u8().unwrap_or_default()),
                // Preferences, names of keys, policies: they change nothing here.
                (4..=7 | 10..=12 | 16 | 21..=26 | 28..=31 | 33..=35 | 39, _) => {}
                (_, true) if tag & 0x80 != 0 => return None,
                _ => {}
            }
        }
        Some(())
    }
}
