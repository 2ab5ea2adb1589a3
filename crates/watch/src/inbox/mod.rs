//! Papers in by themselves: a watched folder and a mailbox. No rules of the trade: what is a letter and what goes with
//! it is decided by [`domain::intake::plan`]; what is kept, by [`store::intake::take`] in one commit.
//!
//! Each way in has its own loop. A round that fails is tried again at the next look; what a paper itself is guilty of
//! is written down as its trouble and never tried again.

mod folder;
mod mail;
mod open;

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    intake::Inlet,
    time::Clock,
};
use jiff::Timestamp;
use letter::Reader;
use post::{MailboxConfig, PostError};
use store::{Db, StoreError, blobs::Blobs, intake};
use tokio::sync::watch;

pub use self::folder::Folder;

/// A file must look the same at two looks this far apart before it counts as written.
const FOLDER_EVERY: Duration = Duration::from_secs(5);
/// Nobody's mailbox is asked more often.
const MAIL_EVERY_MIN: u32 = 5;
/// After the server said that something came: what comes together is taken together, and one that never stops saying
/// so costs no more than two looks a second.
const MAIL_SETTLED: Duration = Duration::from_millis(500);
/// A broken line is called again after this.
const MAIL_AGAIN: Duration = Duration::from_secs(5);
/// A server that is down is found again after this at the latest, however seldom the mailbox is looked at.
const MAIL_RETRY_MAX: Duration = Duration::from_secs(60);
/// Servers end the call of somebody who waits for half an hour without a word, and the page shows a way in as silent
/// after a quarter.
const WAIT_MAX: Duration = Duration::from_secs(10 * 60);

/// What the two loops need.
pub struct Inbox {
    /// The records.
    pub db: Db,
    /// The files.
    pub blobs: Blobs,
    /// Opens hostile files in a child process.
    pub worker: sandbox::Worker,
    /// Whom the agency trusts to vouch for who signed a paper.
    pub roots: paper::signature::Roots,
    /// Reads letters.
    pub reader: Arc<Reader>,
    /// The program's source of ids.
    pub ids: Arc<dyn Ids>,
    /// Code of the body for whom papers are taken in.
    pub body: String,
    /// The watched folder.
    pub folder: Option<PathBuf>,
    /// The mailbox.
    pub mail: Option<MailboxConfig>,
}

/// Runs both loops until told to stop. What is under way then is cut off: it is taken in whole at the next start.
pub async fn run(inbox: Arc<Inbox>, clock: Arc<dyn Clock>, mut stop: watch::Receiver<bool>) {
    let (files, mails) = (looking_into_folder(&inbox, &*clock), looking_into_mailbox(&inbox, &*clock));
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        ((), ()) = async { tokio::join!(files, mails) } => {}
    }
}

async fn looking_into_folder(inbox: &Inbox, clock: &dyn Clock) {
    let Some(path) = &inbox.folder else { return };
    let mut folder = Folder::at(path);
    loop {
        let now = clock.now();
        let round = folder.round(inbox, now).await.map_err(|error| ("folder", error));
        inbox.told(Inlet::Folder, now, round).await;
        tokio::time::sleep(FOLDER_EVERY).await;
    }
}

async fn looking_into_mailbox(inbox: &Inbox, clock: &dyn Clock) {
    let Some(config) = &inbox.mail else { return };
    let every = Duration::from_secs(config.every.max(MAIL_EVERY_MIN).into());
    let mut open = None;
    loop {
        let now = clock.now();
        // A line that stood may have broken meanwhile: a reason to call again, not to complain.
        let stood = open.is_some();
        let pause = match mail::look(inbox, open.take(), config, clock).await {
            Ok((taken, mut mailbox)) => {
                inbox.told(Inlet::Mail, now, Ok(taken)).await;
                if mailbox.tells() {
                    match mailbox.wait(every.min(WAIT_MAX)).await {
                        Ok(()) => {
                            open = Some(mailbox);
                            MAIL_SETTLED
                        }
                        Err(error) => {
                            tracing::debug!(%error, "the line to the mailbox broke");
                            MAIL_AGAIN
                        }
                    }
                } else {
                    mailbox.leave().await;
                    every
                }
            }
            Err(_) if stood => MAIL_AGAIN,
            Err(error) => {
                let code = error.downcast_ref::<PostError>().map_or("mail", PostError::code);
                inbox.told(Inlet::Mail, now, Err((code, error))).await;
                every.min(MAIL_RETRY_MAX)
            }
        };
        tokio::time::sleep(pause).await;
    }
}

impl Inbox {
    /// One look into the mailbox: everything that is new. Returns how many messages.
    ///
    /// # Errors
    /// When server or records fail; what was taken before stays taken, the rest comes at the next look.
    pub async fn mail_round(&self, config: &MailboxConfig, clock: &dyn Clock) -> anyhow::Result<u32> {
        let (taken, mailbox) = mail::look(self, None, config, clock).await?;
        mailbox.leave().await;
        Ok(taken)
    }

    /// For whom papers are taken in.
    async fn body(&self) -> anyhow::Result<Id<kind::Body>> {
        let mut sql = self.db.read().await?;
        let found = intake::body_of(&mut sql, &Scope::system(), &self.body).await?;
        found.with_context(|| format!("[inbox] body: there is no body with the code {:?}", self.body))
    }

    /// Writes down how the way in fares. Nothing here may end the loop.
    async fn told(&self, inlet: Inlet, now: Timestamp, round: Result<u32, (&'static str, anyhow::Error)>) {
        let Ok(body) = self.body().await else {
            tracing::error!(body = self.body, "[inbox] body: there is no body with this code");
            return;
        };
        let done: Result<(), StoreError> = match &round {
            Ok(_) => store::write!(self.db, Actor::System, now, tx => intake::checked(tx, inlet, body).await),
            Err((code, error)) => {
                tracing::warn!(inlet = inlet.name(), error = format!("{error:#}"), "a look failed");
                store::write!(self.db, Actor::System, now, tx => intake::wrong(tx, inlet, body, code).await)
            }
        };
        if let Err(error) = done {
            tracing::error!(%error, "how the way in fares could not be written down");
        }
    }
}
