//! `canh findings`: flaws on the machines of the centre, what would mend them, and what is decided of them.

mod decide;

use std::process::ExitCode;

use clap::Args;
use domain::{actor::Scope, flaw::State};
use store::findings::{self, Filter, Order};
use web::Words;

use crate::{centre::Centre, config::Config, data::Data};

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
    if how.fixes {
        for fix in findings::fixes(&mut sql, &Scope::system(), None, None).await? {
            let said = [
                ("fix", fix.what.clone().unwrap_or_else(|| words.t("fix-none"))),
                ("machines", fix.hosts.to_string()),
                ("closes", fix.closes.to_string()),
            ];
            let json = serde_json::json!({ "fix": fix.what, "machines": fix.hosts, "closes": fix.closes });
            match how.json {
                true => println!("{json}"),
                false => {
                    let said = said.each_ref().map(|(k, v)| (*k, v.as_str()));
                    println!("{}", words.with_texts("review-command-fix", &said));
                }
            }
        }
    }
    let filter = Filter {
        overdue: how.overdue,
        flaw: how.flaw.as_ref().map(|f| f.to_uppercase()),
        all: how.all,
        ..Filter::default()
    };
    let found = match how.fixes {
        true => Vec::new(),
        false => findings::findings(&mut sql, &Scope::system(), &filter, Order::Due, None, now).await?,
    };
    let sum = findings::sum(&mut sql, &Scope::system(), &filter, now).await?;
    for f in &found {
        let state = words.t(&format!("review-state-{}", f.state));
        let fix = f.fix.as_deref().map(|x| format!("  → {x}")).unwrap_or_default();
        match how.json {
            true => println!(
                "{}",
                serde_json::json!({
                    "host": f.host, "host_name": f.host_name, "body": f.body_name, "flaw": f.flaw, "state": f.state,
                    "severity": f.severity, "fix": f.fix, "due_at": f.due_at, "first_seen": f.first_seen,
                })
            ),
            false => println!("{:<16} {:<24} {state}  {}{fix}", f.flaw, f.host_name, f.body_name),
        }
    }
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
    let open = how.fixes && sum.findings > 0
        || found.iter().any(|f| matches!(f.state, State::Affected | State::NotEffective));
    Ok(if open { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
