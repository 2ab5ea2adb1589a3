//! Facts to a document.

use super::{
    Appendix, Block, Document, Facts, Form, LANDSCAPE, Level, PORTRAIT, Part, Signature, Span, Urgency,
    fit::fit,
    write::{day_line, letter_point, listed, number_line, roman},
};

/// *Quốc hiệu*.
const STATE: &str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM";
/// *Tiêu ngữ*.
const MOTTO: &str = "Độc lập - Tự do - Hạnh phúc";
/// What ends the body of a paper.
const END: &str = "./.";

/// Lays facts out. Text is taken as it is: whatever stands in it is words, never a command of some file format.
pub fn compose(facts: &Facts) -> Document {
    let number = number_line(facts.number, &facts.symbol);
    let (about, title, subject, name) = match &facts.form {
        Form::Letter { subject } => {
            (format!("V/v {}", clean(subject)), String::new(), String::new(), "Công văn".to_owned())
        }
        Form::Titled { title, subject } => {
            (String::new(), title.to_uppercase(), clean(subject), sentence(title))
        }
    };
    let mut blocks = numbered(&facts.parts, PORTRAIT);
    end(&mut blocks);
    let to: Vec<String> = facts.to.iter().map(|l| clean(l)).filter(|l| !l.is_empty()).collect();
    let to = match to.as_slice() {
        [one] => vec![format!("{}.", one.trim_end_matches(['.', ';']))],
        many => listed(many),
    };
    // *Như trên* means those of *Kính gửi*: without them it would mean nobody.
    let nobody = to.is_empty();
    let idle = |l: &String| l.is_empty() || nobody && l.to_lowercase().starts_with("như trên");
    let copies: Vec<String> = facts.copies.iter().map(|l| clean(l)).filter(|l| !idle(l)).collect();
    let reference = reference(&name, &number, facts);
    let alone = facts.appendices.len() == 1;
    let appendices = facts.appendices.iter().zip(1..).map(|(a, n)| Appendix {
        label: if alone { "Phụ lục".to_owned() } else { format!("Phụ lục {}", roman(n)) },
        title: clean(&a.title).to_uppercase(),
        reference: reference.clone(),
        blocks: numbered(&a.parts, if a.landscape { LANDSCAPE } else { PORTRAIT }),
        landscape: a.landscape,
    });
    let Signature { capacity, name: signer } = signature(&facts.signature);
    Document {
        superior: facts.superior.as_deref().map(clean).unwrap_or_default().to_uppercase(),
        issuer: clean(&facts.issuer).to_uppercase(),
        state: STATE.to_owned(),
        motto: MOTTO.to_owned(),
        number,
        about,
        urgency: facts.urgency.map(Urgency::stamp).unwrap_or_default().to_owned(),
        dated: day_line(&clean(&facts.place), facts.date),
        title,
        subject,
        to,
        blocks,
        copies: listed(&copies),
        cosigned: facts.cosigned.iter().map(signature).collect(),
        capacity,
        signer,
        appendices: appendices.collect(),
    }
}

fn signature(of: &Signature) -> Signature {
    let capacity = of.capacity.iter().map(|l| clean(l).to_uppercase()).collect();
    Signature { capacity, name: clean(&of.name) }
}

/// One line: line ends and runs of blanks become one blank; other control characters go.
fn clean(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() && c != '\u{a0}' || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    words.join(" ")
}

/// *BÁO CÁO* → *Báo cáo*.
fn sentence(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut chars = lower.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// *(Kèm theo Báo cáo số     /BC-SKHCN ngày 05 tháng 02 năm 2027 của Sở …)*.
fn reference(name: &str, number: &str, facts: &Facts) -> String {
    let number = number.replacen("Số: ", "số ", 1);
    let day = day_line("", facts.date);
    format!("(Kèm theo {name} {number} {day} của {})", clean(&facts.issuer))
}

/// Puts labels before articles, since a heading or clause begins its points anew, and settles tables on a page so wide.
fn numbered(parts: &[Part], page: u16) -> Vec<Block> {
    let (mut clause, mut point) = (0, 0);
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.push(match part {
            Part::Text { spans } => Block::Text { heading: false, spans: tidy(spans) },
            Part::Table(table) => {
                let mut table = table.clone();
                fit(&mut table, page);
                Block::Table(table)
            }
            Part::Item { level, spans } => {
                let label = match level {
                    Level::Heading | Level::Clause => {
                        clause += 1;
                        point = 0;
                        format!("{clause}. ")
                    }
                    Level::Point => {
                        point += 1;
                        format!("{}) ", letter_point(point))
                    }
                    Level::Dash => "- ".to_owned(),
                };
                let heading = *level == Level::Heading;
                let mut spans = tidy(spans);
                spans.insert(0, Span { bold: heading, ..Span::plain(label) });
                for span in &mut spans {
                    span.bold |= heading;
                }
                Block::Text { heading, spans }
            }
        });
    }
    blocks
}

