//! People, where they serve, and how they are reached.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{Id, kind},
    right::names,
};

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lang {
    /// Tiếng Việt: source and fallback.
    #[default]
    Vi,
    /// English.
    En,
}
names!(Lang { Vi = "vi", En = "en" } "language");

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: Id<kind::Person>,
    /// Full name.
    pub name: String,
    /// Rank or degree put before the name (*Đại tá*, *TS*), if any.
    pub title: Option<String>,
    /// In which language Canh writes to them.
    pub lang: Lang,
    /// When they left the register; kept for history.
    pub closed_at: Option<Timestamp>,
}

/// That a person serves a body. One person may serve several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Which body.
    pub body: Id<kind::Body>,
    /// Position there (*Trưởng phòng*), if known.
    pub position: Option<String>,
    /// Whether this is the body's named contact (CONT).
    pub contact: bool,
}

/// Over what a person is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// Thư điện tử.
    Email,
    /// Điện thoại.
    Phone,
    /// Telegram.
    Telegram,
    /// Zalo.
    Zalo,
    /// Tin nhắn.
    Sms,
    /// A voice that calls.
    Voice,
    /// The phone page's own notifications (Web Push).
    Push,
    /// A topic of ntfy.
    Ntfy,
}
names!(ChannelKind {
    Email = "email", Phone = "phone", Telegram = "telegram", Zalo = "zalo", Sms = "sms", Voice = "voice",
    Push = "push", Ntfy = "ntfy",
} "kind of channel");

/// At most so many characters of an address: the limit of an e-mail path (RFC 5321 4.5.3.1.3).
pub const ADDRESS_MAX: usize = 254;

/// At most so many characters of what a device is called.
const DEVICE_MAX: usize = 60;

impl ChannelKind {
    /// The address in the one spelling in which it is kept and compared; `None` if it cannot be one.
    ///
    /// E-mail: in lower case, one `@`, a dotted domain. Phone and Zalo: `+` and 8–15 digits (E.164), a national
    /// number taken as Vietnamese; SMS and voice likewise. Telegram: `@name` of 5–32 letters, digits and `_`, or a phone
    /// number. ntfy: a topic of 8–64 letters, digits, `_` and `-`: it is a secret, so short ones are none. Push: what the
    /// device is called.
    pub fn address(self, text: &str) -> Option<String> {
        let text = text.trim();
        if text.is_empty() || text.len() > ADDRESS_MAX {
            return None;
        }
        match self {
            ChannelKind::Email => email(text),
            ChannelKind::Phone | ChannelKind::Zalo | ChannelKind::Sms | ChannelKind::Voice => phone(text),
            ChannelKind::Push => (!text.chars().any(char::is_control) && text.chars().count() <= DEVICE_MAX)
                .then(|| text.to_owned()),
            ChannelKind::Ntfy => {
                let good = (8..=64).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
                good.then(|| text.to_owned())
            }
            ChannelKind::Telegram => match text.strip_prefix('@') {
                Some(name) => {
                    let good = (5..=32).contains(&name.len())
                        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                    good.then(|| format!("@{}", name.to_ascii_lowercase()))
                }
                None => phone(text),
            },
        }
    }
    /// Whether Canh itself can send a code there; other channels are verified by a call of somebody else.
    pub const fn takes_code(self) -> bool {
        !matches!(self, ChannelKind::Phone)
    }
    /// Whether the code travels the other way: the person sends it to us from there.
    pub const fn sends_code(self) -> bool {
        matches!(self, ChannelKind::Telegram)
    }
    /// Whether its address is typed in; a push subscription comes from the browser itself.
    pub const fn by_hand(self) -> bool {
        !matches!(self, ChannelKind::Push)
    }
}

fn email(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let plain = |c: char| {
        c.is_ascii_graphic()
            && !matches!(c, '@' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '\\' | '[' | ']')
    };
    let local_good = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let domain_good = domain.contains('.') && domain.split('.').all(label);
    (local_good && domain_good).then(|| text.to_ascii_lowercase())
}

