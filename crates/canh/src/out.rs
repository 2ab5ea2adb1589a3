//! What a command says. The standard macros panic when nobody reads on (`canh findings | head`); here the rest is said to
//! nobody, and what cannot be written for another reason, as on a full disk, makes the command fail.

use std::{
    fmt,
    io::{ErrorKind, Write, stderr, stdout},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether something that was said could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// On standard output.
pub fn out(said: fmt::Arguments<'_>) {
    if let Err(error) = stdout().lock().write_fmt(said)
        && error.kind() != ErrorKind::BrokenPipe
        && !LOST.swap(true, Ordering::Relaxed)
    {
        err(format_args!("canh: {error}\n"));
    }
}

/// On standard error; there is no other place to complain.
pub fn err(said: fmt::Arguments<'_>) {
    let _ = stderr().lock().write_fmt(said);
}

/// Whether something was lost.
pub fn lost() -> bool {
    LOST.load(Ordering::Relaxed)
}
