//! `canh detect`: files to hits.

use std::{
    io::{BufRead, Read},
    process::ExitCode,
};

use ::detect::{Correlator, Found, Scratch, ruleset::Watch};
use anyhow::Context;
use domain::event::{Column, Event};
use jiff::{Timestamp, tz::TimeZone};
use normalise::{Reader, Shape, Zone};
use web::Words;

use super::{Detect, load, out};
use crate::archive::{Found as File, Walk};

/// The most bytes of one archive, unpacked: what is made of next to nothing would else take forever.
const UNPACKED: u64 = 256 << 30;
/// The part of an EVTX file's head that says how long it is.
const HEAD: u64 = 128;

/// One hit of a rule or a correlation.
pub struct Hit {
    /// When.
    pub at: Option<Timestamp>,
    /// How grave.
    pub level: detect::Level,
    /// The rule's title.
    pub title: String,
    /// The rule's id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The machine.
    pub host: String,
    /// The log's own number of the kind of event.
    pub code: String,
    /// The log's channel or kind.
    pub channel: String,
    /// Why.
    pub because: Vec<detect::Because>,
    /// The file.
    pub file: String,
    /// The line or record in the file.
    pub number: u64,
}

/// What was looked at.
#[derive(Default)]
pub struct Seen {
    /// Events.
    pub events: u64,
    /// Lines that were not understood.
    pub unknown: u64,
    /// Records that could not be read.
    pub broken: u64,
    /// Files.
    pub files: u64,
}

struct Triage {
    watch: Watch,
    correlator: Correlator,
    scratch: Scratch,
    least: detect::Level,
    hits: Vec<Hit>,
    seen: Seen,
    /// When the last event happened that a rule meets.
    last: Timestamp,
}

/// Looks through the files and writes what was found. Exit code 1 if a file could not be read; the others are.
pub fn run(words: Words, how: &Detect) -> anyhow::Result<ExitCode> {
    let watch = load::watch(words, &how.rules, &how.pipeline)?;
    let zone = TimeZone::get(&how.zone).with_context(|| format!("--zone {}", how.zone))?;
    let correlator = Correlator::new(watch.correlations.clone(), &watch.matcher);
    let mut triage = Triage {
        watch,
        correlator,
        scratch: Scratch::default(),
        least: how.level.into(),
        hits: Vec::new(),
        seen: Seen::default(),
        last: Timestamp::MIN,
    };
    let mut failed = false;
    let mut say = |name: &str, error: &anyhow::Error| {
        failed = true;
        eprintln!("canh: {name}: {error:#}");
    };
    let walk = Walk { words, fits: &|name| !name.starts_with('.'), most: UNPACKED };
    walk.each(&how.files, &mut |file| triage.file(file, &zone), &mut say)?;
    triage.end();
    triage.hits.sort_by(|a, b| (a.at, &a.file, a.number).cmp(&(b.at, &b.file, b.number)));
    out::write(words, how.out, &triage.hits, &triage.seen)?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Triage {
    fn file(&mut self, file: File<'_>, zone: &TimeZone) -> anyhow::Result<()> {
        self.seen.files += 1;
        let File { name, changed, mut bytes } = file;
        let mut event = Event::default();
        if normalise::is_evtx(bytes.fill_buf()?) {
            return self.evtx(&name, &mut bytes, &mut event);
        }
        // A year that a line leaves out is that of the file's last change.
        let mut reader = Reader::new(Zone { zone: zone.clone(), now: changed });
        let mut line = Vec::new();
        let mut number = 0;
        while next_line(&mut bytes, &mut line)? {
            number += 1;
            match reader.line(&line, &mut event) {
                Shape::Nothing => continue,
                Shape::Unknown => self.seen.unknown += 1,
                _ => {}
            }
            self.event(&event, &name, number);
        }
        Ok(())
    }

    fn evtx(&mut self, name: &str, bytes: &mut dyn BufRead, event: &mut Event) -> anyhow::Result<()> {
        let mut head = Vec::new();
        (&mut *bytes).take(HEAD).read_to_end(&mut head)?;
        let rest = normalise::evtx::head(&head).map_or(0, |len| (len as u64).saturating_sub(HEAD));
        std::io::copy(&mut (&mut *bytes).take(rest), &mut std::io::sink())?;
        let (mut chunks, mut chunk, mut number) = (normalise::evtx::Chunks::default(), Vec::new(), 0);
        loop {
            chunk.clear();
            if (&mut *bytes).take(normalise::evtx::CHUNK as u64).read_to_end(&mut chunk)? == 0 {
                break;
            }
            chunks.chunk(&chunk, event, &mut |event| {
                number += 1;
                self.event(event, name, number);
            });
        }
        self.seen.broken += chunks.read.broken;
        Ok(())
    }

    fn event(&mut self, event: &Event, file: &str, number: u64) {
        self.seen.events += 1;
        for rule in self.watch.matcher.matches(event, &mut self.scratch).to_vec() {
            let Some(about) = self.watch.matcher.rules().get(rule as usize).map(|r| &r.about) else {
                continue;
            };
            if !self.correlator.is_silent(rule) && about.level >= self.least {
                self.hits.push(Hit {
                    at: event.time(),
                    because: self.watch.matcher.explain(rule, event),
                    ..hit(about, event, file, number)
                });
            }
            // Without a time nothing can be said to come together.
            let Some(now) = event.time() else { continue };
            self.last = self.last.max(now);
            let all = self.correlator.feed(&self.watch.matcher, rule, event, now, u128::from(number));
            all.into_iter().for_each(|found| self.joined(&found, event, file));
        }
    }

    /// What a correlation found: it stands where the last of its events does, as far as that is at hand.
    fn joined(&mut self, found: &Found, event: &Event, file: &str) {
        let Some(correlation) = self.correlator.correlations().get(found.correlation) else { return };
        if correlation.about.level < self.least {
            return;
        }
        let because = |(field, value): &(String, String)| detect::Because {
            selection: String::new(),
            field: field.clone(),
            value: value.clone(),
            asked: intake::lists::counted(found),
        };
        let number = u64::try_from(found.reference).unwrap_or_default();
        self.hits.push(Hit {
            at: Some(found.last),
            because: found.group.iter().map(because).collect(),
            ..hit(&correlation.about, event, file, number)
        });
    }

    /// What is known only when nothing more comes: too few, in spans that ended before the last event did.
    fn end(&mut self) {
        let all = self.correlator.tick(self.last);
        all.into_iter().for_each(|found| self.joined(&found, &Event::default(), ""));
    }
}

fn hit(about: &detect::rule::About, event: &Event, file: &str, number: u64) -> Hit {
    let column = |column| event.column(column).map_or(String::new(), |v| v.text.to_owned());
    let channel = column(Column::Channel);
    Hit {
        at: None,
        level: about.level,
        title: about.title.clone(),
        id: about.id.clone().unwrap_or_default(),
        author: about.author.clone(),
        tags: about.tags.clone(),
        host: column(Column::Host),
        code: column(Column::Code),
        channel: if channel.is_empty() { event.dataset().to_owned() } else { channel },
        because: Vec::new(),
        file: file.to_owned(),
        number,
    }
}

/// The next line without its end, cut at what one event may have; false at the end.
fn next_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let (used, ended) = {
            let buffer = file.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = buffer.iter().position(|b| *b == b'\n');
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let room = normalise::LINE.saturating_sub(line.len());
            line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            (part.len() + usize::from(end.is_some()), end.is_some())
        };
        file.consume(used);
        if ended {
            return Ok(true);
        }
    }
}
