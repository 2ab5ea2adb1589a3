//! `canh findings own | let-be | instead`: what a person decides of a finding, with that person's rights.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    text::fold,
    time,
};
use jiff::civil::Date;
use store::{
    Sql, StoreError,
    findings::{self, Filter, Order, Proof},
    sign_in::{first::credentials, scope_of},
};
use web::Words;

use crate::{centre::Centre, config::Config, data::Data};

/// Decisions.
#[derive(Subcommand)]
pub enum Decide {
    /// Say who sees to it: whoever is named by --by.
    Own {
        #[command(flatten)]
        of: Of,
        /// Nobody any more.
        #[arg(long)]
        nobody: bool,
    },
    /// Let it be until the end of a day, with a reason. Whoever approves it must have the right to review.
    LetBe {
        #[command(flatten)]
        of: Of,
        /// The day, as in 2027-03-31.
        #[arg(long, value_name = "DAY")]
        until: Date,
        /// The reason.
        #[arg(long)]
        why: String,
    },
    /// Say what was done instead of mending it, and how that was checked.
    Instead {
        #[command(flatten)]
        of: Of,
        /// What was done.
        what: String,
        /// A file that proves it.
        #[arg(long, value_name = "FILE")]
        proof: Option<PathBuf>,
    },
}

/// Of which finding, and by whom.
#[derive(Args)]
pub struct Of {
    /// The machine: its name, or its id where several are called so.
    host: String,
    /// The flaw.
    flaw: String,
    /// The login of whoever decides; recorded, and held to that person's rights.
    #[arg(long, value_name = "LOGIN")]
    by: String,
}

impl Decide {
    fn of(&self) -> &Of {
        match self {
            Self::Own { of, .. } | Self::LetBe { of, .. } | Self::Instead { of, .. } => of,
        }
    }
}

/// Decides.
pub async fn run(config: Config, data: Data, words: Words, what: &Decide) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    let centre = Centre::open(config, data).await?;
    let done = act(&centre, words, what).await;
    centre.db.close().await;
    done
}

async fn act(centre: &Centre, words: Words, what: &Decide) -> anyhow::Result<ExitCode> {
    let (of, now) = (what.of(), centre.clock.now());
    let typed = of.flaw.trim();
    let cve = typed.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-"));
    let flaw = if cve { typed.to_uppercase() } else { typed.to_owned() };
    let mut sql = centre.db.read().await?;
    let Some(found) = credentials(&mut sql, &of.by, now).await? else {
        bail!(words.with_texts("command-no-account", &[("login", &of.by)]));
    };
    let (person, scope) = (found.person, scope_of(&mut sql, found.person, now).await?);
    let host = host(&mut sql, words, &scope, of, &flaw, now).await?;
    drop(sql);
    let proof = match what {
        Decide::Instead { proof: Some(file), .. } => Some(proof(centre, words, file).await?),
        _ => None,
    };
    let done: Result<(), StoreError> = store::write!(centre.db, Actor::Person(person), now, tx => match what {
        Decide::Own { nobody, .. } => {
            findings::own(tx, &scope, host, &flaw, (!nobody).then_some(person)).await
        }
        Decide::LetBe { until, why, .. } => {
            findings::excuse(tx, &scope, host, &flaw, time::end_of(*until), why).await
        }
        Decide::Instead { what, .. } => {
            findings::work_around(tx, &scope, host, &flaw, what, proof.as_ref()).await
        }
    });
    match done {
        Ok(()) => {
            println!("{}", words.with_texts("findings-command-done", &[("flaw", &flaw), ("host", &of.host)]));
            Ok(ExitCode::SUCCESS)
        }
        Err(StoreError::Refused(code)) => bail!(words.t(&format!("error-{code}"))),
        Err(StoreError::NotFound(_)) => {
            bail!(words.with_texts("findings-command-may-not", &[("login", &of.by)]))
        }
        Err(error) => Err(error.into()),
    }
}

/// The machine of that name that has the flaw; only where it is one, and the person sees it.
async fn host(
    sql: &mut Sql,
    words: Words,
    scope: &Scope,
    of: &Of,
    flaw: &str,
    now: jiff::Timestamp,
) -> anyhow::Result<Id<kind::Host>> {
    let said = [("host", of.host.as_str()), ("flaw", flaw)];
    let wanted = of.host.trim();
    if let Ok(id) = wanted.parse::<Id<kind::Host>>() {
        return Ok(id);
    }
    let filter =
        Filter { flaw: Some(flaw.to_owned()), text: Some(wanted.to_owned()), all: true, ..Filter::default() };
    let found = findings::findings(sql, scope, &filter, Order::Host, None, now).await?;
    let named: Vec<_> = found.iter().filter(|f| fold(&f.host_name) == fold(wanted)).collect();
    match named.as_slice() {
        [one] => Ok(one.host),
        [] => bail!(words.with_texts("findings-command-none", &said)),
        several => {
            for f in several {
                eprintln!("{}  {}", f.host, f.body_name);
            }
            bail!(words.with_texts("findings-command-several", &said))
        }
    }
}

async fn proof(centre: &Centre, words: Words, file: &Path) -> anyhow::Result<Proof> {
    let unread = || words.with_texts("command-file-unread", &[("file", &file.display().to_string())]);
    let bytes = tokio::fs::read(file).await.with_context(unread)?;
    let blob = centre.blobs.put(centre.ids.next(), &*bytes, paper::limits::FILE as u64).await?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Proof { blob, name, mime: paper::kind::sniff(&bytes).mime().to_owned() })
}
