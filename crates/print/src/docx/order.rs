//! Elements in the order in which the standard wants them (ECMA-376, part 1, 17.3 to 17.7).
//!
//! The library writes what it knows of a paragraph, a run, a table or a section in an order of its own. Word forgives
//! some of it; a validator forgives nothing, and neither need the next program.

use super::table;

/// What stands within what, in its order. What is not named here has no order, or only one kind of child.
const ORDERS: [(&str, &[&str]); 10] = [
    (
        "pPr",
        &[
            "pStyle",
            "keepNext",
            "keepLines",
            "pageBreakBefore",
            "framePr",
            "widowControl",
            "numPr",
            "suppressLineNumbers",
            "pBdr",
            "shd",
            "tabs",
            "suppressAutoHyphens",
            "kinsoku",
            "wordWrap",
            "overflowPunct",
            "topLinePunct",
            "autoSpaceDE",
            "autoSpaceDN",
            "bidi",
            "adjustRightInd",
            "snapToGrid",
            "spacing",
            "ind",
            "contextualSpacing",
            "mirrorIndents",
            "suppressOverlap",
            "jc",
            "textDirection",
            "textAlignment",
            "textboxTightWrap",
            "outlineLvl",
            "divId",
            "cnfStyle",
            "rPr",
            "sectPr",
            "pPrChange",
        ],
    ),
    (
        "rPr",
        &[
            "ins",
            "del",
            "moveFrom",
            "moveTo",
            "rStyle",
            "rFonts",
            "b",
            "bCs",
            "i",
            "iCs",
            "caps",
            "smallCaps",
            "strike",
            "dstrike",
            "outline",
            "shadow",
            "emboss",
            "imprint",
            "noProof",
            "snapToGrid",
            "vanish",
            "webHidden",
            "color",
            "spacing",
            "w",
            "kern",
            "position",
            "sz",
            "szCs",
            "highlight",
            "u",
            "effect",
            "bdr",
            "shd",
            "fitText",
            "vertAlign",
            "rtl",
            "cs",
            "em",
            "lang",
            "eastAsianLayout",
            "specVanish",
            "oMath",
            "rPrChange",
        ],
    ),
    (
        "sectPr",
        &[
            "headerReference",
            "footerReference",
            "footnotePr",
            "endnotePr",
            "type",
            "pgSz",
            "pgMar",
            "paperSrc",
            "pgBorders",
            "lnNumType",
            "pgNumType",
            "cols",
            "formProt",
            "vAlign",
            "noEndnote",
            "titlePg",
            "textDirection",
            "bidi",
            "rtlGutter",
            "docGrid",
            "printerSettings",
            "sectPrChange",
        ],
    ),
    (
        "tblPr",
        &[
            "tblStyle",
            "tblpPr",
            "tblOverlap",
            "bidiVisual",
            "tblStyleRowBandSize",
            "tblStyleColBandSize",
            "tblW",
            "jc",
            "tblCellSpacing",
            "tblInd",
            "tblBorders",
            "shd",
            "tblLayout",
            "tblCellMar",
            "tblLook",
        ],
    ),
    (
        "tcPr",
        &[
            "cnfStyle",
            "tcW",
            "gridSpan",
            "hMerge",
            "vMerge",
            "tcBorders",
            "shd",
            "noWrap",
            "tcMar",
            "textDirection",
            "tcFitText",
            "vAlign",
            "hideMark",
        ],
    ),
    ("tblBorders", EDGES),
    ("tblCellMar", EDGES),
    ("pBdr", EDGES),
    (
        "settings",
        &[
            "view",
            "zoom",
            "trackRevisions",
            "defaultTabStop",
            "autoHyphenation",
            "evenAndOddHeaders",
            "characterSpacingControl",
            "footnotePr",
            "endnotePr",
            "compat",
            "docVars",
            "rsids",
            "themeFontLang",
            "decimalSymbol",
            "listSeparator",
        ],
    ),
    (
        "style",
        &[
            "name",
            "aliases",
            "basedOn",
            "next",
            "link",
            "autoRedefine",
            "hidden",
            "uiPriority",
            "semiHidden",
            "unhideWhenUsed",
            "qFormat",
            "locked",
            "personal",
            "rsid",
            "pPr",
            "rPr",
            "tblPr",
            "trPr",
            "tcPr",
            "tblStylePr",
        ],
    ),
];

/// What the library says of a column besides its width.
const UNIT: &[u8] = b" w:type=\"dxa\"";

/// The edges of paragraphs, cells and tables.
const EDGES: &[&str] =
    &["top", "left", "start", "bottom", "right", "end", "insideH", "insideV", "between", "bar"];

/// The same elements, those that have an order in that order; empty `rPr` say nothing and are left out. `None` for what
/// does not end where it should.
pub(super) fn ordered(xml: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(xml.len());
    copy(xml, &mut out)?;
    Some(out)
}

