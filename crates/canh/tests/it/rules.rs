//! Rules imported, files looked through: packed or not.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use crate::{bad, canh, good, served};

fn rule(id: u32, status: &str, level: &str, word: &str) -> String {
    format!(
        "title: Luật {word}\nid: 00000000-0000-4000-8000-{id:012}\nstatus: {status}\nauthor: Ai Đó\nlevel: {level}\nlogsource: {{product: linux}}\ndetection: {{k: ['{word}'], condition: k}}\n"
    )
}

fn zipped(path: &Path, files: &[(&str, &[u8])]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_release_is_imported_and_brought_up_to_date() {
    let (dir, data) = served();
    let release = dir.path().join("sigma.zip");
    let (one, two) = (rule(1, "stable", "high", "một"), rule(2, "test", "low", "hai"));
    let (old, gone) = (rule(3, "test", "high", "ba"), rule(4, "experimental", "high", "bốn"));
    let broken = "title: x\nlogsource: {product: linux}\ndetection:\n  k: {a|contans: b}\n  condition: k\n";
    let place = old.replace("'ba'", "'%nơi%'").replace("k: [", "k: {a|expand: ").replace("'],", "'},");
    zipped(
        &release,
        &[
            ("version.txt", b"r1"),
            ("rules/a.yml", one.as_bytes()),
            ("rules/b.yml", two.as_bytes()),
            ("rules/c.yml", old.as_bytes()),
            ("rules/broken.yml", broken.as_bytes()),
            ("rules/place.yml", place.replace("000003", "000009").as_bytes()),
            ("unsupported/d.yml", gone.as_bytes()),
            (".github/workflows/x.yml", b"on: push"),
            ("tests/conf.yml", b"on: push"),
        ],
    );
    let import = |more: &[&str]| {
        let mut command = canh(&data);
        command.args(["rules", "import"]).arg(&release).args(more);
        command
    };
    let dry = good(&mut import(&["--dry-run", "--min-level", "high", "--status", "stable,test"]));
    assert!(
        dry.contains("Left out: low 1, unsupported 1\n") && dry.contains("2 rules taken, 0 changed"),
        "{dry}"
    );
    assert!(
        dry.contains("sigma.zip!/rules/broken.yml:4:7 There is no modifier «contans» → a|contains"),
        "{dry}"
    );
    assert!(dry.contains("place.yml:7:") && dry.contains("Nobody says what %nơi% is"), "{dry}");
    assert!(dry.contains("1 files are of something else") && dry.contains("2 refused; a dry run"), "{dry}");
    let taken = good(&mut import(&[]));
    assert!(taken.contains("3 rules taken, 0 changed, 0 as they were, 2 refused"), "{taken}");
    let id = "00000000-0000-4000-8000-000000000001";
    bad(canh(&data).args(["rules", "off", "unknown", "--reason", "x"]));
    good(canh(&data).args(["rules", "off", id, "--reason", "ồn ào"]));
    let off = good(canh(&data).args(["rules", "list", "--off"]));
    assert!(
        off.contains("Luật một") && off.contains("ồn ào") && off.contains("1 of them switched off"),
        "{off}"
    );
    // A newer release: one is changed, one deprecated, one as it was. A folder this time, and somewhere else.
    let folder = dir.path().join("deprecated/sigma/rules");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(folder.join("deprecated")).unwrap();
    fs::write(folder.join("a.yml"), one.replace("'một'", "'mốt'")).unwrap();
    fs::write(folder.join("b.yml"), &two).unwrap();
    fs::write(folder.join("deprecated/c.yml"), &old).unwrap();
    let newer = good(canh(&data).args(["--lang", "vi", "rules", "import"]).arg(&folder));
    assert!(newer.contains("Nhận 0 luật, 1 luật thay đổi, 1 như cũ, 0 bị từ chối"), "{newer}");
    assert!(
        newer.contains("1 luật đã nhập trước đây") && newer.contains("1 luật trong đó đang tắt"),
        "{newer}"
    );
    let list = good(canh(&data).args(["rules", "list"]));
    assert!(
        list.contains("Luật hai") && !list.contains("Luật ba") && list.contains("1 of them switched off"),
        "{list}"
    );
    good(canh(&data).args(["rules", "on", id]));
    good(canh(&data).args(["rules", "remove", "--all"]));
    let list = good(canh(&data).args(["rules", "list"]));
    assert!(!list.contains("Luật hai") && list.contains(" 0 of them switched off"), "{list}");
    good(canh(&data).args(["audit", "verify"]));
}

#[test]
fn archives_that_are_broken_or_swell_are_told() {
    let (dir, data) = served();
    let path = dir.path().join("x.zip");
    let import = || {
        let mut command = canh(&data);
        command.args(["rules", "import"]).arg(&path);
        command
    };
    fs::write(&path, b"PK\x03\x04 nothing").unwrap();
    assert!(good(&mut import()).contains("x.zip: The archive is broken"));
    let bomb = vec![b'#'; 5 << 20];
    zipped(&path, &[("a.yml", &bomb), ("b.yml", rule(1, "test", "low", "một").as_bytes())]);
    let said = good(&mut import());
    assert!(said.contains("x.zip!/a.yml: Too large") && said.contains("1 rules taken"), "{said}");
    assert!(bad(canh(&data).args(["rules", "import", "/nonexistent"])).contains("/nonexistent"));
}

#[test]
fn what_is_packed_is_looked_through_like_what_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("rules")).unwrap();
    fs::write(at("rules/a.yml"), rule(1, "test", "high", "một")).unwrap();
    let joined = "title: Đếm\nid: c\nlevel: high\ncorrelation: {type: event_count, rules: [00000000-0000-4000-8000-000000000001], group-by: [host.name], timespan: 1m, condition: {gte: 3}, generate: true}\n";
    fs::write(
        at("rules/c.yml"),
        joined
            .replace(", generate: true}", "}\ngenerate: true")
            .replace("condition: {gte: 3}\n", "condition: {gte: 3}}\n"),
    )
    .unwrap();
    let line = "<38>Nov 22 08:00:00 web01 app[1]: một\n";
    let log = line.repeat(3).into_bytes();
    fs::create_dir(at("plain")).unwrap();
    fs::write(at("plain/a.log"), &log).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&log).unwrap();
    let gz = gz.finish().unwrap();
    fs::create_dir(at("packed")).unwrap();
    fs::write(at("packed/a.log.gz"), &gz).unwrap();
    fs::write(at("packed/b.log.zst"), zstd::encode_all(log.as_slice(), 3).unwrap()).unwrap();
    zipped(
        &at("packed/c.zip"),
        &[("d/a.log", &log), ("d/b.log.gz", &gz), ("__MACOSX/x", &log), ("e.zip", b"PK\x03\x04")],
    );
    let detect = |what: &str| {
        let mut command = canh(dir.path());
        command.args(["detect", "--out", "jsonl", "--rules"]).arg(at("rules")).arg(at(what));
        command
    };
    let plain = good(&mut detect("plain"));
    assert_eq!(plain.matches("\"title\":\"Luật một\"").count(), 3, "{plain}");
    assert!(plain.contains("\"author\":\"Ai Đó\""), "{plain}");
    assert!(plain.contains("3 (22/11/"), "what was counted is told with dates as people write them: {plain}");
    let packed = bad(&mut detect("packed"));
    let hits: Vec<&str> = packed.lines().filter(|line| line.contains("Luật một")).collect();
    for name in ["packed/a.log.gz\"", "packed/b.log.zst\"", "c.zip!/d/a.log\"", "c.zip!/d/b.log.gz\""] {
        assert_eq!(hits.iter().filter(|hit| hit.contains(name)).count(), 3, "{name} in {packed}");
    }
    assert!(
        packed.contains("c.zip!/e.zip: An archive within an archive")
            && packed.contains("4 files, 12 events"),
        "{packed}"
    );
    // Half a file is looked through as far as it goes.
    fs::write(at("plain/half.log.gz"), &gz[..gz.len() - 6]).unwrap();
    let half = bad(&mut detect("plain"));
    assert!(half.contains("half.log.gz: ") && half.contains("a.log\""), "{half}");
}
