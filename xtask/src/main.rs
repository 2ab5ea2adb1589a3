//! House work.

fn main() {}
