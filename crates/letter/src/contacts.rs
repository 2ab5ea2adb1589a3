//! Whom to call or write to.

use crate::addressed::whole_name;
use crate::contact_people::{name_end, people};
use crate::contact_table::listed;
use crate::found::{Found, evidence};
use crate::indicators::is_attackers;
use crate::items::Body;
use crate::limits::MAX_LIST;
use crate::lines::Line;
use crate::names::person;
use crate::pattern::re;
use crate::phones::{Phone, emails, phones};
use crate::reading::Evidence;
use crate::text::Text;
use crate::words::{Words, begins};
use std::ops::Range;

/// One contact as it was found.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    pub(crate) unit: Option<Found>,
    pub(crate) name: Option<Found>,
    pub(crate) phones: Vec<Found>,
    pub(crate) emails: Vec<Found>,
    pub(crate) raw: Option<Found>,
    pub(crate) doubtful: Vec<Evidence>,
}

enum Token {
    Unit(Found),
    Person(Found),
    Phone(Phone),
    Email(Found),
}

/// The contacts of every paragraph that gives a number, an address, or closes with somebody to turn to.
pub(crate) fn contacts(body: &Body, appendix: &[Line], to: &[Found], words: &Words) -> Vec<Reached> {
    let mut out = Vec::new();
    let openings = body.opening.iter().map(|text| (text, false));
    let items = body.items.iter().map(|item| (&item.text, false));
    let closing = body.closing.iter().map(|text| (text, true));
    for (text, closes) in openings.chain(items).chain(closing) {
        if out.len() >= MAX_LIST {
            break;
        }
        read(text, closes, to, words, &mut out);
    }
    out.extend(listed(appendix, words));
    out.truncate(MAX_LIST);
    merge(out)
}

