//! How single things are written: numbers, days, lists, labels.

use jiff::civil::Date;

/// The room the clerk writes a number, a day, a month or a year in.
const BLANK: &str = "\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}";

/// A number as official papers write it: under 10 with a leading zero, thousands parted by a point.
///
/// Zero stays one digit: papers say *không*, and *00* says nothing.
pub fn two_digits(n: u64) -> String {
    match n {
        1..=9 => format!("0{n}"),
        _ => grouped(n),
    }
}

/// Thousands parted by a point, as in tables.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// *Số: 05/BC-SKHCN*; without a number, room for one.
pub fn number_line(number: Option<u32>, symbol: &str) -> String {
    let number =
        number.map_or_else(|| BLANK.to_owned(), |n| if n < 10 { format!("0{n}") } else { n.to_string() });
    format!("Số: {number}/{symbol}")
}

/// *Thanh Bình, ngày 05 tháng 02 năm 2027*: days under 10 and the months 1 and 2 take a leading zero, others none.
pub fn day_line(place: &str, date: Option<Date>) -> String {
    let (day, month, year) = match date {
        None => (BLANK.to_owned(), BLANK.to_owned(), BLANK.to_owned()),
        Some(date) => {
            let day = if date.day() < 10 { format!("0{}", date.day()) } else { date.day().to_string() };
            let month =
                if date.month() < 3 { format!("0{}", date.month()) } else { date.month().to_string() };
            (day, month, date.year().to_string())
        }
    };
    let place = if place.is_empty() { "" } else { &format!("{place}, ") };
    format!("{place}ngày {day} tháng {month} năm {year}")
}

/// Lines as *Kính gửi* and *Nơi nhận* write them: a dash before each, a semicolon after, a full stop after the last.
pub fn listed(lines: &[String]) -> Vec<String> {
    let last = lines.len().saturating_sub(1);
    let end = |at: usize| if at == last { '.' } else { ';' };
    let bare = |line: &String| {
        line.trim().trim_start_matches(['-', '–']).trim_start().trim_end_matches(['.', ';', ',']).to_owned()
    };
    lines.iter().map(bare).enumerate().map(|(at, line)| format!("- {line}{}", end(at))).collect()
}

/// The letters of points, as Vietnamese counts them.
const POINTS: [&str; 23] = [
    "a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v",
    "x", "y",
];

/// The label of a point, from 1: a b c d đ e g h i …; after *y* it begins again doubled.
pub fn letter_point(n: usize) -> String {
    let at = n.saturating_sub(1);
    let letter = POINTS.get(at % POINTS.len()).copied().unwrap_or("a");
    letter.repeat(1 + at / POINTS.len())
}

/// A Roman number, for appendices.
pub fn roman(n: usize) -> String {
    const PARTS: [(usize, &str); 9] =
        [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let (mut left, mut out) = (n, String::new());
    for (value, sign) in PARTS {
        while left >= value {
            out.push_str(sign);
            left -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn zeros_lead_where_the_rule_says() {
        assert_eq!(number_line(Some(5), "BC-SKHCN"), "Số: 05/BC-SKHCN");
        assert_eq!(number_line(Some(12), "BC-SKHCN"), "Số: 12/BC-SKHCN");
        assert!(number_line(None, "BC").contains("\u{a0}/BC"));
        assert_eq!(day_line("Huế", Some(date(2027, 2, 5))), "Huế, ngày 05 tháng 02 năm 2027");
        assert_eq!(day_line("Huế", Some(date(2027, 3, 15))), "Huế, ngày 15 tháng 3 năm 2027");
        assert_eq!(day_line("Huế", Some(date(2027, 12, 1))), "Huế, ngày 01 tháng 12 năm 2027");
        assert_eq!([0, 3, 10, 1_234, 1_000_000].map(two_digits), ["0", "03", "10", "1.234", "1.000.000"]);
    }

    #[test]
    fn labels_run_as_vietnamese_counts() {
        let points: String = (1..=13).map(letter_point).collect::<Vec<_>>().join(" ");
        assert_eq!(points, "a b c d đ e g h i k l m n");
        assert_eq!(letter_point(24), "aa");
        assert_eq!([1, 4, 9, 14, 40].map(roman), ["I", "IV", "IX", "XIV", "XL"]);
    }

    #[test]
    fn lists_end_in_a_full_stop_whatever_was_typed() {
        let lines = ["- Như trên;", "UBND tỉnh.", "  Lưu: VT"].map(String::from);
        assert_eq!(listed(&lines), ["- Như trên;", "- UBND tỉnh;", "- Lưu: VT."]);
    }
}
