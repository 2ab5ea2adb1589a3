//! RFC 8292: who sends, signed for one push service and one day.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer},
    elliptic_curve::sec1::ToEncodedPoint,
};
use serde_json::json;

use crate::Error;

/// A signature is good for so long; the standard allows a day.
const GOOD_FOR: i64 = 12 * 3600;

/// The key by which push services know this installation. Subscriptions are bound to it: a new key needs new ones.
#[derive(Clone)]
pub struct PushKey(SigningKey);

impl PushKey {
    /// The key of 32 secret bytes. One in 2^32 is no key: draw again.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = SigningKey::from_slice(bytes).map_err(|_| Error::Config("not a push key".into()))?;
        Ok(PushKey(key))
    }

    /// What browsers subscribe with (`applicationServerKey`): base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_affine().to_encoded_point(false).as_bytes())
    }

    /// The `Authorization` header for one endpoint.
    pub(super) fn authorization(
        &self,
        endpoint: &str,
        contact: &str,
        now: Timestamp,
    ) -> Result<String, &'static str> {
        let url = url::Url::parse(endpoint).map_err(|_| "an endpoint that is no address")?;
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({ "typ": "JWT", "alg": "ES256" }));
        let claims =
            part(json!({ "aud": url.origin().ascii_serialization(), "exp": now.as_second() + GOOD_FOR,
            "sub": contact }));
        let signature: Signature = self.0.sign(format!("{head}.{claims}").as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        Ok(format!("vapid t={head}.{claims}.{signature}, k={}", self.public()))
    }
}

impl std::fmt::Debug for PushKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PushKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::{VerifyingKey, signature::Verifier};

    use super::*;

    #[test]
    fn a_push_service_can_check_who_sends() {
        let key = PushKey::from_bytes(&[7; 32]).unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let said = key.authorization("https://push.example:8443/x/y", "mailto:a@b.vn", now).unwrap();
        let (token, public) = said.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(public, key.public());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let public = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(public).unwrap()).unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        public.verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example:8443");
        assert_eq!(claims["exp"], 1_800_000_000 + GOOD_FOR);
        assert!(PushKey::from_bytes(&[0; 32]).is_err());
    }
}
