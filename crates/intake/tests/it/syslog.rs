//! Syslog on real sockets.

use std::sync::Arc;

use domain::{actor::Scope, source::Kind};
use rustls::pki_types::{ServerName, pem::PemObject};
use store::sources;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream, UdpSocket},
    sync::watch,
};

use crate::Ground;

async fn until(g: &Ground, lines: usize) -> Vec<(String, String)> {
    let mut durable = g.log.durable();
    loop {
        let found = g.lines();
        if found.len() >= lines {
            return found;
        }
        durable.changed().await.unwrap();
    }
}

#[tokio::test]
async fn datagrams_and_streams_are_kept_with_where_they_came_from() {
    let g = Ground::new().await;
    let (stop, stopped) = watch::channel(false);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let udp = socket.local_addr().unwrap();
    let first = tokio::spawn(intake::syslog::udp(g.door.clone(), socket, stopped.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tcp = listener.local_addr().unwrap();
    let second = tokio::spawn(intake::syslog::tcp(g.door.clone(), listener, stopped.clone()));
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    sender.send_to(b"<34>Nov 22 08:00:00 web01 sshd[1]: x\n", udp).await.unwrap();
    assert_eq!(until(&g, 1).await[0].0, "<34>Nov 22 08:00:00 web01 sshd[1]: x");
    let mut stream = TcpStream::connect(tcp).await.unwrap();
    stream.write_all(b"6 <34>ab<34>line\r\n<34>last without an end").await.unwrap();
    stream.shutdown().await.unwrap();
    let lines = until(&g, 4).await;
    let told: Vec<&str> = lines[1..].iter().map(|(line, _)| line.as_str()).collect();
    assert_eq!(told, ["<34>ab", "<34>line", "<34>last without an end"]);
    assert!(lines.iter().all(|(_, meta)| meta == "{\"peer\":\"127.0.0.1\"}"));
    stop.send(true).unwrap();
    first.await.unwrap();
    second.await.unwrap();
}

#[tokio::test]
async fn strangers_are_not_kept_but_shown() {
    let g = Ground::new().await;
    let closed: Result<(), store::StoreError> = store::write!(g.t.db, domain::actor::Actor::System, store::testing::minute(0), tx =>
        sources::close(tx, &Scope::system(), g.source(Kind::Syslog)).await);
    closed.unwrap();
    g.door.reload().await.unwrap();
    assert!(g.door.by_address("127.0.0.1".parse().unwrap(), 5).is_err());
    g.door.flush().await.unwrap();
    let mut sql = g.t.db.read().await.unwrap();
    let found = sources::strangers(&mut sql, &Scope::system()).await.unwrap();
    assert_eq!((found[0].address.as_str(), found[0].lines), ("127.0.0.1", 5));
}

#[tokio::test]
async fn tls_keeps_what_comes() {
    let g = Ground::new().await;
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let config = intake::syslog::tls_config(&cert, &key, None).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(intake::syslog::tls(g.door.clone(), listener, config, stopped));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_file(&cert).unwrap()).unwrap();
    let client =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let stream = TcpStream::connect(at).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    stream.write_all(b"<34>over TLS\n").await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(until(&g, 1).await[0].0, "<34>over TLS");
    stop.send(true).unwrap();
    task.await.unwrap();
}
