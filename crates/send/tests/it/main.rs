//! The channels against real counterparts: an SMTP server on loopback (aiosmtpd), a folder on disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod alertmanager;
mod channels;
mod dir;
mod fake;
mod server;
mod smtp;

use std::collections::BTreeMap;

use send::{Lang, Letterhead, Message, Recipient, Sender, render};

const MAX_BYTES: usize = 1_000_000;

fn sender() -> Sender {
    Sender {
        name: "Trung tâm giám sát tỉnh Sông Xanh".into(),
        address: "canh@songxanh.example".into(),
        reply_to: None,
    }
}

/// A question on an assignment, as the product would send it.
fn message(id: &str, address: &str) -> Message {
    let vars = [
        ("asker", "Trần Thị Bưởi, UBND xã Cồn Đước"),
        ("order", "Công văn 1234/STTTT-CNTT về trực giám sát Tết Đinh Mùi"),
        ("question", "Đơn vị chỉ có 2 người.\n.\nCó được trực chung với xã bên không?"),
        ("link", "https://canh.songxanh.example/a/7?x=1&y=2"),
    ];
    let vars: BTreeMap<String, String> = vars.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let head = Letterhead { centre: "Trung tâm giám sát tỉnh Sông Xanh".into(), contact: None };
    let mail = render("question-asked", Lang::Vi, &vars, &head).unwrap();
    let to = Recipient { name: Some("Nguyễn Văn Ổn, trưởng phòng".into()), address: address.into() };
    Message::new(id, "2027-02-05T01:02:03Z".parse().unwrap(), to, mail)
}
