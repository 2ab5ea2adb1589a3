//! Time-based codes (RFC 6238): six digits, thirty seconds, SHA-1, which every authenticator knows.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use qrcode::{QrCode, render::svg};
use totp_rs::{Builder, Totp};

use crate::{App, AppError};

/// Bytes of a secret: the length of SHA-1, as RFC 4226 recommends.
pub(crate) const SECRET: usize = 20;
/// The name authenticators show; the host tells installations apart.
const ISSUER: &str = "Canh";

/// A secret with its labels.
pub(crate) struct Authenticator(Totp);

impl Authenticator {
    /// One from its secret; `login` and `host` are only shown in the authenticator.
    pub(crate) fn new(secret: &[u8], login: &str, host: &str) -> Result<Self, AppError> {
        // A colon would end the label.
        let label = format!("{login}@{host}").replace(':', " ");
        let built = Builder::new()
            .with_secret(secret.to_vec())
            .with_account_name(label)
            .with_issuer(Some(ISSUER))
            .build();
        built.map(Self).map_err(|e| AppError::Internal(anyhow::anyhow!("totp: {e}")))
    }

    /// One of this installation for a login.
    pub(crate) fn for_login(app: &App, login: &str, secret: &[u8]) -> Result<Self, AppError> {
        let host = app.config.public_url.split_once("://").map_or("", |(_, host)| host);
        Self::new(secret, login, host)
    }

    /// A new secret.
    pub(crate) fn random(app: &App) -> [u8; SECRET] {
        app.secrets.bytes().first_chunk().copied().unwrap_or_default()
    }

    /// The step whose code this is, one step of clock skew either way; `last` and earlier steps are spent.
    pub(crate) fn step(&self, code: &str, now: Timestamp, last: i64) -> Option<i64> {
        let seconds = u64::try_from(now.as_second()).ok()?;
        let step = self.0.check(code, seconds)?;
        i64::try_from(step).ok().filter(|step| *step > last)
    }

    /// The key for typing, in groups of four.
    pub(crate) fn key(&self) -> String {
        let key: Vec<char> = self.0.secret().to_base32().chars().filter(|c| *c != '=').collect();
        key.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The QR code as an image address (`data:`, which the policy allows for images), so that the secret has no address
    /// of its own anywhere.
    pub(crate) fn qr(&self) -> Result<String, AppError> {
        let url = self.0.to_url().map_err(|e| AppError::Internal(anyhow::anyhow!("totp: {e}")))?;
        let code = QrCode::new(url.as_bytes()).map_err(anyhow::Error::from)?;
        let image = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
        Ok(format!("data:image/svg+xml;base64,{}", STANDARD.encode(image)))
    }

    /// The code of that moment: for tests.
    #[cfg(test)]
    pub(crate) fn code(&self, now: Timestamp) -> String {
        self.0.generate(now.as_second() as u64).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn the_vectors_of_the_rfc() {
        // RFC 6238 appendix B, the last six of its eight digits.
        let a = Authenticator::new(b"12345678901234567890", "binh", "canh.vn").unwrap();
        for (time, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(a.code(at(time)), code);
            assert_eq!(a.step(code, at(time), 0), Some(time / 30));
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_step_either_way() {
        let a = Authenticator::new(&[5; SECRET], "binh", "canh.vn:8080").unwrap();
        let code = a.code(at(900));
        assert_eq!(a.step(&code, at(900 + 30), 0), Some(30));
        assert_eq!(a.step(&code, at(900 - 30), 0), Some(30));
        assert_eq!(a.step(&code, at(900 + 60), 0), None);
        assert_eq!(a.step(&code, at(900), 30), None);
        assert_eq!(a.step("12345", at(900), 0), None);
        assert_eq!(a.step("", at(900), 0), None);
        assert!(a.qr().unwrap().starts_with("data:image/svg+xml;base64,"));
        assert_eq!(a.key().replace(' ', "").len(), 32);
    }
}
