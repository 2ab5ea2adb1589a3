#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)] // only tests use it
//! A throw-away Dovecot on the loopback, with a certificate of an authority of its own.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::{MailboxConfig, Security};

/// A mail server with one user, gone when it is dropped.
pub struct Dovecot {
    dir: TempDir,
    child: Option<Child>,
    plain: u16,
    tls: u16,
    delivered: u32,
}

/// Password of every user.
pub const PASSWORD: &str = "s3cret-of-the-test";

impl Dovecot {
    /// Starts one; none, with the reason printed, where Dovecot is missing and nobody insists (`CANH_REQUIRE_IMAP`).
    pub fn start() -> Option<Self> {
        if !Path::new("/usr/sbin/dovecot").exists() {
            assert!(
                std::env::var_os("CANH_REQUIRE_IMAP").is_none(),
                "no Dovecot, and CANH_REQUIRE_IMAP is set"
            );
            eprintln!("skipped: no Dovecot (Debian: apt-get install dovecot-imapd)");
            return None;
        }
        let dir = tempfile::Builder::new().prefix("canh-imap-").tempdir_in("/tmp").unwrap();
        certificates(dir.path());
        let mut server = Self { plain: free_port(), tls: free_port(), dir, child: None, delivered: 0 };
        for folder in ["mail/tmp", "mail/new", "mail/cur", "run", "state"] {
            fs::create_dir_all(server.dir.path().join(folder)).unwrap();
        }
        fs::write(server.dir.path().join("dovecot.conf"), server.conf()).unwrap();
        // Dovecot's own users work in here when root runs the tests.
        run(Command::new("chmod").args(["-R", "a+rwX"]).arg(server.dir.path()));
        server.up();
        Some(server)
    }

    /// Starts it again after [`Dovecot::down`].
    pub fn up(&mut self) {
        let log = fs::File::create(self.dir.path().join("out")).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "/usr/sbin/dovecot", "-F", "-c"])
            .arg(self.dir.path().join("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        for _ in 0..200 {
            if [self.plain, self.tls]
                .iter()
                .all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok())
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let said = |name: &str| fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
        panic!("Dovecot does not answer: {} {}", said("out"), said("log"));
    }

    /// Ends it as a power cut would.
    pub fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Lays a message into the mailbox.
    pub fn deliver(&mut self, message: &[u8]) {
        self.delivered += 1;
        let name = format!("{:010}.M{}P1.test", 1_800_000_000 + self.delivered, self.delivered);
        let part = self.dir.path().join("mail/tmp").join(&name);
        fs::write(&part, message).unwrap();
        run(Command::new("chmod").arg("666").arg(&part));
        fs::rename(part, self.dir.path().join("mail/new").join(name)).unwrap();
    }

    /// Makes all messages anew, as a server does that lost its index: other numbers, another validity.
    pub fn renumber(&mut self) {
        self.down();
        let _ = fs::remove_file(self.dir.path().join("mail/dovecot-uidlist"));
        for entry in fs::read_dir(self.dir.path().join("mail")).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("dovecot") {
                let _ = fs::remove_file(entry.path());
            }
        }
        // The validity is a time in whole seconds.
        std::thread::sleep(Duration::from_millis(1100));
        self.up();
    }

    /// How many messages are marked as seen.
    pub fn seen(&self) -> usize {
        let cur = fs::read_dir(self.dir.path().join("mail/cur")).unwrap().flatten();
        cur.filter(|e| e.file_name().to_string_lossy().rsplit(',').next().is_some_and(|f| f.contains('S')))
            .count()
    }

    /// The settings of a mailbox there.
    pub fn config(&self, security: Security) -> MailboxConfig {
        MailboxConfig {
            host: "localhost".into(),
            port: Some(match security {
                Security::Tls => self.tls,
                Security::Starttls => self.plain,
            }),
            security,
            user: "vanthu".into(),
            password: PASSWORD.into(),
            folder: "INBOX".into(),
            ca: Some(self.ca()),
            every: 60,
        }
    }

    /// The authority's certificate.
    pub fn ca(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn conf(&self) -> String {
        let dir = self.dir.path().display();
        let me = said(Command::new("id").arg("-un"));
        let (internal, login, mail) = match me.as_str() {
            "root" => ("dovecot", "dovenull", "mail"),
            me => (me, me, me),
        };
        let group = said(Command::new("id").args(["-gn", internal]));
        let (plain, tls) = (self.plain, self.tls);
        format!(
            "base_dir = {dir}/run\nstate_dir = {dir}/state\nlog_path = {dir}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
             ssl = required\nssl_cert = <{dir}/cert.pem\nssl_key = <{dir}/key.pem\ndisable_plaintext_auth = yes\n\
             default_internal_user = {internal}\ndefault_internal_group = {group}\ndefault_login_user = {login}\n\
             mail_location = maildir:{dir}/mail\nfirst_valid_uid = 1\nauth_mechanisms = plain\nmail_fsync = never\n\
             passdb {{\n driver = static\n args = password={PASSWORD}\n}}\n\
             userdb {{\n driver = static\n args = uid={mail} gid={mail} home={dir}/mail\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {plain}\n }}\n\
             inet_listener imaps {{\n port = {tls}\n ssl = yes\n }}\n}}\nservice anvil {{\n chroot =\n}}\n"
        )
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.down();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn certificates(dir: &Path) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let cert = authority.self_signed(&key).unwrap();
    let issuer = Issuer::new(authority, key);
    let server_key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let server = server.signed_by(&server_key, &issuer).unwrap();
    fs::write(dir.join("ca.pem"), cert.pem()).unwrap();
    fs::write(dir.join("cert.pem"), server.pem()).unwrap();
    fs::write(dir.join("key.pem"), server_key.serialize_pem()).unwrap();
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}

fn said(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
}
