//! Machines of some bodies, as the collectors on them write, week after week: servers and workstations, mended at once,
//! late, or without the restart that makes it effective; some whose reports disagree, one that tells too little, one report
//! that waits for a person. After each day the centre judges them, as it does by itself.

use anyhow::{Context, Result};
use domain::{body::BodyKind, id::Id, time};
use jiff::{SignedDuration, Timestamp};
use store::hosts::take::{NewFile, Via, take_in};

use super::{
    cast::Member,
    province::{Dice, LEAD},
    upkeep,
};
use crate::centre::Centre;

/// So many bodies below the lead body hand inventory in; of the others nothing is known, and is said to be unknown.
const BODIES: usize = 9;

/// A Windows as it was before somebody mended it, and after: revision and newest update.
struct Windows {
    caption: &'static str,
    edition: &'static str,
    role: &'static str,
    build: u32,
    before: (u32, u32),
    after: (u32, u32),
    /// The update of April 2023: where it is listed and does not run, a restart is due.
    april: u32,
}

const fn windows(
    names: [&'static str; 3],
    build: u32,
    before: (u32, u32),
    after: (u32, u32),
    april: u32,
) -> Windows {
    let [caption, edition, role] = names;
    Windows { caption, edition, role, build, before, after, april }
}

const WINDOWS: [Windows; 6] = [
    windows(
        ["Microsoft Windows 10 Pro", "Professional", "Client"],
        19_045,
        (2_604, 5_022_834),
        (3_570, 5_031_356),
        5_025_221,
    ),
    windows(
        ["Microsoft Windows 10 Pro", "Professional", "Client"],
        19_044,
        (1_526, 5_010_342),
        (3_570, 5_031_356),
        5_025_221,
    ),
    windows(
        ["Microsoft Windows 11 Pro", "Professional", "Client"],
        22_621,
        (1_105, 5_022_303),
        (2_428, 5_031_354),
        5_025_239,
    ),
    windows(
        ["Microsoft Windows 11 Pro", "Professional", "Client"],
        22_631,
        (2_428, 5_031_354),
        (2_428, 5_031_354),
        5_031_354,
    ),
    windows(
        ["Microsoft Windows Server 2019 Standard", "ServerStandard", "Server"],
        17_763,
        (3_887, 5_022_286),
        (4_974, 5_031_361),
        5_025_229,
    ),
    windows(
        ["Microsoft Windows Server 2022 Standard", "ServerStandard", "Server"],
        20_348,
        (643, 5_012_604),
        (2_031, 5_031_364),
        5_025_230,
    ),
];
/// The first of the servers among them.
const SERVERS: usize = 4;

/// What stands on workstations.
const PROGRAMS: [(&str, &str, &str); 6] = [
    ("7-Zip 19.00 (x64)", "19.00", "Igor Pavlov"),
    ("Google Chrome", "131.0.6778.86", "Google LLC"),
    ("UniKey 4.3 RC5", "4.3", "Phạm Kim Long"),
    ("Microsoft Office Professional Plus 2016", "16.0.4266.1001", "Microsoft Corporation"),
    ("Adobe Acrobat Reader", "22.003.20282", "Adobe Systems Incorporated"),
    ("Zalo 24.11.1", "24.11.1", "VNG Corp."),
];
/// Debian packages of a small web server: name, source, versions before and after mending.
const PACKAGES: [(&str, &str, [&str; 2]); 5] = [
    ("openssl", "openssl", ["3.0.9-1", "3.0.17-1~deb12u2"]),
    ("openssh-server", "openssh", ["1:9.2p1-2", "1:9.2p1-2+deb12u7"]),
    ("nginx", "nginx", ["1.22.1-9", "1.22.1-9+deb12u2"]),
    ("sudo", "sudo", ["1.9.13p3-1", "1.9.13p3-1+deb12u2"]),
    ("libc6", "glibc", ["2.36-9", "2.36-9+deb12u13"]),
];

/// What becomes of a machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Mended some days after it was found.
    Mended,
    /// Reports, and stays as it is.
    Late,
    /// The update is installed, and nobody restarted.
    NotRestarted,
    /// Has not reported for longer than a report is fresh.
    Silent,
    /// A list by hand that tells neither build nor updates.
    Dark,
}

/// One report on its way.
struct Report<'a> {
    at: Timestamp,
    member: &'a Member,
    file: String,
    text: String,
}

