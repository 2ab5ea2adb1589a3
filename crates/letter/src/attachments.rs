//! What comes with a paper.

use crate::found::Found;
use crate::pattern::re;
use crate::text::Text;

/// The things said to be enclosed, in the paper's words.
pub(crate) fn attachments(texts: &[&Text]) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    // "(Gửi kèm: …; …)" is the whole list.
    for text in texts {
        let list = re!(
            r"(?:^|[(;.] ?)(?:gui kem|kem theo|gui kem theo|dinh kem)(?: theo| cong van nay| van ban nay)? ?: ?([^()]{3,400}?)(?:\)|\./\.|$)"
        );
        for m in list.captures_iter(text.folded()) {
            let Some(all) = m.get(1) else { continue };
            let mut start = all.start();
            for cut in all
                .as_str()
                .match_indices(';')
                .map(|(at, _)| all.start() + at)
                .chain([all.end()])
                .collect::<Vec<_>>()
            {
                let range = text.trim_range(start..cut, |c| !c.is_alphanumeric() && c != ')');
                if !range.is_empty() {
                    out.push(Found::written(text, range));
                }
                start = cut;
            }
        }
    }
    if !out.is_empty() {
        return out;
    }
    for text in texts {
        let folded = text.folded();
        let mut add = |range: std::ops::Range<usize>| {
            let found = Found::written(text, text.trim_range(range, |c| !c.is_alphanumeric() && c != ')'));
            let key = found.value.to_lowercase();
            if !found.value.is_empty() && out.iter().all(|known| !known.value.to_lowercase().contains(&key)) {
                out.push(found);
            }
        };
        for m in re!(r"\b((?:cac |cac mau |bang |ban )?(?:phu luc|bieu mau|mau bao cao|mau bieu|mau so|mau [0-9]{1,2}|danh sach|danh muc|de cuong|bang tong hop|bang kiem|tai lieu|phieu|tai lieu huong dan|bieu)(?: (?:so )?[ivx0-9]{1,4}| [a-z]{2,8}){0,6}?)(?:,? (?:duoc |co )?(?:gui kem|kem theo|dinh kem|ban hanh kem theo|gui kem theo))\b")
            .captures_iter(folded)
        {
            if let Some(thing) = m.get(1) {
                let from = last_thing(thing.as_str());
                add(thing.start() + from..thing.end());
            }
        }
        for m in re!(r"(?:\(|^|[;.] )(?:co )?(?:kem theo|gui kem|dinh kem|gui kem theo)(?: cong van nay| van ban nay| theo| la| gom)? ?:? ((?:phu luc|bieu mau|mau|danh sach|danh muc|de cuong|bang|tai lieu|phieu|huong dan|tep|file|ban|toan van|cong van|van ban|thong bao|ke hoach|chi thi)[^.;)]{0,140})")
            .captures_iter(folded)
        {
            if let Some(thing) = m.get(1) {
                add(thing.range());
            }
        }
        // "… gửi kết quả theo Biểu mẫu số 01 về Sở": a form of another paper's is not this one's.
        for m in re!(r"\b(?:theo|tai) ((?:bieu mau|mau bieu|mau|bieu) so [0-9]{1,2}[a-z]?)\b")
            .captures_iter(folded)
        {
            if let Some(thing) = m.get(1)
                && text.char_at(thing.start()).is_some_and(char::is_uppercase)
                && !re!(r"^[ ,(]*(?:cua|ban hanh|kem theo (?:thong tu|nghi dinh|quyet dinh)|quy dinh|tai|phu luc|thong tu|nghi dinh|quyet dinh)\b")
                    .is_match(folded.get(thing.end()..).unwrap_or_default())
            {
                add(thing.range());
            }
        }
        // "Ban hành kèm theo Quyết định này Quy chế …"
        for m in re!(r"\b(?:ban hanh|phe duyet) kem theo (?:quyet dinh|van ban|cong van|thong bao|chi thi) nay ([^.;:]{3,200})").captures_iter(folded) {
            if let Some(thing) = m.get(1) {
                add(thing.range());
            }
        }
        // "Công văn số 1/X … (gửi kèm)"
        for m in re!(r"\b((?:cong van|van ban|cong dien|chi thi|ke hoach|thong bao|quyet dinh) so:? ?[0-9]+[a-z0-9&/-]*)[^.;()]{0,200}\((?:van ban |co |ban |sao )?(?:gui|duoc gui|dinh|sao gui)? ?(?:kem|kem theo)(?: van ban nay| theo)?\)").captures_iter(folded) {
            if let Some(thing) = m.get(1) {
                add(thing.range());
            }
        }
        for m in re!(r"\b(?:tai|theo|o|trong|xem|chi tiet) (?:cac )?(phu luc(?: (?:so )?(?:[ivx]{1,4}|[0-9]{1,2}))?)\b(?:,? [a-z]+ van nay)?").captures_iter(folded) {
            if let Some(thing) = m.get(1)
                && text.char_at(thing.start()).is_some_and(char::is_uppercase)
            {
                add(thing.range());
            }
        }
    }
    out
}

/// Where the thing itself begins when a longer phrase was matched: its last mention.
fn last_thing(phrase: &str) -> usize {
    re!(r"(?:^|[^a-z])((?:cac )?(?:phu luc|bieu mau|mau|danh sach|danh muc|de cuong|bang|tai lieu|phieu|huong dan|bieu))\b").captures_iter(phrase).last().and_then(|m| m.get(1)).map_or(0, |m| m.start())
}
