//! Telephone numbers and e-mail addresses as people and scanners write them.

use crate::found::Found;
use crate::pattern::re;
use crate::text::Text;
use std::ops::Range;

/// What stands at a place that looks like a telephone number.
#[derive(Debug)]
pub(crate) enum Phone {
    /// A number that can be dialled.
    Sure(Found),
    /// Too many or too few digits: left out.
    Doubtful(Range<usize>),
}

/// Words that say a number is a telephone's.
fn is_announced(before: &str) -> bool {
    re!(r"(dien tho[a-z]{1,3}|\bdt\b|sdt|d/t|so may|so truc|truc ban|hotline|duong d[a-z]{1,2} n[a-z]ng|\btel\b|phone|di dong|zalo|fax|goi|theo so|qua so|so dt|lien he|lien lac|hoac|so noi bo|viber|\bso\b)[^a-z]{0,6}(?:[a-z()]{1,12}[^a-z0-9]{0,3}){0,3}$")
        .is_match(before)
}

/// Every telephone number of a text, each with its range.
pub(crate) fn phones(text: &Text) -> Vec<(Range<usize>, Phone)> {
    let mut out = Vec::new();
    let mut last_end = 0;
    let pattern = re!(r"(?:^|[^a-z0-9@/_])([(+]?[0-9o][0-9lo]?[0-9lioz? .()+-]{5,28}[0-9loz])");
    let mut area: Option<String> = None;
    let mut at = 0;
    while let Some(m) = pattern.captures_at(text.folded(), at).and_then(|m| m.get(1)) {
        let mut range = m.range();
        at = range.end;
        let before = text.folded_at(range.start.saturating_sub(60)..range.start);
        // Two numbers joined by a dash or blank: "0912 345 678 - 0987 654 321".
        let shown = text.folded_at(range.clone());
        let whole = |at: usize| {
            let second = shown.get(at..).map_or(0, digit_count);
            shown.get(..at).is_some_and(|s| digit_count(s) >= 10 && is_dialable(&crate::dates::digits(s)))
                && (6..=8).contains(&second)
        };
        // "(0294) 3855 660 - 3855 661": the second one without its area.
        if let Some(cut) =
            re!(r"[0-9lo] ?- ?[1-9]").find_iter(shown).map(|c| c.start() + 1).find(|at| whole(*at))
        {
            range.end = range.start + cut;
            at = range.end;
        }
        let shown = text.folded_at(range.clone());
        if let Some(cut) = re!(r"[0-9lo] ?- ?(?:0[0-9]|\(0)")
            .find_iter(shown)
            .map(|c| c.start() + 1)
            .find(|at| shown.get(..*at).is_some_and(|s| digit_count(s) >= 9))
        {
            range.end = range.start + cut;
            at = range.end;
        }
        // "069.255.7788 (24/7)": a bracket after a whole number says something else.
        let shown = text.folded_at(range.clone());
        if let Some(cut) = re!(r"[0-9] ?\(")
            .find_iter(shown)
            .map(|c| c.start() + 1)
            .find(|at| shown.get(..*at).is_some_and(|s| is_dialable(&crate::dates::digits(s))))
        {
            range.end = range.start + cut;
            at = range.end;
        }
        // "0905.112.384 (ông …": a letter behind a blank or bracket begins a word.
        if let Some(m) = re!(r"[ ().+-]+[loiz]{1,2}$").find(text.folded_at(range.clone())) {
            range.end = range.start + m.start();
            at = range.end;
        }
        let cve = before.ends_with("cve-");
        let boundary = !cve
            && !before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '@' | '_'))
            && !text
                .folded_at(range.end..(range.end + 1).min(text.len()))
                .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '@'));
        // A fax machine answers nobody.
        if re!(r"\bfax[^a-z0-9]{0,6}$").is_match(before)
            && !re!(r"(dien thoai|\bdt|\btel)[^a-z0-9]{0,3}fax[^a-z0-9]{0,6}$").is_match(before)
        {
            continue;
        }
        let chained = last_end > 0 && range.start.saturating_sub(last_end) < 12;
        let shown = text.folded_at(range.clone()).trim_end_matches(['.', ' ', '-', '(']).to_owned();
        range.end = range.start + shown.len();
        let digits: String = crate::dates::digits(&shown);
        let real = shown.chars().filter(char::is_ascii_digit).count();
        if !boundary || real < 7 || re!(r"^[0-9]{1,2}[.-][0-9]{1,2}[.-](19|20)[0-9]{2}$").is_match(&shown) {
            continue;
        }
        let number = match digits.strip_prefix("84") {
            Some(rest) if shown.starts_with("+") || shown.starts_with("(+") => format!("0{rest}"),
            _ => digits,
        };
        // "(0294) 3855 660 - 3855 661": the second number goes by the first one's area.
        let mut shared = false;
        let number = match &area {
            Some(area) if chained && !number.starts_with('0') && (6..=8).contains(&number.len()) => {
                shared = true;
                format!("{area}{number}")
            }
            _ => number,
        };
        area = re!(r"^\((0[0-9]{2,3})\)")
            .captures(&shown)
            .and_then(|m| m.get(1))
            .map(|m| m.as_str().to_owned())
            .or(area);
        let announced = is_announced(before) || chained;
        if !(announced || is_dialable(&number) && !shown.contains("..") && number.len() >= 10) {
            continue;
        }
        last_end = range.end;
        let mended = shown.contains(['l', 'o', 'i']);
        let phone = if is_dialable(&number) && !shown.contains(['z', '?']) {
            let found = Found::read(number, text, range.clone());
            Phone::Sure(if shared {
                found.because("area-code-shared", 0.9)
            } else if mended {
                found.because("phone-corrected", 0.7)
            } else {
                found
            })
        } else {
            Phone::Doubtful(range.clone())
        };
        out.push((range, phone));
    }
    // "số máy quân sự 550.214", "tổng đài 1022": numbers of networks of their own.
    for m in re!(r"(?:quan su:?|\bqs:?) ?([1-9][0-9]{2}[. ][0-9]{3})\b|(?:tong dai|hotline|duong day nong):? ?(1[0-9]{3})\b")
        .captures_iter(text.folded())
    {
        let Some(all) = m.get(1).or(m.get(2)) else { continue };
        let goes_on = re!(r"^ ?[./-]? ?[0-9]").is_match(text.folded_at(all.end()..text.len()));
        if !goes_on && !out.iter().any(|(range, _)| range.start < all.end() && all.start() < range.end) {
            let found = Found::read(crate::dates::digits(all.as_str()), text, all.range());
            out.push((all.range(), Phone::Sure(found)));
        }
    }
    // "0904 22x 118": a digit nobody can read.
    for m in
        re!(r"(?:^|[^a-z0-9@/_.])(0[0-9x*]{2,4}(?:[ .-]?[0-9x*]{2,4}){1,3})\b").captures_iter(text.folded())
    {
        let Some(all) = m.get(1) else { continue };
        let blotted = all.as_str().chars().filter(|c| matches!(c, 'x' | '*')).count();
        let before = text.folded_at(all.start().saturating_sub(60)..all.start());
        if (1..=4).contains(&blotted)
            && (9..=11).contains(&(digit_count(all.as_str()) + blotted))
            && is_announced(before)
            && !out.iter().any(|(range, _)| range.start < all.end() && all.start() < range.end)
        {
            out.push((all.range(), Phone::Doubtful(all.range())));
        }
    }
    out
}

