use super::*;
use crate::{Action, ActionKind, Lang, Recipient};

fn composer() -> Composer {
    let sender = Sender {
        name: "Trung tâm giám sát, tỉnh \"Sông Xanh\"".into(),
        address: "canh@songxanh.example".into(),
        reply_to: Some("truc@songxanh.example".into()),
    };
    Composer::new(&sender, 100_000).unwrap()
}

fn message() -> Message {
    Message {
        id: "0190f3c2-77aa-7bbb-8ccc-0123456789ab".into(),
        thread: Some("assignment-7".into()),
        date: "2027-02-01T01:02:03Z".parse().unwrap(),
        to: Recipient { name: Some("Nguyễn Văn Ổn".into()), address: "on@xa.example".into() },
        subject: "Giao nhiệm vụ: trực giám sát Tết Đinh Mùi".into(),
        text: "Kính gửi ông,\nXin trực.".into(),
        html: Some("<p>Kính gửi ông</p>".into()),
        template: "assignment-issued".into(),
        short: "Xin trực.".into(),
        code: None,
        brief: "Có việc cần xem.".into(),
        open: false,
        link: None,
        urgent: false,
        actions: Vec::new(),
        taken: None,
        lang: Lang::Vi,
        headers: vec![("Importance".into(), "high".into())],
        attachments: vec![Attachment {
            name: "công văn 12.txt".into(),
            content_type: "text/plain".into(),
            bytes: b"one\ntwo\r\n".to_vec(),
        }],
    }
}

#[test]
fn the_same_message_gives_the_same_ascii_bytes() {
    let (one, two) = (composer().compose(&message()).unwrap(), composer().compose(&message()).unwrap());
    assert_eq!(one.bytes, two.bytes);
    assert!(one.bytes.is_ascii(), "needs no 8BITMIME of the server");
    let text = String::from_utf8(one.bytes).unwrap();
    for part in [
        "Date: Mon, 01 Feb 2027 01:02:03 +0000\r\n",
        "Message-ID: <0190f3c2-77aa-7bbb-8ccc-0123456789ab.0b5e441bb138@songxanh.example>\r\n",
        "References: <assignment-7@songxanh.example>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Language: vi\r\n",
        "Importance: high\r\n",
        "Reply-To: truc@songxanh.example\r\n",
        "multipart/mixed",
        "multipart/alternative",
        "b25lCnR3bw0K",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
}

#[test]
fn no_field_can_forge_a_header() {
    type Spoil = fn(&mut Message);
    let spoils: [(&str, Spoil); 9] = [
        ("subject", |m| m.subject.push_str("\r\nBcc: all@xa.example")),
        ("subject, bare LF", |m| m.subject.push_str("\nBcc: all@xa.example")),
        ("name", |m| m.to.name = Some("A\r\nBcc: all@xa.example".into())),
        ("address", |m| m.to.address = "on@xa.example\r\nRCPT TO:<all@xa.example>".into()),
        ("two addresses", |m| m.to.address = "on@xa.example>, <all@xa.example".into()),
        ("header name", |m| m.headers.push(("X-A: b\r\nBcc".into(), "all@xa.example".into()))),
        ("header value", |m| m.headers.push(("X-A".into(), "b\r\nBcc: all@xa.example".into()))),
        ("id", |m| m.id.push_str(">\r\nBcc: all@xa.example")),
        ("attachment", |m| m.attachments[0].name.push_str("\"\r\nBcc: all@xa.example")),
    ];
    for (what, spoil) in spoils {
        let mut message = message();
        spoil(&mut message);
        assert!(composer().compose(&message).is_err(), "{what} was accepted");
    }
}

const OURS: [&str; 14] = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Importance",
    "MIME-Version",
    "Content-Type",
];

/// Header names of the finished bytes, folded lines joined.
fn header_names(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let starts = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    starts.map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
}

