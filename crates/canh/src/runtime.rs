//! What only programs make: time, identity, secrets (contract 1).

use std::sync::Mutex;

use domain::{
    id::{Ids, Secrets, Uuid},
    time::{Clock, cut},
};
use jiff::Timestamp;
use uuid::{ContextV7, Timestamp as UuidTime};

/// The wall's clock, cut to microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Wall;

impl Clock for Wall {
    #[allow(clippy::disallowed_methods)] // the one place
    fn now(&self) -> Timestamp {
        cut(Timestamp::now())
    }
}

/// UUIDv7 from the wall's clock; each greater than the one before, also within a millisecond and when the clock is
/// set back.
pub struct Fresh(Mutex<State>);

struct State {
    context: ContextV7,
    last: Uuid,
}

impl Default for Fresh {
    fn default() -> Self {
        Self(Mutex::new(State { context: ContextV7::new(), last: Uuid::nil() }))
    }
}

impl Ids for Fresh {
    fn next(&self) -> Uuid {
        let now = Wall.now();
        let (seconds, nanos) = (now.as_second().unsigned_abs(), now.subsec_nanosecond().unsigned_abs());
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut id = Uuid::new_v7(UuidTime::from_unix(&state.context, seconds, nanos));
        if id <= state.last {
            // The clock went back: count on from the last one instead. Its random tail leaves room for 2^62 more.
            id = Uuid::from_u128(state.last.as_u128().saturating_add(1));
        }
        state.last = id;
        id
    }
}

/// The system's source of randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl Secrets for SystemRandom {
    #[allow(clippy::panic)] // without randomness nothing secret may be made: stopping is the only safe answer
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        if let Err(error) = getrandom::fill(&mut bytes) {
            panic!("the system gives no random bytes: {error}");
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_only_grow() {
        let ids = Fresh::default();
        let made: Vec<Uuid> = (0..20_000).map(|_| ids.next()).collect();
        assert!(made.windows(2).all(|w| w[0] < w[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn time_is_cut_to_microseconds() {
        assert_eq!(Wall.now().subsec_nanosecond() % 1_000, 0);
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(SystemRandom.bytes(), SystemRandom.bytes());
    }
}
