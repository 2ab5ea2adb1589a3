use std::fmt::Write;

use domain::intake::{Inlet, ItemState};
use post::{Mailbox, PostError, Security, testing::Dovecot};
use store::testing::{TestClock, minute, sqlite};

use super::{LETTER, all_letters, bomb, inbox, items, numbered, states};

fn message(subject: &str, body: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = format!(
        "From: Van thu <vanthu@cat.example>\r\nTo: vanthu@localhost\r\nSubject: {subject}\r\nMessage-ID: <{subject}@cat.example>\r\n\
         Date: Tue, 12 Jan 2027 08:00:00 +0700\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bound\r\n\r\n\
         --bound\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
        body.replace('\n', "\r\n")
    );
    for (name, bytes) in files {
        write!(
            out,
            "--bound\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n"
        )
        .unwrap();
        let packed = base64(bytes);
        for line in packed.as_bytes().chunks(76) {
            out.push_str(std::str::from_utf8(line).unwrap());
            out.push_str("\r\n");
        }
    }
    out.push_str("--bound--\r\n");
    out.into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0_u32, |n, b| (n << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(n >> (18 - 6 * place)) as usize & 63] as char;
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

#[tokio::test]
async fn papers_come_by_both_kinds_of_protected_line() {
    let Some(mut server) = Dovecot::start() else { return };
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let clock = TestClock::at_minute(3);
    server.deliver(&message(
        "one",
        "Kính gửi văn bản.",
        &[("cv.txt", LETTER.as_bytes()), ("phu luc.csv", b"a,b\n1,2\n")],
    ));
    assert_eq!(inbox.mail_round(&server.config(Security::Tls), &clock).await.unwrap(), 1);
    server.deliver(&message("two", &numbered(7), &[]));
    assert_eq!(inbox.mail_round(&server.config(Security::Starttls), &clock).await.unwrap(), 1);
    assert_eq!(inbox.mail_round(&server.config(Security::Tls), &clock).await.unwrap(), 0);
    let items = items(&t.db).await;
    assert_eq!(
        states(&items).iter().map(|s| s.0).collect::<Vec<_>>(),
        [ItemState::Taken, ItemState::Attached, ItemState::Taken]
    );
    assert_eq!(items[0].origin["from"], "Van thu <vanthu@cat.example>");
    assert_eq!(items[0].origin["message_id"], "one@cat.example");
    assert_eq!(items[1].letter, items[0].letter);
    let letters = all_letters(&t.db).await;
    assert_eq!(letters.iter().map(|l| l.source.as_str()).collect::<Vec<_>>(), ["mail", "mail"]);
    assert_eq!(server.seen(), 2);
    let mut sql = t.db.read().await.unwrap();
    let scope = domain::actor::Scope::system();
    let origin = store::intake::origin(&mut sql, &scope, items[0].letter.unwrap()).await.unwrap();
    assert_eq!(origin.origin["subject"], "one");
}

#[tokio::test]
async fn nobody_is_believed_without_a_certificate_of_the_right_authority() {
    let Some(server) = Dovecot::start() else { return };
    let mut config = server.config(Security::Tls);
    config.ca = None;
    assert!(matches!(Mailbox::open(&config).await, Err(PostError::Tls(_))));
    let mut config = server.config(Security::Starttls);
    config.host = "127.0.0.1".into();
    assert!(
        matches!(Mailbox::open(&config).await, Err(PostError::Tls(_))),
        "the name is not the certificate's"
    );
    let mut config = server.config(Security::Tls);
    config.password = "wrong".into();
    let error = Mailbox::open(&config).await.err().unwrap();
    assert!(matches!(error, PostError::Login) && !error.to_string().contains("wrong"));
    let mut config = server.config(Security::Tls);
    config.folder = "Nowhere".into();
    assert!(matches!(Mailbox::open(&config).await, Err(PostError::Folder)));
}

#[tokio::test]
async fn a_server_that_dies_is_found_again() {
    let Some(mut server) = Dovecot::start() else { return };
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let clock = TestClock::at_minute(3);
    server.deliver(&message("one", &numbered(1), &[]));
    assert_eq!(inbox.mail_round(&server.config(Security::Tls), &clock).await.unwrap(), 1);
    server.deliver(&message("two", &numbered(2), &[]));
    server.down();
    let error = inbox.mail_round(&server.config(Security::Tls), &clock).await.unwrap_err();
    assert_eq!(error.downcast_ref::<PostError>().unwrap().code(), "mail-line");
    server.up();
    assert_eq!(inbox.mail_round(&server.config(Security::Tls), &clock).await.unwrap(), 1);
    // Its numbers are others afterwards: what is known is known by what it is.
    server.renumber();
    assert_eq!(inbox.mail_round(&server.config(Security::Tls), &clock).await.unwrap(), 2);
    assert_eq!(all_letters(&t.db).await.len(), 2);
    assert_eq!(states(&items(&t.db).await)[2..], [(ItemState::Duplicate, None); 2]);
}

/// The next look would be in an hour: what comes sooner was told by the server.
#[tokio::test]
async fn what_comes_is_there_at_once_also_after_the_line_broke() {
    let Some(mut server) = Dovecot::start() else { return };
    let t = sqlite().await;
    let mut inbox = inbox(&t).await;
    let mut config = server.config(Security::Tls);
    config.every = 3600;
    inbox.mail = Some(config);
    server.deliver(&message("one", &numbered(1), &[]));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let clock = std::sync::Arc::new(TestClock::at_minute(3));
    let running = tokio::spawn(watch::inbox::run(std::sync::Arc::new(inbox), clock, stopped));
    there(&t.db, 1).await;
    for number in 2..4 {
        server.deliver(&message(&format!("m{number}"), &numbered(number), &[]));
        there(&t.db, number as usize).await;
    }
    server.down();
    server.up();
    server.deliver(&message("four", &numbered(4), &[]));
    there(&t.db, 4).await;
    server.deliver(&message("five", &numbered(5), &[]));
    there(&t.db, 5).await;
    stop.send(true).unwrap();
    running.await.unwrap();
    assert_eq!(states(&items(&t.db).await), [(ItemState::Taken, None); 5]);
}

/// Waits for so many letters, much longer than they need and much shorter than an hour.
async fn there(db: &store::Db, count: usize) {
    for _ in 0..300 {
        if all_letters(db).await.len() >= count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("letter {count} did not come");
}

#[tokio::test]
async fn hostile_secret_and_paperless_mail_is_told_and_the_next_one_is_read() {
    let Some(mut server) = Dovecot::start() else { return };
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let clock = TestClock::at_minute(3);
    server.deliver(&message("bomb", "xem tep", &[("cv.docx", &bomb()), ("cv.pdf", b"%PDF-1.4 broken")]));
    server.deliver(&message("hello", "Anh chi khoe khong?", &[]));
    server.deliver(&message(
        "K9",
        "xem tep",
        &[("a.txt", LETTER.as_bytes()), ("b.txt", format!("TỐI MẬT\n{LETTER}").as_bytes())],
    ));
    let mut large = message("large", "", &[]);
    large.resize(36 << 20, b'x');
    server.deliver(&large);
    server.deliver(&message("good", &numbered(9), &[]));
    assert_eq!(inbox.mail_round(&server.config(Security::Tls), &clock).await.unwrap(), 5);
    let items = items(&t.db).await;
    assert_eq!(
        states(&items),
        [
            (ItemState::Trouble, Some("too-much")),
            (ItemState::Trouble, Some("damaged")),
            (ItemState::Trouble, Some("mail-no-paper")),
            (ItemState::Secret, None),
            (ItemState::Trouble, Some("mail-too-large")),
            (ItemState::Taken, None),
        ]
    );
    assert_eq!(items[3].origin, serde_json::json!({}), "not even who sent it");
    assert_eq!(all_letters(&t.db).await.len(), 1);
}

#[tokio::test]
async fn a_thousand_messages_each_once_though_cut_off_in_between() {
    let Some(mut server) = Dovecot::start() else { return };
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let clock = TestClock::at_minute(3);
    for n in 0..1000 {
        // Every tenth is a paper; the others are the mail of every day, which needs no child to be read.
        let text = if n % 10 == 0 { numbered(n + 1) } else { String::new() };
        server.deliver(&message(&format!("m{n}"), &text, &[]));
    }
    let config = server.config(Security::Tls);
    let cut =
        tokio::time::timeout(std::time::Duration::from_secs(2), inbox.mail_round(&config, &clock)).await;
    let before = items(&t.db).await.len();
    assert!(cut.is_err(), "it was to be cut off while it works");
    inbox.mail_round(&config, &clock).await.unwrap();
    let mut sql = t.db.read().await.unwrap();
    assert_eq!(sql.count_for_test("select count(*) as n from letter").await.unwrap(), 100);
    assert_eq!(sql.count_for_test("select count(*) as n from inbox_item").await.unwrap(), 1000);
    assert!(before < 500);
    let mark = store::intake::source(&mut sql, &domain::actor::Scope::system(), Inlet::Mail)
        .await
        .unwrap()
        .unwrap()
        .mark;
    assert_eq!(mark.unwrap().1, 1000);
    assert!(minute(3) > minute(0));
}
