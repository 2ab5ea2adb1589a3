//! The styles of the decree.

use docx_rs::{
    AlignmentType, Docx, LineSpacing, LineSpacingType, RunFonts, SpecialIndentType, Style, StyleType,
};

/// The type of official papers.
const FONT: &str = "Times New Roman";
/// Word counts type in half points.
const fn pt(size: usize) -> usize {
    size * 2
}
/// And blanks between paragraphs in twentieths of a point.
const fn gap(size: u32) -> u32 {
    size * 20
}
/// The first line of a paragraph stands in by 1.27 cm.
const INDENT: i32 = 720;

/// *Quốc hiệu*: 12–13 pt, bold.
pub(super) const STATE: &str = "QuocHieu";
/// *Tiêu ngữ*: 13–14 pt, bold.
pub(super) const MOTTO: &str = "TieuNgu";
/// The superior body: 12–13 pt.
pub(super) const SUPERIOR: &str = "CoQuanChuQuan";
/// The issuer: 12–13 pt, bold.
pub(super) const ISSUER: &str = "CoQuanBanHanh";
/// Number and symbol: 13 pt.
pub(super) const NUMBER: &str = "SoKyHieu";
/// *V/v*: 12–13 pt.
pub(super) const ABOUT: &str = "TrichYeuCongVan";
/// Place and day: 13–14 pt, italic.
pub(super) const DATED: &str = "DiaDanhNgay";
/// The stamp of urgency: 13–14 pt, bold.
pub(super) const URGENCY: &str = "DoKhan";
/// *BÁO CÁO*: 13–14 pt, bold.
pub(super) const TITLE: &str = "TenLoai";
/// What it is about: 13–14 pt, bold.
pub(super) const SUBJECT: &str = "TrichYeu";
/// *Kính gửi*: 13–14 pt.
pub(super) const TO: &str = "KinhGui";
/// The body: 13–14 pt, both edges even.
pub(super) const BODY: &str = "NoiDung";
/// Headings of articles: 13–14 pt, bold.
pub(super) const HEADING: &str = "Heading1";
/// *Nơi nhận:*: 12 pt, bold italic.
pub(super) const COPIES: &str = "NoiNhan";
/// Its lines: 11 pt.
pub(super) const COPY: &str = "NoiNhanDong";
/// Capacity and name: 13–14 pt, bold.
pub(super) const SIGNER: &str = "ChuKy";
/// The label and title of an appendix: 14 pt, bold.
pub(super) const APPENDIX: &str = "PhuLuc";
/// To what it is attached: 13–14 pt, italic.
pub(super) const ATTACHED: &str = "PhuLucKemTheo";
/// What stands above a table.
pub(super) const CAPTION: &str = "TenBang";
/// What stands below it.
pub(super) const NOTE: &str = "GhiChuBang";
/// Cells.
pub(super) const CELL: &str = "OBang";
/// Cells of a table of many columns.
pub(super) const CELL_DENSE: &str = "OBangNho";
/// The number of the page: 13–14 pt.
pub(super) const PAGE_NUMBER: &str = "SoTrang";

/// One style: name, size, bold, italic, alignment, blank before and after.
struct Look(&'static str, &'static str, usize, bool, bool, AlignmentType, u32, u32);

/// Adds them to a document.
pub(super) fn all(docx: Docx) -> Docx {
    use AlignmentType::{Both, Center, Left};
    let looks = [
        Look(STATE, "Quốc hiệu", 12, true, false, Center, 0, 0),
        Look(MOTTO, "Tiêu ngữ", 13, true, false, Center, 0, 0),
        Look(SUPERIOR, "Cơ quan chủ quản", 12, false, false, Center, 0, 0),
        Look(ISSUER, "Cơ quan ban hành", 12, true, false, Center, 0, 0),
        Look(NUMBER, "Số và ký hiệu", 13, false, false, Center, 6, 0),
        Look(ABOUT, "Trích yếu công văn", 12, false, false, Center, 6, 0),
        Look(DATED, "Địa danh và ngày tháng", 13, false, true, Center, 6, 0),
        Look(URGENCY, "Độ khẩn", 13, true, false, Center, 6, 0),
        Look(TITLE, "Tên loại văn bản", 14, true, false, Center, 14, 0),
        Look(SUBJECT, "Trích yếu", 14, true, false, Center, 0, 0),
        Look(TO, "Kính gửi", 14, false, false, Left, 0, 3),
        Look(HEADING, "heading 1", 14, true, false, Both, 6, 6),
        Look(BODY, "Nội dung", 14, false, false, Both, 6, 6),
        Look(COPIES, "Nơi nhận", 12, true, true, Left, 0, 0),
        Look(COPY, "Nơi nhận (dòng)", 11, false, false, Left, 0, 0),
        Look(SIGNER, "Chữ ký", 14, true, false, Center, 0, 0),
        Look(APPENDIX, "Phụ lục", 14, true, false, Center, 0, 0),
        Look(ATTACHED, "Phụ lục (kèm theo)", 13, false, true, Center, 0, 6),
        Look(CAPTION, "Tên bảng", 13, true, false, Center, 8, 4),
        Look(NOTE, "Ghi chú bảng", 11, false, true, Left, 2, 4),
        Look(CELL, "Ô bảng", 12, false, false, Left, 0, 0),
        Look(CELL_DENSE, "Ô bảng nhỏ", 10, false, false, Left, 0, 0),
        Look(PAGE_NUMBER, "Số trang", 13, false, false, Center, 0, 0),
    ];
    let fonts = RunFonts::new().ascii(FONT).hi_ansi(FONT).cs(FONT).east_asia(FONT);
    let mut out = docx.default_fonts(fonts).default_size(pt(14));
    for look in looks {
        out = out.add_style(style(look));
    }
    out
}

fn style(Look(id, name, size, bold, italic, align, before, after): Look) -> Style {
    let spacing =
        LineSpacing::new().line_rule(LineSpacingType::Auto).line(240).before(gap(before)).after(gap(after));
    let mut style = Style::new(id, StyleType::Paragraph)
        .name(name)
        .size(pt(size))
        .align(align)
        .line_spacing(spacing)
        .q_format(true);
    if id == BODY || id == HEADING {
        style = style.indent(None, Some(SpecialIndentType::FirstLine(INDENT)), None, None);
    }
    if id == HEADING {
        style = style.outline_lvl(0);
    }
    if bold {
        style = style.bold();
    }
    if italic { style.italic() } else { style }
}
