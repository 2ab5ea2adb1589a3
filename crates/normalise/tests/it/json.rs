//! JSON: Winlogbeat's documented fields, flat Sysmon, the JSON the `evtx` crate writes, journald's export.

use domain::event::{Column, Kind};
use normalise::Shape;

use crate::{column, read};

#[test]
fn flat_events_of_windows() {
    let (shape, event) = read(
        r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"pc01","Image":"C:\\a.exe","UtcTime":"2026-11-03 09:08:07.123","Hashes":null}"#,
    );
    assert_eq!((shape, event.product()), (Shape::Json, "windows"));
    assert_eq!(column(&event, Column::Host), "pc01");
    assert_eq!(column(&event, Column::Process), r"C:\a.exe");
    assert_eq!(event.time().unwrap().to_string(), "2026-11-03T09:08:07.123Z");
    assert_eq!(event.get("EventID").unwrap().kind, Kind::Number);
    assert_eq!(event.get("Hashes").unwrap().kind, Kind::Null);
}

#[test]
fn winlogbeat() {
    let (_, event) = read(
        r#"{"@timestamp":"2026-11-03T09:08:07Z","winlog":{"channel":"Security","event_id":"4625","computer_name":"dc1","event_data":{"TargetUserName":"an","IpAddress":"10.1.1.9"}},"message":"x"}"#,
    );
    assert_eq!(event.product(), "windows");
    assert_eq!(column(&event, Column::UserTarget), "an");
    assert_eq!(column(&event, Column::SourceIp), "10.1.1.9");
    assert_eq!(
        event.get("winlog.event_data.IpAddress").unwrap().text,
        "10.1.1.9",
        "the original name is kept"
    );
    assert_eq!(event.time().unwrap().to_string(), "2026-11-03T09:08:07Z");
}

#[test]
fn lists_numbers_and_nesting() {
    let (_, event) =
        read(r#"{"a":{"b":[1,-2,{"c":true}]},"n":1.5,"big":18446744073709551615,"t":"x\u0041"}"#);
    let all: Vec<(&str, &str)> = event.fields().map(|(n, v)| (n, v.text)).collect();
    assert_eq!(
        all,
        [
            ("a.b", "1"),
            ("a.b", "-2"),
            ("a.b.c", "true"),
            ("n", "1.5"),
            ("big", "18446744073709551615"),
            ("t", "xA")
        ]
    );
    for (depth, shape) in [(30, Shape::Json), (100, Shape::Unknown), (100_000, Shape::Unknown)] {
        let deep = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let (found, event) = read(&deep);
        assert_eq!((found, event.raw()), (shape, deep.as_str()), "{depth} levels; kept in any case");
    }
}

#[test]
fn journald() {
    let (shape, event) = read(
        r#"{"__REALTIME_TIMESTAMP":"1793696887000000","_HOSTNAME":"web1","SYSLOG_IDENTIFIER":"sshd","_PID":"77","MESSAGE":"Failed password for invalid user admin from 203.0.113.9 port 4242 ssh2"}"#,
    );
    assert_eq!((shape, event.dataset()), (Shape::Journald, "sshd"));
    assert_eq!(column(&event, Column::Host), "web1");
    assert_eq!(column(&event, Column::User), "admin");
    assert_eq!(column(&event, Column::SourceIp), "203.0.113.9");
    assert_eq!(event.time().unwrap().to_string(), "2026-11-03T09:08:07Z");
}

#[test]
fn a_file_that_is_no_evtx_says_so() {
    let mut event = domain::event::Event::default();
    assert!(normalise::evtx::read(b"no such file", &mut event, |_| {}).is_err());
    assert!(normalise::is_evtx(b"ElfFile\0rest") && !normalise::is_evtx(b"{}"));
}