/// Adds them to `out`; see [`ordered`].
pub(super) fn copy(xml: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = xml;
    while let Some(at) = rest.iter().position(|b| *b == b'<') {
        let (before, tag) = rest.split_at_checked(at)?;
        out.extend_from_slice(before);
        let (tag, after) = tag.split_at_checked(tag.iter().position(|b| *b == b'>')? + 1)?;
        let order = ORDERS.iter().find(|(parent, _)| name(tag) == parent.as_bytes());
        let Some((parent, order)) = order.filter(|_| !tag.ends_with(b"/>")) else {
            match name(tag) {
                b"rPr" if tag.ends_with(b"/>") => {}
                // The width of a column has no unit in the standard; the library gives it one.
                b"gridCol" => {
                    let (width, end) = table::split(tag, UNIT).unwrap_or((tag, b""));
                    out.extend_from_slice(width);
                    out.extend_from_slice(end);
                }
                _ => out.extend_from_slice(tag),
            }
            rest = after;
            continue;
        };
        let close = format!("</w:{parent}>");
        let (inside, behind) = table::split(after, close.as_bytes())?;
        let mut children = children(inside)?;
        let rank = |child: &[u8]| order.iter().position(|o| o.as_bytes() == child).unwrap_or(usize::MAX);
        children.sort_by_key(|(child, _)| rank(child));
        out.extend_from_slice(tag);
        for (_, child) in children {
            copy(child, out)?;
        }
        out.extend_from_slice(close.as_bytes());
        rest = behind;
    }
    out.extend_from_slice(rest);
    Some(())
}

/// Elements side by side, each with its name.
fn children(xml: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (mut found, mut rest) = (Vec::new(), xml.trim_ascii());
    while !rest.is_empty() {
        let tag = rest.get(..=rest.iter().position(|b| *b == b'>')?)?;
        let whole = if tag.ends_with(b"/>") {
            tag.len()
        } else {
            let close = [b"</w:", name(tag), b">"].concat();
            rest.windows(close.len()).position(|w| w == close)? + close.len()
        };
        let (child, behind) = rest.split_at_checked(whole)?;
        found.push((name(tag), child));
        rest = behind.trim_ascii_start();
    }
    Some(found)
}

/// What an opening tag is called, without its prefix; nothing for a closing one or another's.
fn name(tag: &[u8]) -> &[u8] {
    let name = tag.strip_prefix(b"<w:").unwrap_or_default();
    let end = name.iter().position(|b| matches!(b, b' ' | b'/' | b'>')).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(xml: &str) -> String {
        String::from_utf8(ordered(xml.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn what_has_an_order_gets_it_and_what_has_none_stays() {
        assert_eq!(
            said(
                "<w:p><w:pPr><w:rPr><w:szCs w:val=\"4\" /><w:b /></w:rPr><w:pStyle w:val=\"a\" /><w:jc /><w:spacing />\
                 </w:pPr><w:r><w:rPr /><w:t>b &lt; a</w:t></w:r></w:p>"
            ),
            "<w:p><w:pPr><w:pStyle w:val=\"a\" /><w:spacing /><w:jc /><w:rPr><w:b /><w:szCs w:val=\"4\" /></w:rPr></w:pPr>\
             <w:r><w:t>b &lt; a</w:t></w:r></w:p>"
        );
        assert_eq!(
            said("<w:trPr><w:tblHeader /><w:cantSplit /></w:trPr>"),
            "<w:trPr><w:tblHeader /><w:cantSplit /></w:trPr>"
        );
        assert_eq!(said("<w:gridCol w:w=\"9\" w:type=\"dxa\" />"), "<w:gridCol w:w=\"9\" />");
        assert_eq!(
            said("<w:sectPr><w:cols /><w:pgNumType /><w:headerReference r:id=\"1\" /></w:sectPr>"),
            "<w:sectPr><w:headerReference r:id=\"1\" /><w:pgNumType /><w:cols /></w:sectPr>"
        );
        assert_eq!(
            said("<w:tblPr><w:tblCellMar><w:right /><w:top /></w:tblCellMar><w:tblW /></w:tblPr>"),
            "<w:tblPr><w:tblW /><w:tblCellMar><w:top /><w:right /></w:tblCellMar></w:tblPr>"
        );
    }

    #[test]
    fn equals_keep_their_turn_and_what_is_cut_off_is_an_error() {
        assert_eq!(
            said("<w:sectPr><w:headerReference a=\"2\" /><w:headerReference a=\"1\" /></w:sectPr>"),
            "<w:sectPr><w:headerReference a=\"2\" /><w:headerReference a=\"1\" /></w:sectPr>"
        );
        for cut in ["<w:pPr><w:jc />", "<w:p", "<w:pPr><w:rPr></w:pPr>"] {
            assert_eq!(ordered(cut.as_bytes()), None, "{cut}");
        }
    }
}
