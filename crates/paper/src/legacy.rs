//! The encodings of Vietnamese from before Unicode: Windows-1258, TCVN3 (the "ABC" fonts) and VNI.
//!
//! Nothing in the bytes names them, so each is tried and the words that come out are counted: only a clear
//! winner is taken. The tables follow the fonts as they were used; TCVN3 has no capitals with tones (they
//! were another font), so such letters come out small.

use encoding_rs::WINDOWS_1258;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;

/// So common in official papers that a page without any of them is not one; all carry marks.
const COMMON: &str = "và của các có được không là một những cho để với này đã về việc tại số năm tháng ngày \
    tỉnh thành phố sở ủy phòng cơ quan đơn vị thông tin hệ thống thực hiện bảo đảm toàn mạng công nghệ \
    kính gửi nội địa bàn tổ chức tăng cường trước xử lý sự cố đề nghị yêu cầu giám đốc nơi nhận như trên lưu \
    độc lập tự hạnh phúc cộng hòa xã hội chủ nghĩa việt";

/// Words that must be found before an encoding is believed.
const ENOUGH: usize = 3;

/// Text and encoding of bytes that are not Unicode, if certain.
pub(crate) fn decode(bytes: &[u8]) -> Option<(String, &'static str)> {
    if !crate::plain::may_be_text(bytes) {
        return None;
    }
    let (windows, _) = WINDOWS_1258.decode_without_bom_handling(bytes);
    let latin: String = bytes.iter().copied().map(char::from).collect();
    let mut found: Vec<(usize, String, &'static str)> =
        [(windows.nfc().collect(), "windows-1258"), (tcvn3(&latin), "tcvn3"), (vni(&latin), "vni")]
            .map(|(text, name)| (common(&text), text, name))
            .into();
    found.sort_by_key(|(words, _, _)| std::cmp::Reverse(*words));
    let second = found.get(1).map_or(0, |(words, _, _)| *words);
    let (words, text, name) = found.into_iter().next()?;
    (words >= ENOUGH && words > second * 2).then_some((text, name))
}

/// Text set in one of the old fonts without a map to Unicode, as PDF gives it back: letters of Western Europe
/// that mean Vietnamese ones. Other text comes back untouched; lines that read well stay as they are.
pub(crate) fn mend(text: &str) -> String {
    let as_is = common(text);
    for table in [tcvn3, vni] {
        let whole = common(&table(text));
        if whole >= ENOUGH * 2 && whole > as_is * 2 {
            let line = |line: &str| {
                let mended = table(line);
                if common(line) > common(&mended) { line.to_owned() } else { mended }
            };
            return text.split('\n').map(line).collect::<Vec<_>>().join("\n");
        }
    }
    text.to_owned()
}

/// How many different common words with marks a text has.
fn common(text: &str) -> usize {
    let common: HashSet<&str> = COMMON.split_whitespace().filter(|word| !word.is_ascii()).collect();
    let text = text.to_lowercase();
    let words: HashSet<&str> = text.split(|c: char| !c.is_alphabetic()).collect();
    words.intersection(&common).count()
}

/// The letters of TCVN3 from 0xA1 on; `·` marks codes that stand for no letter.
const TCVN3: &str =
    "ĂÂÊÔƠƯĐăâêôơưđ······àảãáạ·ằẳẵắ·······ặầẩẫấậè·ẻẽéẹềểễếệìỉ···ĩíịò·ỏõóọồổỗốộờởỡớợù·ủũúụừửữứựỳỷỹýỵ";

fn tcvn3(text: &str) -> String {
    text.chars()
        .map(|c| {
            let place = u32::from(c).checked_sub(0xa1).and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| TCVN3.chars().nth(place)).filter(|letter| *letter != '·').unwrap_or(c)
        })
        .collect()
}

