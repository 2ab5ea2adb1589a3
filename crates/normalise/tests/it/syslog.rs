//! Syslog by RFC 3164 and 5424, the dialects of rsyslog, sshd's and sudo's messages as OpenSSH 9 and sudo 1.9 word them.

use domain::event::Column;
use normalise::Shape;

use crate::{column, read};

#[test]
fn rfc_5424_with_structured_data() {
    let (shape, event) = read(
        r#"<165>1 2026-11-03T09:08:07.003+07:00 web1 app 77 ID47 [origin ip="10.0.0.1" x="a\"b\]c"][o2] hello there"#,
    );
    assert_eq!(shape, Shape::Syslog5424);
    assert_eq!((column(&event, Column::Host), column(&event, Column::Message)), ("web1", "hello there"));
    assert_eq!(event.get("origin.x").unwrap().text, "a\"b]c");
    assert_eq!(event.get("syslog.severity").unwrap().text, "5");
    assert_eq!(event.time().unwrap().to_string(), "2026-11-03T02:08:07.003Z");
    let (shape, event) = read("<34>1 - - - - - -");
    assert_eq!((shape, column(&event, Column::Host)), (Shape::Syslog5424, ""));
}

#[test]
fn rfc_3164_and_what_programs_make_of_it() {
    for (line, host, message) in [
        ("<34>Nov  3 09:08:07 web1 app[12]: hello", "web1", "hello"),
        ("Nov 3 09:08:07 web1 app: hello", "web1", "hello"),
        ("<34>Nov  3 09:08:07 app[12]: hello", "", "hello"),
        ("<34>app: hello", "", "hello"),
        ("2026-11-03T09:08:07.5+07:00 web1 app[1]: hello", "web1", "hello"),
        ("<190>Nov  3 2026 09:08:07 fw1 %X-1-2: hello", "fw1", "hello"),
        ("<34>no tag at all", "", "no tag at all"),
    ] {
        let (shape, event) = read(line);
        assert_eq!(shape, Shape::Syslog3164, "{line}");
        assert_eq!(
            (column(&event, Column::Host), column(&event, Column::Message)),
            (host, message),
            "{line}"
        );
    }
    assert_eq!(read("<192>Nov  3 09:08:07 a b: c").0, Shape::Unknown, "no such priority");
    assert_eq!(read("<34>Nov  3 09:08:07 web1 a: x").1.time().unwrap().to_string(), "2026-11-03T09:08:07Z");
}

#[test]
fn sshd() {
    for (message, user, address, outcome) in [
        (
            "Accepted publickey for an from 10.0.0.5 port 5022 ssh2: ED25519 SHA256:x",
            "an",
            "10.0.0.5",
            "success",
        ),
        ("Failed password for root from 203.0.113.9 port 4242 ssh2", "root", "203.0.113.9", "failure"),
        (
            "Failed password for invalid user a from b from 203.0.113.9 port 1 ssh2",
            "a from b",
            "203.0.113.9",
            "failure",
        ),
        ("Invalid user oracle from 203.0.113.9 port 9", "oracle", "203.0.113.9", "failure"),
        (
            "Connection closed by authenticating user root 203.0.113.9 port 9 [preauth]",
            "root",
            "203.0.113.9",
            "",
        ),
        (
            "error: maximum authentication attempts exceeded for invalid user x from 203.0.113.9 port 9 ssh2 [preauth]",
            "x",
            "203.0.113.9",
            "failure",
        ),
    ] {
        let (_, event) = read(&format!("<38>Nov  3 09:08:07 web1 sshd[7]: {message}"));
        assert_eq!(event.dataset(), "sshd");
        let found =
            (column(&event, Column::User), column(&event, Column::SourceIp), column(&event, Column::Outcome));
        assert_eq!(found, (user, address, outcome), "{message}");
    }
}

#[test]
fn sudo_and_cron() {
    let (_, event) = read(
        "Nov  3 09:08:07 web1 sudo:       an : TTY=pts/0 ; PWD=/srv/an ; USER=root ; COMMAND=/bin/sh -c a ; b",
    );
    assert_eq!((column(&event, Column::User), column(&event, Column::UserTarget)), ("an", "root"));
    assert_eq!(
        (column(&event, Column::CommandLine), column(&event, Column::Outcome)),
        ("/bin/sh -c a ; b", "success")
    );
    let (_, event) = read(
        "Nov  3 09:08:07 web1 sudo:   an : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
    );
    assert_eq!(column(&event, Column::Outcome), "failure");
    let (_, event) = read("Nov  3 09:08:07 web1 CRON[5]: (root) CMD (/usr/bin/x >/dev/null)");
    assert_eq!((event.dataset(), column(&event, Column::CommandLine)), ("cron", "/usr/bin/x >/dev/null"));
}
