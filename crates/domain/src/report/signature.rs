//! In which capacity a paper is signed, by NĐ 30/2020 and the legal pack.

use crate::{body::BodyKind, legal::Pack, text::fold};

/// How somebody signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignAs {
    /// The head, by their own right; for a committee on behalf of it (TM.).
    Head,
    /// Acting head (Q.).
    Acting,
    /// A deputy for the head (KT.).
    Deputy,
    /// The head of a unit within, by order (TL.).
    ByOrder,
    /// By a written authorisation (TUQ.).
    Authorised,
}

/// What a position signs as: a deputy for the head, the head of a unit within by order; whoever has no position noted
/// signs as the head, since the paper was handed to them as such. Who signs by a delegation of the head signs by
/// authorisation, unless their own position says more.
pub fn sign_as(position: Option<&str>, delegated: bool) -> SignAs {
    let position = fold(position.unwrap_or_default());
    let begins = |words: &[&str]| words.iter().any(|w| position.starts_with(w));
    // A deputy of a unit within signs by order as the unit's head does: "phó trưởng phòng".
    if begins(&["pho truong phong", "pho chanh van phong", "truong phong", "chanh van phong", "truong ban"]) {
        SignAs::ByOrder
    } else if begins(&["pho "]) {
        SignAs::Deputy
    } else if begins(&["quyen ", "q. "]) {
        SignAs::Acting
    } else if delegated {
        SignAs::Authorised
    } else {
        SignAs::Head
    }
}

/// The lines of capacity for a body of that kind and name. Empty where the pack does not know the body's head: a blank
/// is filled in by a person, not guessed.
pub fn signature(
    pack: &Pack,
    kind: BodyKind,
    name: &str,
    how: SignAs,
    position: Option<&str>,
) -> Vec<String> {
    let Some(term) = pack.capacity(kind, name) else { return Vec::new() };
    let behalf = term.collective.as_deref().map(|c| format!("TM. {}", c.to_uppercase()));
    let (head, deputy) = (term.head.to_uppercase(), term.deputy.to_uppercase());
    let own = position.map(|p| p.to_uppercase()).unwrap_or_default();
    let lines = match how {
        SignAs::Head => [behalf, Some(head), None],
        SignAs::Acting => [behalf, Some(format!("Q. {head}")), None],
        SignAs::Deputy => [behalf, Some(format!("KT. {head}")), Some(deputy)],
        // By order and by authorisation one acts for the head, never for the committee.
        SignAs::ByOrder => [None, Some(format!("TL. {head}")), Some(own)],
        SignAs::Authorised => [None, Some(format!("TUQ. {head}")), Some(own)],
    };
    lines.into_iter().flatten().filter(|l| !l.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::legal::Legal;

    #[test]
    fn each_signs_in_their_capacity() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(date(2027, 2, 6));
        let lines = |kind, name: &str, position: Option<&str>| {
            signature(pack, kind, name, sign_as(position, false), position)
        };
        assert_eq!(
            lines(BodyKind::Commune, "UBND xã Tân An", Some("Chủ tịch")),
            ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
        );
        assert_eq!(
            lines(BodyKind::Ward, "Ủy ban nhân dân phường 1", Some("Phó Chủ tịch")),
            ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
        );
        assert_eq!(lines(BodyKind::Department, "Sở Y tế", None), ["GIÁM ĐỐC"]);
        assert_eq!(lines(BodyKind::Department, "Sở Y tế", Some("Quyền Giám đốc")), ["Q. GIÁM ĐỐC"]);
        assert_eq!(
            lines(BodyKind::Lead, "Công an tỉnh", Some("Trưởng phòng PA05")),
            ["TL. GIÁM ĐỐC", "TRƯỞNG PHÒNG PA05"]
        );
        assert_eq!(
            signature(pack, BodyKind::School, "Trường THPT A", SignAs::Authorised, Some("Tổ trưởng")),
            ["TUQ. HIỆU TRƯỞNG", "TỔ TRƯỞNG"]
        );
        assert!(lines(BodyKind::Other, "Câu lạc bộ", None).is_empty());
        assert_eq!(sign_as(Some("Phó Giám đốc"), true), SignAs::Deputy);
        assert_eq!(sign_as(Some("Trưởng phòng"), true), SignAs::ByOrder);
        assert_eq!(sign_as(Some("Đội trưởng"), true), SignAs::Authorised);
        assert_eq!(sign_as(None, true), SignAs::Authorised);
    }
}
