//! The certificates an agency trusts, as files in a folder.

use std::{fs, io, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use x509_parser::{certificate::X509Certificate, pem::Pem, prelude::FromDer};

/// Files of one folder.
const FILES: usize = 200;
/// Bytes of one file; a certificate has one or two thousand.
const FILE: u64 = 1 << 20;
/// Certificates altogether: with them and the paper the child must get on.
const CERTIFICATES: usize = 500;
/// What files of certificates are called.
const NAMES: [&str; 4] = ["pem", "crt", "cer", "der"];

/// Certificates of authorities that are trusted: roots, or those in between.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots(pub(super) Vec<Vec<u8>>);

/// A certificate of a folder, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Whose it is.
    pub name: String,
    /// Until when it is valid.
    pub until: Timestamp,
}

impl Roots {
    /// Reads the certificates in a folder, PEM or DER; also names the files that hold none.
    ///
    /// # Errors
    /// When the folder cannot be read, or holds more than any agency trusts.
    pub fn load(folder: &Path) -> io::Result<(Self, Vec<String>)> {
        let (mut roots, mut without) = (Vec::new(), Vec::new());
        let mut paths: Vec<_> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        paths.retain(|path| {
            let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
            end.is_some_and(|end| NAMES.contains(&end.as_str()))
        });
        paths.sort();
        if paths.len() > FILES {
            return Err(io::Error::other(format!("more than {FILES} files")));
        }
        for path in paths {
            let found =
                if fs::metadata(&path)?.len() > FILE { Vec::new() } else { certificates(&fs::read(&path)?) };
            if found.is_empty() {
                without.push(path.display().to_string());
            }
            roots.extend(found);
        }
        roots.sort();
        roots.dedup();
        if roots.len() > CERTIFICATES {
            return Err(io::Error::other(format!("more than {CERTIFICATES} certificates")));
        }
        Ok((Self(roots), without))
    }

    /// Exactly these, in DER.
    #[must_use]
    pub fn of(certificates: Vec<Vec<u8>>) -> Self {
        Self(certificates)
    }

    /// What they are called and how long they are valid.
    pub fn list(&self) -> impl Iterator<Item = Root> {
        self.0.iter().filter_map(|der| {
            let certificate = X509Certificate::from_der(der).ok()?.1;
            let until = Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()?;
            Some(Root { name: super::names::called(certificate.subject()).unwrap_or_default(), until })
        })
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn certificates(bytes: &[u8]) -> Vec<Vec<u8>> {
    let whole = |der: &[u8]| X509Certificate::from_der(der).is_ok_and(|(rest, _)| rest.is_empty());
    if whole(bytes) {
        return vec![bytes.to_vec()];
    }
    let blocks = Pem::iter_from_buffer(bytes).map_while(Result::ok);
    let blocks = blocks.filter(|block| block.label == "CERTIFICATE" && whole(&block.contents));
    blocks.map(|block| block.contents).collect()
}
