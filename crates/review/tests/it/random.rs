//! The fuzzer's targets on a few thousand fixed inputs: random ones, and our own cases damaged. The same ones every time.

use std::path::Path;

use crate::tried;

/// Inputs of each kind; a fuzzer takes as many as it has time for.
const CASES: usize = 400;

/// Numbers that look random and are always the same (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most.max(1)
    }
    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
    /// Bytes half of which are the signs that readers stop at.
    fn bytes(&mut self) -> Vec<u8> {
        let signs = b"{}[]<>\"':,;=\n\r\t \\/.-0A\0\xff&#|";
        (0..self.below(300))
            .map(|_| if self.below(2) == 0 { self.byte() } else { signs[self.below(signs.len())] })
            .collect()
    }
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(8) {
            let place = self.below(bytes.len());
            match self.below(5) {
                0 => bytes.insert(place, self.byte()),
                1 => bytes.truncate(place),
                2 => {
                    let end = (place + self.below(64)).min(bytes.len());
                    let part = bytes[place..end].to_vec();
                    bytes.splice(place..place, part.repeat(1 + self.below(4)));
                }
                _ if !bytes.is_empty() => bytes[place] = self.byte(),
                _ => {}
            }
        }
    }
}

/// Our own cases of a folder of the corpus.
fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus").join(folder);
    let mut files: Vec<_> =
        std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read(path).unwrap()).filter(|bytes| bytes.len() < 64 << 10).collect()
}

#[test]
fn every_reader_survives_random_bytes() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for case in 0..CASES {
        for (target, heads) in [
            (tried::inventory as fn(&[u8]), tried::INVENTORIES.len()),
            (tried::advisory, tried::ADVISORIES.len()),
        ] {
            let head = u8::try_from(case % heads).unwrap();
            target(&[&[head], dice.bytes().as_slice()].concat());
        }
        let (path, start) = (case % tried::PATHS.len(), dice.below(tried::STARTS.len()));
        let chosen = [u8::try_from(path).unwrap(), u8::try_from(start).unwrap()];
        tried::scan(&[&chosen, dice.bytes().as_slice()].concat());
        tried::signed(&dice.bytes());
        let (a, b) = (dice.bytes(), dice.bytes());
        tried::versions(&String::from_utf8_lossy(&a), &String::from_utf8_lossy(&b));
    }
}

#[test]
fn every_reader_survives_damaged_files() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for (target, seeds) in
        [(tried::inventory as fn(&[u8]), corpus("inventory")), (tried::advisory, corpus("advisories"))]
    {
        assert!(!seeds.is_empty());
        for case in 0..CASES {
            let mut bytes = seeds[case % seeds.len()].clone();
            dice.damage(&mut bytes);
            // The first byte chooses a beginning: none.
            target(&[&[0], bytes.as_slice()].concat());
        }
    }
    // Archives within archives, damaged anywhere.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["META-INF/maven/a/b/pom.properties", "BOOT-INF/lib/spring-beans-5.2.1.jar"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, b"groupId=a\nartifactId=b\nversion=1\n").unwrap();
    }
    let jar = zip.finish().unwrap().into_inner();
    for _ in 0..CASES {
        let mut bytes = jar.clone();
        dice.damage(&mut bytes);
        let war = u8::try_from(tried::PATHS.iter().position(|p| p.ends_with(".war")).unwrap()).unwrap();
        tried::scan(&[&[war, 0], bytes.as_slice()].concat());
    }
}
