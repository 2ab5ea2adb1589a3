//! `canh feeds`: where knowledge of flaws comes from, and bundles of it for networks without internet.

mod pack;
mod unpack;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::{
    actor::{Actor, Scope},
    feed::{Place, Signed},
    id::{Id, kind},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{
    StoreError,
    advisories::{self, Feed, NewFeed},
};
use watch::feeds::Came;
use web::Words;

use crate::{centre::Centre, config::Config, data::Data};

/// Feeds.
#[derive(Subcommand)]
pub enum Feeds {
    /// Add a feed: a file, a folder, an address (https://…).
    Add {
        /// File, folder or address.
        place: String,
        /// What it is called; by default the last part of the place.
        #[arg(long)]
        name: Option<String>,
        /// Take in only files that one of these OpenPGP keys signed: a file with keys. The signature lies beside each
        /// file, as FILE.asc or FILE.sig.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Read all feeds now, or those of that name. Exit code 1 if something is wrong with one.
    Read {
        /// Their names or places.
        names: Vec<String>,
    },
    /// List the feeds and how they fare.
    List {
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove a feed with all it gave.
    Remove {
        /// Its name or place.
        name: String,
    },
    /// Write everything the feeds gave to one signed file, to be carried to a network without internet.
    Pack {
        /// The new file, usually NAME.tar.zst.
        file: PathBuf,
    },
    /// Take in what `canh feeds pack` wrote: checks the signature and every digest, then reads it.
    Unpack {
        /// The file.
        file: PathBuf,
        /// Believe this key (`canh audit key` where it was packed) beside our own; may be repeated.
        #[arg(long, value_name = "KEY")]
        key: Vec<String>,
    },
}

/// What a bundle says of itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: String,
    made_at: String,
    feeds: Vec<Packed>,
}

/// A feed in a bundle.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    name: String,
    /// Digest by path within the feed.
    files: BTreeMap<String, String>,
}

const FORMAT: &str = "canh-feeds/1";
const MANIFEST: &str = "manifest.json";
const NOTE: &str = "manifest.note";
/// Bundles are put below this folder of the data folder.
const FOLDER: &str = "feeds";

/// Runs one of the commands.
pub async fn run(config: Config, data: Data, words: Words, what: Feeds) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    let centre = Centre::open(config, data).await?;
    let done = act(&centre, words, what).await;
    centre.db.close().await;
    done
}

async fn act(centre: &Centre, words: Words, what: Feeds) -> anyhow::Result<ExitCode> {
    match what {
        Feeds::Add { place, name, key } => {
            let (kind, place) = place_of(words, &place)?;
            let last = place.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            let unread = |file: &Path| {
                words.with_texts("command-file-unread", &[("file", &file.display().to_string())])
            };
            let key = match &key {
                Some(file) => Some(tokio::fs::read_to_string(file).await.with_context(|| unread(file))?),
                None => None,
            };
            let new = (name.unwrap_or(last), kind, place.as_str(), Signed::No);
            for print in add(centre, words, new, key.as_deref()).await? {
                println!("{}", words.with_texts("feeds-command-trust", &[("print", &print)]));
            }
            println!("{}", words.with_texts("feeds-command-added", &[("place", &place)]));
            Ok(ExitCode::SUCCESS)
        }
        Feeds::Read { names } => {
            let feeds = named(centre, words, &names).await?;
            read(centre, words, &feeds).await
        }
        Feeds::List { json } => {
            let feeds = named(centre, words, &[]).await?;
            list(words, &feeds, json)?;
            Ok(ExitCode::SUCCESS)
        }
        Feeds::Remove { name } => {
            let now = centre.clock.now();
            for feed in named(centre, words, std::slice::from_ref(&name)).await? {
                let done: Result<(), StoreError> = store::write!(centre.db, Actor::System, now, tx => {
                    advisories::remove(tx, &Scope::system(), feed.id).await
                });
                done?;
                println!("{}", words.with_texts("feeds-command-removed", &[("place", &feed.place)]));
            }
            Ok(ExitCode::SUCCESS)
        }
        Feeds::Pack { file } => pack::pack(centre, words, &file).await,
        Feeds::Unpack { file, key } => unpack::unpack(centre, words, &file, &key).await,
    }
}

