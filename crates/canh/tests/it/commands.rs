use std::{fs, path::Path};

use crate::{Server, bad, canh, good, served};

#[test]
fn the_first_start_prints_one_code_and_the_second_none() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let first = Server::start(&data);
    assert!(first.said.contains("quantri"), "{}", first.said);
    assert!(
        first.get("/").unwrap().starts_with("HTTP/1.1 30"),
        "nobody is signed in: on to the sign-in page"
    );
    let second = bad(canh(&data).args(["serve", "--port", "0"]));
    assert!(second.contains("Another canh serves"), "{second}");
    assert!(first.stop());
    let again = Server::start(&data);
    assert!(!again.said.contains("quantri"), "{}", again.said);
    // A new code, while it runs.
    let code = good(canh(&data).args(["user", "reset", "quantri"]));
    assert!(code.contains("mã"), "{code}");
    assert!(bad(canh(&data).args(["user", "reset", "ai-do"])).contains("no account"));
    assert!(again.stop());
}

#[test]
fn nobody_reads_on_and_nothing_panics() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let done = canh(dir.path()).arg("version").stdout(writer).output().unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let done = canh(dir.path()).arg("version").stdout(full).output().unwrap();
    assert_eq!(done.status.code(), Some(2), "what could not be written is told: {done:?}");
}

#[test]
fn a_server_is_not_started_unsafely() {
    let dir = tempfile::tempdir().unwrap();
    let open = bad(canh(dir.path()).arg("serve").env("CANH_SERVER__LISTEN", "0.0.0.0:0"));
    assert!(open.contains("without TLS"), "{open}");
    let typo = bad(canh(dir.path()).arg("serve").env("CANH_SERVER__LISSEN", "127.0.0.1:0"));
    assert!(typo.contains("lissen"), "{typo}");
}

