//! Signed checkpoints: size and root of the log under an Ed25519 signature (C2SP tlog-checkpoint, signed-note),
//! to be kept where whoever holds this machine cannot reach them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::id::{Id, kind};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint as Text, tlog::Hash};

use super::Root;
use crate::{Row, Sql, StoreError, Tx, args};

/// What is wrong with a key or a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a key of the signed-note form with Ed25519.
    #[error("not a key of the form name+id+base64")]
    Key,
    /// A name of a log may hold no spaces and no `+`.
    #[error("`{0}` cannot name a log: no spaces, no +")]
    Name(String),
    /// Not a checkpoint.
    #[error("not a checkpoint: {0}")]
    Malformed(String),
    /// No signature by a known key, or a false one.
    #[error("the signature does not hold: {0}")]
    Signature(String),
}

/// The key that signs the log's checkpoints. Shows nothing of itself.
#[derive(Clone)]
pub struct Signer {
    name: String,
    key: SigningKey,
    signer: StandardSigner,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

const ED25519: u8 = 1;
const SECRET: &str = "PRIVATE+KEY+";

impl Signer {
    /// A new key from 32 random bytes. `name` names the log in every checkpoint: `province.example/audit`.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !signed_note::is_key_name_valid(name) {
            return Err(NoteError::Name(name.to_owned()));
        }
        let key = SigningKey::from_bytes(seed);
        let signer = StandardSigner::new(&secret(name, &key)).map_err(|_| NoteError::Key)?;
        Ok(Self { name: name.to_owned(), key, signer })
    }

    /// Reads what [`Signer::secret`] wrote.
    pub fn parse(secret: &str) -> Result<Self, NoteError> {
        let mut parts = secret.trim().strip_prefix(SECRET).ok_or(NoteError::Key)?.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let key = BASE64_STANDARD.decode(key).map_err(|_| NoteError::Key)?;
        let Some((&ED25519, seed)) = key.split_first() else { return Err(NoteError::Key) };
        Self::from_seed(name, seed.try_into().map_err(|_| NoteError::Key)?)
    }

    /// The key as text for a file that only its owner reads.
    pub fn secret(&self) -> String {
        secret(&self.name, &self.key)
    }

    /// The public key as text, to be given to whoever keeps checkpoints.
    pub fn verifier_key(&self) -> String {
        signed_note::new_ed25519_verifier_key(&self.name, &self.key.verifying_key())
    }

    /// The log's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs the head of the log as it stood at `size`.
    pub fn sign(&self, size: u64, root: &Root) -> Result<Checkpoint, NoteError> {
        let text = Text::new(&self.name, size, Hash(*root), "")
            .map_err(|e| NoteError::Malformed(e.to_string()))?
            .to_bytes();
        let mut note = Note::new(&text, &[]).map_err(|e| NoteError::Malformed(e.to_string()))?;
        note.add_sigs(&[&self.signer]).map_err(|e| NoteError::Signature(e.to_string()))?;
        let note = String::from_utf8(note.to_bytes()).map_err(|e| NoteError::Malformed(e.to_string()))?;
        Ok(Checkpoint { origin: self.name.clone(), size, root: *root, note })
    }

    /// Signs a text of lines, for something else than the log that travels between machines. Its first line must say
    /// what it is, so that it can never pass for a checkpoint.
    pub fn sign_text(&self, text: &str) -> Result<String, NoteError> {
        let mut note = Note::new(text.as_bytes(), &[]).map_err(|e| NoteError::Malformed(e.to_string()))?;
        note.add_sigs(&[&self.signer]).map_err(|e| NoteError::Signature(e.to_string()))?;
        String::from_utf8(note.to_bytes()).map_err(|e| NoteError::Malformed(e.to_string()))
    }
}

fn secret(name: &str, key: &SigningKey) -> String {
    let public = [&[ED25519], key.verifying_key().as_bytes().as_slice()].concat();
    let private = [&[ED25519], key.as_bytes().as_slice()].concat();
    format!("{SECRET}{name}+{:08x}+{}", signed_note::key_id(name, &public), BASE64_STANDARD.encode(private))
}

/// The public keys whose checkpoints are believed.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<String>);

impl Keys {
    /// Reads verifier keys, as `canh audit key` prints them.
    pub fn parse(keys: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, NoteError> {
        let mut known = Vec::new();
        for key in keys {
            let key = key.as_ref().trim();
            StandardVerifier::new(key).map_err(|_| NoteError::Key)?;
            if !known.iter().any(|k| k == key) {
                known.push(key.to_owned());
            }
        }
        Ok(Self(known))
    }

    /// The text of a note that one of these keys signed, and the key's name.
    pub fn open_text(&self, note: &str) -> Result<(String, String), NoteError> {
        let read = Note::from_bytes(note.as_bytes()).map_err(|e| NoteError::Malformed(e.to_string()))?;
        let (good, _) = read.verify(&self.verifiers()).map_err(|e| NoteError::Signature(e.to_string()))?;
        let name = good.first().map(|s| s.name().to_owned());
        let name = name.ok_or_else(|| NoteError::Signature("no known key".into()))?;
        let text =
            String::from_utf8(read.text().to_vec()).map_err(|e| NoteError::Malformed(e.to_string()))?;
        Ok((name, text))
    }

    fn verifiers(&self) -> VerifierList {
        VerifierList::new(
            self.0.iter().filter_map(|k| Some(Box::new(StandardVerifier::new(k).ok()?) as _)).collect(),
        )
    }
}

/// A checkpoint whose signature was checked, or that was just signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many entries it vouches for.
    pub size: u64,
    /// The Merkle tree hash over them.
    pub root: Root,
    /// The signed note, exactly as it is kept and sent.
    pub note: String,
}