fn read(text: &Text, closes: bool, to: &[Found], words: &Words, out: &mut Vec<Reached>) {
    let phones = phones(text);
    let mut emails = emails(text);
    emails.retain(|(range, _)| !is_attackers(text, range.start));
    let asked = re!(r"lien he|lien lac|trao doi|dau moi|thong tin ve|phan anh|vuong mac")
        .find(text.folded())
        .map(|m| m.start());
    // "… liên hệ Văn phòng Sở (ông Lê Văn An, chuyên viên) để được hỗ trợ": somebody to turn to, without a number.
    // … or one whose people the next lines name.
    let turned_to = closes
        && re!(r"lien he[^.;]{3,80}\((?:ong|ba|dong chi|d/c) |lien he[^.;]{3,80}: ?$")
            .is_match(text.folded());
    if phones.is_empty() && emails.is_empty() && !turned_to {
        return;
    }
    let first = phones
        .iter()
        .map(|(r, _)| r.start)
        .chain(emails.iter().map(|(r, _)| r.start))
        .min()
        .unwrap_or(text.len());
    // Names before the words that send there are of those who are sent.
    let from = re!(r"lien he|lien lac|dau moi (?:tiep nhan|ho tro|lien he|phoi hop|cua)|bao ngay|bao cao|thong bao|trao doi (?:qua|voi|truc tiep)|gui (?:ve|qua|toi)|thong tin lien he|gap |phan anh|bao (?:ve|cho)")
        .find_iter(text.folded())
        .filter(|m| m.end() <= first)
        // "Trung tâm … là đầu mối hỗ trợ": who it is stands before.
        .filter(|m| !re!(r"\b(?:la|lam) $").is_match(text.folded_at(0..m.start())))
        .collect::<Vec<_>>();
    // Behind a report that closes the paper stands whom to turn to: "… báo cáo về UBND tỉnh. … liên hệ Phòng …".
    let turn = from.iter().rfind(|m| m.as_str().starts_with("lien ")).filter(|_| closes);
    let from =
        turn.or_else(|| if closes { from.first() } else { from.last() }).map_or(0, regex::Match::start);
    let sent = phones.is_empty()
        && !closes
        && re!(r"^(bao cao|gui (?:ve|qua|toi))").is_match(text.folded_at(from..text.len()));
    let mut tokens: Vec<(usize, Token)> = Vec::new();
    let mut unit_ends: Vec<(usize, usize)> = Vec::new();
    for (range, found) in units(text, from, to, words) {
        unit_ends.push((range.start, range.end));
        tokens.push((range.start, Token::Unit(found)));
    }
    for (range, found) in people(text, from, words) {
        tokens.push((range.start, Token::Person(found)));
    }
    tokens.extend(phones.into_iter().map(|(range, phone)| (range.start, Token::Phone(phone))));
    tokens.extend(emails.into_iter().map(|(range, email)| (range.start, Token::Email(email))));
    tokens.sort_by_key(|(at, _)| *at);
    let last_reach = tokens.iter().rposition(|(_, t)| matches!(t, Token::Phone(_) | Token::Email(_)));
    let mut current = Reached::default();
    let mut reached = false;
    let before = out.len();
    for (index, (at, token)) in tokens.into_iter().enumerate() {
        match token {
            // "Báo cáo kết quả về Sở … qua email …": who is reported to, not whose address it is.
            // … unless a bracket right behind it says so: "về Sở X (thư điện tử: …)".
            Token::Unit(unit) if sent && !is_bracketed(text, &unit_ends, at) => drop(unit),
            // "… về Sở X (qua Phòng Y, điện thoại …)": it is the room that is called.
            Token::Unit(_) if is_passed_through(text, &unit_ends, at) => {}
            Token::Unit(unit) => {
                // A unit after the last number says what for, not who.
                if last_reach.is_some_and(|last| index > last) {
                    // "hộp thư: x@y.vn (Sở A)" says whose it is.
                    let bracket = text.folded_at(at.saturating_sub(2)..at).ends_with('(');
                    if bracket && reached && current.unit.is_none() && current.name.is_none() {
                        current.unit = Some(unit);
                    }
                    continue;
                }
                if current.unit.is_some() || reached {
                    let name_waits = !reached && current.unit.is_none();
                    if !name_waits {
                        out.push(std::mem::take(&mut current));
                    }
                    reached = false;
                }
                current.unit = Some(unit);
            }
            Token::Person(name) => {
                // "… 0905.118.274 (KS. Mai Đức Thọ)": a name in brackets belongs to what stands before.
                let bracket = text.folded_at(at.saturating_sub(12)..at).contains('(');
                // "…; cán bộ đầu mối: Đại úy Mai Thị Diễm": nor does one behind the last number stand for anything else.
                let last = last_reach.is_some_and(|last| index > last) && current.name.is_none();
                if reached && !bracket && !last {
                    out.push(std::mem::take(&mut current));
                    reached = false;
                }
                if current.name.is_none() {
                    current.name = Some(name);
                }
            }
            Token::Phone(Phone::Sure(phone)) => {
                current.phones.push(phone);
                reached = true;
            }
            Token::Phone(Phone::Doubtful(range)) => {
                current.doubtful.push(evidence(text, range.clone()));
                let words = text.trim_range(
                    range.start.saturating_sub(20)..(range.end + 4).min(text.len()),
                    char::is_whitespace,
                );
                current.raw = Some(Found::written(text, words));
                reached = true;
            }
            Token::Email(email) => {
                current.emails.push(email);
                reached = true;
            }
        }
    }
    out.push(current);
    // Names that lead to no number count only where they close the paper and were not merely passed on the way.
    let mut kept = 0;
    out.retain(|contact| {
        kept += 1;
        kept <= before
            || !contact.phones.is_empty()
            || !contact.emails.is_empty()
            || !contact.doubtful.is_empty()
            || (closes && contact.unit.is_some() && asked.is_some())
    });
}

/// What stands behind the unit that begins here.
fn behind<'t>(text: &'t Text, ends: &[(usize, usize)], at: usize) -> &'t str {
    let end = ends.iter().find(|(start, _)| *start == at).map_or(text.len(), |(_, end)| *end);
    text.folded_at(end..text.len())
}

/// Whether a bracket behind the unit gives its address.
fn is_bracketed(text: &Text, ends: &[(usize, usize)], at: usize) -> bool {
    re!(r"^ ?(?:\(|, ?)(?:qua )?(?:dia chi )?(?:thu dien tu|e-?mail|hop thu)")
        .is_match(behind(text, ends, at))
        && re!(r"^[^)]*@").is_match(behind(text, ends, at))
        && (behind(text, ends, at).trim_start().starts_with('(')
            || text.folded_at(at.saturating_sub(5)..at).ends_with("(qua "))
}

