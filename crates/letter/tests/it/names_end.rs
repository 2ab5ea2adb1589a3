//! Where the name of whom an order is for ends, and what is said only in passing: each in words no letter of the corpus says.

use letter::{Lexicon, Reader, Reading};

fn read(head: &str, body: &str) -> Reading {
    Reader::new(&Lexicon::builtin()).read(&format!("{head}\n\n{body}"))
}

const HEAD: &str = "UBND TỈNH THANH SƠN\nSố: 1/UBND-NC\n\nKính gửi:\n- Các sở, ban, ngành;\n- Chủ tịch UBND các xã, phường;\n\
                    - Đảng ủy các cơ quan Đảng tỉnh.\n\nUBND tỉnh yêu cầu:";

/// The actor and the codes of a single order.
fn order(text: &str) -> (Option<String>, Vec<String>) {
    let reading = read(
        HEAD,
        &format!("1. {text}\n\n2. Văn bản này có hiệu lực từ ngày ký.\n\nNơi nhận:\n- Như trên.\n"),
    );
    let mut given = reading.duties.into_iter().filter(|d| d.path == "1");
    given.next().map(|d| (d.actor, d.codes)).unwrap_or_default()
}

#[test]
fn a_name_ends_where_the_order_begins() {
    for (text, name) in [
        ("Phòng Kế hoạch tổng hợp sao lưu dữ liệu kế toán.", "Phòng Kế hoạch tổng hợp"),
        ("Phòng Hành chính quản trị chạy thử máy phát điện.", "Phòng Hành chính quản trị"),
        ("Phòng Khách hàng nhắn tin cảnh báo khách hàng về tin nhắn giả mạo.", "Phòng Khách hàng"),
        // Nobody lists "lo" among the verbs: the name is known to its end.
        ("Chủ tịch UBND các xã, phường lo tuyên truyền cho nhân dân.", "Chủ tịch UBND các xã, phường"),
        ("Công an tỉnh ngoài nhiệm vụ nêu trên, chủ trì diễn tập.", "Công an tỉnh"),
        ("Sở Tài chính sớm bố trí kinh phí.", "Sở Tài chính"),
        ("Văn phòng Tỉnh ủy sao lưu dữ liệu.", "Văn phòng Tỉnh ủy"),
        ("Đề nghị Đảng ủy Công an tỉnh chỉ đạo diễn tập.", "Đảng ủy Công an tỉnh"),
        ("Bệnh viện đa khoa tỉnh sao lưu dữ liệu bệnh án.", "Bệnh viện đa khoa tỉnh"),
        ("Riêng các cơ quan báo chí: sao lưu dữ liệu báo điện tử.", "các cơ quan báo chí"),
    ] {
        assert_eq!(order(text).0.as_deref(), Some(name), "{text}");
    }
    for text in [
        "Báo ngay cho Công an tỉnh khi phát hiện sự cố.",
        "Giáo viên chủ nhiệm, Đoàn trường tuyên truyền cho học sinh về tin giả.",
        "Phân công lực lượng tại chỗ trực 24/7.",
    ] {
        assert_eq!(order(text).0, None, "{text}");
    }
}

#[test]
fn words_in_passing_give_no_code() {
    for (text, codes) in [
        ("Trực kỹ thuật 24/7; kịp thời xử lý sự cố.", &["DUTY"][..]),
        ("Bóc gỡ mã độc và cô lập máy bị nhiễm.", &["MALW"]),
        ("Chủ trì ứng phó, khắc phục sự cố an ninh mạng.", &["IR"]),
        ("Phân công cán bộ trực 24/7, gửi danh sách trực về Công an tỉnh.", &["DUTY"]),
        ("Gửi danh sách trực (họ tên, số điện thoại) về Công an tỉnh.", &["CONT"]),
        ("Cử đầu mối tiếp nhận thông tin 24/7.", &["CONT"]),
        ("Xây dựng, trình UBND tỉnh phê duyệt phương án ứng cứu khẩn cấp trước ngày 30/6.", &["IRP"]),
        ("Kiểm tra an ninh mạng đột xuất tại các đơn vị.", &["INSP"]),
        ("Hằng năm kiểm tra ít nhất 10% số trường trực thuộc.", &["INSP"]),
        ("Có phương án dự phòng khi mất điện, đứt cáp.", &["BKUP"]),
        ("Tạm dừng cấp wifi khách cho đến khi có thông báo mới.", &[]),
        ("Không cho người khác mượn tài khoản.", &["ACCT"]),
    ] {
        assert_eq!(order(text).1, codes, "{text}");
    }
}

