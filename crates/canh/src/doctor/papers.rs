//! What papers that come by themselves stand on: the recogniser, the trusted certificates, the folder, the mailbox.

use domain::{actor::Scope, time::Clock};
use post::{Mailbox, MailboxConfig};
use store::{Sql, StoreError, intake};

use super::Findings;
use crate::{centre, config::Config, data::Data, runtime::Wall};

/// Looks at all of it but the records.
pub(super) async fn check(found: &mut Findings, config: &Config, data: &Data) {
    if paper::scan::installed() {
        found.ok("scans", "doctor-scans", &[]);
    } else {
        found.warn("scans", "doctor-scans-none", &[]);
    }
    roots(found, config, data);
    let inbox = &config.inbox;
    if let Some(folder) = &inbox.folder {
        let folder = data.path(folder);
        let probe = folder.join(".canh-doctor");
        let shown = folder.display().to_string();
        match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
            Ok(()) => found.ok("inbox", "doctor-inbox", &[("dir", &shown)]),
            Err(error) => {
                let why = error.to_string();
                found.fail("inbox", "doctor-inbox-locked", &[("dir", &shown), ("why", &why)]);
            }
        }
    }
    if let Some(mail) = &inbox.mail {
        mailbox(found, mail).await;
    }
}

fn roots(found: &mut Findings, config: &Config, data: &Data) {
    if config.signatures.roots.is_none() {
        return found.ok("signatures", "doctor-roots-unset", &[]);
    }
    match centre::roots(config, data) {
        Ok((roots, without)) => {
            let now = Wall.now();
            for file in without {
                found.warn("signatures", "doctor-roots-empty-file", &[("file", &file.to_string())]);
            }
            for root in roots.list().filter(|root| root.until < now) {
                let on = domain::time::date(root.until).to_string();
                found.warn("signatures", "doctor-roots-ended", &[("name", &root.name), ("on", &on)]);
            }
            match roots.list().count() {
                0 => found.warn("signatures", "doctor-roots-none", &[]),
                count => found.ok("signatures", "doctor-roots", &[("count", &count.to_string())]),
            }
        }
        Err(error) => found.fail("signatures", "doctor-roots-bad", &[("why", &format!("{error:#}"))]),
    }
}

async fn mailbox(found: &mut Findings, config: &MailboxConfig) {
    match Mailbox::open(config).await {
        Ok(open) => {
            open.leave().await;
            found.ok("mailbox", "doctor-mailbox", &[("folder", &config.folder), ("host", &config.host)]);
        }
        Err(error) => found.fail("mailbox", "doctor-mailbox-shut", &[("why", &error.to_string())]),
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
        Some(_) => found.ok("inbox", "doctor-inbox-body", &[("code", code)]),
        None => found.fail("inbox", "doctor-inbox-no-body", &[("code", code)]),
    }
    Ok(())
}
