//! Syslog over TCP, with and without TLS.

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use lake::Record;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::TcpListener,
    sync::{Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;

use super::{frame, meta};
use crate::{Door, Refused, Way};

/// Connections at once: each holds a buffer of a message.
const CONNECTIONS: usize = 4_000;
/// Messages kept together.
const TOGETHER: usize = 2_000;
/// Bytes read at once.
const READ: usize = 256 << 10;
/// After a message that cannot be kept now.
const AGAIN: Duration = Duration::from_millis(500);
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Takes connections until told to stop.
pub async fn tcp(door: Arc<Door>, listener: TcpListener, stop: watch::Receiver<bool>) {
    accept(door, listener, None, stop).await;
}

/// The same over TLS.
pub async fn tls(
    door: Arc<Door>,
    listener: TcpListener,
    config: Arc<ServerConfig>,
    stop: watch::Receiver<bool>,
) {
    accept(door, listener, Some(TlsAcceptor::from(config)), stop).await;
}

/// TLS with that certificate; with `clients`, only for clients whose certificates those authorities signed.
pub fn tls_config(cert: &Path, key: &Path, clients: Option<&Path>) -> anyhow::Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .with_context(|| format!("certificate {}", cert.display()))?;
    let key_der = PrivateKeyDer::from_pem_file(key).with_context(|| format!("key {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for root in CertificateDer::pem_file_iter(path).with_context(|| path.display().to_string())? {
                roots.add(root?)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    Ok(Arc::new(builder.with_single_cert(chain, key_der)?))
}

async fn accept(
    door: Arc<Door>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let got = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            got = listener.accept() => got,
        };
        let (stream, from) = match got {
            Ok(got) => got,
            Err(error) => {
                tracing::warn!(%error, "a connection for syslog");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        let (door, tls, stop) = (door.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            let ip = from.ip();
            let done = match tls {
                None => read(&door, stream, ip, stop).await,
                Some(tls) => match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                    Ok(Ok(stream)) => read(&door, stream, ip, stop).await,
                    Ok(Err(error)) => Err(error),
                    Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
                },
            };
            if let Err(error) = done {
                tracing::debug!(%error, %ip, "a connection of syslog ended");
            }
            drop(place);
        });
    }
}

/// Reads one connection to its end.
async fn read(
    door: &Door,
    mut stream: impl AsyncRead + Unpin,
    ip: IpAddr,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        buffer.reserve(READ);
        let n = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => 0,
            n = stream.read_buf(&mut buffer) => n?,
        };
        let mut used = 0;
        let mut lines = Vec::new();
        let mut wrong = false;
        while let Some(rest) = buffer.get(used..).filter(|rest| !rest.is_empty()) {
            match frame::next(rest) {
                frame::Next::Message(at, then) => {
                    let line = frame::trimmed(rest.get(at).unwrap_or_default());
                    if !line.is_empty() {
                        lines.push(line.to_vec());
                    }
                    used += then;
                }
                // The last line of a connection may lack its end.
                frame::Next::More if n == 0 => {
                    lines.push(frame::trimmed(rest).to_vec());
                    used = buffer.len();
                }
                frame::Next::More => break,
                frame::Next::Never => {
                    wrong = true;
                    break;
                }
            }
        }
        buffer.drain(..used);
        while !lines.is_empty() {
            let rest = lines.split_off(lines.len().min(TOGETHER));
            keep(door, ip, std::mem::replace(&mut lines, rest)).await;
        }
        if wrong {
            if let Ok(source) = door.by_address(ip, 1) {
                door.counts.at(source.id, |c| {
                    c.received += 1;
                    c.refused += 1;
                });
            }
            return Err(std::io::Error::other("this is no syslog"));
        }
        if n == 0 {
            return Ok(());
        }
    }
}

/// Keeps messages; while that is not possible now the connection is read no further, so that its sender waits too.
async fn keep(door: &Door, ip: IpAddr, lines: Vec<Vec<u8>>) {
    let Ok(source) = door.by_address(ip, lines.len()) else { return };
    let meta = meta(ip);
    let records: Vec<Record> =
        lines.into_iter().map(|line| Record { id: None, meta: meta.clone(), line }).collect();
    loop {
        match door.keep(&source, records.clone(), None, Way::Waits).await {
            Ok(_) | Err(Refused::Stranger | Refused::Large) => return,
            Err(Refused::TooMany | Refused::NotNow(_)) => {}
        }
        // A source that was closed in the meantime is waited for no longer.
        if door.directory().get(source.id).is_none() {
            return;
        }
        tokio::time::sleep(AGAIN).await;
    }
}