fn phone(text: &str) -> Option<String> {
    let spaced = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '(' | ')');
    let mut digits: String = text.chars().filter(|c| !spaced(*c)).collect();
    let abroad = digits.starts_with('+');
    if abroad {
        digits.remove(0);
    }
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = match (abroad, digits.strip_prefix('0')) {
        (true, None) => digits,
        (false, Some(national)) if !national.starts_with('0') => format!("84{national}"),
        // 84… without the plus, as many lists write it.
        (false, None) if digits.starts_with("84") && digits.len() >= 11 => digits,
        _ => return None,
    };
    (8..=15).contains(&number.len()).then(|| format!("+{number}"))
}

/// A way to reach a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: Id<kind::Channel>,
    /// Whose.
    pub person: Id<kind::Person>,
    /// Over what.
    pub kind: ChannelKind,
    /// Where, in the spelling of [`ChannelKind::address`].
    pub address: String,
    /// When it was verified last; `None` = never.
    pub verified_at: Option<Timestamp>,
    /// Lower is tried first.
    pub rank: u32,
}

/// Hours in which a person wants to hear of nothing that does not hurry. Never for what is urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// First minute of the day.
    pub from: u16,
    /// First minute after; before `from` means: on the next day.
    pub to: u16,
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;

impl Quiet {
    /// Those hours; `None` if they are no hours of a day, or all of them.
    pub fn new(from: u16, to: u16) -> Option<Self> {
        (from < DAY && to < DAY && from != to).then_some(Self { from, to })
    }

    /// Whether a minute of the day lies in them.
    pub fn holds(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// When, from an instant in them, they end; the instant itself if it lies outside.
    pub fn ends(self, at: Timestamp) -> Timestamp {
        let local = crate::time::local(at);
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        if !self.holds(minute) {
            return at;
        }
        let minutes = (self.to + DAY - minute) % DAY;
        // The zone is whole hours from UTC, so minutes begin together.
        let second = (at.as_second().div_euclid(60) + i64::from(minutes)) * 60;
        Timestamp::from_second(second).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight_and_end_on_the_minute() {
        let night = Quiet::new(22 * 60, 6 * 60).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(night.holds(22 * 60) && night.holds(0) && night.holds(359));
        assert!(!night.holds(360) && !night.holds(1319));
        assert_eq!(
            night.ends(at("2027-02-05T20:15:30Z")),
            at("2027-02-05T23:00:00Z"),
            "03:15 here ends at 06:00"
        );
        assert_eq!(night.ends(at("2027-02-05T05:00:00Z")), at("2027-02-05T05:00:00Z"), "noon is not quiet");
        let lunch = Quiet::new(690, 780).unwrap();
        assert!(lunch.holds(690) && !lunch.holds(780));
        assert_eq!((Quiet::new(5, 5), Quiet::new(0, 1440)), (None, None));
    }

    #[test]
    fn one_address_has_one_spelling() {
        for (kind, text, want) in [
            (ChannelKind::Email, " An.Nguyen@Example.VN ", Some("an.nguyen@example.vn")),
            (ChannelKind::Email, "an@localhost", None),
            (ChannelKind::Email, "a b@c.vn", None),
            (ChannelKind::Email, "a@b.vn\r\nbcc: x@y.vn", None),
            (ChannelKind::Email, "a@b@c.vn", None),
            (ChannelKind::Phone, "0912 345.678", Some("+84912345678")),
            (ChannelKind::Phone, "(024) 3826-1234", Some("+842438261234")),
            (ChannelKind::Phone, "+84 912 345 678", Some("+84912345678")),
            (ChannelKind::Phone, "84912345678", Some("+84912345678")),
            (ChannelKind::Phone, "12", None),
            (ChannelKind::Phone, "+0912345678", None),
            (ChannelKind::Phone, "0912 345 67x", None),
            (ChannelKind::Telegram, "@Truc_Ban", Some("@truc_ban")),
            (ChannelKind::Telegram, "@abc", None),
            (ChannelKind::Zalo, "0912345678", Some("+84912345678")),
            (ChannelKind::Sms, "0912345678", Some("+84912345678")),
            (ChannelKind::Ntfy, "truc-7f3a_x", Some("truc-7f3a_x")),
            (ChannelKind::Ntfy, "short", None),
            (ChannelKind::Ntfy, "with/slash", None),
            (ChannelKind::Push, "Chrome\nAndroid", None),
        ] {
            assert_eq!(kind.address(text).as_deref(), want, "{kind} {text:?}");
        }
    }
}
