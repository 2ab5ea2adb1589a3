//! E-mail as files in a folder.

use std::path::{Path, PathBuf};

use tokio::{
    fs::{self, OpenOptions},
    io::AsyncWriteExt,
};

use crate::{
    Channel, Checking, Error, Message, Outcome, Sender, Sending,
    mime::{Composer, unique},
};

/// Writes every message as one `.eml` file, named after its intent, into one folder (`send.mail = "dir"`).
///
/// For the demonstration and for bodies without a mail server: a person opens the files in a mail
/// program, or a tool of the body's own carries them on. A receipt means only that the file is safe
/// on disk; nobody has been notified by it. Files hold codes and one-time links, so folder and files
/// are readable by the owner alone. The same message written twice is one file; files are never
/// removed by this program.
#[derive(Debug)]
pub struct DirChannel {
    dir: PathBuf,
    composer: Composer,
}

impl DirChannel {
    /// A channel into `dir`, which is made when first needed. `max_bytes` limits one message.
    pub fn new(dir: impl Into<PathBuf>, from: &Sender, max_bytes: usize) -> Result<Self, Error> {
        Ok(DirChannel { dir: dir.into(), composer: Composer::new(from, max_bytes)? })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        let letter = match self.composer.compose(message) {
            Ok(letter) => letter,
            Err(why) => return Outcome::refused(why),
        };
        match self.keep(message, &letter.bytes).await {
            Ok(name) => Outcome::Receipt { provider_id: name },
            Err(why) => Outcome::retry(format_args!("cannot write the message's file: {why}")),
        }
    }

    /// First a hidden file, flushed; then its name: a half-written `.eml` is never seen.
    async fn keep(&self, message: &Message, bytes: &[u8]) -> std::io::Result<String> {
        let unique = unique(message).map_err(std::io::Error::other)?;
        self.make_dir().await?;
        let name = format!("{unique}.eml");
        let unfinished = self.dir.join(format!(".{unique}.part"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&unfinished).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        drop(file);
        fs::rename(&unfinished, self.dir.join(&name)).await?;
        // The new name is safe only once the folder is flushed too; Windows has no such call.
        #[cfg(unix)]
        fs::File::open(&self.dir).await?.sync_all().await?;
        Ok(name)
    }

    async fn make_dir(&self) -> std::io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(&self.dir).await
    }
}

impl Channel for DirChannel {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }

    fn check(&self) -> Checking<'_> {
        Box::pin(async {
            let probe = self.dir.join(".check");
            let tried = async {
                self.make_dir().await?;
                fs::write(&probe, b"").await?;
                fs::remove_file(&probe).await
            };
            tried.await.map_err(|why| format!("cannot write into {}: {why}", self.dir.display()))
        })
    }
}
