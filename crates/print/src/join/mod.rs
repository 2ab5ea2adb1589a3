//! PDFs of our own hand, one after the other, as one file: their pages, and their tags as one tree.
//!
//! No reader of PDFs, and none is needed: the parts come from the one library that writes ours, in its one form. What of
//! a part is not understood is an error, never left out.

mod part;

use self::part::{Numbers, Part, at, listed, number};
use crate::PrintError;

/// Objects the whole has once, though each part brings its own.
pub(super) const SHARED: usize = 6;
const PAGES: usize = 1;
const TAGS: usize = 2;
const ROOT_TAG: usize = 3;
const META: usize = 4;
const INFO: usize = 5;
const CATALOG: usize = 6;

/// The file so far.
#[derive(Default)]
pub(crate) struct Joined {
    out: Vec<u8>,
    /// Where each object begins, the shared ones left out.
    starts: Vec<usize>,
    parts: usize,
    pages: usize,
    page_refs: Vec<u8>,
    tag_refs: Vec<u8>,
    /// Which tags the pieces of a page belong to, by number.
    owners: Vec<u8>,
    owners_next: usize,
    /// Tags by name, in order.
    names: Vec<u8>,
    /// What the first part says of itself, and so of the whole.
    tags: Vec<u8>,
    root_tag: Vec<u8>,
    meta: Vec<u8>,
    info: Vec<u8>,
    catalog: Vec<u8>,
    ids: Vec<u8>,
}

impl Joined {
    /// Adds a part.
    pub fn add(&mut self, part: &[u8]) -> Result<(), PrintError> {
        self.take(part).ok_or_else(odd)
    }

    /// The whole, of which `last` is the last part; where there is no other, that one as it is.
    pub fn end(mut self, last: Vec<u8>) -> Result<Vec<u8>, PrintError> {
        if self.parts == 0 {
            return Ok(last);
        }
        self.add(&last)?;
        drop(last);
        self.finish().ok_or_else(odd)
    }

    fn take(&mut self, bytes: &[u8]) -> Option<()> {
        let part = Part::read(bytes)?;
        let shared = [part.pages, part.tags, part.root_tag, part.meta, part.info, part.catalog];
        let numbers = Numbers::new(&part, shared, self.starts.len(), self.owners_next, self.parts)?;
        if self.parts == 0 {
            self.out.extend_from_slice(part.head()?);
        }
        for n in (1..=part.objects()).filter(|n| !shared.contains(n)) {
            self.starts.push(self.out.len());
            let new = SHARED + self.starts.len();
            self.out.extend_from_slice(format!("{new} 0 obj\n").as_bytes());
            numbers.write(part.object(n)?, &mut self.out)?;
            self.out.extend_from_slice(b"\nendobj\n");
        }
        let said = |n: usize| -> Option<Vec<u8>> {
            let mut out = Vec::new();
            numbers.write(part.object(n)?, &mut out)?;
            Some(out)
        };
        let (pages, root_tag, tags) = (said(part.pages)?, said(part.root_tag)?, part.object(part.tags)?);
        self.pages += number(pages.get(at(&pages, b"/Count ")? + 7..)?)?;
        push(&mut self.page_refs, listed(&pages, b"/Kids[")?);
        push(&mut self.tag_refs, listed(&root_tag, b"/K[")?);
        if let Some(owners) = listed(tags, b"/ParentTree<</Nums[") {
            self.owners_next += numbers.owners(owners, &mut self.owners)?;
        }
        if let Some(names) = listed(tags, b"/IDTree<</Names[") {
            numbers.names(names, &mut self.names)?;
        }
        let roles = tags.get(..at(tags, b"/K[")?)?;
        if self.parts == 0 {
            self.tags = roles.to_vec();
            self.root_tag = root_tag;
            self.meta = part.object(part.meta)?.to_vec();
            self.info = said(part.info)?;
            self.catalog = said(part.catalog)?;
            self.ids = part.ids.to_vec();
        }
        self.parts += 1;
        // The meaning of tags is said once, so all must mean the same by them.
        (self.tags == roles).then_some(())
    }

