//! `canh import inventory`: reports of machines into the centre, each file once; `canh inventory collector`.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context;
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
};
use jiff::Timestamp;
use paper::inventory::Piece;
use review::collect::Collector;
use store::hosts::take::Via;
use web::{
    Words,
    hosts::{Came, Intake, odd, refused},
};

use super::files;
use crate::{
    centre::{self, Centre},
    config::Config,
    counts,
    data::Data,
};

/// What of a file was not understood, shown.
const ODD: usize = 5;

/// Takes a file, a zip or a folder in; with `dry` only reads. Exit code 1 if a file was not read.
pub async fn import(
    config: Config,
    data: Data,
    words: Words,
    path: &Path,
    body: Option<&str>,
    dry: bool,
) -> anyhow::Result<ExitCode> {
    if dry {
        let all = files::below(path)?;
        return super::read(words, &all, super::Form::Table);
    }
    let opened = Opened::of(config, data, words, body.unwrap_or_default()).await?;
    let (scope, now) = (Scope::system(), opened.centre.clock.now());
    let intake = opened.intake(&scope, now);
    let (mut sum, mut failed) = (Sum::default(), false);
    for file in files::below(path)? {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        // A file in a folder below belongs to the machine that the folder names.
        let folder = file.parent().filter(|p| *p != path && path.is_dir()).and_then(Path::file_name);
        let took = match folder {
            Some(folder) if !bytes.starts_with(b"PK") => {
                let folder = Some(folder.to_string_lossy().into_owned());
                intake.piece(Piece { name, folder, bytes, refused: None }).await.map(|came| vec![came])
            }
            _ => intake.file(&name, bytes).await,
        };
        match took {
            Ok(all) => all.iter().for_each(|came| sum.add(words, &file, came)),
            Err(why) => {
                failed = true;
                eprintln!("canh: {}: {why}", file.display());
            }
        }
    }
    opened.centre.db.close().await;
    sum.said(words);
    Ok(if failed || sum.refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Takes one report in that is held in memory.
pub async fn one(
    config: Config,
    data: Data,
    words: Words,
    body: &str,
    name: &str,
    bytes: Vec<u8>,
) -> anyhow::Result<ExitCode> {
    let opened = Opened::of(config, data, words, body).await?;
    let (scope, now) = (Scope::system(), opened.centre.clock.now());
    let piece = Piece { name: name.to_owned(), folder: None, bytes, refused: None };
    let came = opened.intake(&scope, now).piece(piece).await?;
    let mut sum = Sum::default();
    sum.add(words, Path::new(name), &came);
    opened.centre.db.close().await;
    sum.said(words);
    Ok(if sum.refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A centre opened to take reports of one body in.
struct Opened {
    centre: Centre,
    worker: sandbox::Worker,
    body: Id<kind::Body>,
}

impl Opened {
    async fn of(config: Config, data: Data, words: Words, body: &str) -> anyhow::Result<Self> {
        data.must_exist(words, config.database.url.is_some())?;
        let worker = centre::worker()?;
        let centre = Centre::open(config, data).await?;
        let body = counts::body(&mut centre.db.read().await?, words, body).await?;
        Ok(Self { centre, worker, body })
    }

    fn intake<'a>(&'a self, scope: &'a Scope, now: Timestamp) -> Intake<'a> {
        Intake {
            db: &self.centre.db,
            blobs: &self.centre.blobs,
            worker: &self.worker,
            ids: &*self.centre.ids,
            now,
            actor: Actor::System,
            scope,
            body: self.body,
            via: Via::Command,
            link: None,
        }
    }
}

#[derive(Default)]
struct Sum {
    new: usize,
    again: usize,
    refused: usize,
    odd: usize,
}

impl Sum {
    fn said(&self, words: Words) {
        let said = [("new", self.new), ("again", self.again), ("refused", self.refused), ("odd", self.odd)];
        println!("{}", words.with("command-inventory-sum", said.map(|(k, n)| (k, n.into()))));
    }

    fn add(&mut self, words: Words, path: &Path, came: &Came) {
        let file = format!("{} ({})", came.name, path.display());
        if let Some(why) = &came.refused {
            self.refused += 1;
            let why = refused(words, why);
            eprintln!("{}", words.with_texts("review-command-unread", &[("file", &file), ("why", &why)]));
            return;
        }
        if came.again {
            self.again += 1;
        } else {
            self.new += 1;
        }
        self.odd += came.odd_count;
        let again = if came.again { words.t("command-inventory-again") } else { String::new() };
        let hosts = came.hosts.to_string();
        let said = [("file", &*file), ("hosts", &*hosts), ("again", &*again)];
        println!("{}", words.with_texts("command-inventory-file", &said));
        for it in came.odd.iter().take(ODD) {
            eprintln!("  {}", odd(words, it));
        }
    }
}

/// Writes the collectors into a folder.
pub fn collectors(words: Words, to: &Path, url: Option<&str>) -> anyhow::Result<ExitCode> {
    for collector in Collector::ALL {
        let file = to.join(collector.file());
        fs::write(&file, collector.script(url)).with_context(|| file.display().to_string())?;
        let said = file.display().to_string();
        println!("{}", words.with_texts("command-inventory-written", &[("file", &said)]));
    }
    Ok(ExitCode::SUCCESS)
}
