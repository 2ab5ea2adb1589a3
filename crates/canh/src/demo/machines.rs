//! Machines of some bodies, as the collectors on them write: servers and workstations, some mended late, some whose
//! reports disagree, one report that waits for a person.

use anyhow::{Context, Result};
use domain::{body::BodyKind, id::Id};
use jiff::{SignedDuration, Timestamp};
use store::hosts::take::{NewFile, Via, take_in};

use super::{
    cast::Member,
    province::{Dice, LEAD},
};
use crate::centre::Centre;

/// So many bodies below the lead body hand inventory in; of the others nothing is known, and is said to be unknown.
const BODIES: usize = 9;
/// Windows on workstations and servers: caption, edition, type, build, revisions from long ago to now.
const WINDOWS: [(&str, &str, &str, u32, [u32; 3]); 4] = [
    ("Microsoft Windows 10 Pro", "Professional", "Client", 19_045, [3_803, 4_651, 6_456]),
    ("Microsoft Windows 11 Pro", "Professional", "Client", 22_631, [3_007, 4_460, 6_060]),
    ("Microsoft Windows Server 2019 Standard", "ServerStandard", "Server", 17_763, [3_650, 5_329, 7_919]),
    ("Microsoft Windows Server 2022 Standard", "ServerStandard", "Server", 20_348, [1_006, 2_700, 4_294]),
];
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

/// Hands in what the collectors of some bodies wrote in the weeks up to `now`.
pub async fn report(centre: &Centre, members: &[Member], now: Timestamp) -> Result<()> {
    let mut dice = Dice::new(super::SEED);
    let kinds = [BodyKind::Department, BodyKind::Commune, BodyKind::Ward, BodyKind::Hospital];
    let some = members.iter().filter(|m| kinds.contains(&m.place.kind)).take(BODIES);
    for (n, member) in members.get(LEAD).into_iter().chain(some).enumerate() {
        let hosts = if n == 0 { 6 } else { 3 + dice.below(3) };
        for host in 0..hosts {
            // Every fifth machine has not reported for longer than a report is fresh.
            let days = if dice.chance(20) { 40 + dice.below(60) } else { dice.below(12) };
            let at = now.checked_sub(SignedDuration::from_hours(i64::try_from(days * 24)?))?;
            let (name, text) = match host {
                0 if n < 4 => debian(&mut dice, n, at),
                _ => windows(&mut dice, n, host, at),
            };
            take(centre, member, &name, &text, at).await?;
            if n == 1 && host == 1 {
                // Cloned from an image that nobody renamed: the same name, another machine.
                let twin = text.replace("uuid=4c4c", "uuid=9d9d");
                take(centre, member, &name, &twin, at).await?;
            }
            if n == 2 && host == 1 {
                // A list of updates taken later by hand names another build than the one that runs.
                let csv = format!(
                    "PSComputerName,Caption,Version,BuildNumber\n{name},Microsoft Windows 11 Pro,10.0.22631,22631\n"
                );
                take(centre, member, "he-dieu-hanh.csv", &csv, now).await?;
            }
        }
    }
    Ok(())
}

async fn take(centre: &Centre, member: &Member, name: &str, text: &str, at: Timestamp) -> Result<()> {
    let read = review::inventory::read(name, text.as_bytes());
    let blob = centre.blobs.put(centre.ids.next(), text.as_bytes(), 1 << 20).await?;
    let file = format!("canh-{name}.txt");
    let new = NewFile {
        id: Id::new(&*centre.ids),
        body: member.body,
        name: &file,
        blob: &blob,
        via: Via::Page,
        link: None,
        hint: Some(name),
        read: read.as_ref(),
    };
    let (actor, scope) = (member.officer.actor(), &member.officer.scope);
    take_in(&centre.db, actor, at, scope, &*centre.ids, &new)
        .await
        .with_context(|| format!("the report of {name}"))?;
    Ok(())
}

fn head(dice: &mut Dice, name: &str, n: usize, host: u64, at: Timestamp) -> String {
    let at = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    let uuid = format!("4c4c{:04x}-{:04x}-4a10-8053-{:012x}", n, host, dice.below(1 << 40));
    format!(
        "@@canh inventory 1\n@@ host\nname={name}\ntaken={at}\nuuid={uuid}\naddress=10.{}.1.{}\n",
        20 + n,
        10 + host
    )
}

fn windows(dice: &mut Dice, n: usize, host: u64, at: Timestamp) -> (String, String) {
    let server = host == 1 && n < 5;
    let which = usize::from(dice.chance(40)) + if server { 2 } else { 0 };
    let Some((caption, edition, role, build, revisions)) = WINDOWS.get(which) else {
        return Default::default();
    };
    let name = if server { format!("SRV{n:02}-{host:02}") } else { format!("MAY{n:02}-{host:02}") };
    let ubr = dice.pick(revisions).copied().unwrap_or_default();
    let mut text = head(dice, &name, n, host, at);
    text += "@@ system\n\"CurrentMajorVersionNumber\",\"CurrentMinorVersionNumber\",\"CurrentBuildNumber\",\"UBR\",\"EditionID\",\"InstallationType\",\"Caption\",\"OSArchitecture\"\n";
    text +=
        &format!("\"10\",\"0\",\"{build}\",\"{ubr}\",\"{edition}\",\"{role}\",\"{caption}\",\"64-bit\"\n");
    text += "@@ hotfix\n\"HotFixID\"\n\"KB5031356\"\n\"KB5033372\"\n@@ programs\n\"DisplayName\",\"DisplayVersion\",\"Publisher\"\n";
    for (name, version, publisher) in PROGRAMS.iter().filter(|_| !server) {
        if dice.chance(70) {
            text += &format!("\"{name}\",\"{version}\",\"{publisher}\"\n");
        }
    }
    text += "@@ ports\ntcp\t0.0.0.0:135\ntcp\t0.0.0.0:445\n";
    if dice.chance(25) {
        text += "tcp\t0.0.0.0:3389\n";
    }
    let (on, current) =
        (if dice.chance(90) { "yes" } else { "no" }, if dice.chance(85) { "yes" } else { "no" });
    text += &format!("@@ protection\nMicrosoft Defender\t{on}\t{current}\t\n@@ end\n");
    (name, text)
}

fn debian(dice: &mut Dice, n: usize, at: Timestamp) -> (String, String) {
    let name = format!("web{n:02}");
    let mended = usize::from(dice.chance(60));
    let mut text = head(dice, &name, n, 0, at);
    text += "arch=x86_64\n@@ os-release\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n@@ dpkg\n";
    for (package, source, versions) in PACKAGES {
        let version = versions.get(mended).copied().unwrap_or_default();
        text += &format!("ii \t{package}\t{version}\tamd64\t{source}\t{version}\n");
    }
    if n == 0 {
        text += "@@ jars\n\torg.springframework:spring-beans:5.3.17\t\t/opt/motcua/WEB-INF/lib/spring-beans-5.3.17.jar\n";
    }
    text += "@@ ports\ntcp\t0.0.0.0:22\ntcp\t0.0.0.0:443\n@@ end\n";
    (name, text)
}
