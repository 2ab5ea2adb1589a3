//! The commands.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use web::{Lang, Words};

use crate::{
    audit, backup, config::Config, counts, data::Data, detect, doctor, feeds, findings, heartbeat, hunt,
    import, indicators, lake, letter, logs, machines, report, serve, user,
};

/// Canh keeps a province's public bodies safe over a holiday, and can prove it.
#[derive(Parser)]
#[command(name = "canh", version, arg_required_else_help = true)]
struct Cli {
    /// Everything Canh keeps lies in this folder.
    #[arg(long, global = true, value_name = "DIR", env = "CANH_DATA", default_value = ".canh")]
    data: PathBuf,
    /// The configuration; by default DIR/canh.toml, if it is there.
    #[arg(long, global = true, value_name = "FILE", env = "CANH_CONFIG")]
    config: Option<PathBuf>,
    /// The language of what is said: vi or en; by default as the machine's (LANG).
    #[arg(long, global = true, value_name = "LANG", env = "CANH_LANG")]
    lang: Option<Spoken>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages and API, keep the clocks, send the outbox.
    Serve(Serve),
    /// Read official letters.
    #[command(subcommand)]
    Letter(Letter),
    /// Look through log files with Sigma rules: what happened, when, why that is said. Needs no centre.
    Detect(detect::Detect),
    /// Sigma rules: import, list, switch off, test, lint.
    #[command(subcommand)]
    Rules(detect::Rules),
    /// Reports of what is on machines.
    #[command(subcommand)]
    Inventory(machines::Inventories),
    /// Judge machines' reports by advisories, without a centre. Exit code 1 if a machine is affected.
    Review(machines::Review),
    /// Take a table (CSV, XLSX) into the register: all of it or, if a row is wrong, nothing.
    Import {
        /// What the table is of.
        what: Table,
        /// The file.
        file: PathBuf,
        /// Only say what would happen.
        #[arg(long)]
        dry_run: bool,
        /// Of `shifts`: the post of all rows, by name or id, for a table that does not name it in a column of its own.
        #[arg(long, value_name = "POST")]
        post: Option<String>,
        /// Of `counts` and `inventory`: whose machines or staff, by code or name, and whose list it is.
        #[command(flatten)]
        counts: Counts,
    },
    /// Where knowledge of flaws comes from: files, folders, addresses; bundles for networks without internet.
    #[command(subcommand)]
    Feeds(feeds::Feeds),
    /// Look through the kept events of this machine: by a query, a Sigma rule or indicators. Exit code 1 if something is
    /// found. What came in the last minutes may not be in files yet.
    Hunt(hunt::Hunt),
    /// Lists of indicators: hashes, addresses, domains, URLs every event is held against.
    #[command(subcommand)]
    Indicators(indicators::Indicators),
    /// Flaws on the machines of the centre, what would mend them, and what is decided of one. Exit code 1 if something is
    /// open.
    Findings(findings::Findings),
    /// The events that were kept.
    #[command(subcommand)]
    Lake(Lake),
    /// The audit log: verify, export, sign.
    #[command(subcommand)]
    Audit(Audit),
    /// Reports up and reply letters.
    #[command(subcommand)]
    Report(Report),
    /// Write records, files and keys to one file, while Canh runs. The file holds secrets: keep it locked away.
    Backup {
        /// The new file, usually NAME.tar.zst.
        file: PathBuf,
    },
    /// Put a backup in place, after checking every digest and the audit log.
    Restore {
        /// What `canh backup` wrote. Goes to the folder of --data, which must be empty or absent.
        file: PathBuf,
    },
    /// Check this installation and say what to do.
    Doctor,
    /// From another machine: tell people when the centre falls silent; give a monitor its sign of life.
    #[command(subcommand)]
    Heartbeat(heartbeat::What),
    /// Accounts, for whoever holds the machine.
    #[command(subcommand)]
    User(User),
    /// The version.
    Version,
}

/// A language to be spoken to in.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Spoken {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

/// The texts in the language asked for, else in the machine's, which is English where it is not Vietnamese.
fn words(asked: Option<Spoken>) -> Words {
    let set = |name| std::env::var(name).ok().filter(|l: &String| !l.is_empty());
    let machine = || set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
    Words::of(match asked {
        Some(Spoken::Vi) => Lang::Vi,
        Some(Spoken::En) => Lang::En,
        None if machine().is_some_and(|l| l.starts_with("vi")) => Lang::Vi,
        None => Lang::En,
    })
}

/// How to serve.
#[derive(Args, Debug, Clone, Default)]
pub struct Serve {
    /// Listen on this port.
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// On the first start, fill the data with a fictional province.
    #[arg(long)]
    pub demo: bool,
    /// In a demonstration: its sources keep sending logs, and somebody breaks in.
    #[arg(long, requires = "demo")]
    pub live: bool,
    /// Open the pages in the browser.
    #[arg(long)]
    pub open: bool,
}

/// Kinds of tables.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Table {
    /// Bodies.
    Bodies,
    /// People.
    People,
    /// Information systems.
    Systems,
    /// Hosts, with who is in charge and which system they serve.
    Hosts,
    /// Lines of operators.
    Lines,
    /// Shifts of posts: a layer of their drafts, to be published afterwards.
    Shifts,
    /// Machines or staff of one body, only to be counted: a directory's or console's export, DHCP leases, a staff list.
    Counts,
    /// Reports of what is on machines of one body: a file, a zip, or a folder with a file or folder a machine.
    Inventory,
}

