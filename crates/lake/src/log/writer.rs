//! The one thread that writes: gathers what waits, writes it at once, syncs, answers.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    Answer, Ask, Batch, Error, Kept, Limits, Position, Shared, State, Tools,
    disk::{Opener, Sink, sync_dir},
    frame,
    recent::Recent,
    segment::{self, Head},
};

pub struct Writer {
    dir: PathBuf,
    limits: Limits,
    tools: Tools,
    opener: Opener,
    recent: Recent,
    shared: Arc<Shared>,
    /// The number of the segment to come, and where the one before it ends.
    next: (u32, u32),
    /// None after a failed write: what it left behind may not be built upon.
    open: Option<Open>,
    buffer: Vec<u8>,
}

struct Open {
    sink: Box<dyn Sink>,
    head: Head,
    len: u32,
}

/// A batch under way.
struct Waiting {
    batch: Batch,
    answer: Answer,
    kept: Kept,
    _room: tokio::sync::OwnedSemaphorePermit,
}

impl Writer {
    pub fn new(
        dir: PathBuf,
        limits: Limits,
        tools: Tools,
        opener: Opener,
        recent: Recent,
        shared: Arc<Shared>,
        next: (u32, u32),
    ) -> Self {
        Self { dir, limits, tools, opener, recent, shared, next, open: None, buffer: Vec::new() }
    }

    /// Begins the next segment.
    pub fn begin(&mut self) -> Result<(), Error> {
        let salt = self.tools.secrets.bytes().first_chunk::<16>().copied().unwrap_or_default();
        let head = Head { number: self.next.0, before: self.next.1, salt };
        let path = segment::path(&self.dir, head.number);
        let mut sink = (self.opener)(&path)?;
        let made = sink.add(&head.bytes()).and_then(|()| sink.sync()).and_then(|()| sync_dir(&self.dir));
        if let Err(error) = made {
            // Its number is used again: without its head nobody reads it.
            drop(sink);
            let _ = std::fs::remove_file(&path);
            return Err(error.into());
        }
        self.next = (head.number.saturating_add(1), segment::HEAD);
        self.shared.durable.send_replace(Position { segment: head.number, offset: segment::HEAD });
        self.open = Some(Open { sink, head, len: segment::HEAD });
        Ok(())
    }

    /// Writes until nobody can ask any more.
    pub fn run(&mut self, mut asks: UnboundedReceiver<Ask>) {
        while let Some(first) = asks.blocking_recv() {
            let mut group = Vec::new();
            let mut bytes = 0;
            let mut ask = Some(first);
            while let Some(one) = ask {
                match one {
                    Ask::Acknowledged(key) => self.recent.told(&key),
                    Ask::Keep(batch, answer, room) => {
                        bytes += frame::size(&batch);
                        let kept = Kept { at: None, already: Vec::new(), resent: false };
                        group.push(Waiting { batch, answer, kept, _room: room });
                    }
                }
                ask = if bytes < self.limits.group { asks.try_recv().ok() } else { None };
            }
            if !group.is_empty() {
                self.group(group);
            }
        }
    }

    fn group(&mut self, mut group: Vec<Waiting>) {
        let start = self.tools.clock.now();
        let done = self.keep(&mut group);
        let now = self.tools.clock.now();
        // A clock that is set back makes a write short, never the log slow.
        let ms = i64::try_from(now.duration_since(start).as_millis()).unwrap_or(i64::MAX).max(0);
        self.tell(now, &done, group.len() as u64, ms);
        for waiting in group {
            // Whoever asked may have gone; the batch is kept all the same.
            let _ = waiting.answer.send(done.clone().map(|()| waiting.kept));
        }
    }

    fn tell(&self, now: Timestamp, done: &Result<(), Error>, batches: u64, ms: i64) {
        let state = match done {
            Err(error) => State::Failing(error.to_string()),
            Ok(()) if ms > self.limits.slow_ms => State::Slow,
            Ok(()) => State::Good,
        };
        self.shared.wrote(now, state, batches, ms);
    }

    fn keep(&mut self, group: &mut [Waiting]) -> Result<(), Error> {
        if self.open.as_ref().is_none_or(|open| open.len >= self.limits.segment) {
            self.open = None;
            self.begin()?;
        }
        let Some(open) = &mut self.open else { return Err(Error::Closed) };
        self.buffer.clear();
        for waiting in group.iter_mut() {
            if self.recent.knows(&waiting.batch) {
                waiting.kept.resent = true;
                continue;
            }
            waiting.kept.already = self.recent.add(&waiting.batch);
            if waiting.kept.already.len() == waiting.batch.records.len() {
                continue;
            }
            let offset = open.len.saturating_add(u32::try_from(self.buffer.len()).unwrap_or(u32::MAX));
            frame::write(&mut self.buffer, &waiting.batch, &waiting.kept.already, &open.head.salt, offset);
            waiting.kept.at = Some(Position { segment: open.head.number, offset });
        }
        // A re-send of what is kept is durable already, and waits for nothing.
        if self.buffer.is_empty() {
            return Ok(());
        }
        let wrote = open.sink.add(&self.buffer).and_then(|()| open.sink.sync());
        if let Err(error) = wrote {
            // After a failed sync nobody knows what is on disk: the segment ends where it was whole.
            let _ = open.sink.cut(u64::from(open.len));
            self.next.1 = open.len;
            self.open = None;
            for waiting in group.iter().filter(|w| !w.kept.resent) {
                self.recent.remove(&waiting.batch, &waiting.kept.already);
            }
            return Err(error.into());
        }
        open.len = open.len.saturating_add(u32::try_from(self.buffer.len()).unwrap_or(u32::MAX));
        self.next.1 = open.len;
        let end = Position { segment: open.head.number, offset: open.len };
        self.shared.durable.send_replace(end);
        if self.buffer.capacity() > 2 * self.limits.group {
            self.buffer = Vec::new();
        }
        Ok(())
    }
}