fn digit_count(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

/// Mobile (10, once 11 digits), fixed lines with area code (10 or 11 digits), service numbers.
fn is_dialable(number: &str) -> bool {
    let len = number.len();
    match number.as_bytes() {
        // The Party's and the state's own network.
        [b'0', b'8', b'0', ..] if len == 8 => true,
        [b'0', b'3' | b'5' | b'7' | b'8' | b'9', ..] => len == 10,
        [b'0', b'1', ..] => len == 11,
        [b'0', b'2', ..] => len == 11 || len == 10,
        [b'0', b'4' | b'6', ..] => len == 10 || len == 9,
        [b'1', b'8' | b'9', b'0', b'0', ..] => len == 8 || len == 10,
        _ => false,
    }
}

/// Every e-mail address; one that was damaged is mended with a reason and lower confidence.
pub(crate) fn emails(text: &Text) -> Vec<(Range<usize>, Found)> {
    let mut out: Vec<(Range<usize>, Found)> = Vec::new();
    for m in re!(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}").find_iter(text.folded()) {
        // Letters with marks are of the words around, not of the address.
        let plain = m.range().take_while(|at| text.char_at(*at).is_some_and(|c| c.is_ascii())).count();
        let range = text.trim_range(m.start()..m.start() + plain, |c| matches!(c, '.' | '-'));
        if !re!(r"@.+\.[a-z]{2,}$").is_match(text.folded_at(range.clone())) {
            continue;
        }
        // "x@tinh.gov vn": a domain that goes on after a blank is damaged, see below.
        if text.folded_at(range.end..(range.end + 4).min(text.len())).starts_with(" vn")
            || is_cut(text, &range)
        {
            continue;
        }
        let value = text.str_at(range.clone()).to_lowercase();
        out.push((range.clone(), Found::read(value, text, range)));
    }
    let damaged = re!(
        r"(?:thu dien tu|e-?mail|hop thu|dia chi thu|mail|\bthu)(?: cong vu)?[^a-z0-9]{0,3}(?:la )?[^a-z0-9]{0,2}([a-z0-9][a-z0-9._-]*(?: ?[._] ?[a-z0-9-]+)*) ?(@|/|\(a\)|\[at\]|\(at\)| at |[&~\x22']|\(@\)| ) ?([a-z0-9-]+(?:(?: ?[.,] ?| )[a-z0-9-]+)*?(?: ?[., ] ?(?:gov|edu|com|org|net|mil))?(?: ?[., ] ?(?:vn|com|org|net)))\b"
    );
    for m in damaged.captures_iter(text.folded()) {
        let (Some(name), Some(at), Some(domain)) = (m.get(1), m.get(2), m.get(3)) else { continue };
        if out.iter().any(|(range, _)| range.start < domain.end() && name.start() < range.end) {
            continue;
        }
        let name_text: String = name.as_str().chars().filter(|c| *c != ' ').collect();
        let domain_text = re!(r"[ .,]+").replace_all(domain.as_str(), ".").into_owned();
        let parts = domain_text.split('.').count();
        if at.as_str() == " " || !(2..=6).contains(&parts) || name_text.len() > 40 || domain_text.len() > 60 {
            continue;
        }
        let range = name.start()..domain.end();
        let value = format!("{name_text}@{domain_text}");
        // "(at)" is written so on purpose and surely read; anything else is damage.
        let (reason, confidence) =
            if at.as_str().contains("at") { ("refanged", 0.9) } else { ("email-corrected", 0.6) };
        let found = Found::read(value, text, range.clone()).because(reason, confidence);
        out.push((range, found));
    }
    // "x[at]y[.]vn" without any word before it.
    for m in re!(r"([a-z0-9][a-z0-9._-]*) ?(?:@|\[@\]|\[at\]|\(at\)) ?((?:[a-z0-9-]+ ?(?:\[\.\]|\(\.\)|\[dot\]|\.) ?)+[a-z]{2,})\b")
        .captures_iter(text.folded())
    {
        let (Some(all), Some(name), Some(domain)) = (m.get(0), m.get(1), m.get(2)) else { continue };
        if !all.as_str().contains(['[', '('])
            // The address of an attacker is no contact.
            || !re!(r"(thu dien tu|mail|hop thu|dia chi thu|lien he)[^a-z0-9]{0,6}$").is_match(text.folded_at(0..all.start()))
            || out.iter().any(|(range, _)| range.start < all.end() && all.start() < range.end)
        {
            continue;
        }
        let domain_text = re!(r" ?(?:\[\.\]|\(\.\)|\[dot\]|\.) ?").replace_all(domain.as_str(), ".").into_owned();
        let found = Found::read(format!("{}@{domain_text}", name.as_str()), text, all.range());
        out.push((all.range(), found.because("refanged", 0.9)));
    }
    // An "@" with blanks around it, or blanks in the domain, without any word announcing it.
    for m in re!(r"([a-z0-9][a-z0-9._-]*) ?@ ?([a-z0-9-]+(?: ?\. ?[a-z0-9-]+)*(?: ?[. ] ?(?:gov|edu|com|org|net))?(?: ?[. ] ?(?:vn|com|org|net)))\b").captures_iter(text.folded()) {
        let (Some(all), Some(name), Some(domain)) = (m.get(0), m.get(1), m.get(2)) else { continue };
        if out.iter().any(|(range, _)| range.start < all.end() && all.start() < range.end) {
            continue;
        }
        // "tài khoản email @truong.edu.vn" is a domain, nobody's address.
        if matches!(name.as_str(), "email" | "mail" | "e-mail" | "thu") {
            continue;
        }
        let domain_text = re!(r"[ .]+").replace_all(domain.as_str(), ".").into_owned();
        let found = Found::read(format!("{}@{domain_text}", name.as_str()), text, all.range());
        let found = if all.as_str().contains(' ') || !all.range().all(|at| text.char_at(at).is_some_and(|c| c.is_ascii())) { found.because("email-corrected", 0.7) } else { found };
        out.push((all.range(), found));
    }
    out.sort_by_key(|(range, _)| range.start);
    out
}