/// Whether another unit within brackets is the one to turn to.
fn is_passed_through(text: &Text, ends: &[(usize, usize)], at: usize) -> bool {
    let rest = behind(text, ends, at);
    let inner = re!(r"^ ?\((?:qua|thong qua) ").find(rest).map(|m| text.len() - rest.len() + m.end());
    inner.is_some_and(|from| ends.iter().any(|(start, _)| *start == from))
}

/// Bodies named in a text from a place on, each with its whole name.
fn units(text: &Text, from: usize, to: &[Found], words: &Words) -> Vec<(Range<usize>, Found)> {
    let folded = text.folded();
    let bodies = crate::addressed::folded(to);
    let mut out: Vec<(Range<usize>, Found)> = Vec::new();
    let mut at = from;
    while at < text.len() {
        let starts = at == 0 || !text.char_at(at - 1).is_some_and(char::is_alphanumeric);
        // "Phó Trưởng phòng Cơ yếu": the office of the person to call, where no body was named before.
        let office = out.is_empty()
            && re!(r"truong $").is_match(folded.get(at.saturating_sub(7)..at).unwrap_or_default())
            && re!(r"^(phong|ban|doi) ").is_match(folded.get(at..).unwrap_or_default());
        if !starts || !(office || text.char_at(at).is_some_and(char::is_uppercase)) {
            at += 1;
            continue;
        }
        // "Vũ" is a name, "vụ" a body: short openers are compared with their marks.
        let opener = folded
            .get(at..)
            .and_then(|rest| begins(rest, &words.head_openers))
            .filter(|opener| office || opener.contains(' ') || words.opens_marked(text, at));
        // "Đội trưởng Đội 2" heads it.
        let heads = re!(r"^(?:doi|phong|ban) truong ").is_match(folded.get(at..).unwrap_or_default());
        let Some(opener) = opener.filter(|_| !heads) else {
            at += 1;
            continue;
        };
        // "ông Đoàn Nhật Minh, Phòng …": a name that begins like a body's.
        let called = re!(r"(?:^|[^a-z])(ong|ba|anh|chi|co|thay|dong chi|d/c|ks|ths|ts|cn|bs)[. :]{1,2}$")
            .is_match(folded.get(at.saturating_sub(10)..at).unwrap_or_default());
        if called && person(&text.sub(at..name_end(text, at)), words).is_some() {
            at = name_end(text, at).max(at + 1);
            continue;
        }
        // A body the paper addresses is known by its whole name, commas and all.
        let end = whole_name(folded.get(at..).unwrap_or_default(), &bodies)
            .map_or_else(|| unit_end(text, at, words), |len| at + len);
        let range = text.trim_range(at..end, |c| !c.is_alphanumeric() && c != ')');
        // A bracket that opened before the name is not the name's.
        let shown = text.folded_at(range.clone());
        let range =
            if shown.ends_with(')') && !shown.contains('(') { range.start..range.end - 1 } else { range };
        let before = folded.get(at.saturating_sub(14)..at).unwrap_or_default();
        // "thuộc Sở …", "của Cục …", "Giám đốc Sở …" name what stands above the unit.
        // … unless the number follows: "đường dây nóng của Đội ứng cứu: 0225…".
        let called = re!(r"(day nong|truc|so may|dien thoai|hop thu) cua $").is_match(before)
            && folded.get(end..).is_some_and(|rest| {
                re!(r"^(?:, [a-z][^,:;.()]{3,60})?: ?(?:ong |ba |dong chi|d/c|[0-9+(])").is_match(rest)
            });
        // "ông Lê Văn An, Phó Giám đốc Trung tâm …": where the one to call is to be found.
        let whose = re!(r"[a-z], (?:pho )?giam doc $")
            .is_match(folded.get(at.saturating_sub(20)..at).unwrap_or_default());
        let above = !office
            && !called
            && !whose
            && re!(r"(thuoc|cua|giam doc|truong|lanh dao|chu tich|mang|pho phong) $").is_match(before);
        // "Phòng 204" is where, not who.
        let room = re!(r"^phong [0-9]{3,4}[a-z]?$").is_match(text.folded_at(range.clone()));
        if !room && (range.len() > opener.len() + 1 || matches!(opener, "vnpt" | "viettel")) {
            let joined = out.last().is_some_and(|(last, _)| {
                folded.get(last.end..at).is_some_and(|gap| gap.trim() == "," || gap.trim() == "-")
            });
            if joined && !above {
                if let Some((last, found)) = out.last_mut() {
                    *last = last.start..range.end;
                    *found = Found::written(text, last.clone());
                }
            } else if !above {
                out.push((range.clone(), Found::written(text, range.clone())));
            }
        }
        at = end.max(at + 1);
    }
    out
}

