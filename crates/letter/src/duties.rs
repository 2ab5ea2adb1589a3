//! What each item orders, by the duty phrases of the lexicon.

use crate::actors::{Actor, PROVIDERS, Parties, actor, told};
use crate::addressed::{folded, groups, unheaded};
use crate::found::Found;
use crate::items::{Body, Item};
use crate::letters::Letters;
use crate::limits::MAX_ITEM_CHARS;
use crate::pattern::re;
use crate::phrases::Phrase;
use crate::text::Text;
use crate::words::{Say, Words};
use domain::text::fold;

/// The duties of one item.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) path: String,
    pub(crate) codes: Vec<Found>,
    pub(crate) actor: Option<Found>,
}

/// Path of the closing paragraph that offers help.
pub(crate) const CONTACT: &str = "contact";
/// Path of any other closing paragraph that orders something.
pub(crate) const CLOSING: &str = "closing";

/// Who is named stands at the beginning.
const NAMED_CHARS: usize = 160;

/// The duties of every item and of what closes the paper.
pub(crate) fn duties(
    body: &Body,
    to: &[Found],
    copies: &[Found],
    issuer: Option<&str>,
    noisy: bool,
    words: &Words,
) -> Vec<Ordered> {
    let told = told(&body.opening);
    let listed = if to.is_empty() { groups(copies, words) } else { Vec::new() };
    let to = if to.is_empty() { &listed } else { to };
    let names = folded(to);
    let parties = Parties { to, folded: &names, issuer, told: told.as_deref() };
    let mut actors: Vec<Actor> = Vec::with_capacity(body.items.len());
    for item in &body.items {
        let own = actor(item, parties, words);
        let above = item.parent.and_then(|at| actors.get(at));
        let inherited = match own {
            // "Thủ trưởng đơn vị chịu trách nhiệm" under a body's name speaks of that body's.
            Actor::Unsaid | Actor::Everyone => above.cloned().unwrap_or(Actor::Unsaid),
            // Under a body's name its own heads and offices do what it is told: "Trưởng khoa, phòng …", "Giao Phòng …".
            Actor::Named(own) if within(&own, item, above) => above.cloned().unwrap_or(Actor::Unsaid),
            said => said,
        };
        actors.push(inherited);
    }
    let all_operate = !to.is_empty() && to.iter().all(|entry| operates(&entry.value, words));
    // An operator's own orders to its centres speak of its network.
    let operator = issuer.is_some_and(|issuer| {
        re!(r"^(vien thong|vnpt|viettel|mobifone|(tong cong ty|tap doan) [a-z ]{0,24}vien thong)\b")
            .is_match(&domain::text::fold(issuer))
    });
    let mut out: Vec<Ordered> = Vec::new();
    let mut given: Vec<Vec<String>> = vec![Vec::new(); body.items.len()];
    // Children before parents, so that a heading does not repeat what its items say.
    for (index, item) in body.items.iter().enumerate().rev() {
        if item.aims {
            continue;
        }
        let actor = match actors.get(index) {
            Some(Actor::Named(found)) => Some(found.clone()),
            _ => None,
        };
        // "Chặn các địa chỉ sau:" orders something itself where what it lists orders nothing.
        let lists =
            item.text.folded().trim_end().ends_with(':') && given.get(index).is_some_and(Vec::is_empty);
        if item.has_children && is_heading(&item.text) && (item.is_section() || !lists) {
            continue;
        }
        let trade = match &actor {
            Some(actor) if actor.value == PROVIDERS => trade(body, &actors, index, words),
            None if all_operate => Trade::Addressed,
            _ if operator => Trade::Addressed,
            _ => Trade::None,
        };
        let mut codes = codes(&item.text, trade, false, noisy, words);
        if let Some(below) = given.get(index) {
            codes.retain(|code| !below.contains(&code.value));
        }
        if codes.is_empty() {
            continue;
        }
        let mut above = item.parent;
        while let Some(at) = above {
            if let Some(of) = given.get_mut(at) {
                of.extend(codes.iter().map(|c| c.value.clone()));
            }
            above = body.items.get(at).and_then(|i| i.parent);
        }
        out.push(Ordered { path: item.path.clone(), codes, actor });
    }
    out.reverse();
    let mut offered = false;
    for paragraph in &body.closing {
        let found = codes(paragraph, Trade::None, true, noisy, words);
        let help = found.iter().any(|c| c.value == "HELP");
        // "Giao Sở … đôn đốc, kiểm tra": an order to somebody named, like an item's; behind an offer of help only from
        // the sentence on that says so.
        let order = if help { given_to(paragraph) } else { Some(paragraph.clone()) };
        let named = order.and_then(|text| match actor(&Item::closing(&text), parties, words) {
            Actor::Named(named) => Some((text, named)),
            _ => None,
        });
        let ordered = named.map(|(text, named)| {
            let trade = match named.value == PROVIDERS {
                true if sells(&text, words) => Trade::Vendor,
                true => Trade::Operator,
                false => Trade::None,
            };
            let mut codes = codes(&text, trade, false, noisy, words);
            codes.retain(|code| match code.value.as_str() {
                "SELF" => is_dated(&text),
                // Following up on a letter inspects nothing.
                "INSP" => re!(r"kiem tra|giam sat").is_match(text.folded()),
                _ => true,
            });
            Ordered { path: CLOSING.to_owned(), codes, actor: Some(named) }
        });
        let ordered = ordered.filter(|ordered| !ordered.codes.is_empty());
        if help && !offered {
            offered = true;
            let codes: Vec<Found> = found.into_iter().filter(|c| c.value == "HELP").collect();
            out.push(Ordered { path: CONTACT.to_owned(), codes, actor: None });
        } else if !help && !found.is_empty() && ordered.is_none() {
            out.push(Ordered { path: CLOSING.to_owned(), codes: found, actor: None });
        }
        out.extend(ordered);
    }
    out
}

