use std::io::{Cursor, Write};

use super::*;

const TAKEN: &str = "2026-02-10T01:02:03Z";

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        out.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn scanned(files: &[(&str, &[u8])]) -> Read {
    let mut scan = Scan::new(TAKEN);
    for (path, bytes) in files {
        scan.file(path, wanted(path, true).unwrap(), bytes);
    }
    scan.finish("/mnt")
}

fn found(files: &[(&str, &[u8])]) -> Vec<(String, String, String)> {
    let read = scanned(files);
    let told = |p: &Package| (p.ecosystem.clone().unwrap_or_default(), p.name.clone(), p.version.clone());
    read.hosts[0].packages.iter().map(told).collect()
}

fn three(a: &str, b: &str, c: &str) -> (String, String, String) {
    (a.into(), b.into(), c.into())
}

const BEANS: &[u8] = b"groupId=org.springframework\r\nartifactId=spring-beans\r\nversion=5.3.17\r\n";
const CLASS: &str = "org/springframework/beans/CachedIntrospectionResults.class";

#[test]
fn an_archive_within_an_archive_is_found_by_its_coordinates() {
    let jar =
        zipped(&[("META-INF/maven/org.springframework/spring-beans/pom.properties", BEANS), (CLASS, b"1")]);
    let war = zipped(&[("WEB-INF/lib/x.jar", &jar), ("WEB-INF/web.xml", b"")]);
    let ear = zipped(&[("app.war", &war)]);
    let read = scanned(&[("/opt/a/mot-cua.ear", &ear)]);
    let jar = read.hosts[0].packages.iter().find(|p| p.version == "5.3.17").unwrap();
    assert_eq!(jar.name, "org.springframework:spring-beans");
    assert_eq!(jar.path.as_deref(), Some("/opt/a/mot-cua.ear!/app.war!/WEB-INF/lib/x.jar"));
    assert!(read.hosts[0].jars_listed && read.odd.is_empty());
    // No library is told twice because its classes are there, too.
    assert_eq!(read.hosts[0].packages.len(), 3);
}

#[test]
fn a_renamed_archive_is_known_by_its_manifest_and_a_repacked_library_by_its_classes() {
    let manifest =
        b"Manifest-Version: 1.0\r\nImplementation-Title: spring-beans\r\nImplementation-Version: 5.3.17\r\n";
    let renamed = zipped(&[("META-INF/MANIFEST.MF", manifest), (CLASS, b"the classes")]);
    let repacked = zipped(&[(
        "BOOT-INF/classes/org/springframework/beans/CachedIntrospectionResults.class",
        b"the classes",
    )]);
    let other = zipped(&[(CLASS, b"other classes")]);
    let all = found(&[("/opt/lib.jar", &renamed), ("/opt/all.jar", &repacked), ("/opt/else.jar", &other)]);
    assert!(all.contains(&three("", "spring-beans", "5.3.17")), "{all:?}");
    assert!(
        all.contains(&three("Maven", "org.springframework:spring-beans", "5.3.17")),
        "by its classes: {all:?}"
    );
    assert!(
        all.contains(&three("Maven", "org.springframework:spring-beans", "")),
        "there, of no known version"
    );
}

#[test]
fn bombs_and_broken_archives_are_said_and_nothing_is_concluded() {
    let mut deep = zipped(&[("a.txt", b"")]);
    for _ in 0..40 {
        deep = zipped(&[("a.jar", &deep)]);
    }
    let read = scanned(&[("/opt/deep.jar", &deep)]);
    assert!(!read.hosts[0].jars_listed && read.odd.len() == 1, "{:?}", read.odd);
    let zeros = vec![0_u8; 1 << 20];
    let inner = zipped(&[("x.jar", &zeros), ("y.jar", &zeros), ("z.jar", &zeros)]);
    let bomb = zipped(&[("inner.jar", &inner)]);
    let mut scan = Scan::new(TAKEN);
    // The same with less to unpack: at its real size it takes long without optimisation.
    scan.archives.unpacked = 2 << 20;
    scan.file("/opt/bomb.jar", What::Archive, &bomb);
    let read = scan.finish("x");
    assert!(!read.hosts[0].jars_listed && !read.odd.is_empty());
    let read = scanned(&[("/opt/broken-1.2.jar", b"PK\x03\x04 nothing")]);
    let host = &read.hosts[0];
    assert_eq!((host.packages[0].name.as_str(), host.packages[0].version.as_str()), ("broken", "1.2"));
    assert!(!host.jars_listed);
    let mut scan = Scan::new(TAKEN);
    scan.unread("/opt/huge.jar", What::Archive);
    assert!(!scan.finish("x").hosts[0].jars_listed);
}

