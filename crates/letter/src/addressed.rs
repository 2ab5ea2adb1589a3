//! Whether the bodies named in front of an order are all whom the paper addresses.

use crate::found::Found;
use crate::pattern::re;
use crate::words::Words;
use domain::text::fold;

/// "Thủ trưởng các đơn vị" are the units.
pub(crate) fn unheaded(folded: &str) -> &str {
    re!(r"^(?:thu truong|truong|giam doc|hieu truong|nguoi dung dau) (?:cac |cua cac )?")
        .find(folded)
        .and_then(|m| folded.get(m.end()..))
        .unwrap_or_else(|| folded.strip_prefix("cac ").unwrap_or(folded))
}

/// Whom a paper without *Kính gửi* addresses: the groups that *Nơi nhận* gives it to for more than to know of it.
///
/// One group alone tells nothing of whether an order is for all.
pub(crate) fn groups(copies: &[Found], words: &Words) -> Vec<Found> {
    let out: Vec<Found> = copies
        .iter()
        .filter(|copy| {
            let folded = fold(&copy.value);
            let noted = folded.contains('(') && !re!(r"\((?:de )?(?:t/h|thuc hien)").is_match(&folded);
            let group =
                re!(r"^(?:cac|ubnd (?:cac|cap|huyen|xa|quan|phuong)|uy ban nhan dan cac|doanh nghiep) ")
                    .is_match(&folded)
                    && !re!(r"^cac (?:pct|pcvp|pgd|pho|dong chi|d/c|uy vien|thanh vien)\b").is_match(&folded);
            // A single body that carries out is addressed, too; those above and those who keep it are not.
            let operator = words.lexicon.actors.operators.iter().any(|word| folded.contains(&fold(word)));
            !noted && (group || operator)
        })
        .cloned()
        .collect();
    if out.len() >= 2 { out } else { Vec::new() }
}

/// Whether words stand for all addressees in any paper: "các cơ quan, đơn vị".
pub(crate) fn is_everyone(folded: &str, words: &Words) -> bool {
    let whole = folded.trim_end_matches([' ', ',']);
    if words.everyone.iter().any(|w| w == whole) {
        return true;
    }
    // "Thủ trưởng các cơ quan, đơn vị; Chủ tịch UBND các xã": what begins with all units is all of them.
    if let Some((first, _)) = whole.split_once(';')
        && is_everyone(first, words)
    {
        return true;
    }
    // "Các đơn vị, trường học": so is a list of units without any name.
    let mut parts = whole.split(',').map(str::trim);
    let units = re!(
        r"^(va )?(cac )?(co quan|don vi|dia phuong|to chuc|truong hoc|ban|nganh|doanh nghiep|ca nhan|phong|so|doan the|truong|co so|trung tam)( (thuoc|truc thuoc|lien quan|dia phuong|chuyen mon|neu tren|tren dia ban|trong tinh|cua tinh))*$"
    );
    parts.next().is_some_and(|first| {
        words.everyone.iter().any(|w| w == first)
            || first.split(" neu ").next().is_some_and(|f| words.everyone.iter().any(|w| w == f))
    }) && parts.all(|part| units.is_match(part))
}

/// A list of bodies as their kinds: shorthand written out one way, without the offices of those who head them.
fn kinds(folded: &str) -> String {
    let folded = folded.replace("uy ban nhan dan", "ubnd");
    re!(r"\b(?:thu truong|giam doc|chu tich|hieu truong|nguoi dung dau|lanh dao) (?:cua )?")
        .replace_all(&folded, "")
        .into_owned()
}

/// Words of a kind's name that do not tell it from another.
const SMALL: [&str; 14] = [
    "cac", "thuoc", "truc", "huyen", "tinh", "tren", "dia", "ban", "va", "xa", "phuong", "thanh", "pho",
    "cap",
];

/// "UBND các huyện, thị xã, thành phố Hương Giang" are those of that province: its name tells them from no other.
fn without_place(entry: &str) -> &str {
    let mut kept = entry.trim_end();
    while let Some((before, last)) = kept.rsplit_once(' ')
        && last.chars().next().is_some_and(char::is_uppercase)
    {
        kept = before;
    }
    let kind = kept.rsplit(' ').next().unwrap_or_default();
    if kept.contains("các ") && matches!(kind, "phố" | "tỉnh" | "huyện" | "xã" | "phường") {
        kept
    } else {
        entry
    }
}

/// Whether an actor's words name every recipient.
pub(crate) fn covers(folded: &str, to: &[Found]) -> bool {
    let named = kinds(folded);
    let words: Vec<&str> = named.split([' ', ',', ';']).collect();
    let parts: Vec<&str> = named
        .split([',', ';'])
        .map(|part| part.trim().trim_start_matches("va ").trim_start_matches("cac "))
        .collect();
    !to.is_empty()
        && to.iter().all(|entry| {
            // "Các khoa, phòng thuộc Bệnh viện" are named by "các khoa, phòng", too.
            let entry = kinds(&fold(without_place(&entry.value)));
            let entry = re!(r" (truc thuoc|thuoc|tren dia ban|cua) ")
                .find(&entry)
                .map_or(entry.as_str(), |m| entry.get(..m.start()).unwrap_or_default())
                .to_owned();
            let own: Vec<&str> =
                entry.split([' ', ',', ';']).filter(|w| !w.is_empty() && !SMALL.contains(w)).collect();
            let said = own.iter().filter(|w| words.contains(w)).count();
            // "…, doanh nghiệp": a kind named without more is all of that kind.
            let bare = entry.trim_start_matches("cac ");
            let of_kind = parts.iter().any(|part| {
                matches!(
                    *part,
                    "doanh nghiep" | "ngan hang" | "truong hoc" | "benh vien" | "don vi su nghiep"
                ) && bare.starts_with(part)
                    || *part == "dia phuong" && bare.starts_with("ubnd")
            });
            named.contains(&entry) || of_kind || own.len() >= 2 && said * 10 >= own.len() * 8
        })
}

