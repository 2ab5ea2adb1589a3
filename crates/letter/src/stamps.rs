//! Stamps: how urgent a paper is, and whether it is secret.

use crate::found::Found;
use crate::pattern::re;
use crate::text::Text;
use std::ops::Range;

/// A stamp that stands alone, in capitals.
pub(crate) fn stamp(text: &Text, stamps: &[String]) -> Option<Found> {
    let lead =
        re!(r"^[^a-z]*(?:do mat|do khan|muc do khan|dau)[ :]+").find(text.folded()).map_or(0, |m| m.end());
    let range = text.trim_range(lead..text.len(), |c| !c.is_alphanumeric());
    let inner = text.sub(range.clone());
    if inner.capitals() < 0.9 || inner.len() > 40 {
        return None;
    }
    let words = inner.folded();
    let words =
        words.strip_prefix("do mat: ").or_else(|| words.strip_prefix("do khan: ")).unwrap_or(words).trim();
    stamps.iter().find_map(|name| {
        let folded = domain::text::fold(name);
        let same = words == folded
            || words.strip_prefix(&folded).is_some_and(|rest| {
                rest.starts_with(" hen gio") || rest.trim_start().starts_with(['!', '-', '('])
            });
        same.then(|| Found::read(name.clone(), text, range.clone()).because("stamp-read", 1.0))
    })
}

/// A stamp of secrecy that stands within a line of the head which was flattened: "… VIỆT NAM MẬT Độc lập …".
///
/// It is a word of its own in capitals; "BÍ MẬT", "bảo mật" and what speaks of secret papers are none.
pub(crate) fn secrecy_within(text: &Text, stamps: &[String]) -> Option<Found> {
    let folded = text.folded();
    let addressed = re!(r"k[a-z]nh g[a-z]{1,2}[iy] ?:").find(folded).map_or(folded.len(), |m| m.start());
    for m in re!(r"\b(?:(?:tuyet|toi) )?mat\b").find_iter(folded.get(..addressed).unwrap_or(folded)) {
        let range = m.range();
        if text.sub(range.clone()).capitals() < 0.99
            || !is_secret(text, range.clone())
            || speaks_of(text, &range)
        {
            continue;
        }
        if let Some(name) = stamps.iter().find(|name| domain::text::fold(name) == m.as_str()) {
            return Some(Found::read(name.clone(), text, range).because("stamp-read", 0.9));
        }
    }
    None
}

/// "MẬT" with its own marks or one of them lost, and not "MẶT", "MẮT", "MẤT"; the longer stamps are like no other word.
fn is_secret(text: &Text, range: Range<usize>) -> bool {
    range.len() > 3 || text.char_at(range.start + 1).is_some_and(|c| matches!(c, 'Ậ' | 'Â' | 'Ạ'))
}

/// Whether the words beside it make it part of a sentence or a title about secrets.
fn speaks_of(text: &Text, range: &Range<usize>) -> bool {
    let before = text.folded_at(range.start.saturating_sub(24)..range.start);
    let after = text.folded_at(range.end..(range.end + 10).min(text.len()));
    re!(r"\b(bi|bao|do|muc|dau|lieu|ban|tin|dung|so|vat|giu|can|than|chua|nuoc|may|tuyet|toi|hoac|va)[ \x22'(]{1,3}$|mat, ?$")
        .is_match(before)
        || re!(r"^ (ma|khau|thu|vu|danh|hay|hoac|va|cua|thi)\b|^, ?(mat|toi|tuyet)\b").is_match(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(text: &str) -> Option<String> {
        let stamps = ["TUYỆT MẬT", "TỐI MẬT", "MẬT"].map(str::to_owned);
        secrecy_within(&Text::new(text), &stamps).map(|found| found.value)
    }

    #[test]
    fn finds_a_stamp_in_a_flattened_head() {
        assert_eq!(
            within("CÔNG AN TỈNH X CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM MẬT Độc lập - Tự do").as_deref(),
            Some("MẬT")
        );
        assert_eq!(
            within("Số: 12/CAT-ANM TỐI MẬT Hà Nam, ngày 3 tháng 1 năm 2024").as_deref(),
            Some("TỐI MẬT")
        );
        assert_eq!(within("TUYỆT MẬT Số: 12/CAT").as_deref(), Some("TUYỆT MẬT"));
        assert_eq!(within("Số: 12/CAT-ANM (MẬT) V/v bảo đảm an ninh").as_deref(), Some("MẬT"));
        assert_eq!(within("Độ mật: MẬT Số: 12/CAT").as_deref(), Some("MẬT"));
    }

    #[test]
    fn a_paper_about_secrets_is_none() {
        for text in [
            "V/v BẢO VỆ BÍ MẬT NHÀ NƯỚC",
            "V/v tăng cường bảo mật hệ thống",
            "QUY ĐỊNH VỀ TÀI LIỆU MẬT VÀ VĂN BẢN MẬT",
            "V/v đổi MẬT KHẨU hệ thống thư",
            "BAN CƠ YẾU, CỤC MẬT MÃ",
            "các mức độ TUYỆT MẬT, TỐI MẬT, MẬT của văn bản",
            "ỦY BAN MẶT TRẬN TỔ QUỐC",
            "V/v MẤT an toàn thông tin",
            "Kính gửi: Sở Y, phòng MẬT số 3",
            "văn bản có dấu \"MẬT\"",
        ] {
            assert_eq!(within(text), None, "{text}");
        }
    }
}
