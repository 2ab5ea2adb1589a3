//! `SmtpChannel` against aiosmtpd, and against servers that misbehave.

use std::{path::PathBuf, sync::Arc};

use send::{Attachment, Channel, Outcome, Security, SmtpChannel, SmtpConfig};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    MAX_BYTES, message, sender,
    server::{Server, certificate, header},
};

fn config(port: u16) -> SmtpConfig {
    SmtpConfig { port: Some(port), security: Security::None, ..SmtpConfig::new("127.0.0.1") }
}

fn channel(config: &SmtpConfig) -> SmtpChannel {
    SmtpChannel::new(config, &sender(), MAX_BYTES).unwrap()
}

fn receipt(outcome: Outcome) -> String {
    match outcome {
        Outcome::Receipt { provider_id } => provider_id,
        other => panic!("not delivered: {other:?}"),
    }
}

fn retry(outcome: Outcome) -> String {
    match outcome {
        Outcome::RetryAfter { why, .. } => why,
        other => panic!("not to be retried: {other:?}"),
    }
}

fn refusal(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { why } => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_vietnamese_mail_arrives_whole() {
    let Some(server) = Server::start(&[]) else { return };
    let mut sent = message("0190f3c2-77aa-7bbb-8ccc-0123456789ab", "on@xa.example");
    let checkpoint = b"canh.songxanh.example/audit\n41\nx6Y=\n\n\xe2\x80\x94 canh sig\n".to_vec();
    sent.text.push_str("\n.\n..\nhết");
    sent.thread = Some("assignment-7".into());
    sent.attachments = vec![Attachment {
        name: "điểm kiểm chứng.txt".into(),
        content_type: "text/plain".into(),
        bytes: checkpoint.clone(),
    }];
    let channel = channel(&config(server.port));
    assert_eq!(channel.kind(), "email");
    channel.check().await.unwrap();
    assert_eq!(receipt(channel.send(&sent).await), "250 2.0.0 Ok: queued as 0001");

    let mail = &server.accepted()[0];
    assert_eq!(mail["defects"].as_array().unwrap().len(), 0, "{mail}");
    assert_eq!(mail["envelope_from"], "canh@songxanh.example");
    assert_eq!(mail["envelope_to"][0], "on@xa.example");
    assert_eq!(header(mail, "Subject"), sent.subject);
    assert_eq!(header(mail, "From"), "Trung tâm giám sát tỉnh Sông Xanh <canh@songxanh.example>");
    assert_eq!(header(mail, "To"), "\"Nguyễn Văn Ổn, trưởng phòng\" <on@xa.example>");
    assert_eq!(header(mail, "Date"), "Fri, 05 Feb 2027 01:02:03 +0000");
    assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(mail, "References"), "<assignment-7@songxanh.example>");
    assert!(header(mail, "Message-ID").starts_with("<0190f3c2-77aa-7bbb-8ccc-0123456789ab."));
    let arrived = |part: &str| mail[part].as_str().unwrap().replace("\r\n", "\n").trim_end().to_owned();
    assert_eq!(arrived("text"), sent.text.trim_end(), "every mark arrives, and so do lone dots");
    assert_eq!(arrived("html"), sent.html.as_deref().unwrap().trim_end());
    assert_eq!(mail["attachments"][0]["name"], "điểm kiểm chứng.txt");
    let bytes: String = checkpoint.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(mail["attachments"][0]["hex"], bytes, "line ends are untouched");
}

#[tokio::test]
async fn put_off_then_taken_with_the_same_message_id() {
    let Some(server) = Server::start(&[]) else { return };
    let (channel, mail) = (channel(&config(server.port)), message("i1", "later@xa.example"));
    let why = retry(channel.send(&mail).await);
    assert!(why.contains("451") && why.contains("Greylisted"), "{why}");
    receipt(channel.send(&mail).await);
    // After an outcome nobody knows, a second copy is recognisable.
    receipt(channel.send(&mail).await);
    let accepted = server.accepted();
    assert_eq!(header(&accepted[0], "Message-ID"), header(&accepted[1], "Message-ID"));
    receipt(channel.send(&message("i1", "other@xa.example")).await);
    assert_ne!(header(&server.accepted()[2], "Message-ID"), header(&accepted[0], "Message-ID"));
}

#[tokio::test]
async fn refused_recipients_and_messages_are_refused_and_the_next_goes_through() {
    let Some(server) = Server::start(&[]) else { return };
    let channel = channel(&config(server.port));
    let why = refusal(channel.send(&message("i1", "never@xa.example")).await);
    assert!(why.contains("550") && why.contains("No such user"), "{why}");
    let why = refusal(channel.send(&message("i2", "spam@xa.example")).await);
    assert!(why.contains("554"), "{why}");
    receipt(channel.send(&message("i3", "on@xa.example")).await);
    let mut forged = message("i4", "on@xa.example");
    forged.subject.push_str("\r\nBcc: all@xa.example");
    refusal(channel.send(&forged).await);
    let mut large = message("i5", "on@xa.example");
    let bytes = vec![0; MAX_BYTES];
    large.attachments =
        vec![Attachment { name: "a.pdf".into(), content_type: "application/pdf".into(), bytes }];
    assert!(refusal(channel.send(&large).await).contains("limit"));
    let accepted = server.accepted();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["connection"], 1, "a refusal costs no connection");
}