/// What `canh import counts` and `canh import inventory` need besides the file.
#[derive(Args)]
pub struct Counts {
    /// Whose machines: the body's code or name.
    #[arg(long, value_name = "BODY", required_if_eq_any([("what", "counts"), ("what", "inventory")]))]
    pub body: Option<String>,
    /// Whose list: directory, dhcp, anti-malware, staff, other.
    #[arg(long, value_name = "SOURCE", required_if_eq("what", "counts"))]
    pub source: Option<String>,
    /// The day of the list, YYYY-MM-DD; today if it is left out.
    #[arg(long, value_name = "DAY")]
    pub on: Option<String>,
}

/// Letters.
#[derive(Subcommand)]
pub enum Letter {
    /// Read letters (text, PDF, Word): a table for people, or with --json one object for one file, an array for several.
    Read {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What to do with events.
#[derive(Subcommand)]
pub enum Lake {
    /// Read every byte of the log and of the files of events, and say what is not as it was written. Exit code 1 then.
    Verify,
}

/// The audit log.

#[derive(Subcommand)]
pub enum Audit {
    /// Compute the log again and find every change to it. Exit code 1 if something is found.
    Verify {
        /// Also prove that the log still begins with what this checkpoint signed; may be repeated.
        #[arg(long, value_name = "CHECKPOINT")]
        against: Vec<PathBuf>,
        /// Verify this export instead of the live store; needs no data folder if --key is given.
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
        /// Believe checkpoints signed by this key (`canh audit key`) instead of the data folder's own; may be repeated.
        #[arg(long, value_name = "KEY")]
        key: Vec<String>,
    },
    /// Write the whole log to a file that can be verified anywhere.
    Export {
        /// The new file.
        file: PathBuf,
    },
    /// Sign the log now and print the checkpoint.
    Sign,
    /// Print the public key by which checkpoints are verified.
    Key,
}

/// Reports.
#[derive(Subcommand)]
pub enum Report {
    /// Hold a signed report against the records: whether its files are whole, whether anything it rests on was altered,
    /// what has moved since. Exit code 1 if something was altered.
    Verify {
        /// The PDF or Word file of a report, or its id.
        #[arg(value_name = "FILE|ID")]
        what: String,
    },
}

/// Accounts.
#[derive(Subcommand)]
pub enum User {
    /// Void somebody's password and print a new first-login code.
    Reset {
        /// The login.
        login: String,
        /// Also take away the second factor (a lost telephone).
        #[arg(long)]
        totp: bool,
    },
}

/// Runs what was asked for. Exit codes: 0 done, 1 something is wrong with what was looked at, 2 it could not be done.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(_) if crate::out::lost() => ExitCode::from(2),
        Ok(code) => code,
        Err(error) => {
            eprintln!("canh: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    // Two TLS providers linked would be a panic at the first connection; one is chosen here for all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting")?;
    runtime.block_on(async {
        let data = Data::at(&cli.data);
        let config = || Config::load(cli.config.as_deref(), &data);
        let words = words(cli.lang);
        match cli.command {
            Command::Version => {
                println!("canh {}", env!("CARGO_PKG_VERSION"));
                Ok(ExitCode::SUCCESS)
            }
            Command::Detect(how) => detect::detect(words, &how),
            Command::Rules(what) => detect::rules(config, &data, words, what).await,
            Command::Letter(Letter::Read { files, json }) => letter::read(words, &files, json).await,
            Command::Inventory(machines::Inventories::Read { files, format }) => {
                machines::read(words, &files, format)
            }
            Command::Inventory(machines::Inventories::Scan(how)) => {
                machines::scan::run(config, &data, words, &how).await
            }
            Command::Inventory(machines::Inventories::Collector { to, url }) => {
                machines::collectors(words, &to, url.as_deref())
            }
            Command::Review(how) => machines::review(words, &how),
            Command::Restore { file } => backup::restore(&file, &data, words).await,
            Command::Serve(how) => {
                let config = config()?;
                logs::start(&config.log.filter)?;
                serve::run(config, data, words, how).await
            }
            Command::Findings(how) => {
                logs::start("warn")?;
                findings::run(config()?, data, words, &how).await
            }
            Command::Feeds(what) => {
                logs::start("warn")?;
                feeds::run(config()?, data, words, what).await
            }
            Command::Hunt(how) => {
                logs::start("warn")?;
                hunt::run(config()?, data, words, how).await
            }
            Command::Indicators(what) => {
                logs::start("warn")?;
                indicators::run(config()?, data, words, what).await
            }
            Command::Lake(what) => lake::run(&data, words, &what),
            Command::Audit(what) => {
                logs::start("warn")?;
                audit::run(config, &data, words, what).await
            }
            Command::Report(what) => {
                logs::start("warn")?;
                report::run(config()?, &data, words, what).await
            }
            Command::Import { what: Table::Counts, file, dry_run, counts: how, .. } => {
                logs::start("warn")?;
                counts::run(config()?, data, words, &file, &how, dry_run).await
            }
            Command::Import { what: Table::Inventory, file, counts: how, dry_run, .. } => {
                logs::start("warn")?;
                machines::import(config()?, data, words, &file, how.body.as_deref(), dry_run).await
            }
            Command::Import { what, file, dry_run, post, .. } => {
                logs::start("warn")?;
                import::run(config()?, data, words, what, &file, post.as_deref(), dry_run).await
            }
            Command::Backup { file } => {
                logs::start("warn")?;
                backup::write(config()?, data, words, &file).await
            }
            Command::Doctor => {
                logs::start("error")?;
                doctor::run(cli.config.as_deref(), data, words).await
            }
            Command::Heartbeat(what) => {
                logs::start("warn")?;
                heartbeat::run(config()?, data, words, what).await
            }
            Command::User(User::Reset { login, totp }) => {
                logs::start("warn")?;
                user::reset(config()?, data, words, &login, totp).await
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
