//! What the tenth set taught, each cause in words of its own: no letter of the corpus says these.

use letter::{Lexicon, Reader, Reading};
use std::sync::LazyLock;

/// Made once: preparing the words takes longer than reading with them.
static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(&Lexicon::builtin()));

const HEAD: &str = "SỞ X\nSố: 1/SX-CN\n\nKính gửi:\n- Các phòng thuộc Sở;\n- Các trung tâm trực thuộc;\n- Viễn thông tỉnh X.";

fn read(body: &str) -> Reading {
    READER.read(&format!("{HEAD}\n\n{body}"))
}

fn codes(order: &str) -> Vec<String> {
    let reading = read(&format!("Sở X yêu cầu:\n\n1. {order}\n\n2. Sao lưu dữ liệu.\n"));
    reading.duties.into_iter().filter(|d| d.path == "1").flat_map(|d| d.codes).collect()
}

#[test]
fn who_wrote_a_paper_ends_before_what_else_it_acts_on() {
    for more in ["xét đề nghị của Văn phòng", "chỉ đạo của Chủ tịch UBND tỉnh", "nội dung cuộc họp ngày 02/8"]
    {
        let reading = read(&format!(
            "Thực hiện Công văn số 7/BX-CN ngày 01/8/2026 của Bộ Y tế và {more}, Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n"
        ));
        let issuer = reading.basis.first().and_then(|b| b.issuer.clone());
        assert_eq!(issuer.as_deref(), Some("Bộ Y tế"), "{more}");
    }
}

/// A heading says whose the tasks are; the heads of those told under it are they.
#[test]
fn whose_tasks_a_heading_lists() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Nhiệm vụ chung của các phòng thuộc Sở; các trung tâm công lập\n\
         1.1. Thủ trưởng cơ quan, đơn vị, Giám đốc các trung tâm công lập chịu trách nhiệm nếu để mất dữ liệu.\n\
         1.2. Sao lưu dữ liệu.\n\n2. Viễn thông tỉnh X bố trí nhân lực trực, bảo đảm đường truyền.\n",
    );
    let actors: Vec<_> = reading.duties.iter().map(|d| d.actor.as_deref()).collect();
    let those = Some("các phòng thuộc Sở; các trung tâm công lập");
    assert_eq!(actors, [those, those, Some("providers")]);
}

#[test]
fn dashes_below_a_full_line_are_a_list() {
    let reading = read(
        "Theo đề nghị của các phòng, trung tâm về công tác cuối năm, Giám đốc Sở X có ý kiến như sau:\n\
         1. Các phòng thuộc Sở, các trung tâm trực thuộc, văn phòng và các tổ công nghệ của Sở\n\
         - Đổi mật khẩu tài khoản thư điện tử trước khi nghỉ.\n\
         - Sao lưu dữ liệu.\n2. Viễn thông tỉnh X bảo đảm đường truyền thông suốt.\n",
    );
    let paths: Vec<_> = reading.duties.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["1.1", "1.2", "2"]);
}

#[test]
fn signers_of_long_or_double_offices() {
    for (signature, capacity, title) in [
        ("KT. BỘ TRƯỞNG, CHỦ NHIỆM\nPHÓ CHỦ NHIỆM", "KT. BỘ TRƯỞNG, CHỦ NHIỆM", "PHÓ CHỦ NHIỆM"),
        ("TL. TƯ LỆNH\nTHAM MƯU TRƯỞNG", "TL. TƯ LỆNH", "THAM MƯU TRƯỞNG"),
        (
            "TUQ. GIÁM ĐỐC\nTRƯỞNG PHÒNG CẢNH SÁT KINH TẾ VÀ PHÒNG, CHỐNG TỘI PHẠM THAM NHŨNG, BUÔN LẬU",
            "TUQ. GIÁM ĐỐC",
            "TRƯỞNG PHÒNG CẢNH SÁT KINH TẾ VÀ PHÒNG, CHỐNG TỘI PHẠM THAM NHŨNG, BUÔN LẬU",
        ),
    ] {
        let reading = read(&format!(
            "Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n\nNơi nhận:\n- Như trên.\n\n{signature}\n\nNguyễn Văn An\n"
        ));
        let signer = reading.signer.unwrap_or_default();
        assert_eq!((signer.capacity.as_deref(), signer.title.as_deref()), (Some(capacity), Some(title)));
    }
}

