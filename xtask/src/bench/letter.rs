//! Reading letters: processor time per letter over every corpus, and the slowest of them.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, ensure};

use super::gauge::{Times, begin, ms};

/// The order's goal for one letter.
const GOAL: Duration = Duration::from_millis(20);
/// How often each is read; the middle one counts.
const ROUNDS: usize = 15;

/// Runs it.
///
/// # Errors
/// When no letters are there, or the goal is missed.
pub fn run(_: &[&str]) -> Result<()> {
    let began = begin();
    let mut making = Times::default();
    let reader = letter::Reader::new(&letter::Lexicon::builtin());
    making.end(&began);
    println!("reader      made in {} of processor, once a start", ms(making.cpu(50)));

    let mut slowest = (Duration::ZERO, PathBuf::new());
    for folder in folders(Path::new("corpus/letters"))? {
        let (mut sum, mut chars, mut letters) = (Duration::ZERO, 0, 0);
        let mut of_letters = Vec::new();
        for path in texts(&folder)? {
            let text = std::fs::read_to_string(&path)?;
            let mut times = Times::default();
            for _ in 0..ROUNDS {
                let began = begin();
                std::hint::black_box(reader.read(std::hint::black_box(&text)));
                times.end(&began);
            }
            let middle = times.cpu(50);
            (sum, chars, letters) = (sum + middle, chars + text.chars().count(), letters + 1);
            of_letters.push(middle);
            if middle > slowest.0 {
                slowest = (middle, path);
            }
        }
        if letters == 0 {
            continue;
        }
        of_letters.sort();
        println!(
            "{:11} {letters} letters of {} characters: {} each, {} the slowest",
            folder.file_name().unwrap_or_default().to_string_lossy(),
            chars / letters as usize,
            ms(sum / letters),
            ms(of_letters.last().copied().unwrap_or_default()),
        );
    }
    ensure!(slowest.0 > Duration::ZERO, "no letters in corpus/letters");
    println!("slowest     {} with {}", slowest.1.display(), ms(slowest.0));
    ensure!(slowest.0 <= GOAL, "{} takes {}, the goal is {GOAL:?}", slowest.1.display(), ms(slowest.0));
    Ok(())
}

fn folders(of: &Path) -> Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(of)?.flatten().map(|e| e.path()).collect();
    all.retain(|p| p.is_dir());
    all.sort();
    Ok(all)
}

fn texts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    all.sort();
    Ok(all)
}
