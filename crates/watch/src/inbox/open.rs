//! Opening what came: each file in the sandbox, each text by the reader, then all parts of one arrival at once.

use anyhow::Context;
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    intake::{self as rules, Fate, Inlet, ItemState, Opened, Part},
    order::Paper,
};
use jiff::Timestamp;
use paper::{FileKind, PaperError};
use serde_json::Value;
use store::{
    StoreError,
    blobs::Blob,
    intake::{Arrival, Piece, Put},
};

use super::Inbox;

/// Bytes of text of one paper, as for those that people bring.
const TEXT_MAX: usize = 1024 * 1024;

/// A file as it came.
pub(super) struct Came {
    /// Its name; none for a message's own words.
    pub name: Option<String>,
    /// What is in it; an error code if that was too large to be taken over.
    pub bytes: Result<Vec<u8>, &'static str>,
    /// A picture drawn inside a message's words.
    pub inline: bool,
}

/// An arrival on its way in.
pub(super) struct Coming {
    pub inlet: Inlet,
    pub body: Id<kind::Body>,
    pub key: String,
    pub origin: Value,
    pub mark: Option<(u32, u32)>,
    pub files: Vec<Came>,
}

/// A file that was looked into.
struct Looked {
    came: Came,
    kind: FileKind,
    found: Found,
}

enum Found {
    Paper { text: String, reading: Value, scan: Value, signatures: Value },
    Other,
    Unreadable(String),
}

impl Inbox {
    /// Opens everything, decides, keeps it in one commit. Returns what became of the parts, in no promised order;
    /// empty if it was taken in before.
    ///
    /// # Errors
    /// When records, files or the sandbox itself fail, never because of what came.
    pub(super) async fn take_in(&self, coming: Coming, now: Timestamp) -> anyhow::Result<Vec<ItemState>> {
        // A child that does not even start is our fault, not the paper's.
        sandbox::probe(&self.worker).await.context("the sandbox")?;
        let scope = Scope::system();
        let mut looked = Vec::with_capacity(coming.files.len());
        for came in coming.files {
            looked.push(self.look(came, now).await?);
        }
        let secret = looked
            .iter()
            .any(|part| matches!(&part.found, Found::Paper { reading, .. } if rules::is_secret(reading)));
        let mut arrival = Arrival {
            body: coming.body,
            inlet: coming.inlet,
            key: &coming.key,
            origin: &coming.origin,
            pieces: &[],
            mark: coming.mark,
        };
        if secret {
            let id = Id::new(&*self.ids);
            let done: Result<(), StoreError> = store::write!(self.db, Actor::System, now, tx => {
                store::intake::turned_away(tx, &scope, &arrival, id).await
            });
            done?;
            return Ok(vec![ItemState::Secret]);
        }
        let kept = self.keep(&looked).await?;
        let pieces = self.pieces(&looked, &kept);
        arrival.pieces = &pieces;
        let done: Result<_, StoreError> = store::write!(self.db, Actor::System, now, tx => {
            store::intake::take(tx, &scope, &arrival).await
        });
        Ok(done?.into_iter().map(|(state, _)| state).collect())
    }

