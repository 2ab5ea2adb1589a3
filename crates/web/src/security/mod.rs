//! What stands between the network and the handlers, whoever asks and for whatever.

pub(crate) mod bucket;
pub(crate) mod guard;
pub(crate) mod headers;
pub(crate) mod origin;
pub(crate) mod repeat;
pub(crate) mod source;

pub use guard::Guard;
