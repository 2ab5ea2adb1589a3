//! The collectors: the shell one is run here, by each shell there is; of the Windows one the file it writes is read, in
//! the shape that each of its commands gives.

use std::process::Command;

use domain::inventory::{Family, Inventory};
use review::{
    collect::Collector,
    inventory::{Kind, Refused, read},
};

fn one(text: &str) -> Inventory {
    let read = read("canh-MAY01.txt", text.as_bytes()).unwrap();
    assert_eq!((read.kind, read.hosts.len()), (Kind::Canh, 1), "{:?}", read.odd);
    read.hosts.into_iter().next().unwrap()
}

/// Runs the script with a shell; the text it wrote.
fn run(shell: &str, case: &str) -> Option<String> {
    let dir = std::env::temp_dir().join(format!("canh-collect-{case}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let script = dir.join(Collector::Shell.file());
    std::fs::write(&script, Collector::Shell.script(None)).unwrap();
    let java = dir.join("java");
    std::fs::create_dir_all(&java).unwrap();
    std::fs::write(java.join("spring-beans-5.3.17.jar"), "not really").unwrap();
    let mut command = Command::new(shell);
    command.arg(&script).arg(&dir).env("CANH_JAVA", &java).current_dir("/");
    let out = command.output().ok()?;
    assert!(out.status.success(), "{shell}: {}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(String::from_utf8_lossy(&out.stderr), "", "{shell} complains");
    let written = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    let text = std::fs::read_to_string(written).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    Some(text)
}

#[test]
fn the_shell_collector_writes_what_the_reader_reads() {
    let mut any = false;
    for shell in ["sh", "dash", "bash"] {
        let Some(text) = run(shell, shell) else { continue };
        any = true;
        let it = one(&text);
        assert!(it.host.is_some() && it.taken.is_some(), "{shell}");
        let os = it.os.as_ref().unwrap();
        assert!(os.family == Family::Linux && !os.name.is_empty() && os.arch.is_some());
        let jar = it.packages.iter().find(|p| p.name == "spring-beans").unwrap();
        assert!(jar.version == "5.3.17" && jar.path.as_ref().unwrap().ends_with("spring-beans-5.3.17.jar"));
        if Command::new("dpkg-query").arg("--version").output().is_ok() {
            let dpkg = it.packages.iter().find(|p| p.name == "dpkg").unwrap();
            assert!(
                dpkg.ecosystem.as_deref().is_some_and(|e| e.contains(':')),
                "of a release: {:?}",
                dpkg.ecosystem
            );
        }
    }
    assert!(any, "no shell at all");
}

#[test]
fn the_shell_collector_is_clean() {
    let dir = std::env::temp_dir().join(format!("canh-collect-lint-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let script = dir.join(Collector::Shell.file());
    std::fs::write(&script, Collector::Shell.script(Some("https://canh.example/inventory/x"))).unwrap();
    // Where shellcheck is not installed the shells' own check must do.
    for (program, args) in [("dash", vec!["-n"]), ("bash", vec!["-n"]), ("shellcheck", vec!["-s", "sh"])] {
        if let Ok(out) = Command::new(program).args(args).arg(&script).output() {
            assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stdout));
        }
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

const WINDOWS: &str = "@@canh inventory 1\r
@@ host\r
name=MAY-VANTHU\r
taken=2026-02-10T01:02:03Z\r
uuid=4C4C4544-0035-4A10-8053-B4C04F4A3232\r
serial=5JSJ22\r
address=10.20.1.15\r
address=fe80::1c2b:3d4e%12\r
@@ system\r
\"CurrentMajorVersionNumber\",\"CurrentMinorVersionNumber\",\"CurrentVersion\",\"CurrentBuildNumber\",\"UBR\",\"DisplayVersion\",\"ReleaseId\",\"EditionID\",\"InstallationType\",\"Caption\",\"OSArchitecture\"\r
\"10\",\"0\",\"6.3\",\"19045\",\"3803\",\"22H2\",\"2009\",\"Professional\",\"Client\",\"Microsoft Windows 10 Pro\",\"64-bit\"\r
@@ hotfix\r
\"HotFixID\"\r
\"KB5031356\"\r
\"KB5033372\"\r
@@ programs\r
\"DisplayName\",\"DisplayVersion\",\"Publisher\",\"InstallLocation\"\r
\"Phần mềm một cửa, bản 2\",\"2.4.1\",\"Công ty Giả Định\",\"C:\\Program Files\\Mot Cua\\\"\r
\"7-Zip 19.00 (x64)\",\"19.00\",\"Igor Pavlov\",\r
@@ ports\r
tcp\t0.0.0.0:3389\r
tcp\t:::445\r
udp\t10.20.1.15:137\r
@@ jars\r
\t\t\tC:\\Tomcat\\webapps\\motcua\\WEB-INF\\lib\\spring-beans-5.3.17.jar\r
@@ protection\r
Windows Defender\tyes\tno\t\r
Microsoft Defender\tyes\t\t2026-01-02\r
@@ end\r
";

#[test]
fn what_the_windows_collector_writes_is_read() {
    let it = one(WINDOWS);
    assert_eq!(it.host.as_deref(), Some("MAY-VANTHU"));
    assert_eq!(it.serial.as_deref(), Some("5JSJ22"));
    let os = it.os.as_ref().unwrap();
    assert_eq!(os.running().as_deref(), Some("10.0.19045.3803"));
    assert_eq!(os.product.as_deref(), Some("Windows 10 Version 22H2 for x64-based Systems"));
    assert!(it.kbs_listed && it.kbs.contains(&5_033_372) && it.addresses.contains("fe80::1c2b:3d4e"));
    assert_eq!(
        it.packages.iter().map(|p| p.version.as_str()).collect::<Vec<_>>(),
        ["5.3.17", "2.4.1", "19.00"]
    );
    let jar = &it.packages[0];
    assert_eq!((jar.name.as_str(), jar.ecosystem.as_deref(), it.jars_listed), ("spring-beans", None, true));
    assert_eq!(it.services.iter().map(|s| s.port).collect::<Vec<_>>(), [3389, 445, 137]);
    assert_eq!(it.protection[0].current, Some(false));
    assert_eq!(it.protection[1].definitions.as_deref(), Some("2026-01-02"));
}

#[test]
fn no_update_is_an_answer_and_half_a_file_is_none() {
    let none = WINDOWS.replace("\"HotFixID\"\r\n\"KB5031356\"\r\n\"KB5033372\"\r\n", "");
    let it = one(&none);
    assert!(it.kbs_listed && it.kbs.is_empty());
    let half = WINDOWS.split("@@ ports").next().unwrap();
    assert!(matches!(read("x", half.as_bytes()), Err(Refused::Broken(_))));
}

#[test]
fn it_is_read_in_every_encoding_it_may_have_been_saved_in() {
    let plain = one(WINDOWS);
    let read_as = |bytes: &[u8]| read("canh-MAY01.txt", bytes).unwrap().hosts.remove(0);
    let wide: Vec<u8> =
        std::iter::once(0xfeff).chain(WINDOWS.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", WINDOWS.as_bytes()].concat();
    for bytes in [wide, marked, WINDOWS.replace("\r\n", "\n").into_bytes()] {
        assert_eq!(read_as(&bytes), plain);
    }
    // The code page of Vietnamese Windows and the one of English consoles: names suffer, what is judged does not.
    let (page, ..) = encoding_rs::WINDOWS_1258.encode(WINDOWS);
    let console: Vec<u8> = WINDOWS.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    for bytes in [page.into_owned(), console] {
        let it = read_as(&bytes);
        assert_eq!(
            (&it.os, &it.kbs, &it.services, it.host),
            (&plain.os, &plain.kbs, &plain.services, plain.host.clone())
        );
        assert_eq!(it.packages.len(), plain.packages.len());
    }
}