/// Whether whom an item names belongs to the body it stands under.
fn within(own: &Found, item: &Item, above: Option<&Actor>) -> bool {
    let Some(Actor::Named(above)) = above else { return false };
    let (own, above) = (fold(&own.value), fold(&above.value));
    unheaded(&own) == unheaded(&above) && own != above
        || own_heads(&own, &above)
        || re!(r"^giao (?:phong|bo phan|van phong) ").is_match(item.text.folded())
            && re!(r"^(?:ubnd|uy ban nhan dan) ").is_match(&above)
}

/// "Thủ trưởng cơ quan, đơn vị, Chủ tịch UBND xã" under "các sở, ban, ngành; UBND các xã": the heads of these.
fn own_heads(own: &str, above: &str) -> bool {
    let head =
        re!(r"^(?:thu truong|nguoi dung dau|chu tich|lanh dao|giam doc|hieu truong|truong) (?:cac |cua )?");
    let unit = re!(r"^(?:cac )?(?:co quan|don vi|dia phuong|phong|ban|nganh)$");
    re!(r"\b(?:thu truong|nguoi dung dau)\b").is_match(own)
        && head.is_match(own)
        && own.split([',', ';']).map(str::trim).all(|part| {
            let part = head.find(part).and_then(|m| part.get(m.end()..)).unwrap_or(part);
            let bare = part.trim_start_matches("cac ");
            unit.is_match(part)
                || above.split([',', ';']).map(|of| of.trim().replace("cac ", "")).any(|of| of == bare)
        })
}

/// The paragraph from its sentence "Giao …" on.
fn given_to(text: &Text) -> Option<Text> {
    let from = crate::sentences::sentences(text)
        .into_iter()
        .find(|sentence| text.folded_at(sentence.clone()).starts_with("giao "))?
        .start;
    Some(text.sub(from..text.len()))
}

/// A text that only announces what follows.
pub(crate) fn is_heading(text: &Text) -> bool {
    let folded = text.folded().trim_end();
    let sentences = folded.matches(". ").count();
    folded.ends_with(':') && sentences == 0 || !folded.ends_with(['.', ';', ':'])
}

/// What kind of provider an item is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trade {
    /// None: a public body, or all addressees.
    None,
    /// Operates networks or platforms.
    Operator,
    /// Sells software or upkeep: keeps no line open for the public.
    Vendor,
    /// All addressees operate networks and no item needs to say so.
    Addressed,
}

/// The kind of provider that the item, or the one it stands under, names.
fn trade(body: &Body, actors: &[Actor], index: usize, words: &Words) -> Trade {
    let named = |at: usize| match actors.get(at) {
        Some(Actor::Named(found)) => Some(&found.evidence),
        _ => None,
    };
    let mut at = index;
    let mut sold = false;
    while let Some(item) = body.items.get(at) {
        let above = item.parent.filter(|above| named(*above).is_some());
        // An item that names nobody itself says nothing of its trade: "Triển khai giải pháp …".
        if above.is_none_or(|above| named(above) != named(at)) {
            sold |= sells(&item.head, words);
        }
        match above {
            Some(above) => at = above,
            None => break,
        }
    }
    if sold { Trade::Vendor } else { Trade::Operator }
}

/// Whether who is named first sells software or upkeep and operates no network.
fn sells(text: &Text, words: &Words) -> bool {
    let letters = Letters::new(&text.sub(0..text.len().min(NAMED_CHARS)));
    let hits = words.phrases.find(&letters);
    let says = |phrases: &[Phrase]| phrases.iter().any(|p| !hits.of(p, &letters, &[]).is_empty());
    says(&words.vendors) && !says(&words.operators)
}

