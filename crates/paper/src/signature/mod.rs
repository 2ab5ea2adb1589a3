//! Digital signatures of a PDF: whether they hold, over which part of the file, whose they are, and whether the agency
//! trusts who vouches for that. What is not looked at: whether a certificate was revoked meanwhile, since that would
//! mean asking over the network.
//!
//! [`beside`] checks in the child, as everything that is hostile. A state is never better than what was computed.

mod chain;
mod cms;
mod crypto;
mod find;
mod judge;
mod names;
mod roots;
mod time;
mod tlv;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{PaperText, error::PaperError, kind::FileKind, limits, work};
pub use roots::{Root, Roots};

/// The signatures of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatures {
    /// Always true: the file carries signatures.
    pub found: bool,
    /// When they were checked; with it the certificates trusted then.
    pub checked: Timestamp,
    /// In the order they stand in the file.
    pub list: Vec<Signature>,
    /// Whether there are more than were looked at.
    pub more: bool,
}

/// How a signature fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It holds, and a trusted authority vouches for the signer.
    Trusted,
    /// It holds; nobody trusted vouches for the signer.
    Valid,
    /// The file is not, or not only, what was signed.
    Altered,
    /// It does not hold.
    Invalid,
    /// It could not be checked.
    Unchecked,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// How it fares.
    pub state: State,
    /// Why, unless it is trusted: a stable code.
    pub why: Option<String>,
    /// Whether it is a stamp of the time over the file, and nobody's approval.
    pub stamp_only: bool,
    /// Whose certificate it was made with. Only of a signature that holds is that the signer.
    pub signer: Option<Person>,
    /// When it was made.
    pub made: Option<Timestamp>,
    /// Whether a trusted stamp says so, and not only the signer.
    pub made_stamped: bool,
    /// The time stamp it carries.
    pub stamp: Option<Stamp>,
    /// Key and digest.
    pub how: Option<String>,
    /// Whether they are too weak by now.
    pub weak: bool,
    /// Which state of the file it covers, of how many; something was added afterwards if they differ.
    pub revision: (u32, u32),
}

/// Whose a certificate is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Of the person or body.
    pub name: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
    /// Its unit.
    pub unit: Option<String>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// The certificate's number, in hexadecimal digits.
    pub serial: String,
    /// Valid from.
    pub from: Option<Timestamp>,
    /// Valid until.
    pub until: Option<Timestamp>,
}

/// A time stamp on a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// How it fares.
    pub state: State,
    /// Who stamped.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// What a paper tells besides its words, as records keep it: how it was read from pictures, and [`Signatures`]; `Null`
/// for nothing.
pub async fn beside(
    worker: &sandbox::Worker,
    roots: &Roots,
    now: Timestamp,
    paper: &PaperText,
    bytes: &[u8],
) -> (Value, Value) {
    let scan = paper.scan.as_ref().and_then(|scan| serde_json::to_value(scan).ok());
    let signatures = if paper.signed { check(worker, roots, now, paper.kind, bytes).await } else { None };
    let signatures = signatures.and_then(|found| serde_json::to_value(found).ok());
    (scan.unwrap_or_default(), signatures.unwrap_or_default())
}

/// What the child is told before the file.
#[derive(Serialize, Deserialize)]
struct Asked {
    now: Timestamp,
    roots: Roots,
}

/// Checks the signatures of a file that carries some; none if it turns out to carry none. A check that fails is an
/// answer too: unchecked, and why.
pub async fn check(
    worker: &sandbox::Worker,
    roots: &Roots,
    now: Timestamp,
    kind: FileKind,
    bytes: &[u8],
) -> Option<Signatures> {
    let alone = |why: &str| Signatures {
        found: true,
        checked: now,
        list: vec![Signature::unchecked(why)],
        more: false,
    };
    if kind != FileKind::Pdf {
        // Word's signatures are of another kind (XML).
        return Some(alone("word"));
    }
    let asked = serde_json::to_vec(&Asked { now, roots: roots.clone() }).unwrap_or_default();
    let mut request = u64::try_from(asked.len()).unwrap_or_default().to_le_bytes().to_vec();
    let limit = limits::FILE.saturating_add(request.len()).saturating_add(asked.len());
    request.extend(asked);
    request.extend_from_slice(bytes);
    match work::ask_within(worker, work::SIGNATURES, &request, limit).await {
        Ok(Some(found)) => Some(found),
        Ok(None) => None,
        Err(PaperError::TooSlow) => Some(alone("too-slow")),
        Err(PaperError::TooHungry | PaperError::TooMuch { .. } | PaperError::TooLarge { .. }) => {
            Some(alone("too-large"))
        }
        Err(_) => Some(alone("failed")),
    }
}

/// In the worker.
pub(crate) fn answer(request: &[u8]) -> Result<Option<Signatures>, PaperError> {
    let failed = || PaperError::Failed { how: "an unknown request".into() };
    let (length, rest) = request.split_first_chunk::<8>().ok_or_else(failed)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| failed())?;
    let (asked, bytes) = rest.split_at_checked(length).ok_or_else(failed)?;
    let asked: Asked = serde_json::from_slice(asked).map_err(|_| failed())?;
    Ok(read(bytes, &asked.roots, asked.now))
}

/// The check itself: only the worker, tests and fuzzers call it. None: the file carries no signature.
#[must_use]
pub fn read(bytes: &[u8], roots: &Roots, now: Timestamp) -> Option<Signatures> {
    judge::all(bytes, roots, now)
}

impl Signature {
    fn unchecked(why: &str) -> Self {
        Self {
            state: State::Unchecked,
            why: Some(why.to_owned()),
            stamp_only: false,
            signer: None,
            made: None,
            made_stamped: false,
            stamp: None,
            how: None,
            weak: false,
            revision: (1, 1),
        }
    }
}
