//! Logs of one department: a source that speaks, one that never did, and somebody guessing passwords. The lines go into
//! the log as they would from outside; what follows from them the data path finds by itself.

use anyhow::{Context, Result};
use domain::{id::Id, source::Kind};
use jiff::Timestamp;
use lake::{Batch, Limits, Log, Record, Tools};
use store::{
    StoreError,
    sign_in::digest,
    sources::{self, Flush, New},
};

use super::{cast::Member, order};
use crate::centre::Centre;

/// Lines of an ordinary morning and of the guessing, with `{n}` for what changes.
const QUIET: &str = "<38>sshd[2210]: Accepted publickey for vanthu from 10.20.0.11 port 4{n} ssh2";
const GUESS: &str = "<38>sshd[2291]: Failed password for invalid user admin from 203.0.113.45 port 5{n} ssh2";

/// Makes the sources and takes their lines in.
pub async fn come(centre: &Centre, member: &Member, at: Timestamp) -> Result<()> {
    let source = |name: &str, kind: Kind, address: Option<&str>| New {
        id: Id::new(&*centre.ids),
        body: member.body,
        system: None,
        name: name.to_owned(),
        kind,
        // Whoever tries it gives it a token of their own, on its page.
        digest: digest(&store::sign_in::text(&centre.secrets.bytes())),
        address: address.map(str::to_owned),
        zone: "Asia/Ho_Chi_Minh".into(),
        rate: 1_000,
        quiet_minutes: 24 * 60,
    };
    let speaks = source("Máy chủ một cửa (nhật ký hệ thống)", Kind::Lines, None);
    let silent = source("Tường lửa của sở", Kind::Syslog, Some("10.20.0.1"));
    for new in [&speaks, &silent] {
        order::written(store::write!(centre.db, member.officer.actor(), at, tx => {
            sources::create(tx, &domain::actor::Scope::system(), new).await
        }))?;
    }
    let stamp = domain::time::local(at).strftime("%b %e %H:%M:%S").to_string();
    let line = |text: &str, n: usize| {
        let text = text.replace("{n}", &format!("{:04}", 1_000 + n));
        let text = text.replacen("<38>", &format!("<38>{stamp} motcua01 "), 1);
        Record { line: text.into_bytes(), ..Record::default() }
    };
    let records: Vec<Record> = (0..40).map(|n| line(if n % 2 == 0 { QUIET } else { GUESS }, n)).collect();
    let kept = records.len() as u64;
    let tools = Tools { clock: centre.clock.clone(), secrets: centre.secrets.clone() };
    let log =
        Log::open(&centre.data.path("events"), Limits::default(), tools).context("the log of events")?;
    log.append(Batch { source: speaks.id, body: member.body, at, key: None, records }).await?;
    let flush = Flush { received: kept, kept, last_at: Some(at), ..Flush::default() };
    let done: Result<(), StoreError> = sources::flush(&centre.db, at, &[(speaks.id, flush)], &[]).await;
    done.map_err(Into::into)
}
