//! A file as Windows writes it: names told once a chunk, a template used by several records, elements that depend on a value.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use domain::event::Event;

/// No value an element depends on.
const ALWAYS: u16 = u16::MAX;
/// Where the first record stands in its chunk.
const RECORDS: usize = 0x200;

/// A chunk being written; what stands in it is told by its place.
struct Chunk {
    bytes: Vec<u8>,
    names: Vec<(String, u32)>,
    template: Option<u32>,
}

impl Chunk {
    fn new() -> Self {
        let mut bytes = b"ElfChnk\0".to_vec();
        bytes.resize(RECORDS, 0);
        Self { bytes, names: Vec::new(), template: None }
    }
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }
    fn at(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap()
    }
    /// Puts a number where there was room left for it.
    fn fill(&mut self, at: usize, number: u32) {
        self.bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    fn text(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().collect();
        self.put(&u16::try_from(units.len()).unwrap().to_le_bytes());
        units.iter().for_each(|unit| self.put(&unit.to_le_bytes()));
    }
    /// The name right here the first time, and its place after that.
    fn name(&mut self, name: &str) {
        if let Some((_, place)) = self.names.iter().find(|(known, _)| known == name) {
            let place = *place;
            return self.put(&place.to_le_bytes());
        }
        let place = self.at() + 4;
        self.put(&place.to_le_bytes());
        self.put(&[0; 6]);
        self.text(name);
        self.put(&[0; 2]);
        self.names.push((name.to_owned(), place));
    }
    fn begin(&mut self, name: &str, depends: u16, attributes: &[(&str, Option<u16>, &str)]) {
        self.put(&[if attributes.is_empty() { 0x01 } else { 0x41 }]);
        self.put(&depends.to_le_bytes());
        self.put(&[0; 4]);
        self.name(name);
        if !attributes.is_empty() {
            self.put(&[0; 4]);
        }
        for (name, value, text) in attributes {
            self.put(&[0x06]);
            self.name(name);
            match value {
                Some(number) => self.value(*number, 1),
                None => {
                    self.put(&[0x05, 1]);
                    self.text(text);
                }
            }
        }
        self.put(&[0x02]);
    }
    fn value(&mut self, number: u16, kind: u8) {
        self.put(&[0x0e]);
        self.put(&number.to_le_bytes());
        self.put(&[kind]);
    }
    fn element(
        &mut self,
        name: &str,
        depends: u16,
        attributes: &[(&str, Option<u16>, &str)],
        value: u16,
        kind: u8,
    ) {
        self.begin(name, depends, attributes);
        self.value(value, kind);
        self.put(&[0x04]);
    }
    /// The template's own steps.
    fn steps(&mut self) {
        self.put(&[0x0f, 1, 1, 0]);
        self.begin(
            "Event",
            ALWAYS,
            &[("xmlns", None, "http://schemas.microsoft.com/win/2004/08/events/event")],
        );
        self.begin("System", ALWAYS, &[]);
        self.begin("Provider", ALWAYS, &[("Name", None, "Microsoft-Windows-Security-Auditing")]);
        self.put(&[0x04]);
        self.element("EventID", ALWAYS, &[], 0, 0x06);
        self.element("Computer", ALWAYS, &[], 1, 0x01);
        self.element("Channel", ALWAYS, &[], 5, 0x01);
        self.put(&[0x04]);
        self.begin("EventData", ALWAYS, &[]);
        self.element("Data", ALWAYS, &[("Name", None, "TargetUserName")], 2, 0x01);
        self.element("Data", 3, &[("Name", None, "IpAddress")], 3, 0x01);
        self.element("Data", ALWAYS, &[("Name", None, "Keywords")], 4, 0x15);
        self.put(&[0x04, 0x04, 0x00]);
    }
    fn record(&mut self, values: &[(u8, Vec<u8>)]) {
        let begin = self.bytes.len();
        self.put(&0x2a2a_u32.to_le_bytes());
        self.put(&[0; 20]);
        self.put(&[0x0f, 1, 1, 0, 0x0c, 1]);
        self.put(&7_u32.to_le_bytes());
        match self.template {
            Some(place) => self.put(&place.to_le_bytes()),
            None => {
                let place = self.at() + 4;
                self.template = Some(place);
                self.put(&place.to_le_bytes());
                self.put(&[0; 24]);
                let from = self.bytes.len();
                self.steps();
                self.fill(from - 4, u32::try_from(self.bytes.len() - from).unwrap());
            }
        }
        self.put(&u32::try_from(values.len()).unwrap().to_le_bytes());
        for (kind, bytes) in values {
            self.put(&u16::try_from(bytes.len()).unwrap().to_le_bytes());
            self.put(&[*kind, 0]);
        }
        values.iter().for_each(|(_, bytes)| self.put(bytes));
        self.put(&[0x00]);
        let size = u32::try_from(self.bytes.len() - begin + 4).unwrap();
        self.put(&size.to_le_bytes());
        self.fill(begin + 4, size);
    }
    fn file(mut self) -> Vec<u8> {
        let free = self.at();
        self.fill(0x30, free);
        self.bytes.resize(normalise::evtx::CHUNK, 0);
        let mut file = b"ElfFile\0".to_vec();
        file.resize(4096, 0);
        file[0x28..0x2a].copy_from_slice(&4096_u16.to_le_bytes());
        file.extend(self.bytes);
        file
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn records_of_one_template_are_read_each_with_its_own_values() {
    let mut chunk = Chunk::new();
    let common = |user: &str, address: Option<&str>| {
        vec![
            (0x06, 4625_u16.to_le_bytes().to_vec()),
            (0x01, utf16("may-chu.songtra.example.vn")),
            (0x01, utf16(user)),
            address.map_or((0x00, Vec::new()), |a| (0x01, utf16(a))),
            (0x15, 0x8010_0000_0000_0000_u64.to_le_bytes().to_vec()),
            (0x01, utf16("Security")),
        ]
    };
    // Longer than is narrowed at once, its last letters not ASCII; a value that is not there takes its element along.
    let long = "quan-tri-vien-cua-mot-don-vi-co-ten-rat-dai-Bến Thủy";
    chunk.record(&common("admin", Some("203.0.113.9")));
    chunk.record(&common(long, None));
    let file = chunk.file();
    let (mut event, mut lines) = (Event::default(), Vec::new());
    let read = normalise::evtx::read(&file, &mut event, |event| {
        let mut line = String::new();
        normalise::evtx::line(event, &mut line);
        lines.push(line);
    });
    assert_eq!(read.unwrap(), normalise::evtx::Read { records: 2, broken: 0 });
    let line = |user: &str, address: &str| {
        format!(
            r#"{{"Provider_Name":"Microsoft-Windows-Security-Auditing","EventID":4625,"Computer":"may-chu.songtra.example.vn","Channel":"Security","TargetUserName":"{user}",{address}"Keywords":"0x8010000000000000"}}"#
        )
    };
    assert_eq!(lines, [line("admin", r#""IpAddress":"203.0.113.9","#), line(long, "")]);

    // Cut anywhere, what is whole is told and nothing else.
    for end in (4096 + RECORDS..file.len()).step_by(7) {
        let mut told = 0;
        let read = normalise::evtx::read(&file[..end], &mut event, |_| told += 1).unwrap();
        assert_eq!(read.records, told);
        assert!(told <= 2);
    }
}