/// Whether a domain read so far breaks off: "attt@lamson.gov" before " .vn".
fn is_cut(text: &Text, range: &Range<usize>) -> bool {
    let domain_ends_short = re!(r"\.(gov|edu)$").is_match(text.folded_at(range.clone()));
    domain_ends_short
        && re!(r"^ ?[., ] ?vn\b").is_match(text.folded_at(range.end..(range.end + 6).min(text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure(text: &str) -> Vec<String> {
        phones(&Text::new(text))
            .into_iter()
            .map(|(_, p)| match p {
                Phone::Sure(f) => f.value,
                Phone::Doubtful(_) => "?".into(),
            })
            .collect()
    }

    #[test]
    fn reads_numbers_in_all_spellings() {
        assert_eq!(sure("(điện thoại: 0277 3856113)"), ["02773856113"]);
        assert_eq!(sure("số điện thoại 02053.818.657 để"), ["02053818657"]);
        assert_eq!(sure("ĐT (0256) 3889 114."), ["02563889114"]);
        assert_eq!(sure("gọi +84 912 345 678 hoặc 0236-3771-502"), ["0912345678", "02363771502"]);
        assert_eq!(sure("điện thoại: O977.2l5.630 để"), ["0977215630"]);
        assert_eq!(sure("số điện thoạt: (243.3943.6684, đường đây nóng: 0869100320"), ["?", "0869100320"]);
        assert_eq!(sure("điện thoại 0269 3824 9077 hoặc 0978.442.051"), ["?", "0978442051"]);
        assert_eq!(sure("điện thoại (0294) 3855 660 - 3855 661."), ["02943855660", "02943855661"]);
        assert_eq!(sure("điện thoại: 024.3209.1616 - 0912.345.678"), ["02432091616", "0912345678"]);
        assert_eq!(sure("di động: 0905.112.384 (ông Trần Quốc Thịnh)"), ["0905112384"]);
        assert_eq!(sure("điện thoại 0236.3 888 I26, email"), ["02363888126"]);
        assert_eq!(sure("trực ban (số máy quân sự 550.214) và tổng đài 1022"), ["550214", "1022"]);
        assert_eq!(sure("trực ban 069.255.7788 (24/7), thư"), ["0692557788"]);
        assert_eq!(sure("CVE-2022-30190 (còn gọi là Follina)"), Vec::<String>::new());
        assert_eq!(sure("từ ngày 01/10/2025 đến 03.10.2025, Nghị định 85/2016"), Vec::<String>::new());
    }

    #[test]
    fn mends_addresses() {
        let read =
            |text: &str| emails(&Text::new(text)).into_iter().map(|(_, f)| f.value).collect::<Vec<_>>();
        assert_eq!(read("thư điện tử: ais/mic gov.vn đị..."), ["ais@mic.gov.vn"]);
        assert_eq!(read("email: Hotro.ATTT@lamgiang.gov.vn."), ["hotro.attt@lamgiang.gov.vn"]);
        assert_eq!(read("thư điện tử: cb[at]a05-x[.]example[.]vn."), ["cb@a05-x.example.vn"]);
        assert_eq!(read("tài khoản email @truong.edu.vn"), Vec::<String>::new());
        assert_eq!(read("email: attt @ lamson.gov. vn"), ["attt@lamson.gov.vn"]);
    }
}
