//! The mailbox. Messages are taken in the order of their numbers; the number of the last one is kept in the same commit
//! as what came of it, so that a kill at any point neither loses nor doubles. Messages stay where they are and are only
//! marked seen.

use domain::{actor::Scope, intake::Inlet, time::Clock};
use post::{Mailbox, MailboxConfig};
use serde_json::json;
use store::intake;

use super::{
    Inbox,
    open::{Came, Coming},
};

/// One look, over the line that stands or a new one, which is handed back for the next.
pub(super) async fn look(
    inbox: &Inbox,
    open: Option<Mailbox>,
    config: &MailboxConfig,
    clock: &dyn Clock,
) -> anyhow::Result<(u32, Mailbox)> {
    let body = inbox.body().await?;
    let mut mailbox = match open {
        Some(open) => open,
        None => Mailbox::open(config).await?,
    };
    let validity = mailbox.validity();
    let known = intake::source(&mut inbox.db.read().await?, &Scope::system(), Inlet::Mail).await?;
    // Other numbers than before: everything is looked at again, and known papers are known by what they are.
    let last = known.and_then(|s| s.mark).filter(|(of, _)| *of == validity).map_or(0, |(_, uid)| uid);
    let mut taken = 0;
    for uid in mailbox.after(last).await? {
        let Some(message) = mailbox.fetch(uid).await? else { continue };
        let (origin, files) = match message {
            Ok(bytes) => apart(inbox, bytes).await,
            Err(_) => (json!({}), vec![Came { name: None, bytes: Err("mail-too-large"), inline: false }]),
        };
        let coming = Coming {
            inlet: Inlet::Mail,
            body,
            key: format!("mail:{}@{}:{}:{validity}:{uid}", config.user, config.host, config.folder),
            origin,
            mark: Some((validity, uid)),
            files,
        };
        inbox.take_in(coming, clock.now()).await?;
        if let Err(error) = mailbox.seen(uid).await {
            tracing::debug!(%error, "a message could not be marked as seen");
        }
        taken += 1;
    }
    Ok((taken, mailbox))
}

/// The message's headers, and its parts: the files, then its own words.
async fn apart(inbox: &Inbox, bytes: Vec<u8>) -> (serde_json::Value, Vec<Came>) {
    let mail = match paper::mail::open(&inbox.worker, &bytes).await {
        Ok(mail) => mail,
        Err(error) => {
            tracing::warn!(code = error.code(), "a message could not be taken apart");
            return (json!({}), vec![Came { name: None, bytes: Err("mail-damaged"), inline: false }]);
        }
    };
    let head = mail.head;
    let origin = json!({
        "from": head.from, "subject": head.subject, "date": head.date, "message_id": head.message_id,
    });
    let mut files: Vec<Came> = Vec::with_capacity(mail.files.len() + 1);
    for file in mail.files {
        let large = file.bytes.len() > paper::limits::FILE;
        let bytes = if large { Err("too-large") } else { Ok(file.bytes) };
        files.push(Came { name: Some(file.name), bytes, inline: file.inline });
    }
    if !head.text.trim().is_empty() || files.is_empty() {
        files.push(Came { name: None, bytes: Ok(head.text.into_bytes()), inline: false });
    }
    (origin, files)
}
