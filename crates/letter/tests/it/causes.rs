//! What letters apart taught, each cause in words of its own: no letter of the corpus says these.

use letter::{Lexicon, Reader, Reading};

fn read(body: &str) -> Reading {
    Reader::new(&Lexicon::builtin())
        .read(&format!("SỞ X\nSố: 1/SX-CN\n\nKính gửi: Các đơn vị trực thuộc Sở.\n\n{body}"))
}

fn duties(reading: &Reading) -> Vec<(&str, Vec<&str>, Option<&str>)> {
    let all = reading.duties.iter();
    all.map(|d| (d.path.as_str(), d.codes.iter().map(String::as_str).collect(), d.actor.as_deref())).collect()
}

/// An appendix lists whom to call; empty cells do not shift what stands beside them.
#[test]
fn a_table_of_contacts_is_read() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n\nNơi nhận:\n- Như trên.\n\nGIÁM ĐỐC\n\nNguyễn Văn An\n\n\
         Phụ lục\nDANH SÁCH ĐẦU MỐI\n\n| TT | Họ và tên | Đơn vị | Di động | Email |\n|---|---|---|---|---|\n\
         | 1 | Trần Thị Bình | Phòng Công nghệ số | 0912.345.678 | |\n\
         | 2 | Lê Văn Cường | Văn phòng Sở | | cuonglv@sox.gov.vn |\n",
    );
    let contact = |n: usize| reading.contacts.get(n).cloned().unwrap_or_default();
    assert_eq!(reading.contacts.len(), 2, "{:?}", reading.contacts);
    assert_eq!(
        (contact(0).name.as_deref(), contact(0).phones),
        (Some("Trần Thị Bình"), vec!["0912345678".into()])
    );
    assert_eq!(
        (contact(1).unit.as_deref(), contact(1).emails),
        (Some("Văn phòng Sở"), vec!["cuonglv@sox.gov.vn".into()])
    );
}

/// "Đội" folds to the surname "Đới", and a bracket after a number belongs to no number.
#[test]
fn a_team_is_no_person_and_a_bracket_no_digits() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n\nĐầu mối: Đội Quản trị mạng, điện thoại 0236.3555.123 (24/7)./.\n",
    );
    let contact = reading.contacts.first().cloned().unwrap_or_default();
    assert_eq!(
        (contact.unit.as_deref(), contact.name, contact.phones),
        (Some("Đội Quản trị mạng"), None, vec!["02363555123".to_owned()])
    );
}

/// A heading that ends in "số:" takes no item for its number.
#[test]
fn an_item_follows_a_heading_that_ends_in_number() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Văn phòng Sở đổi mật khẩu.\n\n2. Trung tâm Công nghệ số:\n2.1. Sao lưu dữ liệu.\n2.2. Lưu nhật ký hệ thống.\n",
    );
    let centre = Some("Trung tâm Công nghệ số");
    let want = [
        ("1", vec!["ACCT"], Some("Văn phòng Sở")),
        ("2.1", vec!["BKUP"], centre),
        ("2.2", vec!["LOGS"], centre),
    ];
    assert_eq!(duties(&reading), want);
}

/// Who sells software keeps no line open for the public; who operates one does, and needs not be named when all
/// addressees do.
#[test]
fn sellers_of_software_operate_no_network() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Nhà thầu cung cấp phần mềm một cửa bố trí kỹ sư trực hỗ trợ.\n\n\
         2. Các doanh nghiệp viễn thông bố trí nhân lực trực, bảo đảm đường truyền thông suốt.\n",
    );
    let codes = |n: usize| duties(&reading).get(n).map(|d| d.1.clone()).unwrap_or_default();
    assert!(codes(0).contains(&"VEND") && !codes(0).contains(&"ISPD"), "{:?}", codes(0));
    assert_eq!((duties(&reading)[0].2, codes(1)), (Some("providers"), vec!["ISPD"]));

    let reader = Reader::new(&Lexicon::builtin());
    let reading = reader.read("SỞ X\nSố: 1/SX-CN\n\nKính gửi:\n- VNPT tỉnh X;\n- Viettel tỉnh X.\n\nSở X yêu cầu:\n\n1. Chặn lọc các trang lừa đảo, tin nhắn rác.\n");
    assert_eq!(duties(&reading), [("1", vec!["ISPF"], None)]);
}

/// Those whom the words before the items tell are all; a head of unit under a body's name is that body's.
#[test]
fn those_who_are_told_are_everyone() {
    let reading = read(
        "Giám đốc Sở yêu cầu các phòng, trạm triển khai:\n\n1. Các phòng, trạm đổi mật khẩu.\n\n2. Văn phòng Sở:\n\
         a) Sao lưu dữ liệu.\nb) Thủ trưởng đơn vị chịu trách nhiệm trước Giám đốc Sở.\n",
    );
    let office = Some("Văn phòng Sở");
    assert_eq!(
        duties(&reading),
        [("1", vec!["ACCT"], None), ("2.a", vec!["BKUP"], office), ("2.b", vec!["LEAD"], office)]
    );
}

/// Two decrees of one government; an office that acts on two papers; a list that says there is more.
#[test]
fn papers_joined_by_and() {
    let reading = read(
        "Ngày 01/8/2026 Chính phủ đã ban hành Nghị định số 12/2026/NĐ-CP và Nghị định số 13/2026/NĐ-CP. Thực hiện Công điện số \
         7/CĐ-TTg ngày 02/8/2026 của Thủ tướng Chính phủ và theo chức năng, nhiệm vụ được giao, Sở X yêu cầu:\n\n\
         1. Vá CVE-2024-3094 và các lỗ hổng khác đã được cảnh báo.\n",
    );
    let issuers: Vec<_> = reading.basis.iter().map(|b| b.issuer.as_deref()).collect();
    assert_eq!(issuers, [Some("Chính phủ"), Some("Chính phủ"), Some("Thủ tướng Chính phủ")]);
    assert!(reading.open_list);
}

