//! Folders and files of reports and advisories.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use review::inventory::{self, FILE, Looks, Read};
use web::Words;

use super::Refused;

/// Deepest folder that is looked into.
const DEEPEST: usize = 16;

/// All files below a folder, in the order of their names; a file is itself. Links are not followed.
pub fn below(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(dir, 0, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let kind = fs::symlink_metadata(path).with_context(|| path.display().to_string())?.file_type();
    if kind.is_file() {
        found.push(path.to_owned());
    } else if kind.is_dir() && depth < DEEPEST {
        for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
            walk(&entry?.path(), depth + 1, found)?;
        }
    }
    Ok(())
}

/// A file's bytes, unless it is too large to be one.
pub fn bytes(path: &Path, words: Words) -> anyhow::Result<Vec<u8>> {
    let length = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if length > FILE as u64 {
        return Err(anyhow!(refused(path, &Refused::TooLarge(FILE >> 20), words)));
    }
    fs::read(path).with_context(|| path.display().to_string())
}

/// Reads a report.
pub fn inventory(path: &Path, bytes: &[u8], words: Words) -> anyhow::Result<Read> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    inventory::read(&name, bytes).map_err(|why| {
        let why = match why {
            Refused::Unknown(Looks::Other) => Refused::Unknown(paper::inventory::looks(bytes)),
            why => why,
        };
        anyhow!(unread(path, &web::hosts::refused(words, &why), words))
    })
}

/// Why a file was not read as advisories.
pub fn refused(path: &Path, why: &Refused, words: Words) -> String {
    let why = match why {
        Refused::Unknown(_) => words.t("review-refused-no-advisory"),
        why => web::hosts::refused(words, why),
    };
    unread(path, &why, words)
}

fn unread(path: &Path, why: &str, words: Words) -> String {
    words.with_texts("review-command-unread", &[("file", &path.display().to_string()), ("why", why)])
}

/// Whose a report is that names no machine: the folder's it lies in, or else what the file is called.
pub fn machine(root: &Path, path: &Path) -> Option<String> {
    let parent = path.parent().filter(|p| *p != root && root.is_dir()).and_then(Path::file_name);
    let name = parent.or_else(|| path.file_stem())?;
    Some(name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gigabyte_is_refused_before_it_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sbom.json");
        fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
        let words = Words::of(web::Lang::En);
        assert!(bytes(&path, words).unwrap_err().to_string().contains("sbom.json"));
    }
}
