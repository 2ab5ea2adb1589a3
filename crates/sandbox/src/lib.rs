//! Runs hostile input in a killable child process with limits (contract 10).
//!
//! A file that came by mail may be built to hang, exhaust or take over whatever reads it. So nothing reads
//! such a file in the server's own process: the program starts itself once more as a *worker*, hands it the
//! bytes on stdin and takes the result from stdout.
//!
//! - The caller's side is [`Worker`] and [`run`]; what went wrong is a [`Killed`].
//! - The worker's side is [`serve`], the whole `main` of the hidden subcommand.
//! - [`serve_tool`] is the `main` of a worker that becomes an installed program: it binds itself, then turns into
//!   that program, which inherits every limit. Such a program may read the system's own files; nothing else.
//! - [`probe`] says what the kernel here really enforces ([`Confinement`]), for `canh doctor`.
//!
//! - [`Allocator`] is what a program that starts itself as a worker allocates by.
//!
//! The worker has no environment but one word to its allocator, its directory is `/`, it leads its own process group, and before it reads
//! the first byte of input it gives up: time, memory, new files, further descriptors, core dumps, further
//! processes; and, where the kernel has Landlock and seccomp, every file, the network, `exec` and every
//! system call that computing does not need. The bounds of [`Limits`] hold on any Unix; the rest degrades.

mod alloc;
mod confine;
mod limits;
mod run;
mod serve;
mod tool;

pub use alloc::Allocator;
pub use confine::Confinement;
pub use limits::Limits;
pub use run::{Crash, Killed, Worker, probe, run};
pub use serve::serve;
pub use tool::serve_tool;