/// What a place is; paths are made whole, since the server runs elsewhere.
fn place_of(words: Words, text: &str) -> anyhow::Result<(Place, String)> {
    if text.contains("://") {
        return Ok((Place::Url, text.to_owned()));
    }
    let unread = || words.with_texts("command-file-unread", &[("file", text)]);
    let path = Path::new(text).canonicalize().with_context(unread)?;
    let kind = if path.is_dir() { Place::Directory } else { Place::File };
    Ok((kind, path.to_str().with_context(unread)?.to_owned()))
}

/// Adds a feed: name, kind, place, whether it was signed; with keys returns their fingerprints.
async fn add(
    centre: &Centre,
    words: Words,
    (name, kind, place, signed): (String, Place, &str, Signed),
    key: Option<&str>,
) -> anyhow::Result<Vec<String>> {
    let new = NewFeed { id: Id::<kind::Feed>::new(&*centre.ids), name: &name, kind, place, signed };
    let (now, scope) = (centre.clock.now(), Scope::system());
    let done: Result<Vec<String>, StoreError> = store::write!(centre.db, Actor::System, now, tx => {
        advisories::add(tx, &scope, &new).await?;
        match key {
            Some(key) => advisories::trust(tx, &scope, new.id, key).await,
            None => Ok(Vec::new()),
        }
    });
    match done {
        Err(StoreError::Refused(code)) => bail!(words.t(&format!("error-{code}"))),
        done => Ok(done?),
    }
}

/// The feeds of those names or places; all of them if none is given.
async fn named(centre: &Centre, words: Words, names: &[String]) -> anyhow::Result<Vec<Feed>> {
    let all = advisories::feeds(&mut centre.db.read().await?, &Scope::system()).await?;
    if names.is_empty() {
        return Ok(all);
    }
    let found: Vec<Feed> =
        all.into_iter().filter(|f| names.iter().any(|n| *n == f.name || *n == f.place)).collect();
    if found.is_empty() {
        bail!(words.with_texts("feeds-command-none", &[("name", &names.join(", "))]));
    }
    Ok(found)
}

async fn read(centre: &Centre, words: Words, feeds: &[Feed]) -> anyhow::Result<ExitCode> {
    let reader = centre.feeds()?;
    let mut wrong = false;
    for feed in feeds.iter().filter(|f| f.kind != Place::Own) {
        let came = reader.read(feed, centre.clock.now()).await?;
        wrong |= came.trouble.is_some();
        say(words, feed, &came);
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn say(words: Words, feed: &Feed, came: &Came) {
    let taken = [
        ("name", feed.name.clone().into()),
        ("added", came.taken.added.into()),
        ("changed", came.taken.changed.into()),
        ("removed", came.taken.removed.into()),
        ("signals", came.taken.signals.into()),
    ];
    println!("{}", words.with("feeds-command-read", taken));
    if let Some((why, place)) = &came.trouble {
        println!("  ! {} ({place})", words.t(&format!("feed-trouble-{why}")));
    }
}

fn list(words: Words, feeds: &[Feed], json: bool) -> anyhow::Result<()> {
    if json {
        let rows: Vec<_> = feeds
            .iter()
            .map(|f| {
                serde_json::json!({
                    "id": f.id, "name": f.name, "kind": f.kind, "place": f.place, "signed": f.signed,
                    "tried_at": f.tried_at, "read_at": f.read_at, "changed_at": f.changed_at,
                    "trouble": f.trouble.as_ref().map(|t| t.0), "advisories": f.advisories,
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    for f in feeds {
        let read = f.read_at.map_or_else(
            || words.t("feed-never"),
            |t| domain::time::local(t).strftime("%d/%m/%Y %H:%M").to_string(),
        );
        println!("{:>8}  {read:<16}  {}  {}", f.advisories, f.name, f.place);
        if let Some((why, place)) = &f.trouble {
            println!("          ! {} ({place})", words.t(&format!("feed-trouble-{why}")));
        }
    }
    Ok(())
}
