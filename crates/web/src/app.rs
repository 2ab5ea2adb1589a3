//! What every handler shares.

use std::sync::Arc;

use domain::{
    id::{Ids, Secrets},
    legal::Legal,
    time::Clock,
};
use letter::Reader;
use secrecy::SecretString;
use store::{Db, blobs::Blobs};

use crate::{Guard, Movements, RuleBook, Searches};

/// The application: built once by the program, shared by all handlers.
pub struct App {
    /// The records.
    pub db: Db,
    /// The files.
    pub blobs: Blobs,
    /// The law by date.
    pub legal: Legal,
    /// Reads letters.
    pub reader: Reader,
    /// Opens hostile files in a child process.
    pub worker: sandbox::Worker,
    /// Whom the agency trusts to vouch for who signed a paper.
    pub roots: paper::signature::Roots,
    /// The program's clock.
    pub clock: Arc<dyn Clock>,
    /// The program's source of ids.
    pub ids: Arc<dyn Ids>,
    /// The program's source of unguessable bytes.
    pub secrets: Arc<dyn Secrets>,
    /// Limits on how much anybody may ask; `Guard::default()`.
    pub guard: Guard,
    /// What moved in campaigns, added up once; `Movements::default()`.
    pub movements: Movements,
    /// The events, and who may search them at once.
    pub searches: Searches,
    /// The rules the centre watches by.
    pub rules: RuleBook,
    /// Settings.
    pub config: Config,
}

/// Settings of the web floor.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address people and links use, without a slash at the end: `https://canh.example.gov.vn`.
    pub public_url: String,
    /// Keys one-time links and seals second-factor secrets.
    pub instance_key: [u8; 32],
    /// Plain HTTP on a host that is not loopback: cookies lose their `__Host-` prefix and `Secure`.
    pub insecure_cookies: bool,
    /// The number of proxies in front whose `X-Forwarded-For` is believed.
    pub trusted_proxies: u8,
    /// Which ways out there are.
    pub ways: Ways,
}

/// The channels that are configured, and how answers come back.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// Kinds, each with whether it leaves the country.
    pub kinds: Vec<(&'static str, bool)>,
    /// What browsers subscribe with.
    pub push_key: Option<String>,
    /// The bot's user name.
    pub bot: Option<String>,
    /// What Telegram repeats when it calls `/in/telegram`; without it nothing is taken in there.
    pub telegram_secret: Option<SecretString>,
    /// How pressed keys come in.
    pub voice: Option<VoiceDoor>,
}

impl Ways {
    /// Whether that kind is configured.
    pub fn has(&self, kind: &str) -> bool {
        self.kinds.iter().any(|(k, _)| *k == kind)
    }
}

/// Where a voice gateway calls back.
#[derive(Debug, Clone)]
pub struct VoiceDoor {
    /// Ends the address.
    pub secret: SecretString,
    /// What the gateway gets to hear.
    pub answer: String,
    /// As what.
    pub answer_type: String,
}

impl App {
    /// Whether people reach us by https.
    pub fn is_https(&self) -> bool {
        self.config.public_url.starts_with("https://")
    }
}