/// VNI writes a letter, then a byte for its marks.
fn vni(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let marks = match c.to_lowercase().next().unwrap_or(c) {
            'ø' => "\u{300}",
            'ù' => "\u{301}",
            'û' => "\u{309}",
            'õ' => "\u{303}",
            'ï' => "\u{323}",
            'â' => "\u{302}",
            'à' => "\u{302}\u{300}",
            'á' => "\u{302}\u{301}",
            'å' => "\u{302}\u{309}",
            'ã' => "\u{302}\u{303}",
            'ä' => "\u{302}\u{323}",
            'ê' => "\u{306}",
            'è' => "\u{306}\u{300}",
            'é' => "\u{306}\u{301}",
            'ú' => "\u{306}\u{309}",
            'ü' => "\u{306}\u{303}",
            'ë' => "\u{306}\u{323}",
            _ => {
                out.push(match c {
                    'ô' => 'ơ',
                    'Ô' => 'Ơ',
                    'ö' => 'ư',
                    'Ö' => 'Ư',
                    'ñ' => 'đ',
                    'Ñ' => 'Đ',
                    'æ' => 'ỉ',
                    'Æ' => 'Ỉ',
                    'ó' => 'ĩ',
                    'Ó' => 'Ĩ',
                    'ò' => 'ị',
                    'Ò' => 'Ị',
                    'î' => 'ỵ',
                    'Î' => 'Ỵ',
                    other => other,
                });
                continue;
            }
        };
        out.push_str(marks);
    }
    out.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "cộng hòa xã hội chủ nghĩa việt nam\nđộc lập - tự do - hạnh phúc\nsở khoa học và \
        công nghệ đề nghị các cơ quan, đơn vị thực hiện bảo đảm an toàn thông tin mạng\n";

    fn to_tcvn3(text: &str) -> Vec<u8> {
        text.chars()
            .map(|c| match TCVN3.chars().position(|letter| letter == c) {
                Some(place) => 0xa1 + u8::try_from(place).unwrap(),
                None => u8::try_from(u32::from(c)).unwrap(),
            })
            .collect()
    }

    #[test]
    fn the_table_has_its_length() {
        assert_eq!(TCVN3.chars().count(), 0xfe - 0xa1 + 1);
        // Codes known from the keyboard: the letters of "à á ả ã ạ", "đ", "ế", "ợ", "ữ", "ỵ".
        for (code, letter) in [(0xb5, 'à'), (0xb8, 'á'), (0xb6, 'ả'), (0xb7, 'ã'), (0xb9, 'ạ'), (0xae, 'đ')]
            .into_iter()
            .chain([(0xd5, 'ế'), (0xee, 'ợ'), (0xf7, 'ữ'), (0xfe, 'ỵ')])
        {
            assert_eq!(tcvn3(&char::from(code).to_string()), letter.to_string());
        }
    }

    #[test]
    fn tcvn3_is_told_and_read() {
        assert_eq!(decode(&to_tcvn3(LETTER)), Some((LETTER.to_owned(), "tcvn3")));
        let garbled: String = to_tcvn3(LETTER).into_iter().map(char::from).collect();
        assert_eq!(mend(&garbled), LETTER);
        assert_eq!(mend(LETTER), LETTER);
    }

    #[test]
    fn vni_is_told_and_read() {
        let typed =
            "coäng hoøa xaõ hoäi chuû nghóa vieät nam, ñoäc laäp, töï do, haïnh phuùc, cuûa caùc cô quan";
        let bytes: Vec<u8> = typed.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let (text, name) = decode(&bytes).unwrap();
        assert_eq!(text, "cộng hòa xã hội chủ nghĩa việt nam, độc lập, tự do, hạnh phúc, của các cơ quan");
        assert_eq!(name, "vni");
    }

    #[test]
    fn windows_1258_is_told_and_read() {
        // Letters with a tone are written as letter and combining mark.
        let words = "\u{110}ô\u{323}c lâ\u{323}p, cu\u{309}a ca\u{301}c cơ quan, vê\u{300} viê\u{323}c ba\u{309}o \u{111}a\u{309}m";
        let (bytes, _, missing) = WINDOWS_1258.encode(words);
        assert!(!missing);
        let (text, name) = decode(&bytes).unwrap();
        assert_eq!((text.as_str(), name), ("Độc lập, của các cơ quan, về việc bảo đảm", "windows-1258"));
    }

    #[test]
    fn other_bytes_are_not_guessed() {
        assert_eq!(decode(b"d\xe9j\xe0 vu \xe0 la gare"), None);
        assert_eq!(decode(b"\xff\xff\xff"), None);
    }
}
