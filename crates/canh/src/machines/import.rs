//! `canh import inventory`: reports of machines into the centre, each file once; `canh inventory collector`.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context;
use domain::actor::{Actor, Scope};
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
    data.must_exist(words, config.database.url.is_some())?;
    let worker = centre::worker()?;
    let centre = Centre::open(config, data).await?;
    let body = counts::body(&mut centre.db.read().await?, words, body.unwrap_or_default()).await?;
    let scope = Scope::system();
    let intake = Intake {
        db: &centre.db,
        blobs: &centre.blobs,
        worker: &worker,
        ids: &*centre.ids,
        now: centre.clock.now(),
        actor: Actor::System,
        scope: &scope,
        body,
        via: Via::Command,
        link: None,
    };
    let (mut sum, mut failed) = (Sum::default(), false);
    for file in files::below(path)? {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        // A file in a folder below belongs to the machine that the folder names.
        let folder = file.parent().filter(|p| *p != path && path.is_dir()).and_then(Path::file_name);
        let took = match folder {
            Some(folder) if !bytes.starts_with(b"PK") => {
                let folder = Some(folder.to_string_lossy().into_owned());
                intake.piece(Piece { name, folder, bytes }).await.map(|came| vec![came])
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
    centre.db.close().await;
    let said = [("new", sum.new), ("again", sum.again), ("refused", sum.refused), ("odd", sum.odd)];
    println!("{}", words.with("command-inventory-sum", said.map(|(k, n)| (k, n.into()))));
    Ok(if failed || sum.refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[derive(Default)]
struct Sum {
    new: usize,
    again: usize,
    refused: usize,
    odd: usize,
}

impl Sum {
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
