//! Access logs: nginx's `combined`, Apache's `common`, `combined` and `vhost_combined`, IIS's W3C format.

use domain::event::{Column, Event};
use normalise::{Reader, Shape};

use crate::{column, read};

#[test]
fn nginx_and_apache() {
    for line in [
        r#"203.0.113.9 - - [03/Nov/2026:09:08:07 +0700] "GET /a?b=1 HTTP/1.1" 200 12 "http://x/" "curl/8""#,
        r#"203.0.113.9 - an [03/Nov/2026:09:08:07 +0700] "GET /a?b=1 HTTP/2.0" 200 -"#,
        r#"www.x.vn:443 203.0.113.9 - - [03/Nov/2026:09:08:07 +0700] "GET /a?b=1 HTTP/1.1" 200 12 "-" "curl/8""#,
        r#"<190>Nov  3 09:08:07 web1 nginx: 203.0.113.9 - - [03/Nov/2026:09:08:07 +0700] "GET /a?b=1 HTTP/1.1" 200 12 "-" "c""#,
        r#"203.0.113.9 - - [03/Nov/2026:09:08:07 +0700] "GET /a?b=1 HTTP/1.1" 200 12 "-" "c" 0.001 "-""#,
    ] {
        let (_, event) = read(line);
        assert_eq!((event.product(), event.dataset()), ("web", "access"), "{line}");
        assert_eq!(column(&event, Column::SourceIp), "203.0.113.9", "{line}");
        assert_eq!(event.get("cs-uri-query").unwrap().text, "b=1");
        assert_eq!((column(&event, Column::Status), column(&event, Column::Method)), ("200", "GET"));
        assert_eq!(event.time().unwrap().to_string(), "2026-11-03T02:08:07Z");
    }
}

#[test]
fn what_attackers_send() {
    let (shape, event) = read(r#"203.0.113.9 - - [03/Nov/2026:09:08:07 +0700] "\x16\x03" 400 0 "-" "-""#);
    assert_eq!((shape, column(&event, Column::Method)), (Shape::Access, r"\x16\x03"));
    let (_, event) = read(
        r#"203.0.113.9 - - [03/Nov/2026:09:08:07 +0700] "GET /a b HTTP/1.1" 404 0 "-" "a \"quoted\" ${jndi:ldap://x}""#,
    );
    assert_eq!(column(&event, Column::Url), "/a b");
    assert_eq!(column(&event, Column::UserAgent), r#"a \"quoted\" ${jndi:ldap://x}"#);
}

#[test]
fn iis_names_its_columns_first() {
    let mut reader = Reader::default();
    let mut event = Event::default();
    let mut line = |text: &str, event: &mut Event| reader.line(text.as_bytes(), event);
    assert_eq!(line("#Software: Microsoft Internet Information Services 10.0", &mut event), Shape::Nothing);
    let heading = "#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status\r";
    assert_eq!(line(heading, &mut event), Shape::Nothing);
    let shape = line("2026-11-03 09:08:07 POST /x.aspx - 203.0.113.9 Mozilla/5.0+(X) 200", &mut event);
    assert_eq!(shape, Shape::Iis);
    assert_eq!(column(&event, Column::UserAgent), "Mozilla/5.0 (X)");
    assert_eq!((column(&event, Column::Url), column(&event, Column::Status)), ("/x.aspx", "200"));
    assert!(event.get("cs-uri-query").is_none());
    assert_eq!(event.time().unwrap().to_string(), "2026-11-03T09:08:07Z");
    assert_eq!(line("too few values", &mut event), Shape::Unknown);
}