/// A heading that would have found room for the next word was not wrapped.
#[test]
fn a_short_heading_is_not_joined_with_what_follows() {
    let reading = read(
        HEAD,
        "1. VNPT Thanh Sơn, Viettel Thanh Sơn, MobiFone Thanh Sơn\n- Bố trí nhân lực trực bảo đảm hạ tầng viễn thông an toàn, thông suốt\n\
         trong các ngày nghỉ lễ và các ngày diễn ra sự kiện trọng đại của tỉnh nhà.\n- Triển khai giải pháp phát hiện, lọc, ngăn chặn tấn công mạng phát tán trên\n\
         hạ tầng của doanh nghiệp theo hướng dẫn của cơ quan chức năng có thẩm quyền.\n2. Ủy ban nhân dân các xã, phường\nNgoài các nội dung nêu trên, chỉ đạo hệ thống truyền thanh cơ sở tuyên truyền\n\
         về nhận diện lừa đảo trực tuyến trong thời gian trước, trong và sau kỳ nghỉ lễ.\n3. Các sở, ban, ngành sao lưu dữ liệu của các hệ thống thông tin do mình quản lý\n\
         và thử khôi phục ít nhất một lần trước khi nghỉ lễ để bảo đảm dùng được ngay.\nNơi nhận:\n- Như trên.\n",
    );
    let given: Vec<_> = reading.duties.iter().map(|d| (d.path.as_str(), d.actor.as_deref())).collect();
    assert_eq!(
        given,
        [
            ("1.1", Some("providers")),
            ("1.2", Some("providers")),
            ("2", Some("Ủy ban nhân dân các xã, phường")),
            ("3", Some("Các sở, ban, ngành")),
        ],
        "{:?}",
        reading.items
    );
    assert_eq!(reading.duties.get(1).map(|d| d.codes.clone()), Some(vec!["ISPF".to_owned()]));
}

/// A head set as a table of a web page: two columns, lines broken within their cells.
#[test]
fn a_head_flattened_by_a_web_page_is_parted_again() {
    let reading = read(
        "| UBND TỈNH THANH SƠN<br>**SỞ Y TẾ** | **CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**<br>**Độc lập - Tự do - Hạnh phúc** |\n|---|---|\n\
         | Số: 18/SYT-VP<br/>V/v bảo đảm an ninh mạng phục vụ Đại hội Đảng bộ tỉnh | *Thanh Sơn, ngày 26 tháng 4 năm 2025* |",
        "**Kính gửi:** Các đơn vị trực thuộc.\n\n1. Sao lưu dữ liệu.\n",
    );
    assert_eq!(
        (reading.parent.as_deref(), reading.issuer.as_deref()),
        (Some("UBND tỉnh Thanh Sơn"), Some("Sở Y tế"))
    );
    assert_eq!((reading.number.as_deref(), reading.symbol.as_deref()), (Some("18"), Some("SYT-VP")));
    assert_eq!(reading.subject.as_deref(), Some("bảo đảm an ninh mạng phục vụ Đại hội Đảng bộ tỉnh"));
    assert_eq!(reading.date.as_deref(), Some("2025-04-26"));
}

/// "KẾ HOẠCH⏎Triển khai …": a subject may begin as a body does.
#[test]
fn a_subject_below_the_kind_is_no_body() {
    let reading = read(
        "UBND XÃ ĐẠI THẮNG\nSố: 7/KH-UBND\n\nĐại Thắng, ngày 03 tháng 02 năm 2026\n\nKẾ HOẠCH\nTriển khai các giải pháp bảo đảm an ninh mạng trên địa bàn xã",
        "Thực hiện Văn bản số 214/UBND-NC ngày 28/01/2026 của UBND tỉnh, UBND xã xây dựng Kế hoạch như sau:\n\n1. Sao lưu dữ liệu.\n",
    );
    assert_eq!(
        reading.subject.as_deref(),
        Some("Triển khai các giải pháp bảo đảm an ninh mạng trên địa bàn xã")
    );
}

#[test]
fn marks_of_a_scan_are_seen_and_given_back() {
    let reading = read(
        "UBND TỈNH THANH SƠN\nSố: 1/UBND-NC\nV/v bảo đảm an toàn thông tín dịp nghi lễ 30/4\n\nThanh Sơn, ngày 2 tháng 4 năm 2O23\n\n\
         Kính gửi:\n- Các sở, ban, ngành tinh;\n- Công an tính Thanh Sơn;\n- Đài Phát thanh và Truyền hình Thanh Sớn.",
        "UBND tỉnh Thanh Sơn yêu cầu:\n\n1. Vá 1ỗ hổng.\n",
    );
    assert!(reading.problems.iter().any(|p| p == "ocr-noise"), "{:?}", reading.problems);
    assert_eq!(
        reading.to,
        ["Các sở, ban, ngành tỉnh", "Công an tỉnh Thanh Sơn", "Đài Phát thanh và Truyền hình Thanh Sơn"]
    );
    assert_eq!(reading.subject.as_deref(), Some("bảo đảm an toàn thông tin dịp nghỉ lễ 30/4"));
}

#[test]
fn a_digit_nobody_can_read_is_a_doubt_and_a_named_file_an_indicator() {
    let reading = read(
        HEAD,
        "1. Rà soát các chỉ dấu sau:\n\n- Tên tệp: HoSo_ThauGoi3.zip\n\nĐầu mối: Phòng Công nghệ số, điện thoại: 0904 22x 118.\n",
    );
    assert!(reading.problems.iter().any(|p| p == "phone-doubtful"), "{:?}", reading.problems);
    assert!(
        reading.indicators.iter().any(|i| i.kind == "file" && i.value == "HoSo_ThauGoi3.zip"),
        "{:?}",
        reading.indicators
    );
}

/// A name in brackets behind one hole's number means that hole, not all that bear the name.
#[test]
fn also_called_names_one_hole() {
    let reading = read(HEAD, "1. Vá lỗ hổng CVE-2025-53770 (còn gọi là ToolShell) trên SharePoint.\n");
    let cves: Vec<_> = reading.vulnerabilities.iter().flat_map(|v| v.cves.clone()).collect();
    assert_eq!(cves, ["CVE-2025-53770"]);
}
