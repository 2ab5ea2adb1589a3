//! `canh findings`: flaws on the machines of the centre, what would mend them, and what is decided of them.

mod decide;

use std::{io::Write, process::ExitCode};

use clap::Args;
use domain::{
    actor::Scope,
    flaw::{Grade, State},
    id::{Id, kind},
};
use jiff::Timestamp;
use store::{
    Sql,
    findings::{self, After, Filter, Finding, Order},
};
use web::Words;

use crate::{centre::Centre, config::Config, counts, data::Data};

/// Which findings, or what is decided of one.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Findings {
    #[command(subcommand)]
    decide: Option<decide::Decide>,
    /// Only past their due time.
    #[arg(long)]
    overdue: bool,
    /// Only this flaw.
    #[arg(long, value_name = "CVE")]
    flaw: Option<String>,
    /// Only of this body: its code or its name.
    #[arg(long)]
    body: Option<String>,
    /// Only of this grade.
    #[arg(long, value_name = "GRADE", value_parser = ["critical", "high", "medium", "low", "ungraded"])]
    severity: Option<String>,
    /// Only where the flaw's number, the machine's or the body's name has this in it.
    #[arg(long)]
    text: Option<String>,
    /// Also what is mended, or not affected.
    #[arg(long)]
    all: bool,
    /// What to do instead, grouped by what mends it.
    #[arg(long)]
    fixes: bool,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// Prints them, the most pressing first. Exit code 1 if something is open.
pub async fn run(config: Config, data: Data, words: Words, how: &Findings) -> anyhow::Result<ExitCode> {
    if let Some(what) = &how.decide {
        return decide::run(config, data, words, what).await;
    }
    data.must_exist(words, config.database.url.is_some())?;
    let centre = Centre::open(config, data).await?;
    let now = centre.clock.now();
    let mut sql = centre.db.read().await?;
    let body = match how.body.as_deref() {
        Some(body) => Some(counts::body(&mut sql, words, body).await?),
        None => None,
    };
    if how.fixes {
        fixes(&mut sql, words, body, how.json).await?;
    }
    let filter = Filter {
        overdue: how.overdue,
        flaw: how.flaw.as_ref().map(|f| f.to_uppercase()),
        text: how.text.clone(),
        severity: how.severity.as_deref().and_then(Grade::parse),
        body,
        all: how.all,
        ..Filter::default()
    };
    let sum = findings::sum(&mut sql, &Scope::system(), &filter, now).await?;
    let open = match how.fixes {
        true => sum.findings > 0,
        false => all(&mut sql, words, &filter, now, how.json).await?,
    };
    if !how.json {
        let said = [
            ("n", sum.findings.to_string()),
            ("hosts", sum.hosts.to_string()),
            ("overdue", sum.overdue.unwrap_or_default().to_string()),
        ];
        let said = said.each_ref().map(|(k, v)| (*k, v.as_str()));
        let lead = match (sum.more, sum.overdue) {
            (true, _) => "findings-lead-more",
            (_, None) => "findings-lead-all",
            _ => "findings-lead",
        };
        println!("{}", words.with_texts(lead, &said));
    }
    drop(sql);
    centre.db.close().await;
    Ok(if open { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints all of them; whether any is known to be open. Page after page, so that nothing is left out and little is held.
async fn all(
    sql: &mut Sql,
    words: Words,
    filter: &Filter,
    now: Timestamp,
    json: bool,
) -> anyhow::Result<bool> {
    let (mut after, mut open) = (None, false);
    loop {
        let found =
            findings::findings(sql, &Scope::system(), filter, Order::Due, after.as_ref(), now).await?;
        let Some(last) = found.last() else { return Ok(open) };
        after = Some(After::of(last, Order::Due));
        open |= found.iter().any(|f| matches!(f.state, State::Affected | State::NotEffective));
        let mut out = std::io::stdout().lock();
        for f in &found {
            one(&mut out, words, f, json)?;
        }
    }
}

fn one(out: &mut impl Write, words: Words, f: &Finding, json: bool) -> std::io::Result<()> {
    if json {
        let told = serde_json::json!({
            "host": f.host, "host_name": f.host_name, "body": f.body_name, "flaw": f.flaw, "state": f.state,
            "severity": f.severity, "fix": f.fix, "due_at": f.due_at, "first_seen": f.first_seen,
        });
        return writeln!(out, "{told}");
    }
    let state = words.t(&format!("review-state-{}", f.state));
    let fix = f.fix.as_deref().map(|x| format!("  → {x}")).unwrap_or_default();
    writeln!(out, "{:<16} {:<24} {state}  {}{fix}", f.flaw, f.host_name, f.body_name)
}

/// What to do, what closes most first: all of it.
async fn fixes(sql: &mut Sql, words: Words, body: Option<Id<kind::Body>>, json: bool) -> anyhow::Result<()> {
    let mut from = 0;
    loop {
        let (found, more) = findings::fixes(sql, &Scope::system(), body, None, from).await?;
        let mut out = std::io::stdout().lock();
        for fix in &found {
            if json {
                let told =
                    serde_json::json!({ "fix": fix.what, "machines": fix.hosts, "closes": fix.closes });
                writeln!(out, "{told}")?;
                continue;
            }
            let what = fix.what.clone().unwrap_or_else(|| words.t("fix-none"));
            let (machines, closes) = (fix.hosts.to_string(), fix.closes.to_string());
            let said = [("fix", &*what), ("machines", &*machines), ("closes", &*closes)];
            writeln!(out, "{}", words.with_texts("review-command-fix", &said))?;
        }
        if !more {
            return Ok(());
        }
        from += u32::try_from(found.len())?;
    }
}
