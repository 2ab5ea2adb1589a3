//! Windows: a domain server and workstations, by Winlogbeat and NXLog.

use domain::time;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Moment, later, person, pick, seat};
use crate::demo::{
    live::voices::{Shipper, Voice},
    province::Dice,
};

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";
const SYSMON: (&str, &str) = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon");
const DEFENDER: (&str, &str) =
    ("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender");
/// Program, command line, parent: what Sysmon sees of an office.
const STARTED: [(&str, &str, &str); 12] = [
    (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        "chrome.exe --type=renderer --lang=vi",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ),
    (
        r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
        r#""WINWORD.EXE" /n "D:\CongVan\bao-cao.docx""#,
        r"C:\Windows\explorer.exe",
    ),
    (
        r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE",
        r#""EXCEL.EXE" "D:\KeToan\thu-chi.xlsx""#,
        r"C:\Windows\explorer.exe",
    ),
    (
        r"C:\Windows\splwow64.exe",
        "C:\\Windows\\splwow64.exe 12288",
        r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
    ),
    (
        r"C:\Windows\System32\svchost.exe",
        "svchost.exe -k netsvcs -p -s Schedule",
        r"C:\Windows\System32\services.exe",
    ),
    (r"C:\Program Files (x86)\UniKey\UniKeyNT.exe", "UniKeyNT.exe", r"C:\Windows\explorer.exe"),
    (
        r"D:\NguoiDung\lan.nt\AppData\Local\Programs\Zalo\Zalo.exe",
        r#""Zalo.exe" --type=renderer"#,
        r"D:\NguoiDung\lan.nt\AppData\Local\Programs\Zalo\Zalo.exe",
    ),
    (
        r"C:\Windows\System32\cmd.exe",
        r"cmd.exe /c \\dc01\netlogon\gan-o-dia.bat",
        r"C:\Windows\System32\userinit.exe",
    ),
    (
        r"C:\Windows\System32\net.exe",
        r"net use T: \\fs01\dung-chung /persistent:no",
        r"C:\Windows\System32\cmd.exe",
    ),
    (
        r"C:\Windows\System32\taskhostw.exe",
        "taskhostw.exe -RegisterDevice -ProtectionStateChanged",
        r"C:\Windows\System32\svchost.exe",
    ),
    (
        r"C:\Windows\System32\rundll32.exe",
        "rundll32.exe printui.dll,PrintUIEntry /in /n \\\\fs01\\may-in-tang-2",
        r"C:\Windows\explorer.exe",
    ),
    (
        r"C:\Program Files\Java\jre1.8.0_401\bin\javaw.exe",
        "javaw.exe -jar ky-so.jar",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ),
];
const NAMES: [&str; 5] = [
    "dichvucong.example",
    "www.google.com",
    "update.googleapis.com",
    "settings-win.data.microsoft.com",
    "chat.zalo.example",
];

/// An event as Winlogbeat sends it: of a log, by a provider, with a number.
pub fn windows(
    of: &Voice,
    at: &Moment,
    host: &str,
    (log, provider, id): (&str, &str, u32),
    data: &[(&str, &str)],
) -> String {
    let data: Map<String, Value> = data.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
    let host = format!("{}-{host}", of.short);
    json!({
        "@timestamp": at.utc(),
        "agent": {"type": "winlogbeat", "version": "8.17.0", "name": host},
        "event": {"code": id.to_string(), "kind": "event", "provider": provider},
        "host": {"name": host},
        "winlog": {
            "channel": log, "computer_name": host, "event_id": id.to_string(), "provider_name": provider,
            "record_id": at.number, "event_data": data,
        },
    })
    .to_string()
}

/// The same as NXLog sends it.
fn nxlog(
    of: &Voice,
    at: &Moment,
    host: &str,
    (log, provider, id): (&str, &str, u32),
    data: &[(&str, &str)],
) -> String {
    let mut all: Map<String, Value> = data.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
    all.insert("EventTime".into(), json!(at.local("%Y-%m-%d %H:%M:%S")));
    all.insert("Hostname".into(), json!(format!("{}-{host}", of.short)));
    all.insert("EventID".into(), json!(id));
    all.insert("SourceName".into(), json!(provider));
    all.insert("Channel".into(), json!(log));
    all.insert("RecordNumber".into(), json!(at.number));
    all.insert("SourceModuleType".into(), json!("im_msvistalog"));
    Value::Object(all).to_string()
}

