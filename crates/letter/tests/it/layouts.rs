//! Layouts that lost their columns, their numbers or the end of a line: each in words no letter of the corpus says.

use letter::{Lexicon, Reader, Reading};

fn read(text: &str) -> Reading {
    Reader::new(&Lexicon::builtin()).read(text)
}

const HEAD: &str = "UBND TỈNH THANH SƠN\nSố: 7/UBND-NC\nThanh Sơn, ngày 05 tháng 3 năm 2026\n\nKính gửi:\n- Các sở, ban, ngành;\n\
                    - Trung tâm Dữ liệu tỉnh.\n\nUBND tỉnh yêu cầu:\n\n";

fn paths(reading: &Reading) -> Vec<&str> {
    reading.duties.iter().map(|d| d.path.as_str()).collect()
}

/// Lists that count from 1 again below a numbered heading stand under it.
#[test]
fn a_count_that_begins_again_stands_below() {
    let reading = read(&format!(
        "{HEAD}## 1. Các sở, ban, ngành\n\n1. Đổi mật khẩu quản trị.\n2. Sao lưu dữ liệu.\n\n## 2. Trung tâm Dữ liệu tỉnh\n\n\
         1. Diễn tập trước ngày 20/3/2026.\n2. Bóc gỡ mã độc.\n3. Bật xác thực đa yếu tố.\n\n3. Sở Tài chính bố trí kinh phí.\n\nNơi nhận:\n- Như trên.\n"
    ));
    assert_eq!(paths(&reading), ["1.1", "1.2", "2.1", "2.2", "2.3", "3"]);
    assert_eq!(reading.duties[2].actor.as_deref(), Some("Trung tâm Dữ liệu tỉnh"));
    assert_eq!(reading.deadlines[0].path, "2.1");
    // "1.1." holds no item "1".
    let long = "cổng thông tin điện tử, hệ thống một cửa, ".repeat(8);
    let reading = read(&format!(
        "{HEAD}1. Trước kỳ nghỉ\n\n1.1. Rà quét lỗ hổng của {long}thư điện tử.\n\n1.2. Sao lưu dữ liệu.\n\nNơi nhận:\n- Như trên.\n"
    ));
    assert_eq!(paths(&reading), ["1.1", "1.2"]);
}

#[test]
fn marks_that_a_scan_changed_are_marks() {
    let reading = read(&format!(
        "{HEAD}1, Đổi mật khẩu quản trị.\n2, Sao lưu dữ liệu.\n3. Sở Tài chính:\nd) Bố trí kinh phí.\nd) Diễn tập.\n\nNơi nhận:\n- Như trên.\n"
    ));
    assert_eq!(paths(&reading), ["1", "2", "3.d", "3.đ"]);
}

/// "_**Nơi nhận:**_" of a web page.
#[test]
fn emphasis_within_emphasis_is_none() {
    let reading = read(&format!(
        "{HEAD}1. Sao lưu dữ liệu.\n\n_**Nơi nhận:**_\n\n* Như trên;\n* Lưu: VT.\n\n**CHỦ TỊCH**\n\n**Lê Văn An**\n"
    ));
    assert_eq!(reading.copies, ["Như trên", "Lưu: VT"]);
}

