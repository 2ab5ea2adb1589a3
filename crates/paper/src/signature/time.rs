//! Times as signatures write them.

use jiff::{Timestamp, civil, tz::Offset};

use super::tlv::Tlv;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Of ASN.1: two digits of the year, or four; always UTC here, as the standards of signatures demand.
pub(super) fn asn1(value: Tlv<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    let text = text.split('.').next()?;
    match value.tag {
        UTC_TIME => {
            let century = if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" };
            digits(&format!("{century}{text}"), Offset::UTC)
        }
        GENERALIZED_TIME => digits(text, Offset::UTC),
        _ => None,
    }
}

/// Of PDF: `D:20270112083000+07'00'`.
pub(super) fn pdf(text: &str) -> Option<Timestamp> {
    let text = text.trim().strip_prefix("D:")?;
    let (time, zone) = text.split_at_checked(14)?;
    let zone = zone.replace('\'', "");
    let offset = match zone.split_at_checked(1) {
        None | Some(("Z", _)) => Offset::UTC,
        Some((sign @ ("+" | "-"), at)) => {
            let hours: i8 = at.get(..2)?.parse().ok()?;
            let minutes: i32 = at.get(2..4).unwrap_or("00").parse().ok()?;
            let seconds = i32::from(hours) * 3600 + minutes * 60;
            Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()?
        }
        Some(_) => return None,
    };
    digits(time, offset)
}

fn digits(text: &str, offset: Offset) -> Option<Timestamp> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize| text.get(from..from + 2)?.parse::<i8>().ok();
    let year = text.get(..4)?.parse().ok()?;
    let (month, day, hour, minute, second) = (number(4)?, number(6)?, number(8)?, number(10)?, number(12)?);
    let time = civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    offset.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_zones() {
        let at = |text| pdf(text).map(|at| at.to_string());
        assert_eq!(at("D:20270112083000+07'00'").as_deref(), Some("2027-01-12T01:30:00Z"));
        assert_eq!(at("D:20270112083000Z").as_deref(), Some("2027-01-12T08:30:00Z"));
        assert_eq!(at("D:20270112083000").as_deref(), Some("2027-01-12T08:30:00Z"));
        for wrong in ["", "D:", "D:2027", "D:20271312083000Z", "D:20270112083000+x", "D:2027011208300é"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
        let asn = |tag, text: &'static str| {
            asn1(Tlv { tag, content: text.as_bytes(), raw: b"" }).map(|at| at.to_string())
        };
        assert_eq!(asn(0x17, "270112083000Z").as_deref(), Some("2027-01-12T08:30:00Z"));
        assert_eq!(asn(0x17, "990112083000Z").as_deref(), Some("1999-01-12T08:30:00Z"));
        assert_eq!(asn(0x18, "20270112083000.25Z").as_deref(), Some("2027-01-12T08:30:00Z"));
        assert_eq!(asn(0x18, "20270112083000+0700"), None);
    }
}