/// Hands in what the collectors of some bodies wrote in the weeks up to `now`; the order came at `issued`.
pub async fn report(centre: &Centre, members: &[Member], issued: Timestamp, now: Timestamp) -> Result<()> {
    let mut dice = Dice::new(super::SEED);
    let kinds = [BodyKind::Department, BodyKind::Commune, BodyKind::Ward, BodyKind::Hospital];
    let some = members.iter().filter(|m| kinds.contains(&m.place.kind)).take(BODIES);
    let mut reports: Vec<Report<'_>> = Vec::new();
    for (n, member) in members.get(LEAD).into_iter().chain(some).enumerate() {
        let hosts = if n == 0 { 6 } else { 3 + dice.below(3) };
        for host in 0..hosts {
            of_machine(&mut dice, (n, host), member, issued, now, &mut reports)?;
        }
    }
    reports.sort_by_key(|r| r.at);
    let mut evening = None;
    for report in reports {
        if evening.is_some_and(|e| report.at > e) {
            judge(centre, evening.unwrap_or(now)).await?;
        }
        let end = time::end_of(time::date(report.at));
        evening = Some(end.checked_sub(SignedDuration::from_mins(45))?.max(report.at).min(now));
        take(centre, &report).await?;
    }
    judge(centre, now).await?;
    upkeep::place(centre, members, now).await?;
    upkeep::decide(centre, members, now).await
}

/// Judges everything that became dirty, as the centre's job does.
async fn judge(centre: &Centre, at: Timestamp) -> Result<()> {
    let soon = |next: &domain::job::Outcome| matches!(next, domain::job::Outcome::Again(next) if *next <= at);
    while soon(&watch::findings::run(&centre.db, &centre.legal, at).await?) {}
    Ok(())
}

/// The reports of one machine: of body `n` the machine `host`.
fn of_machine<'a>(
    dice: &mut Dice,
    (n, host): (usize, u64),
    member: &'a Member,
    issued: Timestamp,
    now: Timestamp,
    reports: &mut Vec<Report<'a>>,
) -> Result<()> {
    let back = |days: u64| -> Result<Timestamp> {
        Ok(now.checked_sub(SignedDuration::from_hours(i64::try_from(days * 24)?))?)
    };
    let roll = dice.below(100);
    let fate = match (n, host) {
        // The body whose row is green, and one of which something cannot be told.
        (1 | 4, _) => Fate::Mended,
        (0, 0) => Fate::Late,
        (7, 2) => Fate::Dark,
        _ if roll < 45 => Fate::Mended,
        _ if roll < 70 => Fate::Late,
        _ if roll < 82 => Fate::NotRestarted,
        _ => Fate::Silent,
    };
    let mut send =
        |at: Timestamp, file: String, text: String| reports.push(Report { at, member, file, text });
    let linux = host == 0 && n < 4;
    let machine = Machine::new(dice, (n, host), linux);
    if fate == Fate::Dark {
        let csv = format!(
            "PSComputerName,Caption,Version,BuildNumber\n{},Microsoft Windows 10 Pro,10.0.19045,19045\n",
            machine.name
        );
        send(back(dice.below(6))?, "thong-ke-tay.csv".into(), csv);
        return Ok(());
    }
    let file = format!("canh-{}.txt", machine.name);
    let first = issued.checked_add(SignedDuration::from_hours(i64::try_from(20 + dice.below(30))?))?.min(now);
    let at = if fate == Fate::Silent { back(40 + dice.below(60))? } else { first };
    send(at, file.clone(), machine.text(Fate::Late, at));
    if fate == Fate::Silent {
        return Ok(());
    }
    let hours = i64::try_from(3 * 24 + dice.below(7 * 24))?;
    let at = first.checked_add(SignedDuration::from_hours(hours))?.min(now);
    let text = machine.text(fate, at);
    if (n, host) == (1, 1) {
        // Cloned from an image that nobody renamed: the same name, another machine.
        send(at, file.clone(), text.replace("uuid=4c4c", "uuid=9d9d"));
    }
    send(at, file, text);
    if (n, host) == (2, 1) {
        // A list taken later by hand names another system than the one that runs.
        let csv = format!(
            "PSComputerName,Caption,Version,BuildNumber\n{},Microsoft Windows 11 Pro,10.0.22631,22631\n",
            machine.name
        );
        send(now, "he-dieu-hanh.csv".into(), csv);
    }
    Ok(())
}

async fn take(centre: &Centre, report: &Report<'_>) -> Result<()> {
    let Report { at, member, file, text } = report;
    let read = review::inventory::read(file, text.as_bytes());
    let blob = centre.blobs.put(centre.ids.next(), text.as_bytes(), 1 << 20).await?;
    let new = NewFile {
        id: Id::new(&*centre.ids),
        body: member.body,
        name: file,
        blob: &blob,
        via: Via::Page,
        link: None,
        hint: Some(file),
        read: read.as_ref(),
    };
    let (actor, scope) = (member.officer.actor(), &member.officer.scope);
    take_in(&centre.db, actor, *at, scope, &*centre.ids, &new)
        .await
        .with_context(|| format!("the report {file}"))?;
    Ok(())
}

