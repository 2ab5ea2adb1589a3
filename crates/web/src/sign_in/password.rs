//! Passwords: what is a fit one, and argon2id.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::{id::Secrets, text};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::AppError;

/// RFC 9106's second recommended choice in memory and time, in one lane: 64 MiB.
const MEMORY_KIB: u32 = 64 * 1024;
/// Passes over the memory.
const PASSES: u32 = 3;
/// One lane: several would only occupy the other core meanwhile.
const LANES: u32 = 1;
/// Hashes at the same time: no flood of sign-ins takes more than 128 MiB.
const AT_ONCE: usize = 2;
/// Sign-ins that may wait for their turn; at some 0.2 s each the last waits a few seconds. More are asked to come back.
const WAITING_MAX: usize = 40;

/// A password has at least so many characters (NIST SP 800-63B-4 for passwords beside a second factor asks 8, alone 15).
pub(crate) const LENGTH_MIN: usize = 12;
/// And at most so many: a limit only against nonsense.
pub(crate) const LENGTH_MAX: usize = 200;
/// Fewer different characters than this are a pattern, not a password.
const DIFFERENT_MIN: usize = 5;

/// Long enough but known to every guesser: folded, without digits at the end and without blanks. Our own list, of what
/// people here choose; guessing online is limited anyway.
const COMMON: &[&str] = &[
    "abcdefghijkl",
    "administrator",
    "anhyeuem",
    "anninhmang",
    "antoanthongtin",
    "bangdieuhanh",
    "canh",
    "chinhquyen",
    "congnghethongtin",
    "dangnhap",
    "dongnai",
    "hanoi",
    "haiphong",
    "hochiminh",
    "iloveyou",
    "khongcomatkhau",
    "letmein",
    "matkhau",
    "matkhaumacdinh",
    "matkhaumoi",
    "password",
    "qazwsxedcrfv",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdf",
    "quantri",
    "quantrivien",
    "saigon",
    "taikhoan",
    "tinhuy",
    "ubnd",
    "uybannhandan",
    "vietnam",
    "vietnamvodich",
    "welcome",
    "xinchao",
];

/// A password as it is hashed: composed, so that every keyboard's way of writing *ộ* is the same password.
pub(crate) fn normal(typed: &str) -> String {
    typed.nfc().collect()
}

/// Why a new password is not fit: the id of a text; `None` if it is.
pub(crate) fn unfit(typed: &str, login: &str) -> Option<&'static str> {
    let password = normal(typed);
    let length = password.chars().count();
    if length < LENGTH_MIN {
        return Some("error-password-short");
    }
    if length > LENGTH_MAX {
        return Some("error-password-long");
    }
    let folded: String = text::fold(&password).split_whitespace().collect();
    let core = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    let rising = |step: i32| {
        let codes: Vec<i32> = folded.chars().map(|c| c as i32).collect();
        codes.windows(2).all(|w| matches!(w, [a, b] if b - a == step || b - a == -9 * step))
    };
    if core.is_empty() || different.len() < DIFFERENT_MIN || rising(1) || rising(-1) || COMMON.contains(&core)
    {
        return Some("error-password-common");
    }
    if !login.is_empty()
        && folded.contains(login)
        && folded.replace(login, "").chars().count() <= LENGTH_MIN / 2
    {
        return Some("error-password-login");
    }
    None
}

/// Hashes on blocking threads, a few at a time.
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), queue: Arc::new(Semaphore::new(WAITING_MAX)) }
    }
}

impl Hasher {
    /// The PHC string of a new password.
    pub(crate) async fn hash(&self, secrets: &dyn Secrets, password: &str) -> Result<String, AppError> {
        let (salt, password) = (secrets.bytes(), normal(password));
        self.run(move || hash(&password, salt.first_chunk::<16>().map_or(&[][..], |s| &s[..]))).await?
    }

    /// Whether the password fits the PHC string. Without one the same work is done, and the answer is no.
    pub(crate) async fn verify(&self, password: &str, phc: Option<String>) -> Result<bool, AppError> {
        let password = normal(password);
        self.run(move || match phc {
            Some(phc) => {
                let parsed =
                    PasswordHash::new(&phc).map_err(|e| anyhow::anyhow!("stored password hash: {e}"))?;
                Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
            }
            None => hash(&password, &[0; 16]).map(|_| false),
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let _queued = self.queue.try_acquire().map_err(|_| AppError::TooMany(5))?;
        let turn = self.turns.clone().acquire_owned().await.map_err(anyhow::Error::from)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|e| AppError::Internal(e.into()))
    }
}

/// Whether a stored hash was made with other parameters than today's and should be made anew at the next sign-in.
pub(crate) fn outdated(phc: &str) -> bool {
    !phc.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

fn hash(password: &str, salt: &[u8]) -> Result<String, AppError> {
    let wrong = |e: &dyn std::fmt::Display| AppError::Internal(anyhow::anyhow!("argon2: {e}"));
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| wrong(&e))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let made: PasswordHash =
        argon2.hash_password_with_salt(password.as_bytes(), salt).map_err(|e| wrong(&e))?;
    Ok(made.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::testing::TestSecrets;

    #[test]
    fn long_and_not_common_is_all_that_is_asked() {
        for (bad, why) in [
            ("ngắn quá", "error-password-short"),
            ("matkhau123456", "error-password-common"),
            ("Mật khẩu 2026!", "error-password-common"),
            ("123456789012", "error-password-common"),
            ("abcdefghijklmn", "error-password-common"),
            ("aaaaaaaaaaaaaaaa", "error-password-common"),
            ("binh.tv123456", "error-password-login"),
        ] {
            assert_eq!(unfit(bad, "binh.tv"), Some(why), "{bad}");
        }
        assert_eq!(unfit(&"dài ".repeat(60), "binh.tv"), Some("error-password-long"));
        for good in
            ["con mèo trèo cây cau", "correct horse battery", "7-lá-chuối-xanh", "binh.tv thích đi câu cá"]
        {
            assert_eq!(unfit(good, "binh.tv"), None, "{good}");
        }
    }

    #[tokio::test]
    async fn a_password_fits_its_hash_however_it_is_composed() {
        let (hasher, secrets) = (Hasher::default(), TestSecrets::default());
        let phc = hasher.hash(&secrets, "con m\u{e8}o trèo").await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{phc}");
        assert!(!outdated(&phc) && outdated("$argon2id$v=19$m=19456,t=2,p=1$x"));
        assert!(hasher.verify("con me\u{300}o trèo", Some(phc.clone())).await.unwrap());
        assert!(!hasher.verify("con meo treo", Some(phc.clone())).await.unwrap());
        assert!(!hasher.verify("con mèo trèo", None).await.unwrap());
        assert_ne!(hasher.hash(&secrets, "con mèo trèo").await.unwrap(), phc);
    }

    #[tokio::test]
    async fn a_flood_is_asked_to_come_back() {
        let hasher = Hasher { turns: Arc::new(Semaphore::new(0)), queue: Arc::new(Semaphore::new(0)) };
        assert!(matches!(hasher.verify("x", None).await, Err(AppError::TooMany(5))));
    }
}
