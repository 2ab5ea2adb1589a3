//! How much anybody may ask.

use axum::http::Method;
use jiff::Timestamp;

use super::bucket::Buckets;
use crate::{AppError, User, sign_in::identify::Asker, sign_in::password::Hasher};

/// The limits' state: in memory of this process, since it is worth nothing after a restart.
pub struct Guard {
    /// Sign-ins and one-time links: a commune behind one address comes to work, a guesser gets one try in three seconds.
    pub(crate) sign_in: Buckets,
    /// Requests of nobody: the sign-in pages with room to spare.
    nobody: Buckets,
    /// Requests of one person, programs included: a bulk import at twenty a second.
    person: Buckets,
    /// Hashes passwords.
    pub(crate) hasher: Hasher,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            sign_in: Buckets::new(20, 1.0 / 3.0),
            nobody: Buckets::new(120, 4.0),
            person: Buckets::new(300, 20.0),
            hasher: Hasher::default(),
        }
    }
}

impl Guard {
    /// Counts one request, before anything is done for it but finding out who asks.
    pub(crate) fn admit(
        &self,
        user: &User,
        asker: &Asker,
        method: &Method,
        path: &str,
        now: Timestamp,
    ) -> Result<(), AppError> {
        if path.starts_with("/assets/") || matches!(path, "/health" | "/health/clocks") {
            return Ok(());
        }
        if method == Method::POST && (path.starts_with("/login") || path.starts_with("/l/")) {
            self.sign_in.take(&asker.source, now).map_err(AppError::TooMany)?;
        }
        match user.person {
            Some(person) => self.person.take(&person.to_string(), now),
            None => self.nobody.take(&asker.source, now),
        }
        .map_err(AppError::TooMany)
    }
}
