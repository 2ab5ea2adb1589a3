//! One TOML file and the environment over it. Everything has a default; what is not known is refused.
//!
//! An environment variable `CANH_SECTION__KEY` overrides `[section] key` (`CANH_SERVER__LISTEN=0.0.0.0:443`,
//! `CANH_SEND__SMTP__PASSWORD=…`); `DATABASE_URL` overrides `[database] url`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use post::MailboxConfig;
use secrecy::SecretString;
use send::{Letterhead, SendConfig};
use serde::Deserialize;
use toml::{Table, Value};

use crate::{data::Data, heartbeat::Heartbeat};

/// The whole configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[server]`.
    pub server: Server,
    /// `[database]`.
    pub database: Database,
    /// `[centre]`.
    pub centre: Centre,
    /// `[audit]`.
    pub audit: Audit,
    /// `[send]`.
    pub send: SendConfig,
    /// `[feeds]`.
    pub feeds: Feeds,
    /// `[law]`.
    pub law: Law,
    /// `[inbox]`.
    pub inbox: Inbox,
    /// `[intake]`.
    pub intake: Intake,
    /// `[signatures]`.
    pub signatures: Signatures,
    /// `[heartbeat]`.
    pub heartbeat: Heartbeat,
    /// `[log]`.
    pub log: Log,
}

/// `[feeds]`: where knowledge of flaws may be fetched from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feeds {
    /// Hosts that may be asked though they are in a private network, or without TLS: a mirror of one's own. Default: none.
    pub allow: Vec<String>,
}

/// `[server]`: how people reach us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Default `127.0.0.1:8420`. Anything but this machine needs `[server.tls]` or `behind_proxy`.
    pub listen: SocketAddr,
    /// The address people and links use: `https://canh.tinh.gov.vn`. Default: made from `listen`.
    pub public_url: Option<String>,
    /// A proxy in front ends TLS and sets `X-Forwarded-For`. Default false.
    pub behind_proxy: bool,
    /// Certificate and key, PEM.
    pub tls: Option<Tls>,
}

impl Default for Server {
    fn default() -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8420);
        Self { listen, public_url: None, behind_proxy: false, tls: None }
    }
}

/// `[server.tls]`; read again on SIGHUP.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate and what stands between it and its authority.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// `[database]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://…` for PostgreSQL 15 or later; default: SQLite in the data folder.
    pub url: Option<SecretString>,
}

/// `[centre]`: who runs this Canh. Stands under every mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Centre {
    /// Its name; on the first start also that of the topmost body.
    pub name: String,
    /// A telephone number or address people already know.
    pub contact: Option<String>,
    /// Login of the first administrator, made on the first start. Default `quantri`.
    pub admin: String,
}

impl Default for Centre {
    fn default() -> Self {
        Self { name: "Đơn vị chủ trì".into(), contact: None, admin: "quantri".into() }
    }
}

/// `[audit]`: how the audit log leaves this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// Names the log in its checkpoints, once and for all on the first start: `tinh.example/canh`. Default
    /// `canh.local/audit`.
    pub name: String,
    /// Where checkpoints are written every day; relative to the data folder, best a folder on another machine.
    /// Default `checkpoints`.
    pub checkpoints: PathBuf,
    /// The e-mail address of the superior who keeps them. Default: nobody, and `canh doctor` says so.
    pub superior: Option<String>,
}

impl Default for Audit {
    fn default() -> Self {
        Self { name: "canh.local/audit".into(), checkpoints: "checkpoints".into(), superior: None }
    }
}

/// `[law]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Law {
    /// A folder whose `duties.toml`, `holidays.toml`, `law.toml` replace the shipped ones. Default: none.
    pub dir: Option<PathBuf>,
}

/// `[inbox]`: papers that come by themselves. Default: none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inbox {
    /// Official code of the body for whom they are taken in.
    pub body: String,
    /// A folder into which a scanner, a share or another program lays papers.
    pub folder: Option<PathBuf>,
    /// A mailbox to which papers are sent.
    pub mail: Option<MailboxConfig>,
}

/// `[intake]`: where logs come in, beside the pages' own address under `/intake`. Default: nowhere else.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// Syslog over UDP: `0.0.0.0:514`.
    pub syslog_udp: Option<SocketAddr>,
    /// Syslog over TCP: `0.0.0.0:514`.
    pub syslog_tcp: Option<SocketAddr>,
    /// Syslog over TLS: `0.0.0.0:6514`; needs `[intake.tls]`.
    pub syslog_tls: Option<SocketAddr>,
    /// The ways in over HTTP at a port of their own, without TLS: for this machine or behind a proxy.
    pub http: Option<SocketAddr>,
    /// Certificate and key of `syslog_tls`, PEM.
    pub tls: Option<Tls>,
    /// Authorities (PEM) one of which must have signed the certificate of whoever sends over TLS. Default: none asked for.
    pub clients: Option<PathBuf>,
    /// Files or folders of Sigma rules beside our own; relative to the data folder.
    pub rules: Vec<PathBuf>,
    /// Files (TOML) that fit rules to the logs at hand and give placeholders their values; relative to the data folder.
    pub pipelines: Vec<PathBuf>,
}

/// `[signatures]`: who is trusted to vouch for whoever signed a paper.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signatures {
    /// A folder of certificates (PEM or DER: `.pem`, `.crt`, `.cer`, `.der`) of the authorities the agency trusts, roots
    /// or those in between; relative to the data folder. Default: none, and no signature is *trusted*.
    pub roots: Option<PathBuf>,
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// As `RUST_LOG`. Default `info,sqlx=warn`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info,sqlx=warn".into() }
    }
}