#[tokio::test]
async fn a_refused_sender_is_no_fault_of_the_message() {
    let Some(server) = Server::start(&[("sender", "refused")]) else { return };
    let why = retry(channel(&config(server.port)).send(&message("i1", "on@xa.example")).await);
    assert!(why.contains("553"), "{why}");
}

#[tokio::test]
async fn many_at_once_share_few_connections() {
    let Some(server) = Server::start(&[]) else { return };
    let channel = Arc::new(channel(&config(server.port)));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..30 {
        let channel = Arc::clone(&channel);
        tasks.spawn(async move { channel.send(&message(&format!("i{number}"), "on@xa.example")).await });
    }
    let receipts: std::collections::BTreeSet<String> =
        tasks.join_all().await.into_iter().map(receipt).collect();
    assert_eq!(receipts.len(), 30, "each its own receipt");
    let accepted = server.accepted();
    assert_eq!(accepted.len(), 30);
    let connections = accepted.iter().map(|m| m["connection"].as_u64().unwrap()).max().unwrap();
    assert!(connections <= 2, "{connections} connections");
    channel.close().await;
    receipt(channel.send(&message("after", "on@xa.example")).await);
}

#[tokio::test]
async fn silence_is_not_waited_for_and_does_not_confuse_the_next() {
    let Some(server) = Server::start(&[]) else { return };
    let channel = channel(&SmtpConfig { send_seconds: 1, ..config(server.port) });
    receipt(channel.send(&message("i0", "on@xa.example")).await);
    let why = retry(channel.send(&message("i1", "mute@xa.example")).await);
    assert!(why.contains("not known"), "{why}");
    assert_eq!(receipt(channel.send(&message("i2", "on@xa.example")).await), "250 2.0.0 Ok: queued as 0002");
    assert!(matches!(channel.send(&message("i3", "never@xa.example")).await, Outcome::Refused { .. }));
}

#[tokio::test]
async fn nobody_there_means_later() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let channel = channel(&config(port));
    let why = retry(channel.send(&message("i1", "on@xa.example")).await);
    assert!(why.contains("127.0.0.1") && !why.contains("on@xa.example"), "{why}");
    assert!(channel.check().await.is_err());
}

#[tokio::test]
async fn a_server_that_turns_everyone_away_refuses_no_message() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let turned_away = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"554 5.3.2 Closed for repairs\r\n").await.unwrap();
        // The second guest hears nothing at all.
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    });
    let channel = channel(&SmtpConfig { connect_seconds: 1, ..config(port) });
    let why = retry(channel.send(&message("i1", "on@xa.example")).await);
    assert!(why.contains("554"), "{why}");
    let why = retry(channel.send(&message("i1", "on@xa.example")).await);
    assert!(why.contains("within 1 s"), "{why}");
    turned_away.await.unwrap();
}

#[tokio::test]
async fn tls_and_sign_in_in_both_ways() {
    let folder = TempDir::new().unwrap();
    let (cert, key) = certificate(folder.path());
    for (tls, security) in [("starttls", Security::Starttls), ("implicit", Security::Tls)] {
        let options = [
            ("tls", tls),
            ("cert", cert.as_str()),
            ("key", key.as_str()),
            ("user", "canh"),
            ("password", "mật khẩu 1"),
        ];
        let Some(server) = Server::start(&options) else { return };
        let good = SmtpConfig {
            security,
            ca_file: Some(PathBuf::from(&cert)),
            username: Some("canh".into()),
            password: Some("mật khẩu 1".to_owned().into()),
            ..config(server.port)
        };
        receipt(channel(&good).send(&message("i1", "on@xa.example")).await);
        let mail = &server.accepted()[0];
        assert!(
            mail["signed_in"].as_bool().unwrap() && mail["encrypted"].as_bool().unwrap(),
            "{tls}: {mail}"
        );

        let stranger = SmtpConfig { ca_file: None, ..good.clone() };
        let why = retry(channel(&stranger).send(&message("i2", "on@xa.example")).await);
        assert!(why.to_lowercase().contains("certificate"), "{tls}: {why}");

        let forgot = SmtpConfig { password: Some("sai".to_owned().into()), ..good.clone() };
        let why = retry(channel(&forgot).send(&message("i3", "on@xa.example")).await);
        assert!(why.contains("535") && !why.contains("sai"), "{tls}: {why}");

        let nobody = SmtpConfig { username: None, password: None, ..good };
        let why = retry(channel(&nobody).send(&message("i4", "on@xa.example")).await);
        assert!(why.contains("530"), "{tls}: {why}");
        assert_eq!(server.accepted().len(), 1, "{tls}");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let Some(server) = Server::start(&[]) else { return };
    let channel = channel(&SmtpConfig { security: Security::Starttls, ..config(server.port) });
    let why = retry(channel.send(&message("i1", "on@xa.example")).await);
    assert!(why.contains("STARTTLS"), "{why}");
    assert!(server.accepted().is_empty());
}
