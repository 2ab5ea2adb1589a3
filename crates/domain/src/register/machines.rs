//! Tables that others keep of machines and people, read only to be counted: exports of a directory, of an anti-malware
//! console, of a DHCP server, a staff list.

use super::table::{Column, Parsed, Reader, read};
use crate::counts::Source;

/// Columns of a list of machines.
pub static MACHINE_COLUMNS: &[Column] = &[
    Column {
        key: "name",
        vi: "Tên máy",
        en: "Name",
        also: &[
            "computer name",
            "computername",
            "computer",
            "hostname",
            "host name",
            "host",
            "device name",
            "device",
            "endpoint",
            "endpoint name",
            "machine name",
            "dnshostname",
            "cn",
            "ten thiet bi",
            "ten may tinh",
            "may tinh",
            "samaccountname",
        ],
        required: true,
    },
    Column {
        key: "os",
        vi: "Hệ điều hành",
        en: "Operating system",
        also: &["operatingsystem", "os", "os name", "platform", "he dieu hanh may"],
        required: false,
    },
    Column {
        key: "enabled",
        vi: "Đang dùng",
        en: "Enabled",
        also: &["active", "kich hoat"],
        required: false,
    },
    Column {
        key: "seen",
        vi: "Lần liên lạc gần nhất",
        en: "Last seen",
        also: &[
            "lastlogondate",
            "lastlogontimestamp",
            "last logon",
            "last logon date",
            "last contact",
            "last connected",
            "last connection",
            "last check in",
            "last online",
            "last communication",
            "last update",
            "lan cuoi ket noi",
            "ket noi gan nhat",
            "lan dang nhap cuoi",
        ],
        required: false,
    },
];

/// Columns of a list of leases: what Windows DHCP exports, and what lease files are turned into.
pub static LEASE_COLUMNS: &[Column] = &[
    Column {
        key: "mac",
        vi: "Địa chỉ MAC",
        en: "MAC address",
        also: &["clientid", "client id", "mac", "unique id", "dia chi vat ly", "hardware address"],
        required: true,
    },
    Column {
        key: "state",
        vi: "Trạng thái",
        en: "State",
        also: &["addressstate", "address state", "status", "binding state"],
        required: false,
    },
    Column {
        key: "seen",
        vi: "Hết hạn",
        en: "Ends",
        also: &["leaseexpirytime", "lease expiry time", "lease expiration", "lease expires", "expires"],
        required: false,
    },
];

/// Columns of a staff list.
pub static STAFF_COLUMNS: &[Column] = &[Column {
    key: "name",
    vi: "Họ và tên",
    en: "Full name",
    also: &["ho ten", "ten", "ho va ten can bo", "can bo", "name", "staff", "display name", "displayname"],
    required: true,
}];

/// A row of such a list, as it is written; what the cells mean is decided where they are counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachineRow {
    /// What tells this machine from others: its name, or the address of its card.
    pub key: String,
    /// Its operating system.
    pub os: Option<String>,
    /// Whether its account or lease is in use, in the words of the list.
    pub state: Option<String>,
    /// When it was last seen, or until when its lease runs, as written.
    pub seen: Option<String>,
}

/// The columns that a source's list has.
pub fn machine_columns(source: Source) -> &'static [Column] {
    match source {
        Source::Dhcp => LEASE_COLUMNS,
        Source::Staff => STAFF_COLUMNS,
        _ => MACHINE_COLUMNS,
    }
}

/// Exports begin with a title, a date, the type of the rows: so many lines may stand before the head.
const BEFORE_HEAD_MAX: usize = 10;

/// Reads a source's list.
pub fn read_machines(source: Source, lines: &[(u32, Vec<String>)]) -> Parsed<MachineRow> {
    let headless =
        |parsed: &Parsed<MachineRow>| parsed.problems.iter().any(|p| p.code == "import-column-missing");
    let first = read_from(source, lines);
    if !headless(&first) {
        return first;
    }
    (1..lines.len().min(BEFORE_HEAD_MAX))
        .filter_map(|skip| lines.get(skip..))
        .map(|rest| read_from(source, rest))
        .find(|parsed| !headless(parsed))
        .unwrap_or(first)
}

/// The lines once more, headings left out that name again what another column names: exports hold a machine's name in
/// three spellings, and the first will do. `None` if there are none.
fn without_doubles(
    parsed: &Parsed<MachineRow>,
    lines: &[(u32, Vec<String>)],
) -> Option<Vec<(u32, Vec<String>)>> {
    let mut lines = lines.to_vec();
    let mut any = false;
    for problem in parsed.problems.iter().filter(|p| p.code == "import-column-twice") {
        let head = lines.iter_mut().find(|(row, _)| *row == problem.row);
        let double = head.and_then(|(_, cells)| cells.iter_mut().rfind(|c| **c == problem.value));
        if let Some(cell) = double {
            cell.clear();
            any = true;
        }
    }
    any.then_some(lines)
}

fn read_from(source: Source, lines: &[(u32, Vec<String>)]) -> Parsed<MachineRow> {
    let key = if source == Source::Dhcp { "mac" } else { "name" };
    let mut parsed = read(machine_columns(source), lines, |r: &mut Reader<'_>| {
        // A line without what tells the machine is counted as left out, not as an error of the whole list.
        Some(MachineRow {
            key: r.owned(key).unwrap_or_default(),
            os: r.owned("os"),
            state: r.owned("enabled").or_else(|| r.owned("state")),
            seen: r.owned("seen"),
        })
    });
    if let Some(lines) = without_doubles(&parsed, lines) {
        return read_from(source, &lines);
    }
    // Nobody needs to know of each column of an export that it was not needed.
    parsed.ignored.clear();
    parsed
}