#[test]
fn groups_in_one_line_of_recipients() {
    let reading = READER.read(
        "SỞ X\nSố: 1/SX-CN\n\nKính gửi: Các trường công lập; các trung tâm ngoại ngữ; doanh nghiệp.\n\nSở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n",
    );
    assert_eq!(reading.to, ["Các trường công lập", "các trung tâm ngoại ngữ; doanh nghiệp"]);
}

/// Who is called stands in the bracket; the address that people are warned of is nobody's to write to.
#[test]
fn whom_to_call_and_whom_not() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Cảnh giác với thư điện tử giả mạo gửi từ địa chỉ thue@gia-mao.example, phat@gia-mao.example.\n\n\
         2. Gửi kết quả về Sở X (thư điện tử: so@x.example) trước ngày 05/9/2026.\n\n\
         Vướng mắc đề nghị trao đổi về Sở Y tế (qua Phòng Công nghệ, điện thoại 0236.3555.123)./.\n",
    );
    let contacts: Vec<_> =
        reading.contacts.iter().map(|c| (c.unit.as_deref(), c.phones.len(), c.emails.len())).collect();
    assert_eq!(contacts, [(Some("Sở X"), 0, 1), (Some("Phòng Công nghệ"), 1, 0)]);
    let bad: Vec<_> = reading.indicators.iter().map(|i| i.value.as_str()).collect();
    assert_eq!(bad, ["thue@gia-mao.example", "phat@gia-mao.example"]);
}

#[test]
fn those_on_duty_listed_in_an_appendix() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n\nNơi nhận:\n- Như trên.\n\nGIÁM ĐỐC\n\nNguyễn Văn An\n\nPHỤ LỤC\n\
         DANH SÁCH CÁN BỘ TRỰC HỖ TRỢ\n\nSTT   Họ và tên   Điện thoại   Thư điện tử\n\
         1   Trần Thị Bình   0912.345.678   binh@x.example\n",
    );
    let first = reading.contacts.first().cloned().unwrap_or_default();
    assert_eq!(
        (first.name.as_deref(), first.phones, first.emails),
        (Some("Trần Thị Bình"), vec!["0912345678".to_owned()], vec!["binh@x.example".to_owned()])
    );
}

#[test]
fn a_heading_may_set_a_date() {
    let reading = read(
        "Sở X yêu cầu:\n\n1. Trước ngày 20/01/2027, các đơn vị hoàn thành:\na) Sao lưu dữ liệu.\nb) Đổi mật khẩu.\n\n\
         2. Bố trí người trực tại phòng máy trong ngày 23/01/2027.\n",
    );
    let due: Vec<_> = reading.deadlines.iter().map(|d| (d.path.as_str(), d.date.as_str())).collect();
    assert_eq!(due, [("1", "2027-01-20")]);
}

/// What is only mentioned orders nothing, what is ordered in other words does.
#[test]
fn what_is_said_in_passing() {
    for (order, want) in [
        ("Rà soát toàn bộ tài khoản truy cập từ xa của nhà thầu.", vec!["ACCT"]),
        ("Giám sát nền tảng tích hợp, chia sẻ dữ liệu của tỉnh.", vec!["MON"]),
        ("Theo dõi hoạt động của chuyên mục tin tức.", vec!["MON"]),
        ("Phát hành cẩm nang phòng, chống mã độc cho người dân.", vec!["AWAR"]),
        ("Lưu nhật ký của các tài khoản quản trị trong 12 tháng.", vec!["LOGS"]),
        ("Tổ chức luyện tập ứng cứu theo tình huống giả định.", vec!["DRIL"]),
        ("Tuyên truyền đậm nét về ngày hội.", vec!["AWAR"]),
        ("Truy vết các kết nối đến máy chủ điều khiển.", vec!["HUNT"]),
        ("Cài phần mềm diệt virus và quét toàn bộ máy tính của đơn vị.", vec!["MALW"]),
        ("Cách ly hoặc cô lập các máy chủ đã hết hỗ trợ.", vec!["VFIX"]),
        ("Thực hiện kịp thời các yêu cầu của Công an tỉnh về khắc phục sự cố.", vec!["CMPL"]),
        ("Yêu cầu nhà thầu phần mềm cử người trực.", vec!["VEND"]),
        ("Khóa giao diện quản trị của bộ định tuyến.", vec!["VFIX"]),
    ] {
        assert_eq!(codes(order), want, "{order}");
    }
}
