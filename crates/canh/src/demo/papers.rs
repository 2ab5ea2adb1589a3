//! What came by itself into a watched folder: letters that wait for somebody, a copy, a broken scan, a secret paper.

use anyhow::{Context, Result};
use jiff::Timestamp;
use watch::inbox::Folder;

use super::{cast::LEAD_CODE, order::after};
use crate::{centre::Centre, serve};

/// The folder, gone when the demonstration is made.
const FOLDER: &str = "den";
const WARNING: &str = include_str!("letters/cuc-canh-bao.txt");
const ANSWER: &str = include_str!("letters/so-y-te-dau-moi.txt");
/// A file whose copying broke off.
const BROKEN: &str = "%PDF-1.7\n1 0 obj\n<</Type/Catalog";
/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Lets them come one after the other, from `since` on.
pub async fn come(centre: &Centre, since: Timestamp, now: Timestamp) -> Result<()> {
    let path = centre.data.path(FOLDER);
    std::fs::create_dir_all(&path)?;
    let inbox = serve::watching(centre, LEAD_CODE, Some(path.clone()), None)?;
    let mut folder = Folder::at(&path);
    let secret = format!("MẬT\n{WARNING}");
    // The same words from another machine: other bytes, the same letter.
    let copy = ANSWER.replace('\n', "\r\n");
    let papers = [
        ("5388-A05-P5 canh bao lo hong.txt", WARNING, 3 * DAY),
        ("2046-SYT-VP.txt", ANSWER, 4 * DAY),
        ("2046-SYT-VP (ban sao).txt", &copy, 4 * DAY + 40),
        ("Bao cao quet 14-11.pdf", BROKEN, 5 * DAY),
        ("van ban den.txt", &secret, 6 * DAY),
    ];
    for (name, text, minutes) in papers {
        let at = after(since, minutes).min(now);
        std::fs::write(path.join(name), text)?;
        // Only what lies there unchanged at a second look is whole.
        for _ in 0..2 {
            folder.round(&inbox, at).await.with_context(|| name.to_owned())?;
        }
    }
    std::fs::remove_dir_all(&path)?;
    Ok(())
}
