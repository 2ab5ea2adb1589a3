//! What correlations remember, kept over a restart: a file, named by the place in the log up to which it holds. Written
//! now and then; what came since is read again. A file that cannot be read costs what it remembered and nothing else.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use detect::correlate::State;
use domain::id::{Id, kind};
use jiff::Timestamp;
use lake::Position;
use serde::{Deserialize, Serialize};

/// Under this name its place is kept.
pub const FOLLOWER: &str = "correlations";
/// What is not finished begins with this.
const WRITING: &str = ".writing-";

/// Where it lies.
#[derive(Debug, Clone)]
pub struct Memory(PathBuf);

/// What is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Remembered {
    /// Of each body.
    pub bodies: Vec<(Id<kind::Body>, State)>,
    /// What came before is not in it; everything is where there is none.
    pub since: Option<Timestamp>,
}

impl Memory {
    /// In a folder of its own, which is made if it is not there.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        Ok(Self(dir.to_owned()))
    }

    /// What held at that place.
    pub fn load(&self, at: Position) -> io::Result<Remembered> {
        Ok(serde_json::from_slice(&fs::read(self.0.join(name(at)))?)?)
    }

    /// Keeps what holds at a place; what was kept before stays, until it is [let go of](Self::only).
    pub fn save(&self, at: Position, remembered: &Remembered) -> io::Result<()> {
        let writing = self.0.join(format!("{WRITING}{}", name(at)));
        let mut file = File::create(&writing)?;
        file.write_all(&serde_json::to_vec(remembered)?)?;
        file.sync_all()?;
        fs::rename(writing, self.0.join(name(at)))?;
        File::open(&self.0)?.sync_all()
    }

    /// Lets go of everything but what held at that place.
    pub fn only(&self, at: Position) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|found| found != name(at).as_str()) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

fn name(at: Position) -> String {
    format!("{:016x}.json", at.packed())
}
