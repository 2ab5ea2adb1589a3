//! What the paper sets a date for.

use crate::dates::{Date, days};
use crate::found::Found;
use crate::pattern::re;
use crate::text::Text;

/// The dates set in a text, `2022-04-30` or `2022-04-28T17:00`, with the paper's year where none is written.
pub(crate) fn deadlines(text: &Text, issued: Option<Date>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    for day in days(text) {
        let from = day.range.start.saturating_sub(60);
        let before = text.folded_at(from..day.range.start);
        let pattern = re!(
            r"(?:truoc(?: het)?|cham nhat(?: la)?|muon nhat(?: la)?|han (?:cuoi|chot|gui|nop)?(?: cung)?(?: la)?|thoi han(?: la)?|khong (?:muon|cham|qua) (?:hon)?|xong trong|hoan thanh (?:trong|vao)|han (?:bao cao|hoan thanh)?|trong ngay|han bao cao:?|den het)[ :,]*(?:(?:vao |luc |thoi diem )*([0-9lo]{1,2}) ?(?:h|gio|g|:) ?([0-9]{2})?(?: ?phut)?,? ?)?(?:truoc )?(?:thu [a-z0-9]+ ?,? ?)?\(?(?:vao |trong )?(?:het )?(?:ngay )?(?:thu [a-z0-9]+ ?,? ?)?(?:ngay )?\(?$"
        );
        let Some(m) = pattern.captures(before) else { continue };
        let Some(start) = m.get(0).map(|all| from + all.start()) else { continue };
        // "từ ngày … đến hết ngày …" is a span, "như đã nêu trước ngày" no order.
        let lead = text.folded_at(start.saturating_sub(50)..start);
        if m.get(0).is_some_and(|all| all.as_str().starts_with("den het"))
            && re!(r"\btu \b|\btu [0-9]").is_match(lead)
        {
            continue;
        }
        // "… trực tại chỗ trong ngày 15/3": when somebody is on duty, not by when something is done.
        if m.get(0).is_some_and(|all| all.as_str().starts_with("trong ngay"))
            && re!(r"\b(?:truc|thuong truc|ung truc)\b[^.;,]{0,40}$").is_match(lead)
            && !lead.contains("truc tuyen")
        {
            continue;
        }
        let year = day.year.or_else(|| {
            let issued = issued?;
            Some(if issued.month.is_some_and(|month| month > day.month + 3) {
                issued.year + 1
            } else {
                issued.year
            })
        });
        let Some(date) = day.date(year) else { continue };
        let hour =
            m.get(1).and_then(|h| crate::dates::digits(h.as_str()).parse::<u8>().ok()).filter(|h| *h <= 24);
        let minute = m.get(2).and_then(|t| t.as_str().parse::<u8>().ok()).filter(|t| *t < 60).unwrap_or(0);
        let value = match hour {
            Some(hour) => format!("{date}T{hour:02}:{minute:02}"),
            None => date.to_string(),
        };
        if out.iter().all(|known| known.value != value) {
            let found = Found::read(value, text, start..day.range.end);
            out.push(if day.year.is_none() {
                found.because("year-of-paper", 0.85)
            } else {
                found.because("deadline-read", 0.95)
            });
        }
    }
    out
}

/// "Trước ngày 10/02, hoàn thành các công việc sau:": a heading that sets a date for what it heads.
pub(crate) fn sets_a_date(heading: &Text) -> bool {
    re!(r"^(?:truoc|cham nhat|trong ngay)\b|hoan thanh").is_match(heading.folded())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        deadlines(&Text::new(text), Date::day(2022, 4, 12)).into_iter().map(|f| f.value).collect()
    }

    #[test]
    fn reads_what_is_due() {
        assert_eq!(read("gửi kết quả về Sở trước ngày 30/4 để tổng hợp"), ["2022-04-30"]);
        assert_eq!(read("hoàn thành trước 17 giờ 00 ngày 27/8/2022."), ["2022-08-27T17:00"]);
        assert_eq!(read("chậm nhất là ngày 05 tháng 5 năm 2022"), ["2022-05-05"]);
        assert_eq!(read("trước 17h30 ngày 28/4"), ["2022-04-28T17:30"]);
        assert_eq!(read("trong dịp Lễ 30/4 và 01/5"), Vec::<String>::new());
        assert_eq!(read("từ ngày 28/4 đến hết ngày 04/5/2022"), Vec::<String>::new());
        assert_eq!(read("trước ngày 25 hằng tháng"), Vec::<String>::new());
        assert_eq!(read("cử kỹ sư trực tại chỗ trong ngày 15/5/2022"), Vec::<String>::new());
        assert_eq!(read("cài đặt xong trong ngày 15/5/2022"), ["2022-05-15"]);
    }
}
