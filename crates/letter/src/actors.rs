//! Whom an item is for.

use crate::addressed::{covers, covers_kinds, is_everyone, known_name, unheaded, whole_name};
use crate::found::Found;
use crate::items::Item;
use crate::letters::Letters;
use crate::pattern::re;
use crate::sentences::sentences;
use crate::text::Text;
use crate::words::{Words, begins};
use std::ops::Range;

/// Whom an item names.
#[derive(Debug, Clone)]
pub(crate) enum Actor {
    /// Says nothing of it: as the item above.
    Unsaid,
    /// All addressees.
    Everyone,
    /// A body or group in the paper's words, or `providers`.
    Named(Found),
}

/// The value given for network operators, platform and service providers.
pub(crate) const PROVIDERS: &str = "providers";

/// Who writes to whom: what an item's actor is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parties<'a> {
    /// The recipients.
    pub(crate) to: &'a [Found],
    /// The same, folded.
    pub(crate) folded: &'a [String],
    /// The body that writes.
    pub(crate) issuer: Option<&'a str>,
    /// Whom the words before the first item tell to do what follows, folded.
    pub(crate) told: Option<&'a str>,
}

/// "… Giám đốc yêu cầu các khoa, phòng thực hiện:": whom the last words before the items speak to, folded.
pub(crate) fn told(opening: &[Text]) -> Option<String> {
    let last = opening.last()?.folded().trim_end();
    let asked = re!(
        r"(?:yeu cau|de nghi|chi dao) ([^:;.]{6,80}?) (?:trien khai|thuc hien|phoi hop|khan truong|quan tam|tap trung|nghiem tuc|chu dong)[^:;.]{0,80}:$"
    );
    asked.captures(last).and_then(|m| m.get(1)).map(|m| unheaded(m.as_str()).to_owned())
}

/// Whom this item names.
pub(crate) fn actor(item: &Item, parties: Parties<'_>, words: &Words) -> Actor {
    let text = &item.text;
    if let Some(named) = item.row.as_ref().and_then(|row| row.actor.as_ref()) {
        return match judge(named, 0..named.len(), true, parties, words) {
            Actor::Unsaid => Actor::Named(Found::whole(named)),
            said => said,
        };
    }
    let heading = item.has_children || item.text.len() > item.head.len() || text.folded().ends_with(':');
    let colon = item.head.folded().find(':');
    // A heading that is a body's name: "2. Sở Y tế:", "III.4. Các doanh nghiệp viễn thông".
    let named = match colon {
        Some(at) if at + 1 >= item.head.len() || item.head.folded_at(at..item.head.len()).len() > 2 => {
            Some(0..at)
        }
        None if heading => Some(0..item.head.len()),
        _ => None,
    };
    // "Đối với các đơn vị tự quản lý hệ thống: trực …": all of it up to the colon says who.
    let whole = colon.filter(|_| item.head.folded().starts_with("doi voi "));
    let named = whole.map(|at| 0..at).or(named);
    // "Sở Y tế kiểm tra …: thay mật khẩu": a verb before the colon makes it a sentence.
    let sentence = whole.is_none()
        && named.as_ref().is_some_and(|range| {
            before_verb(text, 0..text.len().min(400), parties, words)
                .is_some_and(|before| before.end < range.end)
        });
    if let Some(range) = named.filter(|_| !sentence) {
        // A heading names whom it is for, even if the words before told the same.
        match judge(&item.head, range, true, Parties { told: None, ..parties }, words) {
            Actor::Unsaid => {}
            said => return said,
        }
    }
    for (index, sentence) in whole_sentences(text).into_iter().enumerate().take(6) {
        let Some(range) = before_verb(text, sentence, parties, words) else { continue };
        let first = index == 0;
        match judge(text, range, first, parties, words) {
            Actor::Unsaid => {}
            Actor::Everyone if !first => {}
            said => return said,
        }
    }
    Actor::Unsaid
}

/// Sentences; a semicolon ends none, it may stand inside a list of bodies.
fn whole_sentences(text: &Text) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for part in sentences(text) {
        match out.last_mut() {
            Some(last)
                if text.folded_at(last.clone()).ends_with(';')
                    && last.len() < 120
                    && text.char_at(part.start).is_some_and(char::is_uppercase) =>
            {
                last.end = part.end;
            }
            _ => out.push(part),
        }
    }
    out
}

