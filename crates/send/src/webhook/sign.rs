//! Standard Webhooks, symmetric signatures: `v1,BASE64(HMAC-SHA-256(secret, "id.timestamp.body"))`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a secret's text begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret: the standard asks for 24 to 64.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret's text.
pub fn secret_of(bytes: &[u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))
}

/// Whether a text is a secret.
pub fn is_secret(text: &str) -> bool {
    key(text).is_some()
}

fn key(text: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(text.strip_prefix(SECRET_PREFIX)?).ok()?;
    SECRET_BYTES.contains(&key.len()).then_some(key)
}

/// The signature header: one signature a secret, so that a receiver can change secrets without losing a message.
pub fn sign(secrets: &[String], id: &str, timestamp: i64, body: &str) -> Result<String, &'static str> {
    let one = |secret: &String| {
        let key = key(secret).ok_or("a secret that is none of Standard Webhooks")?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| "a secret of no use")?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    if secrets.is_empty() {
        return Err("a webhook without a secret");
    }
    Ok(secrets.iter().map(one).collect::<Result<Vec<_>, &'static str>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the standard's own libraries test against.
    #[test]
    fn the_known_example_is_signed_as_known() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let body = r#"{"test": 2432232314}"#;
        let signed =
            sign(std::slice::from_ref(&secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let two = sign(&[secret_of(&[7; 32]), secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        let two = two.unwrap();
        assert_eq!(two.split(' ').count(), 2);
        assert!(two.ends_with(&signed));
    }

    #[test]
    fn a_short_or_foreign_secret_signs_nothing() {
        for bad in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(sign(&[bad.to_owned()], "i", 1, "{}").is_err(), "{bad}");
        }
        assert!(sign(&[], "i", 1, "{}").is_err());
    }
}