/// Whether a recipient operates networks.
fn operates(name: &str, words: &Words) -> bool {
    let letters = Letters::new(&Text::new(name));
    let hits = words.phrases.find(&letters);
    words.operators.iter().any(|p| !hits.of(p, &letters, &[]).is_empty())
}

/// The codes a text gives. In a paper without a scan's marks (`noisy`) a word stands for itself only.
pub(crate) fn codes(text: &Text, trade: Trade, closing: bool, noisy: bool, words: &Words) -> Vec<Found> {
    let providers = matches!(trade, Trade::Operator | Trade::Vendor);
    let operates = matches!(trade, Trade::Operator | Trade::Addressed);
    let text = text.sub(0..text.len().min(MAX_ITEM_CHARS));
    let letters = Letters::new(&text);
    let hits = words.phrases.find(&letters).strict(!noisy);
    let applies = |say: &&Say| {
        (!say.only_providers || providers)
            && (!say.only_operators || operates)
            && (!say.never_providers || !providers)
            && (!say.closing || closing)
    };
    let mut found: Vec<(usize, Found)> = Vec::new();
    let mut hidden: Vec<&String> = Vec::new();
    for say in words.duties.iter().filter(applies) {
        if closing
            && !matches!(say.code.as_str(), "HELP" | "RPT" | "SELF" | "LEAD" | "CASC" | "BUDG" | "CONT")
        {
            continue;
        }
        if let Some((range, edits)) = say.find(&hits, &letters) {
            let range = letters.text_range(range);
            let confidence = if edits == 0 { 0.9 } else { 0.75 };
            let at = range.start;
            found.push((
                at,
                Found::read(say.code.clone(), &text, range).because("phrase-matched", confidence),
            ));
            hidden.extend(&say.hides);
        }
    }
    found.retain(|(_, code)| !hidden.iter().any(|h| **h == code.value));
    if closing {
        // A number to call, and nothing ordered, is an offer of help.
        let phones = crate::phones::phones(&text);
        if let Some((range, _)) = phones.into_iter().next()
            && found.is_empty()
        {
            found.push((
                range.start,
                Found::read("HELP".to_owned(), &text, range).because("phrase-matched", 0.7),
            ));
        }
        settle_closing(&text, &mut found);
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, code)| code).collect()
}

/// In closing words a number to call is an offer of help unless the paragraph orders to report what is found.
fn settle_closing(text: &Text, found: &mut Vec<(usize, Found)>) {
    let folded = text.folded();
    let has = |found: &[(usize, Found)], code: &str| found.iter().any(|(_, c)| c.value == code);
    if has(found, "RPT") && has(found, "HELP") {
        let offers = re!(r"vuong mac|kho khan|can ho tro|de duoc ho tro|de duoc huong dan|phoi hop, ho tro|thong tin lien he|can thiet|lien he").is_match(folded);
        found.retain(|(_, c)| if offers { c.value != "RPT" } else { c.value != "HELP" });
    }
    if has(found, "HELP") {
        // "Vướng mắc" without anybody to turn to offers nothing.
        let turns = re!(r"lien he|lien lac|dien thoai|thong tin|trao doi|phan anh|bao cao|dau moi|email|thu dien tu|so may|\bdt\b|hotline|duong day nong|gui").is_match(folded)
            || !crate::phones::phones(text).is_empty();
        found.retain(|(_, c)| {
            c.value == "HELP" && turns
                || c.value == "SELF" && re!(r"truoc|cham nhat").is_match(folded) && !turns
        });
    } else {
        // "Yêu cầu các đơn vị nghiêm túc thực hiện" repeats; only a report with a date or of what is found is new.
        found.retain(|(_, c)| match c.value.as_str() {
            "CASC" => {
                re!(r"pho bien|quan triet|sao gui|thong bao den|thong bao toi|trien khai den|trien khai toi")
                    .is_match(folded)
            }
            "SELF" => is_dated(text),
            "LEAD" => re!(r"chiu trach nhiem").is_match(folded),
            // "… cử 01 cán bộ làm đầu mối, gửi danh sách về …" asks for one, a number gives one.
            "CONT" => {
                re!(r"\b(cu|phan cong|dang ky|gui danh sach|lap danh sach) ").is_match(folded)
                    && crate::phones::phones(text).is_empty()
            }
            _ => true,
        });
    }
}

/// Whether a report is asked for by a day or to a place, and not only mentioned.
fn is_dated(text: &Text) -> bool {
    re!(r"truoc|cham nhat|gui ve|gui bao cao|bao cao ket qua|han").is_match(text.folded())
}
