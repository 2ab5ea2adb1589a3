//! From a list of machines to a count: what is off, long unseen, named twice or no machine of the body is left out,
//! and how much of each is said.

use std::collections::{BTreeMap, HashSet};

use jiff::{Span, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Kind, Rules, Source};
use crate::{
    register::{MachineRow, cells},
    right::names,
    text::fold,
    time,
};

/// Why a line does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// Nothing in it tells which machine it is.
    Nameless,
    /// The same machine stood there before.
    Twice,
    /// Its account is disabled, or its lease free.
    Off,
    /// It was not seen for long.
    Unseen,
    /// Its card has an address of chance, as phones on a guest network have.
    Chance,
}
names!(LeftOut {
    Nameless = "nameless", Twice = "twice", Off = "off", Unseen = "unseen", Chance = "chance",
} "reason for leaving out");

/// What a list comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// The counts it gives: servers and workstations where the list tells them apart, else all, or people.
    pub counts: Vec<(Kind, u32)>,
    /// Lines left out, by reason.
    pub left_out: BTreeMap<LeftOut, u32>,
}

impl Tally {
    /// All that counted.
    pub fn total(&self) -> u32 {
        self.counts.iter().map(|(_, n)| *n).sum()
    }
}

/// Counts a list as it stood on the day `on`.
pub fn tally(source: Source, rows: &[(u32, MachineRow)], on: Date, rules: &Rules) -> Tally {
    let mut tally = Tally::default();
    let mut seen = HashSet::new();
    let (mut servers, mut others, mut told) = (0_u32, 0_u32, false);
    for (_, row) in rows {
        match left_out(source, row, on, rules, &mut seen) {
            Some(why) => *tally.left_out.entry(why).or_default() += 1,
            None => {
                let os = fold(row.os.as_deref().unwrap_or(""));
                told |= !os.is_empty();
                *(if os.contains("server") { &mut servers } else { &mut others }) += 1;
            }
        }
    }
    tally.counts = match source {
        Source::Staff => vec![(Kind::Staff, servers + others)],
        _ if told => vec![(Kind::Servers, servers), (Kind::Workstations, others)],
        _ => vec![(Kind::All, servers + others)],
    };
    tally
}

fn left_out(
    source: Source,
    row: &MachineRow,
    on: Date,
    rules: &Rules,
    seen: &mut HashSet<String>,
) -> Option<LeftOut> {
    let key = match source {
        Source::Dhcp => hardware(&row.key),
        // `srv01.tinh.gov.vn`, `SRV01$` and `srv01` are one machine.
        Source::Staff => fold(&row.key),
        _ => fold(&row.key).split('.').next().unwrap_or_default().trim_end_matches('$').to_owned(),
    };
    if key.is_empty() {
        return Some(LeftOut::Nameless);
    }
    if source == Source::Dhcp && by_chance(&key) {
        return Some(LeftOut::Chance);
    }
    let days = if source == Source::Dhcp { rules.lease_days } else { rules.seen_days };
    let oldest = on.saturating_sub(Span::new().days(i64::from(days.min(36_500))));
    let last = row.seen.as_deref().and_then(day);
    if last.is_some_and(|last| last < oldest) {
        return Some(LeftOut::Unseen);
    }
    // A lease that has ended says still that the machine was there.
    if off(row.state.as_deref()) && !(source == Source::Dhcp && last.is_some()) {
        return Some(LeftOut::Off);
    }
    // Two people may bear one name.
    if source != Source::Staff && !seen.insert(key) {
        return Some(LeftOut::Twice);
    }
    None
}

fn off(state: Option<&str>) -> bool {
    let Some(state) = state else { return false };
    cells::truth(state) == Some(false)
        || ["inactive", "expired", "free", "released", "abandoned", "backup", "disabled", "declined", "tat"]
            .contains(&fold(state).as_str())
}

/// The address of a card without separators; empty if it is none.
fn hardware(text: &str) -> String {
    let hex: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.' | ' ')).collect();
    let hex = hex.to_lowercase();
    // Windows writes the kind of hardware before it: 01 for Ethernet.
    let bare = if hex.len() == 14 { hex.strip_prefix("01").unwrap_or(&hex) } else { &hex };
    let good = bare.len() == 12 && bare.bytes().all(|b| b.is_ascii_hexdigit());
    if good { bare.to_owned() } else { String::new() }
}

/// The second bit of the first byte says that nobody assigned the address.
fn by_chance(hardware: &str) -> bool {
    hardware.get(..2).and_then(|b| u8::from_str_radix(b, 16).ok()).is_some_and(|first| first & 2 != 0)
}

/// Seconds from 1601, where Windows begins to count, to 1970.
const WINDOWS_EPOCH: i64 = 11_644_473_600;
/// Windows counts in ten-millionths of a second.
const WINDOWS_TICKS: i64 = 10_000_000;

