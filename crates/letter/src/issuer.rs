//! The issuer of a paper that lost its head.

use crate::found::Found;
use crate::items::Body;
use crate::pattern::re;
use crate::words::{Words, begins};

/// The body that asks or orders in the opening words, for papers that lost their head.
pub(crate) fn infer_issuer(body: &Body, words: &Words) -> Option<Found> {
    let acts = re!(
        r" (?:kinh |tran trong |vua |da )?(?:de nghi|yeu cau|thong bao|khuyen nghi|ban hanh|chi dao|xay dung|canh bao|huong dan)\b"
    );
    let last = body.items.last().map(|item| &item.text);
    for paragraph in body.opening.iter().rev().chain(&body.closing).chain(last) {
        let folded = paragraph.folded();
        for act in acts.find_iter(folded) {
            let before = folded.get(..act.start())?;
            let from = before.rfind([',', ';', ':', '.']).map_or(0, |at| at + 1);
            let range = paragraph.trim_range(from..act.start(), |c| !c.is_alphanumeric());
            let candidate = paragraph.folded_at(range.clone());
            let skip =
                re!(r"^(?:chu tich|giam doc|thu truong|cuc truong) ").find(candidate).map_or(0, |m| m.end());
            let range = range.start + skip..range.end;
            let candidate = paragraph.folded_at(range.clone());
            let named =
                begins(candidate, &words.head_openers).is_some() && (5..=110).contains(&candidate.len());
            let clause = re!(r"(^| )(khi|neu|cac|nham|de|theo|bi|duoc|da|van ban) ").is_match(candidate);
            if named && !clause && paragraph.char_at(range.start).is_some_and(char::is_uppercase) {
                return Some(Found::written(paragraph, range).because("issuer-inferred", 0.7));
            }
        }
    }
    None
}