#[test]
fn tables_that_lost_their_columns_are_read() {
    let reading = read(
        "UBND TỈNH THANH SƠN\nSố: 8/KH-UBND\nThanh Sơn, ngày 05 tháng 3 năm 2026\n\nKẾ HOẠCH\nBảo đảm an ninh mạng\n\nCăn cứ Công văn số 2/A-B, UBND tỉnh \
         ban hành Kế hoạch:\n\nI. NHIỆM VỤ\n1. Sao lưu dữ liệu.\nII. TIẾN ĐỘ\nTT Nội dung Chủ trì Hoàn thành\n1 Diễn tập ứng cứu sự cố Công an tỉnh \
         20/3/2026\n2 Rà quét lỗ hổng Sở Y tế 25/3/2026\n\nNơi nhận:\n- Các sở;\n- Lưu: VT.\n\nCHỦ TỊCH\n\nLê Văn An\n\nPHỤ LỤC\nDANH SÁCH ĐẦU MỐI\n\
         TT Đơn vị Họ và tên Điện thoại\n1 Công an tỉnh Lê Thị Hoa 0912.345.678\n2 Sở Y tế Trần Văn Bình 0987 654 321\n",
    );
    let table: Vec<_> = reading.duties.iter().filter(|d| d.path.starts_with("II.")).collect();
    assert_eq!(table.len(), 2, "{:?}", reading.duties);
    assert_eq!((table[0].path.as_str(), table[0].actor.as_deref()), ("II.1", Some("Công an tỉnh")));
    assert_eq!(table[0].codes, ["DRIL"]);
    assert_eq!(
        reading.deadlines.last().map(|d| (d.date.as_str(), d.path.as_str())),
        Some(("2026-03-25", "II.2"))
    );
    let names: Vec<_> = reading.contacts.iter().map(|c| (c.unit.as_deref(), c.name.as_deref())).collect();
    assert_eq!(names, [(Some("Công an tỉnh"), Some("Lê Thị Hoa")), (Some("Sở Y tế"), Some("Trần Văn Bình"))]);
}

#[test]
fn indicators_wherever_they_stand() {
    let hash = "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b";
    let (first, rest) = hash.split_at(38);
    let reading = read(&format!(
        "{HEAD}1. Chặn các địa chỉ sau.\n\nTT\tLoại\tGiá trị\tGhi chú\n1\tSHA-256\t{first}\n{rest}\ttệp tải về\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\n\
         CHỦ TỊCH\n\nLê Văn An\n\nPhụ lục: Dấu vết\n- 203.0.113.9\n- kho-anh(.)top\n- d41d8cd98f00b204e9800998ecf8427e\n"
    ));
    let values: Vec<&str> = reading.indicators.iter().map(|i| i.value.as_str()).collect();
    assert_eq!(values, [hash, "203.0.113.9", "kho-anh.top", "d41d8cd98f00b204e9800998ecf8427e"]);
    assert_eq!(reading.copies, ["Như trên", "Lưu: VT"]);
    let reading = read(&format!(
        "{HEAD}1. Gỡ bỏ mã độc. Các liên kết bị lợi dụng: https://so-a.example.vn/tin/ca-cuoc/\n\nNơi nhận:\n- Như trên.\n"
    ));
    assert_eq!(reading.indicators[0].value, "https://so-a.example.vn/tin/ca-cuoc/");
}

#[test]
fn months_belong_to_the_vendor_they_stand_beside() {
    let reading = read(&format!(
        "{HEAD}1. Vá các lỗ hổng nghiêm trọng của Microsoft tháng 01 năm 2026, lỗ hổng CVE-2022-1388 trên thiết bị F5.\n\nNơi nhận:\n- Như trên.\n"
    ));
    let vendors: Vec<_> = reading
        .vulnerabilities
        .iter()
        .filter_map(|v| Some((v.vendor.as_deref()?, v.from.as_deref()?)))
        .collect();
    assert_eq!(vendors, [("Microsoft", "2026-01")]);
    // Digits of an hour are no holiday.
    let reading = read(
        "SỞ X\nSố: 1/SX\n\nKính gửi: Các phòng.\n\nLúc 09 giờ 15 ngày 12/8/2025, Sở X phát hiện sự cố. Sở X yêu cầu:\n\n1. Sao lưu dữ liệu.\n",
    );
    assert!(reading.occasions.is_empty(), "{:?}", reading.occasions);
}

/// A telephone number broken at the end of a line, with a letter for a digit.
#[test]
fn a_broken_number_is_one() {
    let reading = read(&format!(
        "{HEAD}1. Sao lưu dữ liệu.\n\nCó khó khăn liên hệ Phòng Cơ yếu, điện thoại: 0238.\n3951.4l6 (đồng chí Lê Văn An).\n\nNơi nhận:\n- Như trên.\n"
    ));
    assert_eq!(reading.contacts[0].phones, ["02383951416"]);
}
