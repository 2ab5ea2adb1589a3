//! RSA as OpenPGP signs with it (PKCS #1, version 1.5), over a digest: `ring` wants the document itself at hand, and feeds'
//! archives are larger than that. Nothing here is secret.

use num_bigint::BigUint;

/// Bits a modulus may have.
const BITS: std::ops::RangeInclusive<u64> = 2048..=8192;
/// Most bytes of an exponent: real ones have three.
const EXPONENT: usize = 4;

/// What stands before a digest by its hash: its name and length, in DER.
fn name(hash: u8) -> Option<&'static [u8]> {
    Some(match hash {
        8 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        9 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        10 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
        _ => return None,
    })
}

/// Whether `value` is the signature of that digest. What it opens to is compared as a whole with what it must be: nothing
/// of it is parsed.
pub fn verifies(n: &[u8], e: &[u8], value: &[u8], hash: u8, digest: &[u8]) -> bool {
    let (modulus, exponent, value) =
        (BigUint::from_bytes_be(n), BigUint::from_bytes_be(e), BigUint::from_bytes_be(value));
    let sound = BITS.contains(&modulus.bits())
        && modulus.bit(0)
        && e.len() <= EXPONENT
        && exponent.bit(0)
        && exponent > BigUint::from(1_u8)
        && value < modulus;
    let Some(name) = name(hash).filter(|_| sound) else { return false };
    let length = usize::try_from(modulus.bits().div_ceil(8)).unwrap_or_default();
    let Some(fill) = length.checked_sub(3 + name.len() + digest.len()) else { return false };
    let expected = [&[0, 1], &vec![0xff; fill][..], &[0], name, digest].concat();
    value.modpow(&exponent, &modulus) == BigUint::from_bytes_be(&expected)
}