fn tidy(spans: &[Span]) -> Vec<Span> {
    let blank = |c: char| c.is_whitespace() && c != '\u{a0}' || c.is_control();
    spans
        .iter()
        .map(|span| {
            // The blanks between two spans count; those within are made one.
            let (before, after) = (span.text.starts_with(blank), span.text.ends_with(blank));
            let inside = clean(&span.text);
            let text = match (inside.is_empty(), before, after) {
                (true, false, _) => String::new(),
                (true, true, _) => " ".to_owned(),
                (false, ..) => {
                    format!("{}{inside}{}", if before { " " } else { "" }, if after { " " } else { "" })
                }
            };
            Span { text, ..span.clone() }
        })
        .filter(|span| !span.text.is_empty())
        .collect()
}

/// A paper's body ends in *./.*, once.
fn end(blocks: &mut Vec<Block>) {
    match blocks.last_mut() {
        Some(Block::Text { spans, .. }) if !spans.is_empty() => {
            if let Some(last) = spans.last_mut() {
                let kept =
                    last.text.trim_end().trim_end_matches(END).trim_end_matches(['.', ';', ',']).to_owned();
                last.text = kept;
            }
            spans.push(Span::plain(END));
        }
        _ => blocks.push(Block::Text { heading: false, spans: vec![Span::plain(END)] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attached, Table};

    fn text(block: &Block) -> String {
        match block {
            Block::Text { spans, .. } => spans.iter().map(|s| s.text.as_str()).collect(),
            Block::Table(_) => "[table]".into(),
        }
    }

    fn facts() -> Facts {
        Facts {
            superior: Some("UBND tỉnh Thanh Bình".into()),
            issuer: "Công an tỉnh".into(),
            symbol: "BC-CAT-PA05".into(),
            place: "Thanh Bình".into(),
            form: Form::Titled {
                title: "Báo cáo".into(), subject: "Kết quả  bảo đảm\nan ninh mạng".into()
            },
            to: vec!["Ủy ban nhân dân tỉnh".into()],
            parts: vec![
                Part::text("Thực hiện chỉ đạo."),
                Part::item(Level::Heading, "Tình hình"),
                Part::item(Level::Point, "Một;"),
                Part::item(Level::Point, "Hai;"),
                Part::item(Level::Heading, "Kết quả"),
                Part::item(Level::Point, "Ba."),
                Part::Table(Table::default()),
                Part::text("Trân trọng báo cáo."),
            ],
            copies: vec!["Như trên".into(), "Lưu: VT.".into()],
            signature: Signature {
                capacity: vec!["KT. Giám đốc".into()], name: "Đại tá Lê An".into()
            },
            ..Facts::default()
        }
    }

    #[test]
    fn a_report_is_numbered_ends_and_shouts_where_the_decree_wants_it() {
        let d = compose(&facts());
        let body: Vec<String> = d.blocks.iter().map(text).collect();
        assert_eq!(
            body,
            [
                "Thực hiện chỉ đạo.",
                "1. Tình hình",
                "a) Một;",
                "b) Hai;",
                "2. Kết quả",
                "a) Ba.",
                "[table]",
                "Trân trọng báo cáo./.",
            ]
        );
        assert_eq!((d.issuer.as_str(), d.title.as_str()), ("CÔNG AN TỈNH", "BÁO CÁO"));
        assert_eq!(d.subject, "Kết quả bảo đảm an ninh mạng");
        assert_eq!(
            (d.to, d.copies),
            (vec!["Ủy ban nhân dân tỉnh.".into()], vec!["- Như trên;".into(), "- Lưu: VT.".into()])
        );
        assert_eq!(d.capacity, ["KT. GIÁM ĐỐC"]);
        assert!(d.about.is_empty() && d.number.ends_with("/BC-CAT-PA05"));
    }

    #[test]
    fn appendices_say_what_they_are_attached_to_and_are_counted_when_there_are_two() {
        let attached = Attached { title: "Danh sách".into(), parts: vec![], landscape: true };
        let one = compose(&Facts { appendices: vec![attached.clone()], ..facts() });
        assert_eq!(one.appendices[0].label, "Phụ lục");
        assert!(one.appendices[0].reference.starts_with("(Kèm theo Báo cáo số "));
        let two = compose(&Facts { appendices: vec![attached.clone(), attached], ..facts() });
        assert_eq!(two.appendices[1].label, "Phụ lục II");
        assert_eq!(two.appendices[1].title, "DANH SÁCH");
    }

    #[test]
    fn a_letter_says_what_it_is_about_under_its_number() {
        let d = compose(&Facts { form: Form::Letter { subject: "trả lời".into() }, ..facts() });
        assert_eq!((d.about.as_str(), d.title.as_str()), ("V/v trả lời", ""));
    }
}
