//! A worker that becomes an installed program.

use crate::confine::{FILES_OF_TOOL, confine_tool, limit};
use crate::limits::Head;
use crate::serve::{DONE, EXIT_UNBOUND};
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// As shells say it: there is no such program.
const EXIT_MISSING: u8 = 127;

/// Binds itself to the limits it is told, then turns into `program`, which reads the input on its standard input and
/// answers on its standard output. It starts no thread and no process, reads only what the system has installed, and
/// writes nothing. Returns only when that fails.
///
/// Call it first thing in the hidden subcommand, with one thread running.
pub fn serve_tool(program: &Path, args: &[OsString]) -> ExitCode {
    match become_it(program, args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(EXIT_MISSING),
        Err(_) => ExitCode::from(EXIT_UNBOUND),
    }
}

fn become_it(program: &Path, args: &[OsString]) -> std::io::Result<bool> {
    // Unbuffered: everything after the head belongs to the program.
    let mut stdin = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut head = [0; Head::LEN];
    stdin.read_exact(&mut head)?;
    let head = Head::read(&head).ok_or(std::io::ErrorKind::InvalidInput)?;
    limit(&head, FILES_OF_TOOL)?;
    let confinement = confine_tool();
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&[DONE, confinement.to_byte()])?;
    stdout.flush()?;
    if head.probe {
        return Ok(true);
    }
    // One thread: it may not make others.
    let error = Command::new(program)
        .args(args)
        .env_clear()
        .envs([("LC_ALL", "C.UTF-8"), ("OMP_THREAD_LIMIT", "1"), ("HOME", "/")])
        .exec();
    drop(error);
    Ok(false)
}