impl Config {
    /// Reads `file`, or the data folder's `canh.toml` if it is there, and the environment.
    pub fn load(file: Option<&Path>, data: &Data) -> anyhow::Result<Self> {
        let own = data.path("canh.toml");
        let text = match file {
            Some(file) => {
                std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?
            }
            None if own.exists() => {
                std::fs::read_to_string(&own).with_context(|| format!("reading {}", own.display()))?
            }
            None => String::new(),
        };
        let from = file.unwrap_or(&own).display();
        Self::from(&text, std::env::vars()).with_context(|| format!("configuration {from}"))
    }

    fn from(text: &str, vars: impl IntoIterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let mut table: Table = text.parse()?;
        for (name, value) in vars {
            if name == "DATABASE_URL" {
                set(&mut table, &["database", "url"], Value::String(value))?;
            } else if let Some(path) = name.strip_prefix("CANH_").filter(|p| p.contains("__")) {
                let path = path.to_ascii_lowercase();
                let parts: Vec<&str> = path.split("__").collect();
                set(&mut table, &parts, read(&value))
                    .with_context(|| format!("environment variable {name}"))?;
            }
        }
        let config: Self = Value::Table(table).try_into()?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        let server = &self.server;
        if !server.listen.ip().is_loopback() && server.tls.is_none() && !server.behind_proxy {
            bail!(
                "server.listen = {} without TLS would send passwords in the clear: \
                 give [server.tls] cert and key, or set behind_proxy = true if a proxy in front ends TLS",
                server.listen
            );
        }
        if let Some(url) = &server.public_url {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if rest.is_none_or(|r| r.is_empty() || r.contains(['/', ' ', '?', '#'])) {
                bail!("server.public_url = {url}: must be http(s)://host[:port] without a path");
            }
        }
        Ok(())
    }

    /// The address people use.
    pub fn public_url(&self) -> String {
        let scheme = if self.server.tls.is_some() { "https" } else { "http" };
        self.server.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", self.server.listen))
    }

    /// People reach us without TLS over a network: cookies cannot be `Secure` then.
    pub fn insecure_cookies(&self) -> bool {
        let url = self.public_url();
        let host =
            url.strip_prefix("http://").map(|rest| rest.rsplit_once(':').map_or(rest, |(host, _)| host));
        host.is_some_and(|host| {
            let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
            host != "localhost" && !ip.is_ok_and(|ip| ip.is_loopback())
        })
    }

    /// What stands under every mail.
    pub fn letterhead(&self) -> Letterhead {
        Letterhead { centre: self.centre.name.clone(), contact: self.centre.contact.clone() }
    }
}

/// A value as TOML would read it, else as text: `true`, `8420`, `"127.0.0.1:1"` and `127.0.0.1:1` all mean what they say.
fn read(value: &str) -> Value {
    format!("v = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut t| t.remove("v"))
        .filter(|v| !matches!(v, Value::Datetime(_)))
        .unwrap_or_else(|| Value::String(value.to_owned()))
}

fn set(table: &mut Table, path: &[&str], value: Value) -> anyhow::Result<()> {
    match path {
        [] => {}
        [last] => {
            table.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let inner = table.entry(*first).or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(inner) = inner else { bail!("`{first}` is not a section") };
            set(inner, rest, value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn nothing_given_is_this_machine_only() {
        let config = Config::from("", []).unwrap();
        assert_eq!(config.public_url(), "http://127.0.0.1:8420");
        assert!(!config.insecure_cookies());
    }

    #[test]
    fn the_environment_outranks_the_file() {
        let text = "[server]\nlisten = \"127.0.0.1:1\"\n[send]\nmail = \"smtp\"";
        let given = vars(&[
            ("CANH_SERVER__LISTEN", "127.0.0.1:2"),
            ("CANH_SERVER__BEHIND_PROXY", "true"),
            ("CANH_SEND__SMTP__HOST", "mail.example"),
            ("CANH_SEND__SMTP__USERNAME", "canh"),
            ("CANH_SEND__SMTP__PASSWORD", "s3cret"),
            ("CANH_REQUIRE_PG", "1"),
            ("DATABASE_URL", "postgres://u:hidden@h/d"),
        ]);
        let config = Config::from(text, given).unwrap();
        assert_eq!(config.server.listen.port(), 2);
        assert!(config.server.behind_proxy);
        assert_eq!(config.send.smtp.as_ref().unwrap().host, "mail.example");
        let shown = format!("{config:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("hidden"), "{shown}");
    }

    #[test]
    fn mistakes_are_refused() {
        for text in [
            "[server]\nlissten = \"127.0.0.1:1\"",
            "[servre]",
            "[server]\nlisten = \"0.0.0.0:80\"",
            "[server]\npublic_url = \"canh.example\"",
            "[server]\npublic_url = \"https://canh.example/path\"",
        ] {
            assert!(Config::from(text, []).is_err(), "{text}");
        }
        assert!(Config::from("", vars(&[("CANH_SERVER__NO", "1")])).is_err());
        let open =
            "[server]\nlisten = \"0.0.0.0:80\"\nbehind_proxy = true\npublic_url = \"http://canh.example:80\"";
        assert!(Config::from(open, []).unwrap().insecure_cookies());
    }
}
