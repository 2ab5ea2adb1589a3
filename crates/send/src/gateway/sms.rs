//! How long an SMS is. GSM-7 (3GPP TS 23.038) takes 160 signs, or 153 a part of several; anything else takes UCS-2: 70,
//! or 67 a part.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Marks;

/// How an SMS is written on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Latin without most marks.
    Gsm7,
    /// Everything.
    Ucs2,
}

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// These take two places.
const EXTENDED: &str = "^{}\\[~]|€";

/// The encoding of a text and into how many parts it falls.
pub fn measure(text: &str) -> (Encoding, usize) {
    let gsm: Option<usize> = text
        .chars()
        .map(|c| {
            if BASIC.contains(c) {
                Some(1)
            } else if EXTENDED.contains(c) {
                Some(2)
            } else {
                None
            }
        })
        .sum();
    let (encoding, length, one, several) = match gsm {
        Some(length) => (Encoding::Gsm7, length, 160, 153),
        None => (Encoding::Ucs2, text.encode_utf16().count(), 70, 67),
    };
    (encoding, if length <= one { 1 } else { length.div_ceil(several) })
}

/// A text without Vietnamese marks.
fn unmarked(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            '–' | '—' => '-',
            '’' | '‘' => '\'',
            '“' | '”' => '"',
            c => c,
        })
        .collect::<String>()
        .replace('…', "...")
}

/// The text with its link within so many parts: the text is cut, never the link.
pub(super) fn fit(text: &str, link: Option<&str>, marks: Marks, parts: u8) -> String {
    let text = if marks == Marks::Remove { unmarked(text) } else { text.nfc().collect() };
    let tail = link.map_or_else(String::new, |link| format!(" {link}"));
    let whole = format!("{text}{tail}");
    if measure(&whole).1 <= parts.into() {
        return whole;
    }
    let chars: Vec<char> = text.chars().collect();
    // The longest beginning that fits; longer ones never need fewer parts.
    let fits = |kept: usize| {
        let head: String = chars.iter().take(kept).collect();
        let cut = format!("{}...{tail}", head.trim_end());
        (measure(&cut).1 <= parts.into()).then_some(cut)
    };
    let (mut low, mut high) = (0, chars.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle).is_some() {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    // A link alone that is too long still goes: better dear than lost.
    fits(low).unwrap_or_else(|| tail.trim_start().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_standard() {
        assert_eq!(measure(&"a".repeat(160)), (Encoding::Gsm7, 1));
        assert_eq!(measure(&"a".repeat(161)), (Encoding::Gsm7, 2));
        assert_eq!(measure(&"a".repeat(306)), (Encoding::Gsm7, 2));
        assert_eq!(measure(&"a".repeat(307)), (Encoding::Gsm7, 3));
        assert_eq!(measure(&"€".repeat(80)), (Encoding::Gsm7, 1));
        assert_eq!(measure(&"€".repeat(81)), (Encoding::Gsm7, 2));
        assert_eq!(measure(&"ạ".repeat(70)), (Encoding::Ucs2, 1));
        assert_eq!(measure(&"ạ".repeat(71)), (Encoding::Ucs2, 2));
        assert_eq!(measure(&"ạ".repeat(135)), (Encoding::Ucs2, 3));
    }

    #[test]
    fn marks_go_by_choice_and_links_stay_whole() {
        let said = "Đường truyền mất: trực chưa điểm danh…";
        assert_eq!(fit(said, None, Marks::Remove, 2), "Duong truyen mat: truc chua diem danh...");
        assert_eq!(fit(said, None, Marks::Keep, 2), said);
        let (long, link) = ("Trực chưa điểm danh ".repeat(40), "https://canh.example/p/abcdefghij");
        for marks in [Marks::Keep, Marks::Remove] {
            for parts in 1..4 {
                let cut = fit(&long, Some(link), marks, parts);
                assert!(measure(&cut).1 <= parts.into() && cut.ends_with(link), "{cut}");
                assert!(measure(&cut).1 == usize::from(parts), "as much as fits: {cut}");
            }
        }
    }
}
