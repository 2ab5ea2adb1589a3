//! Syslog over UDP, TCP and TLS. Whoever sends is known by their address; nothing is answered, so what cannot be kept
//! over TCP is waited for, and over UDP dropped and counted.

mod frame;
mod stream;

use std::{net::SocketAddr, sync::Arc};

use lake::Record;
use serde_json::json;
use tokio::{net::UdpSocket, sync::watch};

pub use self::stream::{tcp, tls, tls_config};
use crate::{Door, Way};

/// A datagram is no longer than this.
const DATAGRAM: usize = 65_536;
/// Datagrams kept together.
const TOGETHER: usize = 1_000;

/// Takes datagrams until told to stop.
pub async fn udp(door: Arc<Door>, socket: UdpSocket, mut stop: watch::Receiver<bool>) {
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let got = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            got = socket.recv_from(&mut buffer) => got,
        };
        let mut came = Vec::new();
        match got {
            Ok((len, from)) => take(&mut came, buffer.get(..len), from),
            Err(error) => tracing::debug!(%error, "a datagram"),
        }
        // What else has come in the meantime goes with it.
        while came.len() < TOGETHER {
            let Ok((len, from)) = socket.try_recv_from(&mut buffer) else { break };
            take(&mut came, buffer.get(..len), from);
        }
        keep(&door, came).await;
    }
}

fn take(came: &mut Vec<(SocketAddr, Vec<u8>)>, bytes: Option<&[u8]>, from: SocketAddr) {
    let line = frame::trimmed(bytes.unwrap_or_default());
    if !line.is_empty() {
        came.push((from, line.to_vec()));
    }
}

async fn keep(door: &Door, mut came: Vec<(SocketAddr, Vec<u8>)>) {
    while let Some((from, _)) = came.first() {
        let ip = from.ip();
        let (mine, rest): (Vec<_>, Vec<_>) = came.into_iter().partition(|(other, _)| other.ip() == ip);
        came = rest;
        let Ok(source) = door.by_address(ip, mine.len()) else { continue };
        let meta = meta(ip);
        let record = |(_, line)| Record { id: None, meta: meta.clone(), line };
        // Dropped is counted at the source.
        let _ = door.keep(&source, mine.into_iter().map(record).collect(), None, Way::Dropped).await;
    }
}

fn meta(ip: std::net::IpAddr) -> String {
    json!({ "peer": ip.to_canonical().to_string() }).to_string()
}
