//! What the paper is written for, and from when to when.

use crate::dates::{Date, Day, days};
use crate::found::Found;
use crate::letters::Letters;
use crate::pattern::re;
use crate::reading::Window;
use crate::text::Text;
use crate::words::Words;
use std::ops::Range;

const STEMS: [&str; 10] = ["canh", "tan", "nham", "quy", "giap", "at", "binh", "dinh", "mau", "ky"];
const BRANCHES: [&str; 12] =
    ["than", "dau", "tuat", "hoi", "ty", "suu", "dan", "mao", "thin", "ty", "ngo", "mui"];

/// The occasions of the subject; where it names none, of the sentences that say why the paper is written.
pub(crate) fn occasions(
    subject: Option<&Text>,
    opening: &[Text],
    date: Option<Date>,
    words: &Words,
) -> Vec<Found> {
    if let Some(subject) = subject {
        let mut found = coded(subject, date, words);
        if let Some(event) = event(subject, date, words, !found.is_empty()) {
            found.insert(0, event);
        }
        // "… bầu cử cũng như kỳ nghỉ lễ 30/4": what the subject leaves out is said before the orders.
        if let ([_], Some(last)) = (found.as_slice(), opening.last())
            && coded(subject, date, words).is_empty()
            && re!(r"ky nghi|nghi le|nghi tet|dip le|dip tet").is_match(without_citations(last).folded())
        {
            found.extend(coded(&without_citations(last), date, words));
        }
        if !found.is_empty() {
            return found;
        }
    }
    for paragraph in opening {
        // What a cited paper is about is that paper's occasion.
        let own = without_citations(paragraph);
        let found = coded(&own, date, words);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn coded(text: &Text, date: Option<Date>, words: &Words) -> Vec<Found> {
    let letters = Letters::new(text);
    let hits = words.phrases.find(&letters);
    let mut out = Vec::new();
    for say in &words.occasions {
        let Some((range, _)) = say.find(&hits, &letters) else { continue };
        let range = letters.text_range(range);
        // "08 giờ 15": digits alone are no day.
        if !re!(r"[a-z]|[0-9] ?[/.-] ?[0-9]").is_match(text.folded_at(range.clone())) {
            continue;
        }
        // "trước ngày 30/4" sets a deadline, it names no holiday.
        if re!(r"(truoc|han|cham nhat|muon nhat)( la)?( ngay)? ?$").is_match(text.folded_at(0..range.start)) {
            continue;
        }
        let year = year_of(&say.code, text, range.clone(), date);
        if let Some(year) = year {
            out.push((
                range.start,
                Found::read(format!("{}-{year}", say.code), text, range).because("occasion-read", 0.95),
            ));
        }
    }
    out.sort_by_key(|(at, _)| *at);
    out.into_iter().map(|(_, found)| found).collect()
}

fn year_of(code: &str, text: &Text, range: Range<usize>, date: Option<Date>) -> Option<u16> {
    let after = text.folded_at(range.start..(range.end + 60).min(text.len()));
    if code == "tet"
        && let Some(year) = lunar_year(after, date)
    {
        return Some(year);
    }
    // "Kỷ niệm 80 năm Quốc khánh (02/9/1945 - 02/9/2025)": what is remembered is long past, the holiday is not.
    let near = |year: &u16| date.is_none_or(|date| year.abs_diff(date.year) <= 2);
    let year_in = |text: &str| {
        re!(r"\b((?:19|20)[0-9]{2})\b").find_iter(text).filter_map(|m| m.as_str().parse().ok()).find(near)
    };
    if let Some(year) = year_in(after).or_else(|| year_in(text.folded())) {
        return Some(year);
    }
    let date = date?;
    let late = date.month.is_some_and(|month| month >= 9);
    Some(if late && matches!(code, "tet" | "new-year" | "30-4" | "1-5" | "hung-kings") {
        date.year + 1
    } else {
        date.year
    })
}

/// The year of "Giáp Thìn" nearest to the paper's own.
fn lunar_year(after: &str, date: Option<Date>) -> Option<u16> {
    let pattern = re!(
        r"\b(canh|tan|nham|quy|giap|at|binh|dinh|mau|ky) (ty|suu|dan|mao|meo|thin|ngo|mui|than|dau|tuat|hoi)\b"
    );
    let m = pattern.captures(after)?;
    let stem = m.get(1)?.as_str();
    let branch = match m.get(2)?.as_str() {
        "meo" => "mao",
        other => other,
    };
    let fits = |year: &u16| {
        STEMS.get(usize::from(year % 10)) == Some(&stem)
            && BRANCHES.get(usize::from(year % 12)) == Some(&branch)
    };
    let written = re!(r"\b(20[0-9]{2})\b")
        .captures(after)
        .and_then(|m| m.get(1))
        .and_then(|m| m.as_str().parse::<u16>().ok());
    if let Some(year) = written.filter(fits) {
        return Some(year);
    }
    let near = date.map(|d| d.year).or(written).unwrap_or(2020);
    (near.saturating_sub(1)..=near + 1).find(fits).or_else(|| (2010..=2040).find(fits))
}

/// An occasion in the paper's own words: "… phục vụ Đại hội …" up to the end of the subject.
fn event(subject: &Text, date: Option<Date>, words: &Words, beside_holidays: bool) -> Option<Found> {
    let folded = subject.folded();
    let lead = re!(
        r"(?:^|[ ,])(?:phuc vu|ung pho(?: voi)?|nhan dip|trong dip|dip|trong thoi gian (?:dien ra|to chuc|ung pho(?: voi)?|phuc vu)|trong thoi gian|bao ve|chao mung|cho|thoi gian dien ra|to chuc|chuan bi|trong) "
    );
    // "… an ninh mạng Đại hội …": without a word that says what for, its capital must.
    let bare = re!(r"(?:an ninh mang|an ninh|an toan thong tin(?: mang)?|va) ")
        .find_iter(folded)
        .filter(|m| {
            subject.char_at(m.end()).is_some_and(char::is_uppercase)
                // "… dịp Tết và bầu cử đại biểu …"
                || beside_holidays && m.as_str() == "va " && re!(r"^(?:cuoc )?(?:bau cu|dai hoi|ky thi|ky hop)\b").is_match(folded.get(m.end()..).unwrap_or_default())
        });
    for m in lead.find_iter(folded).chain(bare) {
        let rest = folded.get(m.end()..)?;
        if let Some(word) = words.events.iter().find(|word| {
            rest.starts_with(word.as_str())
                || rest.strip_prefix("cac ").is_some_and(|r| r.starts_with(word.as_str()))
        }) && !word.is_empty()
        {
            // Anniversaries are told by their holidays; an event beside a holiday ends where that begins.
            if beside_holidays && re!(r"^(su kien|le hoi|hoi nghi)").is_match(word) {
                continue;
            }
            let end = if beside_holidays {
                re!(r" va (tet|le|dip|quoc khanh|gio to|nghi|ngay|[0-9])|,? (dip|nhan dip) |, (tet|quoc khanh)").find(rest).map_or(subject.len(), |cut| m.end() + cut.start())
            } else {
                subject.len()
            };
            let start = m.end() + rest.strip_prefix("cuoc ").map_or(0, |_| 5);
            let end = subject.folded_at(start..end).find(" tren dia ban").map_or(end, |at| start + at);
            let range = subject.trim_range(start..end, |c| !c.is_alphanumeric() && c != ')');
            if beside_holidays
                && word.contains("ky niem")
                && !coded(&subject.sub(range.clone()), date, words).is_empty()
            {
                continue;
            }
            return Some(Found::written(subject, range));
        }
    }
    None
}

/// The paragraph from behind its last citation on.
fn without_citations(paragraph: &Text) -> Text {
    let from = crate::basis::references(paragraph).last().map_or(0, |range| {
        re!(r"[;,] ?(?:nham|de|bao|uy|so|cong|chu|truong|ubnd|giam|phong|cuc|bo|trung|van|benh)|[.;] ")
            .find_at(paragraph.folded(), range.end)
            .map_or(paragraph.len(), |m| m.start() + 1)
    });
    paragraph.sub(from..paragraph.len())
}

/// The days between which the paper's duties hold, where it gives them.
pub(crate) fn window(texts: &[&Text], date: Option<Date>) -> Option<Found<Window>> {
    let mut best: Option<(i32, Found<Window>)> = None;
    for text in texts {
        let days = days(text);
        for pair in days.windows(2) {
            let [from, to] = pair else { continue };
            let Some(found) = span(text, from, to, date) else { continue };
            let before = text.folded_at(from.range.start.saturating_sub(90)..from.range.start);
            let mut score = 0;
            if re!(r"trong thoi gian|dien ra|nghi|truc").is_match(before) {
                score += 2;
            }
            if re!(r"dien ra").is_match(before) {
                score += 1;
            }
            if re!(r"\btruoc \w+|\bsau \w+|so lieu|thong ke|hoan thanh").is_match(before)
                && !before.contains("truc")
            {
                score -= 3;
            }
            if best.as_ref().is_none_or(|(top, _)| score > *top) {
                best = Some((score, found));
            }
        }
    }
    best.map(|(_, found)| found)
}

fn span(text: &Text, from: &Day, to: &Day, date: Option<Date>) -> Option<Found<Window>> {
    let between = text.folded_at(from.range.end..to.range.start);
    let joined = re!(r"^ ?,? ?(?:\([^)]{0,40}\) ?,? ?)?(?:cho |keo dai )?(?:den|toi|-) ?(?:het )?(?:thu [a-z0-9]+,? |chu nhat,? )?(?:luc )?(?:[0-9]{1,2} ?(?:h|gio|g|:) ?[0-9]{0,2}(?: ?phut)?,? ?)?(?:het )?(?:ngay )?$")
        .is_match(between);
    let before = text.folded_at(from.range.start.saturating_sub(40)..from.range.start);
    let opened = re!(r"(?:^|[^a-z])tu (?:[a-z]+ )?(?:luc )?(?:[0-9]{1,2} ?(?:h|gio|g|:) ?[0-9]{0,2}(?: ?phut)?,? ?)?(?:ngay )?(?:thu [a-z0-9]+,? )?(?:ngay )?$|tu [0-9:hgio ]{1,9},? ?(?:ngay )?$")
        .is_match(before)
        || between.trim() == "-" && re!(r"(ngay|\() ?$").is_match(before)
        || text.folded_at(from.range.clone()).starts_with("ng") && re!(r"tu ([0-9:hgio ]{1,12})?$").is_match(before);
    if !joined || !opened {
        return None;
    }
    let year = date.map(|d| d.year);
    let end = to.date(to.year.or(from.year).or(year))?;
    let start_year = from.year.or(Some(if from.month > to.month { end.year - 1 } else { end.year }));
    let start = from.date(start_year)?;
    (start <= end).then(|| {
        Found::read(
            Window { from: start.to_string(), to: end.to_string() },
            text,
            from.range.start..to.range.end,
        )
        .because("window-read", 0.95)
    })
}
