//! How long events are kept: the terms of each body, holds that keep some beyond them, and since when events of each
//! source are there. The events themselves are in the lake; whoever keeps it asks here and tells what it found.

mod held;
mod hold;
mod terms;

pub use self::{
    held::{found, let_go},
    hold::{Hold, NewHold, hold, holds, lift},
    terms::{BodyTerm, bodies, terms},
};