/// Kinds of bodies by the words that begin their names; a *cơ quan, đơn vị* may be any that is neither a place's committee
/// nor a firm.
const OFFICE: u8 = 1;
const PLACE: u8 = 2;
const FIRM: u8 = 4;
const SCHOOL: u8 = 8;
const CLINIC: u8 = 16;
const ANY_UNIT: u8 = OFFICE | SCHOOL | CLINIC;

/// The kind whose word a name begins with.
fn kind(folded: &str) -> Option<u8> {
    let found = |re: &regex::Regex| re.is_match(folded);
    Some(if found(re!(r"^(?:co quan|don vi|to chuc)(?: |$)")) {
        ANY_UNIT
    } else if found(re!(
        r"^(?:ubnd|dia phuong|xa|phuong|thi tran|thi xa|huyen|quan|thanh pho|dac khu)(?: |$)"
    )) {
        PLACE
    } else if found(re!(
        r"^(?:doanh nghiep|vien thong|vnpt|viettel|mobifone|fpt|cong ty|tong cong ty|tap doan|ngan hang)(?: |$)"
    )) {
        FIRM
    } else if found(re!(r"^(?:nha truong|truong|dai hoc|cao dang|co so giao duc)(?: |$)")) {
        SCHOOL
    } else if found(re!(r"^(?:benh vien|tram y te|trung tam y te|co so y te)(?: |$)")) {
        CLINIC
    } else if found(re!(r"^(?:so|ban|nganh|phong|doan the|khoa|trung tam|khoi|hoi)(?: |$)")) {
        OFFICE
    } else {
        return None;
    })
}

/// Whether words list kinds of bodies, none of them by a name, and every recipient is of one of these kinds: "các cơ quan,
/// đơn vị, doanh nghiệp, UBND các xã" stand for the offices, the telecom firms and the communes that the paper addresses.
pub(crate) fn covers_kinds(folded: &str, to: &[Found]) -> bool {
    let parts = |list: &str| -> Vec<String> {
        kinds(list)
            .split([',', ';'])
            .flat_map(|part| part.split(" va "))
            .map(|part| part.trim().trim_start_matches("va ").trim_start_matches("cac ").to_owned())
            // "Giám đốc, Thủ trưởng các sở": an office, no kind.
            .filter(|part| !part.is_empty() && !unheaded(&format!("{part} ")).is_empty())
            .collect()
    };
    let general = re!(
        r"^(?:(?:co quan|don vi|to chuc|dia phuong|doanh nghiep|nha truong|truong(?: hoc)?|benh vien|tram y te|so|ban|nganh|phong|doan the|khoa|trung tam|khoi|hoi)(?: cap)?|(?:ubnd )?(?:cac |cap )?(?:xa|phuong|thi tran|thi xa|huyen|quan|thanh pho|dac khu))(?: (?:tinh|huyen|xa|thanh pho|truc thuoc|tren dia ban(?: tinh| huyen| xa| thanh pho)?|nhan (?:duoc )?(?:van ban|cong van) nay|neu tren|noi tren))*$"
    );
    let said = parts(folded);
    let named = said.iter().filter(|part| general.is_match(part)).filter_map(|part| kind(part));
    said.len() >= 3 && said.iter().all(|part| general.is_match(part)) && to.len() >= 2 && {
        let all = named.fold(0, |all, one| all | one);
        // Behind "các sở," the next words go on with the same entry.
        to.iter().all(|entry| {
            let entry = fold(&entry.value);
            parts(&entry).first().and_then(|first| kind(first)).is_some_and(|of| match of {
                ANY_UNIT => all & OFFICE != 0,
                FIRM | PLACE => all & of == of,
                // "Trung tâm Chuyển đổi số" is a unit, but no "các sở, ban, ngành".
                _ if !entry.contains("cac ") => all & ANY_UNIT == ANY_UNIT,
                _ => all & of == of,
            })
        })
    }
}

/// The names of bodies, folded once for many comparisons.
pub(crate) fn folded(names: &[Found]) -> Vec<String> {
    names.iter().map(|name| fold(&name.value)).collect()
}

/// How far a text goes on with the name of a body that the paper addresses: a verb's look-alike inside it is no verb.
pub(crate) fn known_name(folded: &str, to: &[String]) -> usize {
    to.iter()
        .map(|entry| {
            let bare = entry.strip_prefix("cac ").unwrap_or(entry);
            let lead = if folded.starts_with("cac ") { 4 } else { 0 };
            let here = folded.get(lead..).unwrap_or_default();
            let alike = here.bytes().zip(bare.bytes()).take_while(|(here, there)| here == there).count();
            // Back to the end of the last whole word.
            let same = (0..=alike)
                .rev()
                .find(|end| {
                    let goes_on = |text: &str| {
                        text.get(*end..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
                    };
                    !goes_on(here) && !goes_on(bare)
                })
                .unwrap_or_default();
            // Half a name may be another's.
            if same * 2 >= bare.len() && same > 8 { lead + same } else { 0 }
        })
        .max()
        .unwrap_or_default()
}

/// The length of the name of a body that the paper addresses, where a text begins with it whole.
pub(crate) fn whole_name(folded: &str, to: &[String]) -> Option<usize> {
    to.iter()
        .filter(|entry| {
            entry.contains(',')
                && folded
                    .strip_prefix(entry.as_str())
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
        })
        .map(|entry| entry.len())
        .max()
}
