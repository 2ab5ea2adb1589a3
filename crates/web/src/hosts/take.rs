//! Files of inventory on their way in, from whatever side: opened in a child, kept, each report to its host.

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
};
use jiff::Timestamp;
use paper::{PaperError, inventory::Piece};
use review::inventory::{Odd, Refused};
use store::{
    Db, StoreError,
    blobs::Blobs,
    hosts::take::{self, NewFile, Via},
};

/// Whoever takes inventory in, for one body.
pub struct Intake<'a> {
    /// The records.
    pub db: &'a Db,
    /// The files.
    pub blobs: &'a Blobs,
    /// Opens hostile files in a child process.
    pub worker: &'a sandbox::Worker,
    /// The source of ids.
    pub ids: &'a dyn Ids,
    /// When.
    pub now: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What they may.
    pub scope: &'a Scope,
    /// Whose hosts.
    pub body: Id<kind::Body>,
    /// From which side.
    pub via: Via,
    /// By which link.
    pub link: Option<Id<kind::InventoryLink>>,
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// Its name.
    pub name: String,
    /// The file in the records.
    pub file: Id<kind::InventoryFile>,
    /// Whether it was there already.
    pub again: bool,
    /// How many hosts it speaks of.
    pub hosts: usize,
    /// Why it was not read.
    pub refused: Option<Refused>,
    /// What in it was not understood.
    pub odd: Vec<Odd>,
    /// How much of that there was.
    pub odd_count: usize,
}

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The file could not be opened.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The records.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Intake<'_> {
    /// Takes in a file, or every file of a zip.
    pub async fn file(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<Came>, Failed> {
        // Before a child is set to work: nobody opens a file for a body that is not theirs.
        take::may(&mut self.db.read().await?, self.scope, self.body).await?;
        let mut all = Vec::new();
        for piece in paper::inventory::unpack(self.worker, name, bytes).await? {
            all.push(self.piece(piece).await?);
        }
        Ok(all)
    }

    /// Takes in one file that lay in a folder of its own.
    pub async fn piece(&self, piece: Piece) -> Result<Came, Failed> {
        let read = paper::inventory::open(self.worker, &piece).await?;
        // Of a zip with a folder a host, the file's name alone does not say which of them it is.
        let name = match &piece.folder {
            Some(folder) if read.is_err() => format!("{folder}/{}", piece.name),
            _ => piece.name.clone(),
        };
        let limit = paper::inventory::FILE.max(piece.bytes.len()) as u64;
        let blob = self.blobs.put(self.ids.next(), &*piece.bytes, limit).await?;
        let new = NewFile {
            id: Id::new(self.ids),
            body: self.body,
            name: &name,
            blob: &blob,
            via: self.via,
            link: self.link,
            hint: Some(piece.hint()),
            read: read.as_ref(),
        };
        let took = take::take_in(self.db, self.actor, self.now, self.scope, self.ids, &new).await?;
        let (hosts, refused, odd, odd_count) = match read {
            Ok(read) => (read.hosts.len(), None, read.odd.clone(), read.odd.len() + read.odd_more),
            Err(why) => (0, Some(why), Vec::new(), 0),
        };
        Ok(Came { name, file: took.file, again: took.again, hosts, refused, odd, odd_count })
    }
}