proptest::proptest! {
    #[test]
    fn whatever_is_written_the_headers_are_ours(
        subject in r"(\PC|Bcc: |=\?utf-8\?B\?|a{200}){1,12}",
        name in r#"(\PC|["<>,;:\\@]){0,40}"#,
        address in r"[a-z<>@, \r\n]{0,9}@[a-z.\[\]> \r\n]{0,9}|[a-z]{1,8}@xa\.example",
        text in r"(\PC|[\r\n]|\r\n\.\r\n|--|a{1200}){1,40}",
        value in r"(\PC|Bcc: a@b){1,20}",
        forged in 0..9usize,
    ) {
        let mut mail = message();
        let mut fields = [subject, name, value];
        if let Some(field) = fields.get_mut(forged) {
            field.push_str("\r\nBcc: all@xa.example");
        }
        let [subject, name, value] = fields;
        mail.subject = subject;
        mail.to = Recipient { name: Some(name), address };
        mail.html = Some(text.clone());
        mail.text = text;
        mail.headers = vec![("Importance".into(), value)];
        if let Ok(letter) = composer().compose(&mail) {
            assert!(forged > 2);
            let names = header_names(&letter.bytes);
            assert!(names.iter().all(|n| OURS.contains(&n.as_str())), "{names:?}");
            assert_eq!(names.len(), OURS.len(), "{names:?}");
            assert_eq!(letter.to.to_string(), mail.to.address);
            assert!(letter.bytes.is_ascii());
            assert!(letter.bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999));
        }
    }
}

#[test]
fn our_own_headers_cannot_be_replaced() {
    for name in ["Bcc", "From", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Type"] {
        let mut message = message();
        message.headers.push((name.into(), "x".into()));
        assert!(matches!(composer().compose(&message), Err(Error::Header(_))), "{name}");
    }
}

#[test]
fn limits_and_blanks_are_refused() {
    let mut large = message();
    large.attachments[0].bytes = vec![7; 100_000];
    assert!(matches!(composer().compose(&large), Err(Error::TooLarge { limit: 100_000, .. })));
    let mut blank = message();
    blank.text = " \n".into();
    assert!(matches!(composer().compose(&blank), Err(Error::Empty { what: "text" })));
    let mut foreign = message();
    foreign.to.address = "ổn@xã.example".into();
    assert!(matches!(composer().compose(&foreign), Err(Error::Address { what: "to", .. })));
    let mut old = message();
    old.date = "1890-01-01T00:00:00Z".parse().unwrap();
    assert!(matches!(composer().compose(&old), Err(Error::Date)));
    let mut path = message();
    path.attachments[0].name = "../etc/passwd".into();
    assert!(composer().compose(&path).is_err());
}

#[test]
fn what_can_be_done_stands_as_links_in_both_forms() {
    let action = |kind, token: &str| {
        Action::new(kind, Lang::Vi, token, format!("https://canh.example/p/{token}")).unwrap()
    };
    let actions = [action(ActionKind::Acknowledge, "tk-1"), action(ActionKind::Escalate, "tk-2")];
    let text = html::text_with_actions("Xin trực.\n\n-- \nCanh\n", &actions);
    assert_eq!(
        text,
        "Xin trực.\n\nTôi nhận việc này:\nhttps://canh.example/p/tk-1\n\n\
         Tôi không nhận được, gọi người kế tiếp:\nhttps://canh.example/p/tk-2\n\n-- \nCanh\n"
    );
    let vars = [("line", "Trục 1"), ("since", "03:00"), ("link", "https://canh.example/l/1")];
    let vars = vars.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let head = crate::Letterhead { centre: "Trung tâm".into(), contact: None };
    let page = crate::render("line-down", Lang::Vi, &vars, &head).unwrap().html;
    let shown = html::with_actions(&page, &actions);
    let (button, foot) =
        (shown.find("href=\"https://canh.example/p/tk-1\"").unwrap(), shown.find("Thư do").unwrap());
    assert!(button < foot, "{shown}");
    assert_eq!(html::with_actions(&page, &[]), page);
    for (token, url) in
        [("", "https://a.example"), ("a b", "https://a.example"), ("tk", "javascript:alert(1)")]
    {
        assert!(Action::new(ActionKind::Escalate, Lang::En, token, url).is_err(), "{token} {url}");
    }
}
