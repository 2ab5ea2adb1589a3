//! Channels out of the machine: e-mail first.
