//! The caller's side.

use crate::alloc::RESERVE;
use crate::confine::Confinement;
use crate::limits::{Head, Limits};
use crate::serve::{DONE, REFUSED};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// How much of the worker's stderr is kept.
const SAID: usize = 4096;
/// Processor time is used up. The same number on every Unix we build for.
const SIGXCPU: i32 = 24;
const SIGABRT: i32 = 6;

/// Why there is no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Killed {
    /// The time on the wall or of the processor was used up.
    #[error("the worker took too long")]
    Time,
    /// The address space was used up.
    #[error("the worker needed too much memory")]
    Memory,
    /// The output was longer than allowed.
    #[error("the worker wrote too much")]
    Output,
    /// It ended without an answer. `said` is the tail of its stderr: for the log only, never for a page,
    /// since it may quote the input.
    #[error("the worker ended without an answer: {how:?}: {said}")]
    Crashed {
        /// How it ended.
        how: Crash,
        /// At most 4 KiB of what it wrote to stderr.
        said: String,
    },
    /// The worker looked at the input and said no: its own words, as given to [`crate::serve`].
    #[error("the worker refused: {0}")]
    Refused(String),
    /// The program could not be started.
    #[error("the worker did not start: {0}")]
    NotStarted(String),
}

/// How a worker ended that gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// By itself with this code; 101 is a panic, 70 a worker that could not bind itself to its limits.
    Exit(i32),
    /// By this signal; 9 that we did not send is mostly the kernel short of memory.
    Signal(i32),
}

/// A program that calls [`crate::serve`] when started with these arguments. Cheap to clone; all clones share
/// one bound on how many run at once, so that a hundred uploads do not take a hundred times the memory.
#[derive(Debug, Clone)]
pub struct Worker {
    program: PathBuf,
    args: Vec<OsString>,
    places: Arc<Semaphore>,
}

impl Worker {
    /// `program` as absolute path: a server gives `/proc/self/exe` (Linux) or `std::env::current_exe()`, so
    /// that the worker is of the same version even after the file on disk was replaced. `at_once` is at
    /// least 1; waiting for a place does not count as the run's time.
    pub fn new<A: Into<OsString>>(
        program: impl Into<PathBuf>,
        args: impl IntoIterator<Item = A>,
        at_once: usize,
    ) -> Self {
        let places = Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS)));
        Self { program: program.into(), args: args.into_iter().map(Into::into).collect(), places }
    }

    /// The same program, started with other arguments, within the same bound.
    #[must_use]
    pub fn with_args<A: Into<OsString>>(&self, args: impl IntoIterator<Item = A>) -> Self {
        Self { args: args.into_iter().map(Into::into).collect(), ..self.clone() }
    }
}

/// Runs the worker on `input` and gives its output. The worker is gone when this returns, and also when the
/// future is dropped half-way.
///
/// # Errors
/// [`Killed`] says why there is no output.
pub async fn run(worker: &Worker, limits: &Limits, input: &[u8]) -> Result<Vec<u8>, Killed> {
    Ok(started(worker, limits, false, input).await?.1)
}

/// Starts the worker for nothing but to learn what the kernel enforces here.
///
/// # Errors
/// [`Killed`] when the worker does not even start or cannot bind itself to the default limits.
pub async fn probe(worker: &Worker) -> Result<Confinement, Killed> {
    Ok(started(worker, &Limits::default(), true, &[]).await?.0)
}

async fn started(
    worker: &Worker,
    limits: &Limits,
    probe: bool,
    input: &[u8],
) -> Result<(Confinement, Vec<u8>), Killed> {
    // The semaphore is never closed; if it were, one run more is no harm.
    let _place = worker.places.acquire().await.ok();
    let mut child = Command::new(&worker.program)
        .args(&worker.args)
        .env_clear()
        .env(RESERVE.0, RESERVE.1)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Killed::NotStarted(error.to_string()))?;
    let mut group = Group(child.id());
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Killed::NotStarted("no pipes".into()));
    };

    let feed = async move {
        // A worker that ends before reading everything breaks the pipe; its exit says more than that.
        let _ = stdin.write_all(&Head::of(limits, probe).write()).await;
        let _ = stdin.write_all(input).await;
        drop(stdin);
        Ok(())
    };
    // Two bytes of answer head before the output itself.
    let all = async {
        let (answer, said, ()) =
            tokio::try_join!(bounded(stdout, limits.output.saturating_add(2)), tail(stderr), feed)?;
        let status = child.wait().await.map_err(|error| Killed::NotStarted(error.to_string()))?;
        Ok((answer, said, status))
    };
    let (answer, said, status) = tokio::time::timeout(limits.wall, all).await.map_err(|_| Killed::Time)??;
    group.0 = None;
    if !status.success() {
        return Err(why(status, &said));
    }
    match answer.split_first_chunk::<2>() {
        Some(([DONE, byte], body)) => Ok((Confinement::from_byte(*byte), body.to_vec())),
        Some(([REFUSED, _], body)) => Err(Killed::Refused(String::from_utf8_lossy(body).into_owned())),
        _ => Err(Killed::Crashed { how: Crash::Exit(0), said: text(&said) }),
    }
}

fn why(status: ExitStatus, said: &[u8]) -> Killed {
    let said = text(said);
    match (status.signal(), status.code()) {
        (Some(SIGXCPU), _) => Killed::Time,
        // The runtime's own words when an allocation fails; there is no other sign of it from outside.
        (Some(SIGABRT), _) if said.contains("memory allocation of") => Killed::Memory,
        (Some(signal), _) => Killed::Crashed { how: Crash::Signal(signal), said },
        (None, code) => Killed::Crashed { how: Crash::Exit(code.unwrap_or(-1)), said },
    }
}

fn text(said: &[u8]) -> String {
    String::from_utf8_lossy(said).into_owned()
}

/// Everything, if it is no more than `limit` bytes.
async fn bounded(pipe: impl AsyncRead + Unpin, limit: u64) -> Result<Vec<u8>, Killed> {
    let mut bytes = Vec::new();
    pipe.take(limit.saturating_add(1)).read_to_end(&mut bytes).await.map_err(|_| Killed::Output)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= limit) { Ok(bytes) } else { Err(Killed::Output) }
}

/// The last bytes; the pipe is drained so that a chatty worker does not block on it.
async fn tail(mut pipe: impl AsyncRead + Unpin) -> Result<Vec<u8>, Killed> {
    let mut kept = Vec::new();
    let mut chunk = [0; SAID];
    while let Ok(read) = pipe.read(&mut chunk).await {
        if read == 0 {
            break;
        }
        kept.extend(chunk.iter().take(read));
        let surplus = kept.len().saturating_sub(SAID);
        kept.drain(..surplus);
    }
    Ok(kept)
}

/// Ends everything the worker may have started, unless it was already waited for.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        let pid = self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // Gone already is as good.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}
