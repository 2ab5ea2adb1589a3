//! The worker's side.

use crate::confine::{Confinement, FILES, confine, limit};
use crate::limits::Head;
use std::io::{Read, Write};
use std::process::ExitCode;

/// The answer's first byte.
pub(crate) const DONE: u8 = 0;
pub(crate) const REFUSED: u8 = 1;
/// The worker could not bind itself, or was started by hand: it has read nothing.
pub(crate) const EXIT_UNBOUND: u8 = 70;

/// The whole of a worker: binds itself to the limits it is told, reads the input, does `work`, answers, ends.
///
/// `Err` of `work` reaches the caller as [`crate::Killed::Refused`], unchanged; give it a form that a program
/// can read. A panic ends the process and reaches the caller as [`crate::Killed::Crashed`].
///
/// Call it first thing in the hidden subcommand, with one thread running: before configuration, logging, or
/// an async runtime. After it began, `work` can open no file and start no thread.
pub fn serve(work: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> ExitCode {
    match answer(work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(EXIT_UNBOUND),
    }
}

fn answer(work: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> std::io::Result<()> {
    let mut stdin = std::io::stdin().lock();
    let mut head = [0; Head::LEN];
    stdin.read_exact(&mut head)?;
    let head = Head::read(&head).ok_or(std::io::ErrorKind::InvalidInput)?;
    limit(&head, FILES)?;
    let confinement = confine();
    let (tag, body) = if head.probe {
        (DONE, Vec::new())
    } else {
        let mut input = Vec::new();
        stdin.read_to_end(&mut input)?;
        match work(&input) {
            Ok(output) => (DONE, output),
            Err(message) => (REFUSED, message.into_bytes()),
        }
    };
    write(tag, confinement, &body)
}

fn write(tag: u8, confinement: Confinement, body: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&[tag, confinement.to_byte()])?;
    stdout.write_all(body)?;
    stdout.flush()
}