#[test]
fn the_doctor_finds_nothing_and_then_something() {
    let (_dir, data) = served();
    let well = good(canh(&data).arg("doctor"));
    assert!(well.contains("OK    audit") && well.contains("OK    records"), "{well}");
    fs::set_permissions(data.join("audit.key"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert!(good(canh(&data).arg("doctor")).contains("can read audit.key"));
    let vi = good(canh(&data).args(["--lang", "vi", "doctor"]));
    assert!(vi.contains("đọc được audit.key\n      → chmod 600 ") && vi.contains("0 lỗi, "), "{vi}");
    assert!(bad(canh(&data.join("none")).arg("doctor")).contains("there is no folder"));
}

#[test]
fn the_doctor_looks_at_what_papers_come_in_by() {
    let (dir, data) = served();
    let table = dir.path().join("bodies.csv");
    fs::write(&table, "Tên,Loại,Mã đơn vị\nXã Hòa Lộc,Xã,000.10\n").unwrap();
    good(canh(&data).args(["import", "bodies"]).arg(&table));
    let (folder, roots) = (dir.path().join("in"), dir.path().join("roots"));
    let doctor = |code: &str| {
        let mut command = canh(&data);
        command.arg("doctor").env("CANH_INBOX__BODY", code).env("CANH_INBOX__FOLDER", &folder);
        command.env("CANH_SIGNATURES__ROOTS", &roots);
        command
    };
    let nothing = bad(&mut doctor("000.99"));
    for said in
        ["no body with the code “000.99”", "FAIL  inbox        /", "make the folder", "FAIL  signatures"]
    {
        assert!(nothing.contains(said), "{said} in {nothing}");
    }
    let recogniser = if paper::scan::installed() { "OK    scans" } else { "WARN  scans" };
    assert!(nothing.contains(recogniser), "{nothing}");
    fs::create_dir(&folder).unwrap();
    fs::create_dir(&roots).unwrap();
    fs::write(roots.join("empty.pem"), "").unwrap();
    let there = good(&mut doctor("000.10"));
    for said in [
        "papers are taken in for 000.10",
        "can be read and tidied",
        "empty.pem holds no certificate",
        "no certificate is trusted",
    ] {
        assert!(there.contains(said), "{said} in {there}");
    }
    // A port that nobody has: what listens there was let go of.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = doctor("000.10");
    for (name, value) in [("HOST", "localhost"), ("USER", "u"), ("PASSWORD", "s3cret")] {
        command.env(format!("CANH_INBOX__MAIL__{name}"), value);
    }
    let mailless = bad(command.env("CANH_INBOX__MAIL__PORT", free.to_string()));
    assert!(mailless.contains("FAIL  mailbox      no line to the mail server"), "{mailless}");
    assert!(!mailless.contains("s3cret"), "{mailless}");
}

#[test]
fn a_table_of_shifts_is_tried_row_by_row() {
    let (dir, data) = served();
    let table = dir.path().join("shifts.csv");
    fs::write(&table, "Nhận ca,Giao ca,Họ và tên\n06/02/2027 07:00,06/02/2027 19:00,Ai Đó\n").unwrap();
    let import = |more: &[&str]| {
        let mut command = canh(&data);
        command.args(["import", "shifts", "--dry-run"]).arg(&table).args(more);
        bad(&mut command)
    };
    assert!(import(&[]).contains("Post"), "the column that is missing is named");
    assert!(import(&["--post", "Trực lạ"]).contains("There is no post with the name or id “Trực lạ”"));
    fs::write(&table, "Vị trí trực,Nhận ca,Giao ca,Họ và tên\nTrực lạ,6/2,06/02/2027 19:00,Ai Đó\n").unwrap();
    let said = import(&[]);
    assert!(said.contains("Row 2, column “From”"), "{said}");
    let bodies = bad(canh(&data).args(["import", "bodies", "--post", "x"]).arg(&table));
    assert!(bodies.contains("--post is for shifts only"), "{bodies}");
}

#[test]
fn the_audit_log_is_verified_live_and_offline_and_against_what_was_kept() {
    let (dir, data) = served();
    let checkpoint = dir.path().join("kept.checkpoint");
    fs::write(&checkpoint, good(canh(&data).args(["audit", "sign"]))).unwrap();
    let key = good(canh(&data).args(["audit", "key"])).trim().to_owned();
    good(canh(&data).args(["user", "reset", "quantri"]));
    let live = good(canh(&data).args(["audit", "verify", "--against"]).arg(&checkpoint));
    assert!(live.contains("as it was written"), "{live}");
    let export = dir.path().join("log.jsonl");
    good(canh(&data).args(["audit", "export"]).arg(&export));
    // Elsewhere: no data folder, only the key.
    let nowhere = Path::new("/nonexistent");
    let offline = |file: &Path| {
        let mut command = canh(nowhere);
        command
            .args(["audit", "verify", "--key", &key, "--against"])
            .arg(&checkpoint)
            .arg("--export")
            .arg(file);
        command
    };
    good(&mut offline(&export));
    let text = fs::read_to_string(&export).unwrap();
    let changed = dir.path().join("changed.jsonl");
    fs::write(&changed, text.replacen("body.created", "body.creaked", 1)).unwrap();
    assert!(bad(&mut offline(&changed)).contains("FAULT"));
    // A mistyped folder is not an empty, unblemished log.
    let mistyped = bad(canh(dir.path()).args(["audit", "verify", "--key", &key]));
    assert!(mistyped.contains("holds no records"), "{mistyped}");
    let sai = bad(canh(dir.path()).args(["--lang", "vi", "audit", "verify", "--key", &key]));
    assert!(sai.contains("không chứa sổ dữ liệu nào"), "{sai}");
    // The log of another centre does not pass for this one.
    let (_dir, other) = served();
    let others = bad(canh(&other).args(["audit", "verify", "--against"]).arg(&checkpoint));
    assert!(others.contains("FAULT"), "{others}");
}

#[test]
fn letters_are_read_one_or_several() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.txt"), dir.path().join("b.txt"));
    let text = "Số: 12/UBND-VX\n\nKính gửi: Các sở, ban, ngành.\n\n1. Phân công trực 24/7.\n";
    fs::write(&a, text).unwrap();
    fs::write(&b, text.replace("12", "13")).unwrap();
    let read = |files: &[&Path]| {
        let mut command = canh(dir.path());
        command.args(["letter", "read", "--json"]).args(files);
        serde_json::from_str::<serde_json::Value>(&good(&mut command)).unwrap()
    };
    assert_eq!(read(&[&a])["number"], "12");
    let both = read(&[&a, &b]);
    assert_eq!((&both[0]["number"], &both[1]["number"]), (&"12".into(), &"13".into()));
    let table = good(canh(dir.path()).args(["letter", "read"]).arg(&a));
    assert!(table.contains("Number, symbol    12/UBND-VX") && table.contains("DUTY"), "{table}");
    let bang = good(canh(dir.path()).args(["--lang=vi", "letter", "read"]).arg(&a));
    assert!(bang.contains("Số, ký hiệu       12/UBND-VX"), "{bang}");
    let missing = bad(canh(dir.path()).args(["letter", "read", "/nonexistent.pdf"]));
    assert!(missing.contains("cannot be opened"), "{missing}");
}

#[test]
fn a_table_is_taken_whole_or_not_at_all() {
    let (dir, data) = served();
    let table = dir.path().join("bodies.csv");
    fs::write(&table, "Tên,Loại\nXã Hòa Lộc,Xã\nXã Tân Mỹ,không có loại này\n").unwrap();
    let wrong = bad(canh(&data).args(["import", "bodies"]).arg(&table));
    let text = "Row 3, column “Kind” says «không có loại này»: There is no such kind.";
    assert!(
        wrong.contains(text) && wrong.contains("0 changed, 0 as they were, 1 errors; nothing was taken"),
        "{wrong}"
    );
    let sai = bad(canh(&data).args(["--lang", "vi", "import", "bodies"]).arg(&table));
    assert!(
        sai.contains("Dòng 3, cột “Loại”, ghi «không có loại này»: Không có loại đơn vị này. Hãy ghi"),
        "{sai}"
    );
    assert!(sai.contains("1 lỗi; chưa nhập gì: hãy sửa bảng rồi thử lại"), "{sai}");
    assert!(!sai.contains("kind-bad") && !wrong.contains("kind-bad"), "no codes");
    let machine = bad(canh(&data).env("LANG", "vi_VN.UTF-8").args(["import", "bodies"]).arg(&table));
    assert_eq!(machine, sai, "as the machine speaks");
    assert!(bad(canh(&data).args(["--lang", "fr", "doctor"])).contains("vi, en"));
    let broken = dir.path().join("bodies.xlsx");
    fs::write(&broken, b"PK\x03\x04 no table").unwrap();
    let refused = bad(canh(&data).args(["--lang=vi", "import", "bodies"]).arg(&broken));
    assert!(refused.contains("bodies.xlsx: ") && refused.contains("Hãy"), "{refused}");
    fs::write(&table, "Loại\nXã\n").unwrap();
    let missing = bad(canh(&data).args(["import", "bodies"]).arg(&table));
    assert!(missing.contains("Row 1, column “Name”: A required column is missing. Add"), "{missing}");
    fs::write(&table, "Tên,Loại\nXã Hòa Lộc,Xã\nXã Tân Mỹ,Xã\n").unwrap();
    let dry = good(canh(&data).args(["import", "bodies", "--dry-run"]).arg(&table));
    assert!(dry.contains("2 new") && dry.contains("dry run"), "{dry}");
    assert!(good(canh(&data).args(["import", "bodies"]).arg(&table)).contains("2 new"));
    assert!(good(canh(&data).args(["import", "bodies"]).arg(&table)).contains("2 as they were"));
    good(canh(&data).args(["audit", "verify"]));
}

#[test]
fn a_lease_file_is_counted_and_kept_once() {
    let (dir, data) = served();
    let table = dir.path().join("bodies.csv");
    fs::write(&table, "Tên,Loại\nXã Hòa Lộc,Xã\n").unwrap();
    good(canh(&data).args(["import", "bodies"]).arg(&table));
    let leases = dir.path().join("dhcpd.leases");
    let lease = |ip: &str, mac: &str| {
        format!("lease {ip} {{\n  ends never;\n  binding state active;\n  hardware ethernet {mac};\n}}\n")
    };
    let text = lease("10.1.1.5", "00:1b:44:11:3a:b7") + &lease("10.1.1.6", "00:1b:44:11:3a:b8");
    fs::write(&leases, text + &lease("10.1.1.7", "da:a1:19:00:00:01")).unwrap();
    let run = |more: &[&str]| {
        let mut command = canh(&data);
        command
            .args(["import", "counts", "--body", "xa hoa loc", "--source", "dhcp"])
            .args(more)
            .arg(&leases);
        command
    };
    let dry = good(&mut run(&["--dry-run"]));
    assert!(
        dry.contains("2  All machines")
            && dry.contains("left out: 1 random addresses")
            && dry.contains("dry run"),
        "{dry}"
    );
    assert!(good(&mut run(&[])).contains("Recorded"));
    assert!(good(&mut run(&[])).contains("stood there already"));
    bad(canh(&data).args(["import", "counts", "--body", "Xã Nào Đó", "--source", "dhcp"]).arg(&leases));
    bad(canh(&data).args(["import", "counts"]).arg(&leases));
    good(canh(&data).args(["audit", "verify"]));
}

#[tokio::test]
async fn the_records_may_lie_in_postgresql() {
    let Some(t) = store::testing::postgres().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let with = |args: &[&str]| {
        let mut command = canh(&data);
        command.env("DATABASE_URL", &t.url).args(args);
        command
    };
    let server = Server::start_with(&data, |command| command.env("DATABASE_URL", &t.url));
    assert!(server.said.contains("quantri"));
    assert!(server.stop());
    assert!(!data.join("canh.sqlite").exists());
    assert!(good(&mut with(&["doctor"])).contains("postgres: open"));
    good(&mut with(&["audit", "verify"]));
    let file = dir.path().join("b.tar.zst");
    assert!(bad(with(&["backup"]).arg(&file)).contains("pg_dump"));
}