/// Words that only look like an order: what was told before, what an exception allows, what warns of something.
#[test]
fn words_around_an_order_are_none() {
    for (item, not) in [
        ("Cập nhật bản vá cho các máy đã được Sở X thông báo năm trước.", "RPT"),
        ("Theo dõi cảnh báo về mã độc của Cục Y.", "RPT"),
        ("Không nâng cấp hệ thống, trừ trường hợp khắc phục lỗ hổng nghiêm trọng.", "VFIX"),
        ("Rà soát và kịp thời phát hiện các điểm yếu của trang thông tin.", "MON"),
        ("Kiểm tra camera giám sát.", "MON"),
        ("Quán triệt đến cán bộ quy định về bảo vệ bí mật nhà nước.", "AWAR"),
    ] {
        let reading = read(&format!("Sở X yêu cầu:\n\n1. {item}\n\n2. Sao lưu dữ liệu.\n"));
        assert!(
            reading.duties.iter().all(|d| !d.codes.iter().any(|c| c == not)),
            "{item}: {:?}",
            reading.duties
        );
    }
}

/// Numbers that go on through the sections are whole without them; those that begin again are not.
#[test]
fn numbers_go_on_through_sections() {
    let paths = |body: &str| {
        let reading = read(body);
        reading.duties.iter().map(|d| d.path.clone()).collect::<Vec<_>>()
    };
    let on = "Sở X yêu cầu:\n\nI. Các phòng\n\n1. Sao lưu dữ liệu.\n\n2. Lưu nhật ký hệ thống.\n\nII. Văn phòng Sở\n\n3. Đổi mật khẩu.\n";
    assert_eq!(paths(on), ["1", "2", "3"]);
    assert_eq!(paths(&on.replace("3. ", "1. ")), ["I.1", "I.2", "II.1"]);
}

/// Whom to call is listed under dashes, and addresses to block in a table: neither orders anything.
#[test]
fn lists_after_the_orders_are_no_items() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n\n2. Chặn kết nối tới các địa chỉ sau:\n\n\
         | STT | Loại | Giá trị |\n|---|---|---|\n| 1 | IP | 192.0.2[.]7 |\n| 2 | Tên miền | sao-luu[.]example |\n\n\
         Cần hỗ trợ, đề nghị liên hệ Văn phòng Sở:\n\
         - Ông Trần Văn Bình, phụ trách hạ tầng và sao lưu, điện thoại 0912.345.678;\n\
         - Bà Lê Thị Cúc, điện thoại 0987.654.321.\n",
    );
    let want = [("1", vec!["BKUP"], None), ("2", vec!["BLCK"], None), ("contact", vec!["HELP"], None)];
    assert_eq!(duties(&reading), want);
    assert_eq!(reading.indicators.len(), 2, "{:?}", reading.indicators);
    assert_eq!(reading.contacts.iter().filter(|c| c.phones.len() == 1).count(), 2, "{:?}", reading.contacts);
}

/// In a sound paper a word is no other with wrong marks, and a comma parts two.
#[test]
fn words_of_their_own_stay_themselves() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Kiểm tra tuyến truyền dẫn giữa các tòa nhà, sao lưu dữ liệu.\n\n\
         2. Phân công cán bộ trực, tiếp nhận thông tin trong kỳ nghỉ.\n\n\
         3. Văn phòng Sở trực tiếp làm việc với Ban Quản lý tòa nhà, sao lưu dữ liệu.\n",
    );
    let codes: Vec<_> = duties(&reading).into_iter().map(|d| d.1).collect();
    assert_eq!(codes, [vec!["BKUP"], vec!["DUTY"], vec!["BKUP"]]);
}

/// "Đối với … :" says whom up to the colon, whatever verbs stand in it.
#[test]
fn whom_an_order_is_for_may_hold_verbs() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Đối với các đơn vị tự quản lý, vận hành máy chủ riêng: sao lưu dữ liệu.\n\n\
         2. Toàn thể công chức, viên chức: không mở tệp đính kèm lạ.\n\n\
         3. Cảng hàng không quốc tế X sao lưu dữ liệu.\n",
    );
    let actors: Vec<_> = duties(&reading).into_iter().map(|d| d.2).collect();
    let want =
        [Some("các đơn vị tự quản lý, vận hành máy chủ riêng"), None, Some("Cảng hàng không quốc tế X")];
    assert_eq!(actors, want);
}

/// A last paragraph that asks for a name orders it; one that gives a number offers help.
#[test]
fn closing_words_may_ask_for_a_contact() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n\n\
         Các đơn vị cử 01 cán bộ làm đầu mối, gửi danh sách về Văn phòng Sở trước ngày 05/9/2026.\n",
    );
    assert_eq!(duties(&reading)[1], ("closing", vec!["CONT"], None));
}

/// An operator's orders to its own centres speak of its network.
#[test]
fn an_operator_orders_its_own_network() {
    let reading = Reader::new(&Lexicon::builtin()).read(
        "VIỄN THÔNG TỈNH X\nSố: 1/VTX-KT\n\nKính gửi: Các trung tâm trực thuộc.\n\nGiám đốc yêu cầu:\n\n\
         1. Chặn lọc tin nhắn rác, cuộc gọi lừa đảo.\n",
    );
    assert_eq!(duties(&reading), [("1", vec!["ISPF"], None)]);
}