#[test]
fn libraries_of_other_languages_are_read_where_their_tools_write_them() {
    let all = found(&[
        ("/opt/v/lib/Zope_Interface-5.dist-info/METADATA", b"Metadata-Version: 2.1\nName: Zope_Interface\nVersion: 5.0\n\nVersion: 9\n"),
        ("/srv/a/node_modules/@x/y/package.json", br#"{"name":"@x/y","version":"1.0.0"}"#),
        ("/srv/a/node_modules/y/test/package.json", br#"{"private":true}"#),
        ("/srv/b/package-lock.json", br#"{"packages":{"":{"version":"9"},"node_modules/a":{"version":"2.0.0"},"node_modules/l":{"link":true}}}"#),
        ("/srv/c/package-lock.json", br#"{"dependencies":{"d":{"version":"1.1.1","dependencies":{"e":{"version":"file:x"},"f":{"version":"3.0.0"}}}}}"#),
        ("/srv/p/vendor/composer/installed.json", br#"{"packages":[{"name":"Symfony/http-kernel","version":"v5.4.0"}]}"#),
        ("/srv/q/composer.lock", br#"{"packages":[],"packages-dev":[{"name":"a/b","version":"1"}]}"#),
    ]);
    for one in [
        three("PyPI", "zope-interface", "5.0"),
        three("npm", "@x/y", "1.0.0"),
        three("npm", "a", "2.0.0"),
        three("npm", "d", "1.1.1"),
        three("npm", "f", "3.0.0"),
        three("Packagist", "symfony/http-kernel", "v5.4.0"),
        three("Packagist", "a/b", "1"),
    ] {
        assert!(all.contains(&one), "{one:?} in {all:?}");
    }
    assert_eq!(all.len(), 7);
}

#[test]
fn a_program_in_go_says_what_it_was_built_of() {
    let mut bytes = b"\x7fELF rubbish".to_vec();
    bytes.extend_from_slice(b"\xff Go buildinf:\x08\x02");
    bytes.resize(bytes.len() + 16, 0);
    bytes.push(8);
    bytes.extend_from_slice(b"go1.20.5");
    let (start, end) = (
        [0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6],
        [0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72, 0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2],
    );
    bytes.extend_from_slice(&start);
    bytes.extend_from_slice(b"path\texample/x\nmod\texample/x\t(devel)\t\ndep\tgolang.org/x/net\tv0.7.0\th1:a=\ndep\ta/b\tv1.0.0\n=>\tc/b\tv1.0.1\th1:b=\n");
    bytes.extend_from_slice(&end);
    let expected =
        [("stdlib", "1.20.5"), ("example/x", ""), ("golang.org/x/net", "v0.7.0"), ("c/b", "v1.0.1")];
    assert_eq!(found(&[("/usr/local/bin/x", &bytes)]), expected.map(|(n, v)| three("Go", n, v)));
    assert!(found(&[("/usr/local/bin/x", &bytes[..60])]).len() <= 1);
}

#[test]
fn what_the_distribution_brought_is_left_to_its_feed() {
    let status = b"Package: libspring-beans-java\nStatus: install ok installed\nMaintainer: Debian Java <pkg-java@lists.debian.org>\nVersion: 4.3.30-2\n\nPackage: search\nStatus: install ok installed\nMaintainer: Maker <info@maker.example>\nVersion: 7.1\n";
    let jar = zipped(&[("a", b"")]);
    let all = found(&[
        ("/usr/lib/os-release", b"ID=debian\nNAME=Debian\nVERSION_ID=12\n"),
        ("/usr/share/java/spring-beans-4.3.30.jar", &jar),
        ("/usr/share/search/lib/log4j-core-2.14.1.jar", &jar),
        (
            "/var/lib/dpkg/info/libspring-beans-java.list",
            b"/usr/share/java\n/usr/share/java/spring-beans-4.3.30.jar\n",
        ),
        ("/var/lib/dpkg/info/search.list", b"/usr/share/search/lib/log4j-core-2.14.1.jar\n"),
        ("/var/lib/dpkg/status", status),
    ]);
    assert_eq!(
        all,
        [
            three("Debian:12", "libspring-beans-java", "4.3.30-2"),
            three("Debian:12", "search", "7.1"),
            three("", "log4j-core", "2.14.1"),
        ]
    );
}

#[test]
fn apk_says_package_version_and_source() {
    let text = b"C:Q1x=\nP:libcrypto3\nV:3.1.4-r0\nA:x86_64\no:openssl\nF:usr/lib\nR:libcrypto.so.3\n\nP:musl\nV:1.2.4-r2\n\n";
    let read = scanned(&[
        ("/etc/os-release", b"ID=alpine\nNAME=Alpine\nVERSION_ID=3.19.1\n"),
        ("/lib/apk/db/installed", text),
    ]);
    let all = &read.hosts[0].packages;
    assert_eq!((all.len(), all[0].source.as_deref()), (2, Some("openssl")));
    assert_eq!((all[0].ecosystem.as_deref(), all[1].version.as_str()), (Some("Alpine:v3.19"), "1.2.4-r2"));
}

/// A header of rpm's: texts, an epoch, one file.
fn header(name: &str, epoch: Option<u32>) -> Vec<u8> {
    let (mut index, mut values) = (Vec::new(), Vec::new());
    let mut field = |tag: u32, kind: u32, count: u32, value: &[u8]| {
        while kind == 4 && values.len() % 4 != 0 {
            values.push(0);
        }
        for number in [tag, kind, values.len() as u32, count] {
            index.extend(number.to_be_bytes());
        }
        values.extend_from_slice(value);
    };
    field(1000, 6, 1, format!("{name}\0").as_bytes());
    field(1001, 6, 1, b"1.2\0");
    field(1002, 6, 1, b"3.el9\0");
    if let Some(epoch) = epoch {
        field(1003, 4, 1, &epoch.to_be_bytes());
    }
    field(1011, 6, 1, b"AlmaLinux\0");
    field(1022, 6, 1, b"x86_64\0");
    field(1044, 6, 1, b"the-source-1.2-3.el9.src.rpm\0");
    field(1116, 4, 1, &0_u32.to_be_bytes());
    field(1117, 8, 1, b"spring-beans-4.jar\0");
    field(1118, 8, 1, b"/usr/share/java/\0");
    let mut all = ((index.len() / 16) as u32).to_be_bytes().to_vec();
    all.extend((values.len() as u32).to_be_bytes());
    all.extend(index);
    all.extend(values);
    all
}

/// A database as SUSE keeps it.
fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0; 4096];
    file[..4].copy_from_slice(b"RpmP");
    file[12] = 1;
    for (n, header) in headers.iter().enumerate() {
        let (slot, at) = (32 + 16 * n, file.len() / 16);
        file[slot..slot + 4].copy_from_slice(b"Slot");
        file[slot + 4] = n as u8 + 1;
        file[slot + 8..slot + 12].copy_from_slice(&(at as u32).to_le_bytes());
        file.extend(b"BlbS");
        for number in [n as u32 + 1, 0, header.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(header);
        file.resize(file.len().next_multiple_of(16), 0);
    }
    file
}

/// A database of Berkeley DB's: one page of keys and values, the second value on pages of its own.
fn bdb(short: &[u8], long: &[u8]) -> Vec<u8> {
    const PAGE: usize = 4096;
    let mut file = vec![0; 2 * PAGE];
    file[12..16].copy_from_slice(&0x0006_1561_u32.to_le_bytes());
    file[20..24].copy_from_slice(&(PAGE as u32).to_le_bytes());
    let page = &mut file[PAGE..];
    page[20] = 4;
    page[25] = 13;
    let mut end = PAGE;
    let mut elsewhere = vec![3, 0, 0, 0, 2, 0, 0, 0];
    elsewhere.extend((long.len() as u32).to_le_bytes());
    let value = [&[1], short].concat();
    for (n, item) in [&[1, 1, 0, 0, 0][..], &value, &[1, 2, 0, 0, 0], &elsewhere].iter().enumerate() {
        end -= item.len();
        page[end..end + item.len()].copy_from_slice(item);
        page[26 + 2 * n..28 + 2 * n].copy_from_slice(&(end as u16).to_le_bytes());
    }
    for (n, part) in long.chunks(100).enumerate() {
        let mut page = vec![0; PAGE];
        page[16..20].copy_from_slice(&(n as u32 + 3).to_le_bytes());
        page[22] = part.len() as u8;
        page[25] = 7;
        page[26..26 + part.len()].copy_from_slice(part);
        file.extend(page);
    }
    file
}

/// A SQLite file of two pages and those a long row runs over to.
fn sqlite(headers: &[Vec<u8>]) -> Vec<u8> {
    const PAGE: usize = 4096;
    let varint = |n: usize| vec![0x80 | (n >> 14) as u8, 0x80 | (n >> 7 & 0x7f) as u8, (n & 0x7f) as u8];
    let mut file = vec![0; 2 * PAGE];
    file[..16].copy_from_slice(b"SQLite format 3\0");
    file[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    let leaf = |file: &mut Vec<u8>, page: usize, head: usize, rows: Vec<Vec<u8>>| {
        let mut end = PAGE;
        file[page * PAGE + head] = 13;
        file[page * PAGE + head + 4] = rows.len() as u8;
        for (n, row) in rows.into_iter().enumerate() {
            let mut cell = varint(row.len());
            cell.push(n as u8 + 1);
            let local = if row.len() <= PAGE - 35 {
                row.len()
            } else {
                let least = (PAGE - 12) * 32 / 255 - 23;
                let local = least + (row.len() - least) % (PAGE - 4);
                if local <= PAGE - 35 { local } else { least }
            };
            cell.extend(&row[..local]);
            if local < row.len() {
                let mut next = file.len() / PAGE + 1;
                cell.extend((next as u32).to_be_bytes());
                let parts: Vec<&[u8]> = row[local..].chunks(PAGE - 4).collect();
                for (n, part) in parts.iter().enumerate() {
                    next += 1;
                    file.extend((if n + 1 < parts.len() { next as u32 } else { 0 }).to_be_bytes());
                    file.extend(*part);
                    file.resize(file.len().next_multiple_of(PAGE), 0);
                }
            }
            end -= cell.len();
            file[page * PAGE + end..page * PAGE + end + cell.len()].copy_from_slice(&cell);
            let at = page * PAGE + head + 8 + 2 * n;
            file[at..at + 2].copy_from_slice(&(end as u16).to_be_bytes());
        }
    };
    let mut table = vec![6, 23, 29, 29, 1, 13];
    table.extend(b"tablePackagesPackages");
    table.push(2);
    leaf(&mut file, 0, 100, vec![table]);
    let row = |header: &Vec<u8>| [&[5, 0][..], &varint(12 + 2 * header.len()), header].concat();
    leaf(&mut file, 1, 0, headers.iter().map(row).collect());
    file
}

#[test]
fn each_form_of_rpms_database_tells_the_same() {
    let mut long = header("kernel", None);
    let (fields, more) = (long.len(), 9_000);
    long.resize(fields + more, 0);
    let values = u32::from_be_bytes(long[4..8].try_into().unwrap()) + more as u32;
    long[4..8].copy_from_slice(&values.to_be_bytes());
    let short = header("bash", Some(4));
    for file in
        [ndb(&[short.clone(), long.clone()]), bdb(&short, &long), sqlite(&[short.clone(), long.clone()])]
    {
        let jar = zipped(&[("a", b"")]);
        let read = scanned(&[
            ("/usr/lib/os-release", b"ID=almalinux\nNAME=Alma\nVERSION_ID=9.3\n"),
            ("/usr/share/java/spring-beans-4.jar", &jar),
            ("/var/lib/rpm/rpmdb.sqlite", &file),
        ]);
        let all = &read.hosts[0].packages;
        let told: Vec<_> = all.iter().map(|p| (p.ecosystem.as_deref(), &*p.name, &*p.version)).collect();
        let alma = Some("AlmaLinux:9");
        assert_eq!(told, [(alma, "bash", "4:1.2-3.el9"), (alma, "kernel", "0:1.2-3.el9")], "{:?}", read.odd);
        assert_eq!(all[0].source.as_deref(), Some("the-source"));
        // Cut anywhere and with any byte changed: read or refused.
        for at in (0..file.len()).step_by(37) {
            scanned(&[("/var/lib/rpm/Packages", &file[..at])]);
            let mut broken = file.clone();
            broken[at] ^= 0xff;
            scanned(&[("/var/lib/rpm/Packages", &broken)]);
        }
    }
    let read = scanned(&[("/var/lib/rpm/Packages", b"nothing")]);
    assert!(read.odd.len() == 1 && !read.hosts[0].jars_listed);
}
