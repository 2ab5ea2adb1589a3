use std::io::Write;

use super::*;

/// Names within an archive, each with how many bytes came.
type Found = Vec<(String, Result<usize, Trouble>)>;

fn all(path: &Path) -> Result<Found, Trouble> {
    let mut found = Found::new();
    let packed = kind(path).unwrap().unwrap();
    each(path, packed, &mut |name, got| {
        found.push((name, got.map(|bytes| bytes.len())));
        true
    })?;
    Ok(found)
}

#[test]
fn a_table_of_contents_of_many_files_is_told_by_its_own_record() {
    let archive = |count: u64, size: u64| {
        let mut file = tempfile::tempfile().unwrap();
        // What the files themselves take says nothing of how many they are.
        file.set_len(200 << 20).unwrap();
        file.seek(SeekFrom::End(0)).unwrap();
        let mut end = [b"PK\x06\x06".as_slice(), &[0; 28]].concat();
        end.extend([count, size, 0].iter().flat_map(|n| n.to_le_bytes()));
        end.extend([b"PK\x05\x06".as_slice(), &[0; 4], &[0xff; 12], &[0; 2]].concat());
        file.write_all(&end).unwrap();
        declared(&mut file).unwrap()
    };
    assert_eq!(archive(250_000, 24 << 20), (24 << 20) / 47);
    assert_eq!(
        archive(5_000_000, 24 << 20),
        5_000_000,
        "so many that reading their names would take the memory"
    );
    assert!(archive(1, u64::MAX) > ENTRIES);
}

#[test]
fn files_of_a_zip_and_the_file_of_a_gz_come_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all.zip");
    let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
    for (name, text) in [("a/1.json", "{}"), ("__MACOSX/1.json", "x"), ("a/.hidden", "x"), ("2.json", "[1]")]
    {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    assert_eq!(all(&path).unwrap(), [("a/1.json".into(), Ok(2)), ("2.json".into(), Ok(3))]);
    let path = dir.path().join("epss.csv.gz");
    let mut gz = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
    gz.write_all(b"cve,epss").unwrap();
    gz.finish().unwrap();
    assert_eq!(all(&path).unwrap(), [("epss.csv".into(), Ok(8))]);
    let plain = dir.path().join("plain.json");
    std::fs::write(&plain, "{}").unwrap();
    assert_eq!(kind(&plain).unwrap(), None);
}

/// A tar of files, the first of them with a name longer than its head has room for.
fn tarred(pax: bool) -> Vec<u8> {
    let mut to = ::tar::Builder::new(Vec::new());
    let long = format!("{}/cve.json", "thu-muc/".repeat(20));
    for (name, text) in [
        (long.as_str(), "{}"),
        ("./a.json", "[1]"),
        ("a/.hidden", "x"),
        ("b/2.json", &"x".repeat(1_000)),
        ("0.json", ""),
    ] {
        let mut head = ::tar::Header::new_gnu();
        head.set_size(text.len() as u64);
        head.set_mode(0o644);
        if pax && name.len() > 100 {
            to.append_pax_extensions([("mtime", "1.5".as_bytes()), ("path", name.as_bytes())]).unwrap();
            to.append_data(&mut head, "x", text.as_bytes()).unwrap();
        } else {
            to.append_data(&mut head, name, text.as_bytes()).unwrap();
        }
    }
    let mut folder = ::tar::Header::new_ustar();
    folder.set_entry_type(::tar::EntryType::Directory);
    folder.set_size(0);
    to.append_data(&mut folder, "c/", std::io::empty()).unwrap();
    to.into_inner().unwrap()
}

#[test]
fn files_of_a_tar_come_one_by_one_however_it_is_squeezed() {
    let dir = tempfile::tempdir().unwrap();
    for tar in [tarred(false), tarred(true)] {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&tar).unwrap();
        let (gz, zst) = (gz.finish().unwrap(), zstd::encode_all(&tar[..], 3).unwrap());
        // The blocks at the end may be left out.
        let bare = tar[..tar.len() - 1_024].to_vec();
        for (name, bytes) in [("a.tar", tar), ("a.tgz", gz), ("a.tar.zst", zst), ("b.tar", bare)] {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(kind(&path).unwrap(), Some(Packed::Tar(_))));
            let names = all(&path).unwrap();
            let long = format!("{}/cve.json", "thu-muc/".repeat(20));
            let expected = [
                (long, Ok(2)),
                ("a.json".into(), Ok(3)),
                ("b/2.json".into(), Ok(1_000)),
                ("0.json".into(), Ok(0)),
            ];
            assert_eq!(names, expected, "{name}");
        }
    }
    let path = dir.path().join("all.json.zst");
    std::fs::write(&path, zstd::encode_all(&b"{}"[..], 3).unwrap()).unwrap();
    assert_eq!(all(&path).unwrap(), [("all.json".into(), Ok(2))]);
}