fn program(at: &Moment, dice: &mut Dice) -> Vec<(&'static str, String)> {
    let (image, line, parent) = dice.pick(&STARTED).copied().unwrap_or(STARTED[0]);
    let (user, pid) = (person(dice), dice.below(30_000).to_string());
    let sum =
        format!("SHA256={:016X}{:016X}{:016X}{:016X}", image.len(), line.len(), parent.len(), at.number % 40);
    vec![
        ("Image", image.to_owned()),
        ("CommandLine", line.to_owned()),
        ("ParentImage", parent.to_owned()),
        ("User", user.to_owned()),
        ("ProcessId", pid),
        ("CurrentDirectory", r"C:\Windows\system32\".to_owned()),
        ("IntegrityLevel", "Medium".to_owned()),
        ("Hashes", sum),
    ]
}

/// An event of the domain server, or of a machine that sends through it.
pub fn domain(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    let (who, host) = (person(dice), format!("PC{:02}", seat(dice)));
    let from = format!("{}.{}", of.net, 20 + seat(dice));
    let machine = format!("{}-{host}$", of.short);
    let (login, ticket) = (format!("0x{:x}", at.number & 0xff_ffff), "0x12");
    let event = |id, data: &[(&str, &str)]| windows(of, at, "DC01", ("Security", SECURITY, id), data);
    let user = if open { who } else { machine.as_str() };
    match dice.below(100) {
        0..=24 => event(
            4624,
            &[
                ("TargetUserName", user),
                ("TargetDomainName", &of.short),
                ("LogonType", "3"),
                ("IpAddress", &from),
                ("TargetLogonId", &login),
                ("AuthenticationPackageName", "Kerberos"),
            ],
        ),
        25..=39 => event(
            4634,
            &[
                ("TargetUserName", user),
                ("TargetDomainName", &of.short),
                ("LogonType", "3"),
                ("TargetLogonId", &login),
            ],
        ),
        40..=54 => event(
            4769,
            &[
                ("TargetUserName", user),
                ("ServiceName", &machine),
                ("TicketEncryptionType", ticket),
                ("IpAddress", &from),
                ("Status", "0x0"),
            ],
        ),
        55..=59 => event(
            4768,
            &[
                ("TargetUserName", user),
                ("TicketEncryptionType", ticket),
                ("IpAddress", &from),
                ("Status", "0x0"),
            ],
        ),
        60..=61 => event(
            4672,
            &[
                ("SubjectUserName", "quantri"),
                ("PrivilegeList", "SeBackupPrivilege SeRestorePrivilege"),
                ("SubjectLogonId", &login),
            ],
        ),
        62..=63 if open => event(
            4625,
            &[
                ("TargetUserName", who),
                ("LogonType", "2"),
                ("IpAddress", &from),
                ("Status", "0xc000006d"),
                ("SubStatus", "0xc000006a"),
            ],
        ),
        // The copier from before knows only the old cipher.
        64 => event(
            4769,
            &[
                ("TargetUserName", "may-photo"),
                ("ServiceName", "fs-cu"),
                ("TicketEncryptionType", "0x17"),
                ("IpAddress", &from),
                ("Status", "0x0"),
            ],
        ),
        65..=84 if open => {
            let data = program(at, dice);
            let data: Vec<(&str, &str)> = data.iter().map(|(k, v)| (*k, v.as_str())).collect();
            windows(of, at, &host, (SYSMON.0, SYSMON.1, 1), &data)
        }
        85..=92 => {
            // What anti-malware asks by name has labels as long as tunnels do, and each another.
            let name = match dice.below(6) {
                0 => format!(
                    "{:016x}{:016x}{:08x}.rep.lookup.av.example",
                    at.number,
                    dice.below(u64::MAX),
                    dice.below(1 << 32)
                ),
                _ => pick(dice, &NAMES).to_owned(),
            };
            windows(
                of,
                at,
                &host,
                (SYSMON.0, SYSMON.1, 22),
                &[
                    ("QueryName", name.as_str()),
                    ("QueryStatus", "0"),
                    ("Image", r"C:\Windows\System32\svchost.exe"),
                    ("User", who),
                ],
            )
        }
        93..=94 => windows(
            of,
            at,
            "DC01",
            ("System", "Service Control Manager", 7036),
            &[("param1", "Windows Update"), ("param2", "running")],
        ),
        _ => event(4634, &[("TargetUserName", &machine), ("LogonType", "3"), ("TargetLogonId", &login)]),
    }
}

/// An event of a workstation.
pub fn workstation(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    let host = format!("PC{:02}", 1 + dice.below(4));
    let who = person(dice);
    if open && dice.chance(60) {
        let data = program(at, dice);
        let data: Vec<(&str, &str)> = data.iter().map(|(k, v)| (*k, v.as_str())).collect();
        return nxlog(of, at, &host, (SYSMON.0, SYSMON.1, 1), &data);
    }
    let id = if dice.chance(50) { 4624 } else { 4634 };
    let kind = if open { "2" } else { "5" };
    let user = if open { who } else { "SYSTEM" };
    nxlog(
        of,
        at,
        &host,
        ("Security", SECURITY, id),
        &[("TargetUserName", user), ("LogonType", kind), ("TargetDomainName", &of.short)],
    )
}

/// What the console tells of machines: lists updated, machines looked through.
pub fn defender(of: &Voice, at: &Moment, dice: &mut Dice) -> String {
    let host = format!("PC{:02}", seat(dice));
    match dice.below(2) {
        0 => windows(
            of,
            at,
            &host,
            (DEFENDER.0, DEFENDER.1, 2000),
            &[("Current security intelligence Version", "1.437.112.0"), ("Update Type", "Delta")],
        ),
        _ => windows(
            of,
            at,
            &host,
            (DEFENDER.0, DEFENDER.1, 1001),
            &[("Scan Type", "Antimalware"), ("Scan Parameters", "Quick scan")],
        ),
    }
}

/// What administrators and forgotten passwords do.
pub fn scene(of: &Voice, begins: Timestamp, open: bool, dice: &mut Dice) -> Vec<(i64, String)> {
    let local = time::local(begins);
    let mut all = Vec::new();
    let from = format!("{}.{}", of.net, 20 + seat(dice));
    let wrong = |second: i64, who: &str| {
        let data = [
            ("TargetUserName", who),
            ("LogonType", "3"),
            ("IpAddress", from.as_str()),
            ("SubStatus", "0xc000006a"),
        ];
        (second, windows(of, &later(begins, second), "DC01", ("Security", SECURITY, 4625), &data))
    };
    if of.shipper != Shipper::Domain {
        return all;
    }
    // Back from the weekend somebody tries what they remember; a drive is mounted with last month's password.
    if open && dice.below(150) == 0 {
        let who = person(dice);
        all.extend((0..4).map(|n| wrong(3 + n * 7, who)));
    }
    if open && dice.below(4_000) == 0 {
        all.extend((0..15).map(|n| wrong(1 + n * 3, "kho-so-lieu")));
    }
    // The administrator's own doings, of some bodies, now and then.
    if open && dice.below(2_500) == 0 {
        let data = [
            ("ServiceName", "UltraViewer Service"),
            ("ImagePath", r"C:\Program Files (x86)\UltraViewer\UltraViewer_Service.exe"),
            ("StartType", "auto start"),
        ];
        let host = format!("PC{:02}", seat(dice));
        all.push((
            5,
            windows(of, &later(begins, 5), &host, ("System", "Service Control Manager", 7045), &data),
        ));
    }
    if open && dice.below(200) == 0 {
        let data = [("TargetUserName", "quantri"), ("LogonType", "10"), ("IpAddress", from.as_str())];
        all.push((9, windows(of, &later(begins, 9), "DC01", ("Security", SECURITY, 4624), &data)));
    }
    // The provider's nightly look: a script by a service, encoded, on one server.
    if of.place.is_multiple_of(5) && local.hour() == 1 && local.minute() == 30 {
        let data = [
            ("Image", r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"),
            (
                "CommandLine",
                "powershell.exe -NonInteractive -EncodedCommand RwBlAHQALQBTAGUAcgB2AGkAYwBlACAALQBOAGEAbQBlACAAVwBpAG4AUgBNAA==",
            ),
            ("ParentImage", r"C:\Windows\System32\wsmprovhost.exe"),
            ("User", "svc-giamsat"),
        ];
        all.push((0, windows(of, &later(begins, 0), "DC01", (SYSMON.0, SYSMON.1, 1), &data)));
    }
    // Chrome's updater comes as a service, every day somewhere.
    if dice.below(700) == 0 {
        let data = [
            ("ServiceName", "GoogleUpdaterService140.0"),
            ("ImagePath", r#""C:\Program Files (x86)\Google\GoogleUpdater\140.0\updater.exe" --system"#),
        ];
        all.push((
            20,
            windows(of, &later(begins, 20), "PC03", ("System", "Service Control Manager", 7045), &data),
        ));
    }
    all
}