/// The range before the first verb of a sentence.
fn before_verb(
    text: &Text,
    sentence: Range<usize>,
    parties: Parties<'_>,
    words: &Words,
) -> Option<Range<usize>> {
    let folded = text.folded_at(sentence.clone());
    // "Căn cứ Kế hoạch này, các sở …": what is said first says when or why, not who.
    let aside = re!(
        r"^(?:ngoai (?:cac |nhung )?(?:noi dung|nhiem vu|yeu cau)|cung voi|ben canh|can cu|tren co so|ket thuc|sau khi|sau dip|truoc khi|(?:ke )?tu (?:ngay|[0-9])|trong (?:thoi gian|dip|suot|cac ngay)) ?[^,.;]{3,80}, "
    )
        .find(folded)
        .map_or(0, |m| m.end());
    let lead = aside
        + re!(r"^(?:rieng (?:doi voi )?|giao(?: cho)? |de nghi |yeu cau |doi voi |kinh de nghi |phan cong )")
            .find(folded.get(aside..)?)
            .filter(|m| !is_teacher(text, sentence.start + aside, m.as_str()))
            .filter(|m| {
                !m.as_str().starts_with("yeu")
                    || single_body(folded.get(aside + m.end()..).unwrap_or_default())
            })
            .map_or(0, |m| m.end());
    let named = lead + known_name(folded.get(lead..)?, parties.folded);
    let whole = whole_name(folded.get(lead..)?, parties.folded).map(|len| lead + len + 1);
    let offices = offices(folded.get(..folded.len().min(lead + 240))?, words);
    let mut at = lead;
    for word in folded.get(lead..)?.split(' ') {
        let here = sentence.start + at;
        let small = text.char_at(here).is_some_and(char::is_lowercase);
        // "Chủ tịch UBND các xã, phường dùng …": behind a whole name stands what it is told, whatever the word.
        if at > lead + 6
            && small
            && !re!(CONNECTS).is_match(folded.get(at..)?)
            && (whole == Some(at) || closed_name(text, sentence.start + lead..here, words))
        {
            return Some(sentence.start + lead..here);
        }
        if at > lead
            && at >= named
            && small
            && !offices.iter().any(|office| office.start < at && at < office.end)
            && let Some(verb) = words.verbs.at(text, here)
            && !re!(r"^(bao cao vien|doi so|doi moi|thong bao dam|thong bao ve|phat thanh|phat hien kip|truc thuoc|truc tuyen|cap tinh|cap xa|cap huyen|cap so|cap co so|mo rong|can bo|quan ly (nha nuoc|he|doanh|du an|cac|thi)|bao chi|giup viec|phai cu|lap trinh|cu tri|can cu|phat trien|thong bao nay|luu tru|luu chuyen|to chuc (tin dung|chinh tri|xa hoi|kinh te|doan the|dang|co so|tai chinh|hoi|quan chung|cong doan|khac|lien quan|ca nhan)|cho thue|dinh huong nghiep)").is_match(folded.get(at..)?)
            // "Các đơn vị cung cấp dịch vụ …": the verb belongs to the name.
            && !folded.get(..at)?.ends_with("cung ")
            // "Cảng hàng không".
            && !(verb == "không" && folded.get(..at)?.ends_with("hang "))
            // "Các bệnh viện công lập".
            && !(verb == "lập" && re!(r"(?:cong|dan|tu|doc|thanh) $").is_match(folded.get(..at)?))
            && !(verb == "trực" && re!(r"(?:^|[ ,])(bo phan|to|doi|nguoi|can bo|kip) $").is_match(folded.get(lead..at)?))
            && !(matches!(verb, "cung cấp" | "quản lý" | "vận hành" | "hỗ trợ" | "bảo vệ" | "cấp" | "phát" | "thực hiện" | "nhận" | "sử dụng") && names_by_verb(folded.get(lead..at)?))
        {
            return Some(sentence.start + lead..here);
        }
        at += word.len() + 1;
        if at > lead + 170 {
            break;
        }
    }
    None
}

/// "Giáo viên …" is no "Giao …", however alike their letters.
fn is_teacher(text: &Text, at: usize, lead: &str) -> bool {
    lead.starts_with("giao") && !text.sub(at..at + 4).string().to_lowercase().starts_with("giao")
}

/// "Yêu cầu Công an tỉnh …" tells one body; "yêu cầu đơn vị cung cấp dịch vụ …" is what all shall demand.
fn single_body(folded: &str) -> bool {
    re!(r"^(?:giam doc |chanh |thu truong )?(?:so|cong an|bo chi huy|van phong ubnd|thanh tra|trung tam|phong) [a-z]").is_match(folded)
}

/// Words that carry a body's name on.
const CONNECTS: &str = r"^(uy|va|voi|hoac|thuoc|truc|tren|cua|tinh|thanh|huyen|xa|phuong|thi|quan|cac|cap|tai|o|trung|dong|khu|vung|mien|lien|co|khong|da|dang|de|theo|khi|neu|duoc|bi|se|dac|noi|nguoi|dan|la|nha|phuc|so|sau|nham|thon|ban|to|quoc|chuyen|nghiep|giai|phu|rieng|neu|xa hoi|viet)\b";

