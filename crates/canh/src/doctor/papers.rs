//! What papers that come by themselves stand on: the recogniser, the trusted certificates, the folder, the mailbox.

use domain::{actor::Scope, time::Clock};
use post::{Mailbox, MailboxConfig};
use store::{Sql, StoreError, intake};

use super::Findings;
use crate::{centre, config::Config, data::Data, runtime::Wall};

/// Looks at all of it but the records.
pub(super) async fn check(found: &mut Findings, config: &Config, data: &Data) {
    if paper::scan::installed() {
        found.ok("scans", "Tesseract for Vietnamese and poppler are installed");
    } else {
        found.warn(
            "scans",
            "scans are not read: somebody must type their text",
            "apt-get install tesseract-ocr tesseract-ocr-vie poppler-utils",
        );
    }
    roots(found, config, data);
    let inbox = &config.inbox;
    if let Some(folder) = &inbox.folder {
        let folder = data.path(folder);
        let probe = folder.join(".canh-doctor");
        match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
            Ok(()) => found.ok("inbox", format!("{} can be read and tidied", folder.display())),
            Err(error) => found.fail(
                "inbox",
                format!("{}: {error}", folder.display()),
                "make the folder, and let the user who runs Canh write to it: papers taken in are moved",
            ),
        }
    }
    if let Some(mail) = &inbox.mail {
        mailbox(found, mail).await;
    }
}

fn roots(found: &mut Findings, config: &Config, data: &Data) {
    if config.signatures.roots.is_none() {
        return found
            .ok("signatures", "checked; [signatures] roots is not set, so no signer is called trusted");
    }
    match centre::roots(config, data) {
        Ok((roots, without)) => {
            let now = Wall.now();
            for file in without {
                found.warn(
                    "signatures",
                    format!("{file} holds no certificate"),
                    "put a PEM or DER file there",
                );
            }
            for root in roots.list().filter(|root| root.until < now) {
                let said =
                    format!("the certificate of {} ended on {}", root.name, domain::time::date(root.until));
                found.warn("signatures", said, "papers signed since are not trusted: add its successor");
            }
            match roots.list().count() {
                0 => {
                    found.warn("signatures", "no certificate is trusted", "put some into [signatures] roots")
                }
                count => found.ok("signatures", format!("{count} trusted certificates")),
            }
        }
        Err(error) => found.fail("signatures", format!("{error:#}"), "correct [signatures] roots"),
    }
}

async fn mailbox(found: &mut Findings, config: &MailboxConfig) {
    match Mailbox::open(config).await {
        Ok(open) => {
            open.leave().await;
            found.ok("mailbox", format!("{} on {} opens", config.folder, config.host));
        }
        Err(error) => {
            found.fail("mailbox", error, "correct [inbox.mail]; meanwhile no paper comes in by mail")
        }
    }
}

/// Whether the body exists for whom papers are taken in.
pub(super) async fn body(found: &mut Findings, sql: &mut Sql, config: &Config) -> Result<(), StoreError> {
    let inbox = &config.inbox;
    if inbox.folder.is_none() && inbox.mail.is_none() {
        return Ok(());
    }
    let code = inbox.body.trim();
    match intake::body_of(sql, &Scope::system(), code).await? {
        Some(_) => found.ok("inbox", format!("papers are taken in for {code}")),
        None => found.fail(
            "inbox",
            format!("there is no body with the code {code:?}: no paper comes in"),
            "correct [inbox] body, or give the body its code in the register",
        ),
    }
    Ok(())
}
