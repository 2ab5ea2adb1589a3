//! RFC 8291: a message that only the browser opens.

use aes_gcm::{
    Aes128Gcm, Nonce,
    aead::{Aead, KeyInit},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey, ecdh::diffie_hellman, elliptic_curve::sec1::ToEncodedPoint};
use sha2::Sha256;

/// Largest record, as announced; a message is one record.
const RECORD: u32 = 4096;
/// The tag and the padding's delimiter, and what stands before the record.
const OVERHEAD: usize = 16 + 1 + 86;

/// The browser's side.
pub(super) struct Receiver {
    public: PublicKey,
    auth: [u8; 16],
}

impl Receiver {
    pub(super) fn parse(p256dh: &str, auth: &str) -> Option<Self> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let public = bytes(p256dh)?;
        if public.len() != 65 {
            return None;
        }
        let auth = <[u8; 16]>::try_from(bytes(auth)?).ok()?;
        Some(Receiver { public: PublicKey::from_sec1_bytes(&public).ok()?, auth })
    }
}

/// Encrypts `plain`. `own` becomes the key of this one message, the first half of `salt` its salt; both must be fresh.
pub(super) fn seal(
    to: &Receiver,
    own: &[u8; 32],
    salt: &[u8; 32],
    plain: &[u8],
) -> Result<Vec<u8>, &'static str> {
    if plain.len() + OVERHEAD > RECORD as usize {
        return Err("too long for a push message");
    }
    // One in 2^32 random values is no key: another try has another one.
    let own = SecretKey::from_slice(own).map_err(|_| "an unlucky key; again")?;
    let salt = salt.first_chunk::<16>().ok_or("a short salt")?;
    let (sender, receiver) = (own.public_key().to_encoded_point(false), to.public.to_encoded_point(false));
    let shared = diffie_hellman(own.to_nonzero_scalar(), to.public.as_affine());
    let info = [b"WebPush: info\0".as_slice(), receiver.as_bytes(), sender.as_bytes()].concat();
    let mut ikm = [0; 32];
    expand(&to.auth, shared.raw_secret_bytes(), &info, &mut ikm)?;
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    expand(salt, &ikm, b"Content-Encoding: aes128gcm\0", &mut key)?;
    expand(salt, &ikm, b"Content-Encoding: nonce\0", &mut nonce)?;
    // 2 ends the last record.
    let padded = [plain, &[2]].concat();
    let cipher = Aes128Gcm::new_from_slice(&key).map_err(|_| "a key of no use")?;
    let sealed = cipher.encrypt(&Nonce::from(nonce), padded.as_slice()).map_err(|_| "cannot be encrypted")?;
    Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[65], sender.as_bytes(), &sealed].concat())
}

fn expand(salt: &[u8], ikm: &[u8], info: &[u8], into: &mut [u8]) -> Result<(), &'static str> {
    Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, into).map_err(|_| "too much key asked")
}

/// The browser's half, for tests: what it reads.
#[cfg(test)]
pub(super) fn open(private: &[u8; 32], auth: &[u8; 16], body: &[u8]) -> Option<Vec<u8>> {
    let private = SecretKey::from_slice(private).ok()?;
    let (salt, rest) = body.split_at(16);
    let (sender, sealed) = (rest.get(5..70)?, rest.get(70..)?);
    let shared =
        diffie_hellman(private.to_nonzero_scalar(), PublicKey::from_sec1_bytes(sender).ok()?.as_affine());
    let own = private.public_key().to_encoded_point(false);
    let info = [b"WebPush: info\0".as_slice(), own.as_bytes(), sender].concat();
    let (mut ikm, mut key, mut nonce) = ([0; 32], [0; 16], [0; 12]);
    expand(auth, shared.raw_secret_bytes(), &info, &mut ikm).ok()?;
    expand(salt, &ikm, b"Content-Encoding: aes128gcm\0", &mut key).ok()?;
    expand(salt, &ikm, b"Content-Encoding: nonce\0", &mut nonce).ok()?;
    let mut plain = Aes128Gcm::new_from_slice(&key).ok()?.decrypt(&Nonce::from(nonce), sealed).ok()?;
    (plain.pop()? == 2).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_standard_is_sealed_as_printed_and_opens() {
        let plain = b"When I grow up, I want to be a watermelon";
        let public =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let to = Receiver::parse(public, "BTBZMqHH6r4Tts7J_aSIgg").unwrap();
        let mut salt = [0; 32];
        salt[..16].copy_from_slice(&bytes::<16>("DGv6ra1nlYgDCS1FRnbzlw"));
        let own = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let sealed = seal(&to, &own, &salt, plain).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(&sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz\
             AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        let private = bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94");
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        assert_eq!(open(&private, &auth, &sealed).unwrap(), plain);
        let mut bent = sealed;
        *bent.last_mut().unwrap() ^= 1;
        assert_eq!(open(&private, &auth, &bent), None);
    }

    #[test]
    fn keys_that_are_none_and_texts_that_do_not_fit_are_refused() {
        assert!(Receiver::parse("AAAA", "BTBZMqHH6r4Tts7J_aSIgg").is_none());
        let off_curve = URL_SAFE_NO_PAD.encode([[4].as_slice(), &[1; 64]].concat());
        assert!(Receiver::parse(&off_curve, "BTBZMqHH6r4Tts7J_aSIgg").is_none());
        let own = SecretKey::from_slice(&[7; 32]).unwrap();
        let public = URL_SAFE_NO_PAD.encode(own.public_key().to_encoded_point(false).as_bytes());
        let to = Receiver::parse(&public, "BTBZMqHH6r4Tts7J_aSIgg").unwrap();
        assert!(seal(&to, &[9; 32], &[1; 32], &[b'x'; 3993]).is_ok());
        assert!(seal(&to, &[9; 32], &[1; 32], &[b'x'; 3994]).is_err());
        assert!(seal(&to, &[0; 32], &[1; 32], b"x").is_err());
    }
}
