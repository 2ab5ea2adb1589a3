//! What the program and its workers allocate by.

/// The allocator of a program that starts itself as a worker (ADR 0023), to be named `#[global_allocator]` there.
///
/// The C library's own keeps what many threads have given back; under a steady load of logs its memory never came to
/// rest (`docs/bench.md`).
pub use mimalloc::MiMalloc as Allocator;

/// Said to a worker's allocator: take address space as it is needed, in the smallest steps it knows (32 MiB; here in
/// KiB), and not a gigabyte at the start. Address space is what a worker is limited in.
pub(crate) const RESERVE: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "32768");
