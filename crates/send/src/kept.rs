//! What an adapter must remember, kept by somebody who has a database: no channel keeps anything another process would
//! need.

use std::{future::Future, pin::Pin};

/// A boxed future of these.
pub type Keeping<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// Small secrets by name.
pub trait Kept: Send + Sync {
    /// The value of a name, if it has one.
    fn get<'a>(&'a self, name: &'a str) -> Keeping<'a, Option<String>>;

    /// Gives a name a value if it still has the value `before`; says whether it did. Whoever comes second reads again.
    fn swap<'a>(&'a self, name: &'a str, before: Option<&'a str>, value: &'a str) -> Keeping<'a, bool>;

    /// The other side said that this address of a kind of channel is no more.
    fn gone<'a>(&'a self, kind: &'a str, address: &'a str) -> Keeping<'a, ()>;
}