    fn finish(mut self) -> Option<Vec<u8>> {
        let tags = [
            self.tags.as_slice(),
            format!("/K[{ROOT_TAG} 0 R]/ParentTree<</Nums[").as_bytes(),
            &self.owners,
            b"]>>/IDTree<</Names[",
            &self.names,
            format!("]>>/ParentTreeNextKey {}>>", self.owners_next).as_bytes(),
        ]
        .concat();
        let pages = [format!("<</Type/Pages/Count {}/Kids[", self.pages).as_bytes(), &self.page_refs, b"]>>"]
            .concat();
        let root_tag = replaced(&self.root_tag, b"/K[", b"]", &self.tag_refs)?;
        let meta = meta(&self.meta, self.pages)?;
        let last = [
            (PAGES, pages),
            (TAGS, tags),
            (ROOT_TAG, root_tag),
            (META, meta),
            (INFO, std::mem::take(&mut self.info)),
            (CATALOG, std::mem::take(&mut self.catalog)),
        ];
        let mut starts = Vec::with_capacity(SHARED + self.starts.len());
        for (n, object) in last {
            starts.push(self.out.len());
            self.out.extend_from_slice(format!("{n} 0 obj\n").as_bytes());
            self.out.extend_from_slice(&object);
            self.out.extend_from_slice(b"\nendobj\n");
        }
        starts.append(&mut self.starts);
        let (table, size) = (self.out.len(), starts.len() + 1);
        self.out.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f\r\n").as_bytes());
        for start in starts {
            self.out.extend_from_slice(format!("{start:010} 00000 n\r\n").as_bytes());
        }
        let ids = String::from_utf8(self.ids).ok()?;
        let trailer = format!(
            "trailer\n<</Size {size}/Root {CATALOG} 0 R/Info {INFO} 0 R/ID[{ids}]>>\nstartxref\n{table}\n%%EOF"
        );
        self.out.extend_from_slice(trailer.as_bytes());
        Some(self.out)
    }
}

fn odd() -> PrintError {
    PrintError::Set("a part is not of the form that can be joined".to_owned())
}

/// Adds a list to a list.
fn push(list: &mut Vec<u8>, more: &[u8]) {
    if !list.is_empty() && !more.is_empty() {
        list.push(b' ');
    }
    list.extend_from_slice(more);
}

/// The text with what stands between an opening and the closing after it replaced.
fn replaced(text: &[u8], open: &[u8], close: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let (before, rest) = text.split_at_checked(at(text, open)? + open.len())?;
    let after = rest.get(at(rest, close)?..)?;
    Some([before, new, after].concat())
}

/// The words about the file, with the number of pages of the whole.
fn meta(object: &[u8], pages: usize) -> Option<Vec<u8>> {
    let (open, close) = (b"\nstream\n", b"\nendstream");
    let begins = at(object, open)? + open.len();
    let words = object.get(begins..object.len().checked_sub(close.len())?)?;
    let words = replaced(words, b"<xmpTPg:NPages>", b"<", pages.to_string().as_bytes())?;
    let length = format!("<</Length {}/Type/Metadata/Subtype/XML>>", words.len());
    Some([length.as_bytes(), open, &words, close].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_part_of_ours_is_an_error() {
        for bytes in
            [&b""[..], b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n9\n%%EOF", b"startxref\n99999999999999999999\n"]
        {
            assert!(Joined::default().add(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn one_part_alone_stays_as_it_is() {
        assert_eq!(Joined::default().end(b"whatever".to_vec()).unwrap(), b"whatever");
    }

    #[test]
    fn lists_grow_and_words_about_the_file_count_all_pages() {
        let mut list = b"1 0 R".to_vec();
        push(&mut list, b"2 0 R");
        assert_eq!(list, b"1 0 R 2 0 R");
        let words =
            b"<</Length 32/Type/Metadata/Subtype/XML>>\nstream\n<xmpTPg:NPages>2</xmpTPg:NPages>\nendstream";
        let found = String::from_utf8(meta(words, 152).unwrap()).unwrap();
        assert!(found.starts_with("<</Length 34/") && found.contains(">152</xmpTPg"), "{found}");
    }
}