/// Whether these words are a body's name to its end: "các xã, phường", "Công an tỉnh", "Sở Y tế".
fn closed_name(text: &Text, range: Range<usize>, words: &Words) -> bool {
    let folded = text.folded_at(range.clone()).trim_end();
    if re!(r"(?:^|[ ,])(?:xa, phuong|xa, thi tran|xa, phuong, thi tran|phuong, thi tran|xa, phuong, dac khu|huyen, thanh pho|huyen, thi xa|thi xa, thanh pho)(?: tren dia ban(?: tinh| thanh pho| huyen)?)?$|^(?:cong an|van phong ubnd|van phong|bo chi huy quan su|thanh tra|bao va (?:dai )?phat thanh,? (?:va )?truyen hinh|dai phat thanh(?: va|,) truyen hinh) (?:tinh|thanh pho|huyen|xa|phuong)$")
        .is_match(folded)
    {
        return true;
    }
    let Some(name) =
        re!(r"^(?:giam doc |chanh |lanh dao )?(?:so|bo) ").find(folded).and_then(|m| folded.get(m.end()..))
    else {
        return false;
    };
    words.names.iter().any(|(known, _)| known == name)
}

/// Where names of offices stand: "Phòng Kế hoạch tổng hợp".
fn offices(folded: &str, words: &Words) -> Vec<Range<usize>> {
    let Some(offices) = &words.offices else { return Vec::new() };
    offices
        .find_overlapping_iter(folded)
        .filter(|m| {
            re!(r"(?:phong|to|ban|bo phan|trung tam|doi|khoa|van phong|cuc|vu|nhom|uy ban) $")
                .is_match(folded.get(..m.start()).unwrap_or_default())
        })
        .map(|m| m.start()..m.end())
        .collect()
}

fn names_by_verb(before: &str) -> bool {
    re!(r"(?:^|[ ,])(don vi|doanh nghiep|to chuc|nha|nha thau|cong ty|co quan|bo phan|ban|don vi, doanh nghiep|ca nhan|can bo|lanh dao|doi|phong|trung tam) $").is_match(before)
}

