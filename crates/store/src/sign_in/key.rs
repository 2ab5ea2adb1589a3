//! The instance key, and secrets as text.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use domain::id::Secrets;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::StoreError;

/// XChaCha20's nonce is wide enough to be drawn at random for ever.
const NONCE: usize = 24;

/// The key of one installation: 32 bytes that the program makes at the first start and keeps in a file of its own
/// (mode 0600), outside the database, so that a stolen database alone opens no TOTP secret and forges no link.
#[derive(Clone)]
pub struct InstanceKey([u8; 32]);

impl InstanceKey {
    /// Wraps the bytes of the key file.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 of `parts` for one `purpose`. Each part is preceded by its length, so no two lists look alike.
    pub fn mac(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.hmac();
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Encrypts and authenticates `plain`; it opens only with the same `context` (whose secret it is).
    pub fn seal(&self, secrets: &dyn Secrets, context: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let random = secrets.bytes();
        let nonce = random.first_chunk::<NONCE>().copied().unwrap_or_default();
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| unreadable())?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`InstanceKey::seal`] made. Anything else — another key, another context, a flipped bit — is an error.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
        let payload = Payload { msg: rest, aad: context.as_bytes() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| unreadable())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.mac("seal", &[]).into())
    }

    fn hmac(&self) -> Hmac<Sha256> {
        // HMAC takes a key of any length; the fallible constructor is only for fixed-length MACs.
        <Hmac<Sha256> as Mac>::new_from_slice(&self.0)
            .unwrap_or_else(|_| <Hmac<Sha256> as Mac>::new(&Default::default()))
    }
}

impl std::fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstanceKey(…)")
    }
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("sealed secret", "it was not sealed with this instance key".into())
}

/// Bytes as URL-safe text: 32 bytes are 43 characters.
pub fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes behind URL-safe text; `None` if it is not such text.
pub fn untext(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// How a secret is kept: SHA-256 in hex. Enough for secrets of 100 random bits and more; passwords need argon2id.
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Whether two texts are equal, in time that tells nothing about where they differ.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// A code for people to type: `length` characters (at most 32) of base32, whose 32 signs leave out 0, 1, 8 and 9.
pub fn code(secrets: &dyn Secrets, length: usize) -> String {
    const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // A byte modulo 32 is even: 256 is a multiple of 32.
    let signs =
        secrets.bytes().into_iter().take(length).filter_map(|b| SIGNS.get(usize::from(b % 32)).copied());
    signs.map(char::from).collect()
}

/// What somebody typed for a code: upper case, without blanks and hyphens; the digits that base32 lacks become the
/// letters they are mistaken for.
pub fn typed(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            c => c,
        })
        .collect()
}

/// A code in groups of five: `ABCDE-FGHIJ`.
pub fn grouped(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    chars.chunks(5).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Secrets for Fixed {
        fn bytes(&self) -> [u8; 32] {
            std::array::from_fn(|n| self.0.wrapping_add(n as u8))
        }
    }

    #[test]
    fn what_is_sealed_opens_only_with_the_same_key_and_context() {
        let key = InstanceKey::new([7; 32]);
        let sealed = key.seal(&Fixed(1), "totp person-1", b"secret").unwrap();
        assert_eq!(key.open("totp person-1", &sealed).unwrap(), b"secret");
        assert!(key.open("totp person-2", &sealed).is_err());
        assert!(InstanceKey::new([8; 32]).open("totp person-1", &sealed).is_err());
        for n in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[n] ^= 1;
            assert!(key.open("totp person-1", &bad).is_err());
        }
        assert!(key.open("totp person-1", &sealed[..10]).is_err());
    }

    #[test]
    fn macs_of_different_lists_differ() {
        let key = InstanceKey::new([7; 32]);
        assert_ne!(key.mac("a", &[b"bc"]), key.mac("a", &[b"b", b"c"]));
        assert_ne!(key.mac("a", &[b"bc"]), key.mac("ab", &[b"c"]));
        assert_ne!(key.mac("a", &[]), InstanceKey::new([8; 32]).mac("a", &[]));
        assert!(!format!("{key:?}").contains('7'));
    }

    #[test]
    fn codes_survive_the_typing() {
        let made = code(&Fixed(200), 20);
        assert_eq!(made.len(), 20);
        assert_eq!(typed(&grouped(&made).to_lowercase()), made);
        assert_eq!(typed(" o0-i1 b8 "), "OOIIBB");
        assert_eq!(untext(&text(b"\xff\x00a")).unwrap(), b"\xff\x00a");
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "abcd"));
    }
}