/// What a machine is, whatever becomes of it.
struct Machine {
    name: String,
    head: String,
    /// None: a Linux server.
    windows: Option<&'static Windows>,
    programs: String,
    ports: String,
    protection: String,
    jars: fn(bool) -> &'static str,
}

impl Machine {
    fn new(dice: &mut Dice, (n, host): (usize, u64), linux: bool) -> Self {
        let server = host == 1 && n < 5;
        let which = if server { SERVERS + n % 2 } else { usize::try_from(dice.below(4)).unwrap_or(0) };
        let name = match (linux, server) {
            (true, _) => format!("web{n:02}"),
            (_, true) => format!("SRV{n:02}-{host:02}"),
            _ => format!("MAY{n:02}-{host:02}"),
        };
        let uuid = format!("4c4c{:04x}-{:04x}-4a10-8053-{:012x}", n, host, dice.below(1 << 40));
        let head = format!("name={name}\nuuid={uuid}\naddress=10.{}.1.{}\n", 20 + n, 10 + host);
        let kept = PROGRAMS.iter().filter(|_| !server && dice.chance(70));
        let programs =
            kept.map(|(name, version, by)| format!("\"{name}\",\"{version}\",\"{by}\"\n")).collect();
        let desktop = if dice.chance(25) { "tcp\t0.0.0.0:3389\n" } else { "" };
        let (on, current) = (dice.chance(90), dice.chance(85));
        let word = |yes| if yes { "yes" } else { "no" };
        Self {
            head,
            windows: WINDOWS.get(which).filter(|_| !linux),
            programs,
            ports: match linux {
                true => "tcp\t0.0.0.0:22\ntcp\t0.0.0.0:443\n".to_owned(),
                false => format!("tcp\t0.0.0.0:135\ntcp\t0.0.0.0:445\n{desktop}"),
            },
            protection: format!("Microsoft Defender\t{}\t{}\t\n", word(on), word(current)),
            // Spring in two applications: one waits for its maker, the other is mended with its server.
            jars: match (linux, n) {
                (true, 0) => |_| "\t\t\t/opt/motcua/WEB-INF/lib/spring-beans-5.3.17.jar\n",
                (true, 2) => |mended| match mended {
                    true => "\t\t\t/srv/vanban.war!WEB-INF/lib/spring-beans-5.3.18.jar\n",
                    false => "\t\t\t/srv/vanban.war!WEB-INF/lib/spring-beans-5.3.17.jar\n",
                },
                _ => |_| "",
            },
            name,
        }
    }

    /// What its collector writes at a time.
    fn text(&self, fate: Fate, at: Timestamp) -> String {
        let (at, mended) = (at.strftime("%Y-%m-%dT%H:%M:%SZ"), fate == Fate::Mended);
        let mut text = format!("@@canh inventory 1\n@@ host\ntaken={at}\n{}", self.head);
        match self.windows {
            Some(windows) => self.windows(&mut text, windows, fate),
            None => {
                text += "arch=x86_64\n@@ os-release\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n@@ dpkg\n";
                for (package, source, versions) in PACKAGES {
                    let version = versions.get(usize::from(mended)).copied().unwrap_or_default();
                    text += &format!("ii \t{package}\t{version}\tamd64\t{source}\t{version}\n");
                }
            }
        }
        text + &format!("@@ jars\n{}@@ ports\n{}@@ end\n", (self.jars)(mended), self.ports)
    }

    fn windows(&self, text: &mut String, it: &Windows, fate: Fate) {
        let (ubr, kb) = if fate == Fate::Mended { it.after } else { it.before };
        let Windows { caption, edition, role, build, april, .. } = it;
        *text += "@@ system\n\"CurrentMajorVersionNumber\",\"CurrentMinorVersionNumber\",\"CurrentBuildNumber\",\"UBR\",\"EditionID\",\"InstallationType\",\"Caption\",\"OSArchitecture\"\n";
        *text += &format!(
            "\"10\",\"0\",\"{build}\",\"{ubr}\",\"{edition}\",\"{role}\",\"{caption}\",\"64-bit\"\n@@ hotfix\n\"HotFixID\"\n\"KB{kb}\"\n"
        );
        if fate == Fate::NotRestarted {
            *text += &format!("\"KB{april}\"\n");
        }
        if !self.programs.is_empty() {
            *text += "@@ programs\n\"DisplayName\",\"DisplayVersion\",\"Publisher\"\n";
            *text += &self.programs;
        }
        *text += "@@ protection\n";
        *text += &self.protection;
    }
}