fn judge(text: &Text, range: Range<usize>, first: bool, parties: Parties<'_>, words: &Words) -> Actor {
    let Parties { to, issuer, told, .. } = parties;
    let range = text.trim_range(range, |c| !c.is_alphanumeric() && c != ')' && c != '"');
    let folded = text.folded_at(range.clone());
    // "Nhiệm vụ chung của các sở …": whose they are.
    let lead = re!(r"^(?:rieng doi voi |rieng |(?:doi voi|giao(?: cho)?|de nghi) (?:cac ?$)?|(?:mot so )?(?:nhiem vu|noi dung|yeu cau)(?: chung| cu the| rieng| trong tam)? (?:doi voi|cua|cho) )")
        .find(folded)
        .filter(|m| !is_teacher(text, range.start, m.as_str()))
        .map_or(0, |m| m.end());
    let range = range.start + lead..range.end;
    let folded = text.folded_at(range.clone());
    if folded.len() < 4
        || folded.len() > 260
        || !(re!(r"(, |doi voi |giao |giao cho |de nghi |yeu cau |rieng )$")
            .is_match(text.folded_at(0..range.start))
            || text.char_at(range.start).is_some_and(char::is_uppercase)
            || lead > 0
            || text.folded_at(range.start.saturating_sub(2)..range.start) == ", ")
    {
        return Actor::Unsaid;
    }
    let Some(opener) = begins(folded, &words.openers) else { return Actor::Unsaid };
    // "Tổ chức", "Đối chiếu", "Công tác" alone are verbs and headings.
    if folded.len() == opener.len() && !matches!(opener, "viettel" | "mobifone" | "vnpt" | "chinh phu")
        || re!(r"^(cong ?/|bao (ngay|cho|ve|kip|len|tin|dong|trong|qua|truoc|voi|toi|den|lai)\b|so (dien thoai|may|luong|hieu|dt)|cong tac|noi dung|bien phap|doi chieu|hoi thao|so sanh|doi tuong|truong thong tin|truong du lieu|quy [iv0-9])\b").is_match(folded)
    {
        return Actor::Unsaid;
    }
    if re!(r"^(phong,? chong|khoi (dong|tao|phuc)|bo tri|hoi nhap|bao dam|bao ve|bao cao|ban hanh|doi moi|so luong|truong hop|to chuc (thuc|trien|tuyen|ung|tap|truc|dien|ra|kiem|quan|cac (hoat|lop))|trung tam (cua|la)|cac (he thong|noi dung|giai phap|bien phap|lo hong|may|thiet bi|hoat dong|nhiem vu|van de|tai khoan|ung dung|du lieu|phan mem|may chu|may tram)|nhung (noi dung|van de)|lanh dao, chi dao|doi mat|bo sung|ban giao|vien dan|doi voi|bao gom|co quan, don vi minh)").is_match(folded) {
        return Actor::Unsaid;
    }
    // A clause in between ("… khi phát hiện …") is no name.
    // "thành phố Đà Nẵng": a capital is a name's, not the word "đã".
    if re!(r"\b(khi|neu|khong|da|se|dang|nham|de|theo|bi|duoc|tu ngay|trong thoi gian)( |$)")
        .find_iter(folded)
        .filter(|m| !folded.get(..m.start()).is_some_and(|before| before.ends_with("hang ")))
        // "Đảng ủy", "bệnh viện đa khoa", "khoa dược": words of their own.
        .filter(|m| {
            let word =
                text.sub(range.start + m.start()..range.start + m.end()).trimmed().string().to_lowercase();
            !matches!(
                word.as_str(),
                "đảng"
                    | "đẳng"
                    | "đăng"
                    | "đằng"
                    | "đa"
                    | "dược"
                    | "bí"
                    | "đê"
                    | "đề"
                    | "đệ"
                    | "dạ"
                    | "da"
                    | "khỉ"
                    | "đá"
            )
        })
        .any(|m| m.start() == 0 || text.char_at(range.start + m.start()).is_some_and(char::is_lowercase))
    {
        return Actor::Unsaid;
    }
    let letters = Letters::new(&text.sub(range.clone()));
    let hits = words.phrases.find(&letters);
    // "Viễn thông Hà Lâm": an operator by its name.
    let operator = re!(r"^vien thong [a-z]+ [a-z]+$").is_match(folded);
    if operator || words.providers.iter().any(|phrase| !hits.of(phrase, &letters, &[]).is_empty()) {
        return Actor::Named(Found::read(PROVIDERS.to_owned(), text, range).because("provider-words", 0.9));
    }
    // "Công chức Văn hóa - Xã hội": an office of its own, not everybody in office.
    let office = opener == "cong chuc" && text.char_at(range.start + 10).is_some_and(char::is_uppercase);
    if office {
        return Actor::Named(Found::written(text, range));
    }
    let each = re!(r"^(toan the|toan bo|tat ca|moi|tung) (cac )?").find(folded).map_or(0, |m| m.end());
    if begins(folded.get(each..).unwrap_or(folded), &words.inside).is_some() {
        return Actor::Unsaid;
    }
    // The heads of all who are addressed are they themselves.
    let headless =
        re!(r"^(?:thu )?truong (cac )").captures(folded).and_then(|m| m.get(1)).map_or(0, |m| m.start());
    let whose = folded.get(headless..).unwrap_or(folded);
    let those_told = told.is_some_and(|told| unheaded(whose).trim_end_matches([',', ' ']) == told);
    // "Đối với các đơn vị tự quản lý hệ thống": those of them that do.
    let some = text.folded().starts_with("doi voi ")
        && re!(r" (co (he thong|trang|website|may chu|ket noi|cong)|tu (quan ly|van hanh|trang bi)|dang (su dung|van hanh|thue)|chua )")
            .is_match(whose);
    if !some && (is_everyone(whose, words) || covers(whose, to) || covers_kinds(whose, to) || those_told) {
        return if first { Actor::Everyone } else { Actor::Unsaid };
    }
    // "Đơn vị thuê dịch vụ …" is any unit that does so.
    if matches!(opener, "don vi" | "co quan" | "to chuc" | "lanh dao")
        && !re!(r"(chuyen trach|van hanh|thuong truc|chu tri|chu quan)").is_match(folded)
    {
        return Actor::Unsaid;
    }
    let plural = matches!(opener, "cac" | "nhung" | "don vi" | "co quan" | "to chuc" | "lanh dao");
    if !first && plural {
        return Actor::Unsaid;
    }
    // The writer telling what it does itself is nobody's duty of another.
    if !first && issuer.is_some_and(|issuer| domain::text::fold(issuer).starts_with(folded)) {
        return Actor::Unsaid;
    }
    let end = re!(r" (?:co trach nhiem|chiu trach nhiem|tiep tuc|khan truong|nghiem tuc)$")
        .find(folded)
        .map_or(range.end, |m| range.start + m.start());
    // "Bộ phận trực (danh sách …)": a note in small letters is no part of the name.
    let end = re!(r" ?\([^()]*\)$")
        .find(text.folded_at(range.start..end))
        .filter(|m| {
            let note = text.sub(range.start + m.start()..end);
            note.first_alnum().is_some_and(char::is_lowercase)
                && !re!(r"^ ?\((bo phan|nhom|doi|ban) ").is_match(note.folded())
        })
        .map_or(end, |m| range.start + m.start());
    Actor::Named(Found::written(text, text.trim_range(range.start..end, |c| c == ',' || c.is_whitespace())))
}
