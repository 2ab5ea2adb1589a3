//! The head, the title, the signature: what stands around the body.

use docx_rs::{
    AlignmentType, Paragraph, Table, TableCell, TableCellMargins, TableLayoutType, TableRow, VAlignType,
    WidthType,
};
use letter::model::{Appendix, Document, Signature};

use super::{mm, styles, text};

/// The left column's share of the head, in hundredths: the state's name needs the rest in one line.
const LEFT_SHARE: usize = 41;
/// The line below the issuer takes between a third and a half of its width.
const ISSUER_RULE: i32 = 1_250;
/// The line below the motto is as long as the motto.
const MOTTO_RULE: i32 = 1_080;
/// The line below the title.
const SUBJECT_RULE: i32 = 3_400;
/// A long subject stands in from both sides.
const SUBJECT_INDENT: i32 = 680;
/// The room a stamp of urgency has, and what a letter of it takes: the frame fits the words, in one line.
const STAMP: i32 = 3_500;
const STAMP_LETTER: i32 = 200;
/// Empty lines for a signature.
const SIGNATURE_LINES: usize = 4;
/// How far lines of *Kính gửi* stand in.
const TO_INDENT: (i32, i32) = (1_300, 2_000);

/// Issuer and state side by side, number and day below them.
#[allow(clippy::cast_sign_loss, reason = "lengths on a page of paper")]
pub(super) fn head(d: &Document, width: u16) -> Table {
    let mut left = Vec::new();
    if !d.superior.is_empty() {
        left.push(text::line(&d.superior, styles::SUPERIOR));
    }
    left.push(text::line(&d.issuer, styles::ISSUER));
    left.push(text::rule(ISSUER_RULE));
    let right = vec![
        text::line(&d.state, styles::STATE),
        text::line(&d.motto, styles::MOTTO),
        text::rule(MOTTO_RULE),
    ];
    let mut number = vec![text::line(&d.number, styles::NUMBER)];
    if !d.about.is_empty() {
        number.push(text::line(&d.about, styles::ABOUT));
    }
    if !d.urgency.is_empty() {
        let letters = i32::try_from(d.urgency.chars().count()).unwrap_or_default();
        number.push(text::stamp(
            &d.urgency,
            STAMP.saturating_sub(letters.saturating_mul(STAMP_LETTER)).max(0) / 2,
        ));
    }
    let dated = vec![text::line(&d.dated, styles::DATED)];
    two(mm(width) as usize, LEFT_SHARE, vec![(left, right), (number, dated)])
}

/// Kind and subject of a titled paper, then *Kính gửi*.
pub(super) fn title(d: &Document) -> Vec<Paragraph> {
    let mut out = Vec::new();
    if d.title.is_empty() {
        out.push(text::line("", styles::SUBJECT));
    } else {
        out.push(text::line(&d.title, styles::TITLE));
        out.push(text::line(&d.subject, styles::SUBJECT).indent(
            Some(SUBJECT_INDENT),
            None,
            Some(SUBJECT_INDENT),
            None,
        ));
        out.push(text::rule(SUBJECT_RULE));
    }
    out.push(text::line("", styles::COPY));
    match d.to.as_slice() {
        [] => {}
        [one] => {
            let line = format!("Kính gửi: {one}");
            out.push(text::line(&line, styles::TO).align(AlignmentType::Center));
        }
        many => {
            let (words, lines) = TO_INDENT;
            out.push(text::line("Kính gửi:", styles::TO).indent(Some(words), None, None, None));
            out.extend(many.iter().map(|l| text::line(l, styles::TO).indent(Some(lines), None, None, None)));
        }
    }
    out
}

/// *Nơi nhận* on the left, capacity and signer on the right; never parted by a page's end.
#[allow(clippy::cast_sign_loss, reason = "lengths on a page of paper")]
pub(super) fn foot(d: &Document, width: u16) -> Table {
    let mut left = Vec::new();
    if !d.copies.is_empty() {
        left.push(text::line("Nơi nhận:", styles::COPIES));
        left.extend(d.copies.iter().map(|l| text::line(l, styles::COPY)));
    }
    two(mm(width) as usize, 48, vec![(left, signed(&d.capacity, &d.signer))])
}

/// Those who sign besides, two side by side; no pair is parted by a page's end.
#[allow(clippy::cast_sign_loss, reason = "lengths on a page of paper")]
pub(super) fn cosigned(d: &Document, width: u16) -> Option<Table> {
    let signs = |s: Option<&Signature>| {
        let mut lines = s.map(|s| signed(&s.capacity, &s.name)).unwrap_or_default();
        lines.push(text::line("", styles::SIGNER));
        lines
    };
    let pairs: Vec<_> = d.cosigned.chunks(2).map(|pair| (signs(pair.first()), signs(pair.get(1)))).collect();
    (!pairs.is_empty()).then(|| two(mm(width) as usize, 50, pairs))
}

/// Capacity, room for a hand, name.
fn signed(capacity: &[String], name: &str) -> Vec<Paragraph> {
    let room = (0..SIGNATURE_LINES).map(|_| "");
    let lines = capacity.iter().map(String::as_str).chain(room).chain([name]);
    lines.map(|l| text::line(l, styles::SIGNER)).collect()
}

/// The head of an appendix.
pub(super) fn appendix(a: &Appendix) -> Vec<Paragraph> {
    vec![
        text::line(&a.label, styles::APPENDIX),
        text::line(&a.title, styles::APPENDIX),
        text::line(&a.reference, styles::ATTACHED),
    ]
}

/// Two columns without lines. A height of its own keeps its rows from being taken for heads of tables.
fn two(whole: usize, share: usize, rows: Vec<(Vec<Paragraph>, Vec<Paragraph>)>) -> Table {
    let widths = vec![whole * share / 100, whole - whole * share / 100];
    let cell = |paragraphs: Vec<Paragraph>, width: usize| {
        let cell = TableCell::new().vertical_align(VAlignType::Top).width(width, WidthType::Dxa);
        // A cell must hold a paragraph.
        let paragraphs = if paragraphs.is_empty() { vec![Paragraph::new()] } else { paragraphs };
        paragraphs.into_iter().fold(cell, TableCell::add_paragraph)
    };
    let (a, b) = (widths.first().copied().unwrap_or(whole), widths.last().copied().unwrap_or(whole));
    let rows = rows.into_iter().map(|(left, right)| {
        TableRow::new(vec![cell(left, a), cell(right, b)]).row_height(240.0).cant_split()
    });
    Table::without_borders(rows.collect())
        .set_grid(widths)
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(0, 0, 0, 0))
}
