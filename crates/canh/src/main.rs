//! The centre.

fn main() {}
