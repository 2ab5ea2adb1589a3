//! Where a paper is issued: the administrative unit's own name (*địa danh*).

/// Words before the name of an administrative unit, longest first.
const UNITS: [&str; 7] = ["thành phố ", "đặc khu ", "thị xã ", "phường ", "huyện ", "tỉnh ", "xã "];

/// The place out of the names of a body and those above it, nearest first: *UBND xã Tân An* → *Tân An*. A body whose
/// name says nothing of where it is takes the place of the one above. `None` if none says: then a person fills it in.
pub fn place(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        // A capital may stand before (*Xã Tân An*), but not a word of which the unit is the end (*thị xã*).
        let lower = name.to_lowercase();
        let found = UNITS.iter().find_map(|unit| {
            let at = lower.find(unit)?;
            let begins = lower.get(..at).is_none_or(|before| before.is_empty() || before.ends_with(' '));
            let rest = name.get(at + unit.len()..)?.trim();
            (begins && rest.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()))
                .then_some((unit, rest))
        })?;
        let (unit, rest) = found;
        // A place that is only a number keeps its unit: *Phường 1*.
        if rest.chars().all(|c| c.is_ascii_digit()) {
            let mut chars = unit.trim().chars();
            let first = chars.next()?.to_uppercase().collect::<String>();
            return Some(format!("{first}{} {rest}", chars.as_str()));
        }
        Some(rest.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_unit_gives_the_place() {
        assert_eq!(place(&["UBND xã Tân An", "UBND tỉnh Sông Trà"]).as_deref(), Some("Tân An"));
        assert_eq!(place(&["Sở Y tế", "Công an tỉnh Sông Trà"]).as_deref(), Some("Sông Trà"));
        assert_eq!(place(&["Công an thành phố Đà Nẵng"]).as_deref(), Some("Đà Nẵng"));
        assert_eq!(place(&["UBND phường 1"]).as_deref(), Some("Phường 1"));
        assert_eq!(place(&["Văn phòng UBND tỉnh", "Công an tỉnh"]), None);
        assert_eq!(place(&[]), None);
    }
}