impl Checkpoint {
    /// Reads a note and checks its signature by one of `keys`.
    pub fn open(note: &str, keys: &Keys) -> Result<Self, NoteError> {
        let read = Note::from_bytes(note.as_bytes()).map_err(|e| NoteError::Malformed(e.to_string()))?;
        let text = Text::from_bytes(read.text()).map_err(|e| NoteError::Malformed(e.to_string()))?;
        let (good, _) = read.verify(&keys.verifiers()).map_err(|e| NoteError::Signature(e.to_string()))?;
        if !good.iter().any(|s| s.name() == text.origin()) {
            return Err(NoteError::Signature("signed, but not by the log it names".into()));
        }
        Ok(Self {
            origin: text.origin().to_owned(),
            size: text.size(),
            root: text.hash().0,
            note: note.to_owned(),
        })
    }
}

/// A checkpoint as it is stored: not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Entries it vouches for.
    pub size: u64,
    /// When it was made.
    pub at: Timestamp,
    /// The signed note.
    pub note: String,
}

/// Signs the log as it stands before this write, and keeps the checkpoint. The write records that it did.
pub async fn sign(tx: &mut Tx, signer: &Signer) -> Result<Checkpoint, StoreError> {
    let head = tx.head();
    let checkpoint =
        signer.sign(head.size, &head.root).map_err(|e| StoreError::Corrupt("checkpoint", e.to_string()))?;
    let now = tx.now();
    tx.exec(
        "insert into audit_checkpoint (size, at, note) values ($1, $2, $3)
         on conflict (size) do update set at = $2, note = $3",
        args![checkpoint.size as i64, now, &checkpoint.note],
    )
    .await?;
    tx.record(
        "audit.signed",
        format!("checkpoint:{}", checkpoint.size),
        None::<Id<kind::Body>>,
        &checkpoint.note,
    );
    Ok(checkpoint)
}

/// The newest checkpoint.
pub async fn latest(sql: &mut Sql) -> Result<Option<Kept>, StoreError> {
    let row =
        sql.row("select size, at, note from audit_checkpoint order by size desc limit 1", vec![]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The checkpoint of that size.
pub async fn of_size(sql: &mut Sql, size: u64) -> Result<Kept, StoreError> {
    let row =
        sql.row("select size, at, note from audit_checkpoint where size = $1", args![size as i64]).await?;
    row.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("checkpoint"))
}

/// All checkpoints, smallest first.
pub async fn all(sql: &mut Sql) -> Result<Vec<Kept>, StoreError> {
    let rows = sql.rows("select size, at, note from audit_checkpoint order by size", vec![]).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Kept, StoreError> {
    let size = row.int("size")?;
    let size = u64::try_from(size).map_err(|e| StoreError::Corrupt("audit_checkpoint", e.to_string()))?;
    Ok(Kept { size, at: row.time("at")?, note: row.text("note")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(seed: u8) -> Signer {
        Signer::from_seed("tinh.example/audit", &[seed; 32]).unwrap()
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = signer(7);
        let again = Signer::parse(&key.secret()).unwrap();
        assert_eq!(again.verifier_key(), key.verifier_key());
        assert!(!format!("{key:?}").contains("PRIVATE"));
        assert!(Signer::from_seed("has spaces", &[1; 32]).is_err());
        assert!(Signer::parse("PRIVATE+KEY+x+00000000+AA==").is_err());
    }

    #[test]
    fn a_checkpoint_is_believed_only_with_its_key_and_unchanged() {
        let key = signer(7);
        let made = key.sign(42, &[9; 32]).unwrap();
        let keys = Keys::parse([key.verifier_key()]).unwrap();
        assert_eq!(Checkpoint::open(&made.note, &keys).unwrap(), made);
        let changed = made.note.replacen("42", "41", 1);
        assert!(matches!(Checkpoint::open(&changed, &keys), Err(NoteError::Signature(_))));
        let others = Keys::parse([signer(8).verifier_key()]).unwrap();
        assert!(matches!(Checkpoint::open(&made.note, &others), Err(NoteError::Signature(_))));
        assert!(Checkpoint::open("nonsense", &keys).is_err());
        let note = key.sign_text("canh-feeds/1\nabc\n").unwrap();
        let opened = keys.open_text(&note).unwrap();
        assert_eq!(opened, ("tinh.example/audit".to_owned(), "canh-feeds/1\nabc\n".to_owned()));
        assert!(keys.open_text(&note.replacen("abc", "abd", 1)).is_err());
        assert!(others.open_text(&note).is_err());
    }
}
