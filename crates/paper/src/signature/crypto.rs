//! Which digests and signatures are checked, all by ring.

use ring::{digest, signature as sig};
use x509_parser::x509::SubjectPublicKeyInfo;

use super::cms::{self, Algorithm};
use super::tlv::{INTEGER, SEQUENCE, Values, choice};

const SHA1: &[u8] = b"\x2b\x0e\x03\x02\x1a";
const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const SHA384: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x02";
const SHA512: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x03";
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const RSA_SHA1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05";
const RSA_MGF1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08";
const RSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const RSA_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
const RSA_SHA384: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c";
const RSA_SHA512: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d";
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const EC_SHA256: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
const EC_SHA384: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x03";
const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x2b\x81\x04\x00\x22";

/// Shorter RSA keys are flagged as weak.
const RSA_BITS: usize = 2048;

/// A digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub fn of(algorithm: Algorithm<'_>) -> Option<Self> {
        match algorithm.oid {
            SHA1 => Some(Self::Sha1),
            SHA256 => Some(Self::Sha256),
            SHA384 => Some(Self::Sha384),
            SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub fn digest(self, bytes: &[u8]) -> digest::Digest {
        digest::digest(self.ring(), bytes)
    }

    fn ring(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checked {
    /// It holds: in words for people who know (`RSA 2048, SHA-256`), and whether that is too weak by now.
    Holds { how: String, weak: bool },
    /// It does not.
    Wrong,
    /// Nobody here knows that kind.
    Unknown,
}

enum Key {
    Rsa(usize),
    P256,
    P384,
}

/// Whether `signature` over `message` was made with the key. `digest` is what the signer names beside, where the
/// algorithm itself names none.
pub(super) fn check(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: Algorithm<'_>,
    digest: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> Checked {
    let Some(kind) = kind(key) else { return Checked::Unknown };
    let Some((ring, hash)) = ring(&kind, algorithm, digest) else { return Checked::Unknown };
    // The signer names the digest twice; two different ones are a forger's.
    if digest.is_some_and(|digest| digest != hash) {
        return Checked::Wrong;
    }
    let public = sig::UnparsedPublicKey::new(ring, &*key.subject_public_key.data);
    if public.verify(message, signature).is_err() {
        // ring takes RSA keys of 1,024 to 8,192 bits only, and says of others no more than that it failed.
        return match kind {
            Key::Rsa(bits) if !(1024..=8192).contains(&bits) => Checked::Unknown,
            _ => Checked::Wrong,
        };
    }
    let (name, short) = match kind {
        Key::Rsa(bits) => (format!("RSA {bits}"), bits < RSA_BITS),
        Key::P256 => ("ECDSA P-256".to_owned(), false),
        Key::P384 => ("ECDSA P-384".to_owned(), false),
    };
    Checked::Holds { how: format!("{name}, {}", hash.name()), weak: short || hash == Hash::Sha1 }
}

fn kind(key: &SubjectPublicKeyInfo<'_>) -> Option<Key> {
    match key.algorithm.algorithm.as_bytes() {
        RSA | RSA_PSS => {
            let modulus =
                Values(&key.subject_public_key.data).take(SEQUENCE)?.inside().take(INTEGER)?.content;
            let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
            let first = modulus.get(zeros)?;
            Some(Key::Rsa((modulus.len() - zeros) * 8 - usize::try_from(first.leading_zeros()).ok()?))
        }
        EC => match key.algorithm.parameters.as_ref()?.data {
            P256 => Some(Key::P256),
            P384 => Some(Key::P384),
            _ => None,
        },
        _ => None,
    }
}

fn ring(
    key: &Key,
    algorithm: Algorithm<'_>,
    digest: Option<Hash>,
) -> Option<(&'static dyn sig::VerificationAlgorithm, Hash)> {
    let rsa = |hash| -> (&'static dyn sig::VerificationAlgorithm, Hash) {
        match hash {
            Hash::Sha1 => (&sig::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, hash),
            Hash::Sha256 => (&sig::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, hash),
            Hash::Sha384 => (&sig::RSA_PKCS1_2048_8192_SHA384, hash),
            Hash::Sha512 => (&sig::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, hash),
        }
    };
    match (key, algorithm.oid) {
        (Key::Rsa(_), RSA) => digest.map(rsa),
        (Key::Rsa(_), RSA_SHA1) => Some(rsa(Hash::Sha1)),
        (Key::Rsa(_), RSA_SHA256) => Some(rsa(Hash::Sha256)),
        (Key::Rsa(_), RSA_SHA384) => Some(rsa(Hash::Sha384)),
        (Key::Rsa(_), RSA_SHA512) => Some(rsa(Hash::Sha512)),
        (Key::Rsa(_), RSA_PSS) => match pss(algorithm.parameters)? {
            Hash::Sha1 => None,
            Hash::Sha256 => Some((&sig::RSA_PSS_2048_8192_SHA256, Hash::Sha256)),
            Hash::Sha384 => Some((&sig::RSA_PSS_2048_8192_SHA384, Hash::Sha384)),
            Hash::Sha512 => Some((&sig::RSA_PSS_2048_8192_SHA512, Hash::Sha512)),
        },
        (Key::P256, EC_SHA256) => Some((&sig::ECDSA_P256_SHA256_ASN1, Hash::Sha256)),
        (Key::P256, EC_SHA384) => Some((&sig::ECDSA_P256_SHA384_ASN1, Hash::Sha384)),
        (Key::P384, EC_SHA256) => Some((&sig::ECDSA_P384_SHA256_ASN1, Hash::Sha256)),
        (Key::P384, EC_SHA384) => Some((&sig::ECDSA_P384_SHA384_ASN1, Hash::Sha384)),
        _ => None,
    }
}

/// The digest of PSS, if its parameters are those everybody uses: the same digest twice, salt as long as it.
fn pss(parameters: &[u8]) -> Option<Hash> {
    let mut values = Values(parameters);
    let hash = Hash::of(cms::algorithm(values.maybe(choice(0))?.inside().take(SEQUENCE)?)?)?;
    let mask = values.maybe(choice(1))?.inside().take(SEQUENCE)?;
    let mut mask = mask.inside();
    let masked = mask.take(super::tlv::OID)?.content == RSA_MGF1
        && Hash::of(cms::algorithm(mask.take(SEQUENCE)?)?)? == hash;
    let salt = match values.maybe(choice(2))?.inside().take(INTEGER)?.content {
        [length] => usize::from(*length),
        _ => return None,
    };
    (masked && salt == hash.ring().output_len()).then_some(hash)
}