#[test]
fn a_tar_that_lies_is_said_to_be_broken_and_what_is_too_large_is_passed_over() {
    let head = |name: &str, kind: u8, size: u64| {
        let mut head = ::tar::Header::new_gnu();
        head.set_path(name).unwrap();
        head.set_entry_type(::tar::EntryType::new(kind));
        head.set_size(size);
        head.set_cksum();
        head.as_bytes().to_vec()
    };
    let members = |from: &mut dyn Read| {
        let mut found = Found::new();
        let end = tar::members(from, &mut |name, got| {
            found.push((name, got.map(|bytes| bytes.len())));
            true
        });
        (end, found)
    };
    let large = FILE as u64 + 1;
    let after = [head("b.json", b'0', 2), b"{}".to_vec(), vec![0; 510], vec![0; 1_024]].concat();
    let all = [head("a.json", b'0', large)].concat();
    let (end, found) =
        members(&mut all.chain(std::io::repeat(0).take(large.next_multiple_of(512))).chain(&after[..]));
    assert_eq!(
        (end, found),
        (Ok(()), vec![("a.json".into(), Err(Trouble::TooLarge)), ("b.json".into(), Ok(2))])
    );
    // A name of gigabytes, a file that ends early, and files without end.
    let (end, found) = members(&mut head("a", b'L', 8 << 30).chain(std::io::repeat(b'x')));
    assert_eq!((end, found), (Err(Trouble::Broken), vec![]));
    let (end, _) = members(&mut head("a", b'x', 8 << 30).chain(std::io::repeat(b'1')));
    assert_eq!(end, Err(Trouble::Broken));
    assert_eq!(members(&mut &head("a", b'0', 700)[..]).0, Err(Trouble::Broken));
    assert_eq!(members(&mut &head("a", b'0', u64::MAX)[..]).0, Err(Trouble::Broken));
    let (end, _) = members(&mut head("a", b'0', 2).chain(std::io::repeat(b'x')));
    assert_eq!(end, Err(Trouble::Broken), "no head follows");
}

#[test]
fn what_is_broken_or_swells_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("b.zip");
    std::fs::write(&broken, b"PK\x03\x04 nothing").unwrap();
    assert_eq!(all(&broken), Err(Trouble::Broken));
    assert_eq!(bounded(std::io::repeat(0), 1_000), Err(Trouble::TooLarge));
    let short = dir.path().join("short.gz");
    std::fs::write(&short, [0x1f, 0x8b, 8, 0, 0]).unwrap();
    assert_eq!(all(&short).unwrap(), [("short".into(), Err(Trouble::Broken))]);
}

/// Damaged archives, the same ones every time: said to be broken or read as far as they go, never more than they hold.
#[test]
fn damaged_archives_are_survived() {
    let dir = tempfile::tempdir().unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a/1.json", "b/2.json", "3.json"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&b"{\"id\":\"A\"}".repeat(40)).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&zip).unwrap();
    let tar = tarred(true);
    let zst = zstd::encode_all(&tar[..], 3).unwrap();
    let all = [zip, gz.finish().unwrap(), tar, zst];
    let (path, mut dice) = (dir.path().join("x"), 0x9e37_79b9_u32);
    let mut below = |most: usize| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(dice >> 8).unwrap() % most
    };
    for case in 0..1_200 {
        let mut bytes = all[case % all.len()].clone();
        for _ in 0..=below(6) {
            // Its first bytes say what it is.
            let place = 4 + below(bytes.len() - 4);
            match below(3) {
                0 if place > 30 => bytes.truncate(place),
                1 => bytes.insert(place, u8::try_from(below(256)).unwrap()),
                _ => {
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = u8::try_from(below(256)).unwrap();
                    }
                }
            }
        }
        std::fs::write(&path, &bytes).unwrap();
        let got = kind(&path).unwrap().map(|packed| {
            let mut most = 0;
            let end = each(&path, packed, &mut |_, got| {
                most += got.map_or(0, |bytes| bytes.len());
                true
            });
            (end, most)
        });
        assert!(got.is_none_or(|(_, most)| most < 1 << 20), "case {case}");
    }
}