/// The day that a cell means: a date, a number of a directory, seconds since 1970. Where day and month could change
/// places it is the later one, so that no machine is left out by a guess.
fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        let seconds =
            if number > 100_000_000_000_000_000 { number / WINDOWS_TICKS - WINDOWS_EPOCH } else { number };
        return (seconds > 0).then(|| Timestamp::from_second(seconds).ok()).flatten().map(time::date);
    }
    let text = text.replace('/', "-").replace(" -", "-");
    let first = text.split(['T', ' ']).next()?.to_owned();
    let parts: Vec<&str> = first.split('-').collect();
    let swapped = match parts.as_slice() {
        [d, m, y] if y.len() == 4 => format!("{m}-{d}-{y}"),
        [y, m, d] if y.len() == 4 => format!("{y}-{m}-{d}"),
        _ => return None,
    };
    cells::date(&first).max(cells::date(&swapped))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::register::read_machines;

    fn table(text: &str) -> Vec<(u32, Vec<String>)> {
        let rows = text.trim().lines().map(|l| l.trim().split(',').map(str::to_owned).collect());
        (1..).zip(rows).collect()
    }

    fn counted(source: Source, text: &str) -> Tally {
        let parsed = read_machines(source, &table(text));
        assert_eq!(parsed.problems, []);
        tally(source, &parsed.rows, date(2026, 11, 21), &Rules::default())
    }

    #[test]
    fn a_directory_tells_servers_from_workstations_and_leaves_out_what_is_off_old_or_twice() {
        let found = counted(
            Source::Directory,
            "Name,OperatingSystem,Enabled,LastLogonDate
             SRV01,Windows Server 2019 Standard,True,20/11/2026 08:00:00
             PC-01,Windows 10 Pro,True,11/20/2026 3:04:05 PM
             pc-01.tinh.gov.vn,Windows 10 Pro,True,2026-11-20
             PC-02,Windows 7,False,2026-11-20
             PC-03,Windows 10 Pro,True,2026-01-05
             PC-04,Windows 11 Pro,True,
             ,Windows 11 Pro,True,
             PC-05,Windows 11 Pro,True,134400000000000000",
        );
        assert_eq!(found.counts, [(Kind::Servers, 1), (Kind::Workstations, 3)]);
        assert_eq!(
            found.left_out.into_iter().collect::<Vec<_>>(),
            [(LeftOut::Nameless, 1), (LeftOut::Twice, 1), (LeftOut::Off, 1), (LeftOut::Unseen, 1)]
        );
    }

    #[test]
    fn leases_count_cards_once_and_no_addresses_of_chance() {
        let found = counted(
            Source::Dhcp,
            "IPAddress,ClientId,HostName,AddressState,LeaseExpiryTime
             10.1.1.5,00-1b-44-11-3a-b7,pc5,Active,22/11/2026 10:00
             10.1.1.6,00-1b-44-11-3a-b7,pc5,Active,23/11/2026 10:00
             10.1.1.7,00-1b-44-11-3a-b8,pc6,ActiveReservation,
             10.1.1.8,da-a1-19-00-00-01,phone,Active,22/11/2026 10:00
             10.1.1.9,00-1b-44-11-3a-b9,pc7,Inactive,
             10.1.1.10,00-1b-44-11-3a-ba,pc8,free,2026-11-15
             10.1.1.11,00-1b-44-11-3a-bb,pc9,free,2026-09-15",
        );
        assert_eq!(found.counts, [(Kind::All, 3)]);
        let out: Vec<_> = found.left_out.into_iter().collect();
        assert_eq!(out, [(LeftOut::Twice, 1), (LeftOut::Off, 1), (LeftOut::Unseen, 1), (LeftOut::Chance, 1)]);
    }

    #[test]
    fn a_console_in_vietnamese_and_a_staff_list_with_two_of_one_name() {
        let console = counted(
            Source::AntiMalware,
            "Tên máy tính,Lần cuối kết nối
             VP-01,20/11/2026
             VP-02,01/02/2026",
        );
        assert_eq!((console.counts, console.left_out.len()), (vec![(Kind::All, 1)], 1));
        let staff = counted(Source::Staff, "STT,Họ và tên\n1,Nguyễn Văn An\n2,Nguyễn Văn An\n3,Lê Thị Bình");
        assert_eq!(staff.counts, [(Kind::Staff, 3)]);
    }

    #[test]
    fn a_title_above_the_head_and_a_name_in_three_spellings_do_no_harm() {
        let found = counted(
            Source::Directory,
            "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADComputer
             Name,DNSHostName,SamAccountName,OperatingSystem
             PC-01,pc-01.tinh.gov.vn,PC-01$,Windows 10
             SRV,srv.tinh.gov.vn,SRV$,Windows Server 2022",
        );
        assert_eq!(found.counts, [(Kind::Servers, 1), (Kind::Workstations, 1)]);
        let parsed = read_machines(Source::Directory, &table("a,b\n1,2"));
        assert_eq!(parsed.problems[0].code, "import-column-missing");
    }

    #[test]
    fn days_that_could_be_two_are_the_later_one() {
        assert_eq!(day("03/04/2026"), Some(date(2026, 4, 3)));
        assert_eq!(day("11/20/2026 3:04 PM"), Some(date(2026, 11, 20)));
        assert_eq!(day("2026/11/20 08:00"), Some(date(2026, 11, 20)));
        assert_eq!(day("1795190400"), Some(date(2026, 11, 20)));
        for none in ["0", "never", "", "9223372036854775807x"] {
            assert_eq!(day(none), None, "{none}");
        }
    }
}
