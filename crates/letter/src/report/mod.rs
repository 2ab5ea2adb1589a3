//! A draft and the figures of a moment to a paper: fields become figures that open their evidence, tables are drawn.

mod tables;

use domain::{
    legal::Pack,
    report::{Draft, DraftBlock, Figures, Piece, Value, pieces},
};
use jiff::civil::Date;

use crate::model::{Attached, Document, Facts, Form, Level, Part, Signature, Span, compose, two_digits};

/// What is said where there is no data.
pub const NO_DATA: &str = "chưa có số liệu";

/// The paper as it would go out now. `base` goes before every address; `date` is the day of signing, `None` while it is
/// a draft.
pub fn paper(draft: &Draft, figures: &Figures, pack: &Pack, base: &str, date: Option<Date>) -> Document {
    let made = Made { figures, pack, base };
    let subject = made.plain(&draft.subject);
    let form = if draft.title.trim().is_empty() {
        Form::Letter { subject }
    } else {
        Form::Titled { title: draft.title.clone(), subject }
    };
    let superior = Some(draft.superior.clone()).filter(|s| !s.trim().is_empty());
    let appendices = draft.appendices.iter().filter_map(|name| {
        let tables = made.tables(name);
        let landscape = tables.first()?.columns.len() > LANDSCAPE_FROM;
        let parts = tables.into_iter().map(Part::Table).collect();
        Some(Attached { title: tables::title(name).to_owned(), parts, landscape })
    });
    compose(&Facts {
        superior,
        issuer: draft.issuer.clone(),
        number: None,
        symbol: draft.symbol.clone(),
        place: draft.place.clone(),
        date,
        form,
        urgency: draft.urgency,
        to: draft.to.clone(),
        parts: draft.blocks.iter().flat_map(|b| made.block(b)).collect(),
        copies: draft.copies.clone(),
        cosigned: vec![],
        signature: Signature { capacity: draft.capacity.clone(), name: draft.signer.clone() },
        appendices: appendices.collect(),
    })
}

/// A field's figure as a paper writes it.
pub fn written(value: &Value) -> String {
    match value {
        Value::Number(n, _) => two_digits(*n),
        Value::Words(words, _) => words.clone(),
        Value::Missing => NO_DATA.to_owned(),
    }
}

/// More columns than this need the long side of the page.
const LANDSCAPE_FROM: usize = 7;

/// What a paper is made with.
struct Made<'a> {
    figures: &'a Figures,
    pack: &'a Pack,
    base: &'a str,
}

impl Made<'_> {
    fn block(&self, block: &DraftBlock) -> Vec<Part> {
        let mut parts = Vec::new();
        if !block.heading.trim().is_empty() {
            parts.push(Part::Item { level: Level::Heading, spans: self.spans(&block.heading) });
        }
        for line in block.text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            parts.push(self.line(line));
        }
        if !block.table.is_empty() {
            // A table without data is no empty grid: the words above have said that there is none.
            parts.extend(self.tables(&block.table).into_iter().map(Part::Table));
        }
        parts
    }

    /// A line is a paragraph, or an article by what it begins with; its own letter is not kept, since articles are
    /// numbered anew.
    fn line(&self, line: &str) -> Part {
        if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("+ ")) {
            return Part::Item { level: Level::Dash, spans: self.spans(rest) };
        }
        match line.split_once(") ") {
            Some((label, rest)) if label.chars().count() == 1 && label.chars().all(char::is_lowercase) => {
                Part::Item { level: Level::Point, spans: self.spans(rest) }
            }
            _ => Part::Text { spans: self.spans(line) },
        }
    }

    /// A line of figures none of which is known says so once: *Số yêu cầu đã nhận: chưa có số liệu.*
    fn spans(&self, text: &str) -> Vec<Span> {
        let all = pieces(text);
        let missing = |name: &str| matches!(self.figures.value(name), None | Some(Value::Missing));
        let fields = all.iter().filter_map(|p| match p {
            Piece::Field(name) => Some(*name),
            Piece::Words(_) => None,
        });
        if fields.clone().count() > 1
            && fields.clone().all(missing)
            && let Some(Piece::Words(label)) = all.first()
            && label.trim_end().ends_with(':')
        {
            return vec![Span::plain(*label), Span::plain(NO_DATA), Span::plain(".")];
        }
        all.into_iter()
            .map(|piece| match piece {
                Piece::Words(words) => Span::plain(words),
                Piece::Field(name) => self.field(name),
            })
            .collect()
    }

    fn field(&self, name: &str) -> Span {
        let value = self.figures.value(name).unwrap_or(Value::Missing);
        let text = written(&value);
        match value {
            Value::Number(_, href) | Value::Words(_, href) if !href.is_empty() => self.linked(text, &href),
            _ => Span::plain(text),
        }
    }

    fn plain(&self, text: &str) -> String {
        self.spans(text).into_iter().map(|s| s.text).collect()
    }

    fn linked(&self, text: impl Into<String>, href: &str) -> Span {
        Span::linked(text, format!("{}{href}", self.base))
    }
}

#[cfg(test)]
mod tests;
