//! What every handler shares.

use std::sync::Arc;

use domain::{
    id::{Ids, Secrets},
    legal::Legal,
    time::Clock,
};
use letter::Reader;
use store::{Db, blobs::Blobs};

use crate::{Guard, Movements};

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
}

impl App {
    /// Whether people reach us by https.
    pub fn is_https(&self) -> bool {
        self.config.public_url.starts_with("https://")
    }
}