fn unit_end(text: &Text, start: usize, words: &Words) -> usize {
    let rest = text.folded_at(start..(start + 200).min(text.len()));
    let stop = re!(
        r" (?:thuoc|dien thoai|so dien thoai|theo|dt|sdt|email|e-mail|thu dien tu|qua|de|hoac|duong day|hotline|so may|so truc|ong|ba|dong chi|d/c|la|nham|tai|khi|va (?:gui|bao|thong bao|ong|ba|dong chi|so|cac)|trong|truoc|bang|ve|truc tiep|tiep nhan|so (?:dien|may|truc|dt|di dong|hotline|:|[0-9+]|\([0-9o])|di dong|gap|tong hop|phoi hop|\(|- (?:dien|so|ong|ba|dt|d/c|hotline|email)|dia chi|(?:thong bao|duoc|nhan|giup|hop thu|ngay|neu))\b|[;:()/]|,|\. |\.$|\./| -+ (?:dien thoai|so|dt|ong|ba|email|hotline)"
    );
    let mut end = rest.len();
    for m in stop.find_iter(rest) {
        // "tỉnh Bà Rịa - Vũng Tàu", "Đề Thám": a capital begins a name.
        let small = re!(r"^ (de|ba|la|tai|khi|ve|trong|truoc|bang|va|tong hop|gap|nhan|giup|ngay|neu)\b")
            .is_match(m.as_str());
        if small
            && text.char_at(start + m.start() + 1).is_some_and(char::is_uppercase)
            && (m.as_str() != " ba" || rest.get(m.end()..).is_some_and(|r| r.starts_with(" ria")))
        {
            continue;
        }
        // "Trung tâm VNCERT/CC".
        let capital = |at: usize| text.char_at(at).is_some_and(char::is_uppercase);
        if m.as_str() == "/" && capital((start + m.start()).saturating_sub(1)) && capital(start + m.end()) {
            continue;
        }
        if m.as_str() == "," {
            // "Phòng Bưu chính, Viễn thông và Công nghệ thông tin": the name goes on after the comma.
            let next = start + m.end();
            let after = rest.get(m.end()..).unwrap_or_default().trim_start();
            let from = next + (rest.len() - m.end() - after.len());
            let capital = text.char_at(from).is_some_and(char::is_uppercase);
            let segment = after.split([',', '(', ':', ';']).next().unwrap_or_default();
            let whole = text.sub(from..from + segment.len());
            let goes_on = after.starts_with("chong ") || capital
                && begins(after, &words.head_openers).is_none()
                && person(&whole, words).is_none()
                && !re!(
                    r"^(dien thoai|dt|sdt|email|so |thu |hotline|ong |ba |dong chi|d/c|di dong|duong|fax|tel)"
                )
                .is_match(after)
                && begins(after, &words.ranks).is_none();
            if goes_on {
                continue;
            }
        }
        end = m.start();
        break;
    }
    start + end
}

/// The same unit named twice is one contact.
fn merge(all: Vec<Reached>) -> Vec<Reached> {
    let mut out: Vec<Reached> = Vec::new();
    for contact in all {
        let same = out.iter_mut().find(|known| {
            known.unit.as_ref().map(|u| u.value.to_lowercase())
                == contact.unit.as_ref().map(|u| u.value.to_lowercase())
                && (known.name.is_none()
                    || contact.name.is_none()
                    || known.name.as_ref().map(|n| &n.value) == contact.name.as_ref().map(|n| &n.value))
                && (contact.unit.is_some() || contact.name.is_some())
        });
        match same {
            Some(known) => {
                known.name = known.name.take().or(contact.name);
                for phone in contact.phones {
                    if known.phones.iter().all(|p| p.value != phone.value) {
                        known.phones.push(phone);
                    }
                }
                for email in contact.emails {
                    if known.emails.iter().all(|e| e.value != email.value) {
                        known.emails.push(email);
                    }
                }
                known.doubtful.extend(contact.doubtful);
                known.raw = known.raw.take().or(contact.raw);
            }
            None => out.push(contact),
        }
    }
    out
}