    /// Letters first, then what goes with them, then what a person must look at.
    fn pieces<'a>(&self, looked: &'a [Looked], kept: &'a [Option<Blob>]) -> Vec<Piece<'a>> {
        let fates = rules::plan(&looked.iter().map(part).collect::<Vec<_>>());
        let parts: Vec<_> = looked.iter().zip(kept).zip(&fates).collect();
        let rank = |fate: &Fate| match fate {
            Fate::Letter => 0,
            Fate::With(_) => 1,
            Fate::Trouble => 2,
            Fate::Dropped => 3,
        };
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|at| fates.get(*at).map(rank));
        let mut pieces = Vec::with_capacity(parts.len());
        for at in &order {
            let Some(((part, blob), fate)) = parts.get(*at) else { continue };
            let put = match (fate, &part.found) {
                (Fate::Dropped, _) => continue,
                (Fate::Letter, Found::Paper { text, reading, scan, signatures }) => {
                    Put::Letter { id: Id::new(&*self.ids), text, reading, scan, signatures }
                }
                (Fate::With(main), _) => {
                    Put::With(order.iter().position(|at| at == main).unwrap_or_default())
                }
                (_, Found::Unreadable(code)) => Put::Trouble(code),
                _ if part.came.name.is_none() => Put::Trouble("mail-no-paper"),
                _ => Put::Trouble("not-a-paper"),
            };
            pieces.push(Piece {
                id: Id::new(&*self.ids),
                name: part.came.name.as_deref(),
                file: blob.as_ref().map(|blob| (blob, part.kind.mime())),
                put,
            });
        }
        pieces
    }

    /// Stores the files. What could act when somebody opens it stays where it came from.
    async fn keep(&self, looked: &[Looked]) -> anyhow::Result<Vec<Option<Blob>>> {
        let mut kept = Vec::with_capacity(looked.len());
        for part in looked {
            let bytes = match (&part.came.name, &part.came.bytes) {
                (Some(_), Ok(bytes)) if !part.kind.is_active() => bytes,
                _ => {
                    kept.push(None);
                    continue;
                }
            };
            let limit = paper::limits::MESSAGE as u64;
            kept.push(Some(self.blobs.put(self.ids.next(), bytes.as_slice(), limit).await?));
        }
        Ok(kept)
    }

    async fn look(&self, came: Came, now: Timestamp) -> anyhow::Result<Looked> {
        let (kind, found) = match &came.bytes {
            Err(code) => (FileKind::Unknown, Found::Unreadable((*code).to_owned())),
            Ok(bytes) => {
                let kind = if came.name.is_none() { FileKind::Text } else { paper::kind::sniff(bytes) };
                (kind, self.found(&came, kind, bytes, now).await?)
            }
        };
        Ok(Looked { came, kind, found })
    }

    async fn found(
        &self,
        came: &Came,
        kind: FileKind,
        bytes: &[u8],
        now: Timestamp,
    ) -> anyhow::Result<Found> {
        if kind.is_active() {
            return Ok(Found::Unreadable("active".into()));
        }
        if beside(kind) || (came.inline && !kind.is_paper()) {
            return Ok(Found::Other);
        }
        let read = match paper::open(&self.worker, bytes).await {
            Ok(read) => read,
            Err(error) => {
                if let PaperError::Failed { .. } = error {
                    tracing::warn!(code = error.code(), "a paper could not be read");
                }
                return Ok(Found::Unreadable(error.code().to_owned()));
            }
        };
        if read.text.len() > TEXT_MAX {
            return Ok(Found::Unreadable("too-much".into()));
        }
        let (reader, text) = (self.reader.clone(), read.text.clone());
        let reading = tokio::task::spawn_blocking(move || serde_json::to_value(reader.read(&text))).await??;
        let (scan, signatures) = paper::signature::beside(&self.worker, &self.roots, now, &read, bytes).await;
        Ok(Found::Paper { text: read.text, reading, scan, signatures })
    }
}

/// Kinds that go with a letter and are never one.
fn beside(kind: FileKind) -> bool {
    matches!(
        kind,
        FileKind::Xlsx
            | FileKind::Xls
            | FileKind::Ods
            | FileKind::Csv
            | FileKind::Pptx
            | FileKind::Ppt
            | FileKind::Zip
            | FileKind::Archive
            | FileKind::Gif
            | FileKind::Webp
            | FileKind::Bmp
            | FileKind::Heic
            | FileKind::Mp4
            | FileKind::Media
            | FileKind::Json
            | FileKind::Xml
            | FileKind::Eml
            | FileKind::Msg
    )
}

fn part(looked: &Looked) -> Part {
    let opened = match &looked.found {
        Found::Paper { reading, .. } => {
            let paper = Paper::of(reading).unwrap_or_default();
            Opened::Paper { alone: rules::stands_alone(&paper), identity: rules::identity(&paper) }
        }
        Found::Other => Opened::Other,
        Found::Unreadable(_) => Opened::Unreadable,
    };
    Part { opened, body: looked.came.name.is_none() }
}
