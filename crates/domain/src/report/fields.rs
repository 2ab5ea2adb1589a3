//! Fields within words: `{{handled}}`.

use super::figures::NAMES;

/// A piece of a text with fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// A field's name.
    Field(&'a str),
}

/// Cuts a text at its fields. Braces that close nothing are words.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once("{{") {
        let Some((name, after)) = from.split_once("}}") else { break };
        // `{{ a {{b}}`: the inner one is the field.
        let (words, name) = match name.rsplit_once("{{") {
            Some((outer, inner)) => (rest.get(..before.len() + 2 + outer.len()).unwrap_or(before), inner),
            None => (before, name),
        };
        if !words.is_empty() {
            out.push(Piece::Words(words));
        }
        out.push(Piece::Field(name.trim()));
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Words(rest));
    }
    out
}

/// Names of fields in a text that stand for nothing.
pub fn unknown(text: &str) -> Vec<String> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Field(name) if !NAMES.contains(&name) => Some(name.to_owned()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_falls_into_words_and_fields() {
        assert_eq!(
            pieces("Có {{ handled }}/{{total}} máy"),
            [
                Piece::Words("Có "),
                Piece::Field("handled"),
                Piece::Words("/"),
                Piece::Field("total"),
                Piece::Words(" máy")
            ]
        );
        assert_eq!(pieces("một {{ hai"), [Piece::Words("một {{ hai")]);
        assert_eq!(pieces("{{a {{b}}"), [Piece::Words("{{a "), Piece::Field("b")]);
        assert!(pieces("").is_empty());
    }

    proptest! {
        #[test]
        fn words_are_never_lost(text in "[a{} đ]{0,40}") {
            let kept: usize = pieces(&text).iter().map(|p| match p {
                Piece::Words(w) => w.len(),
                Piece::Field(_) => 0,
            }).sum();
            prop_assert!(kept <= text.len());
            if !text.contains("}}") {
                prop_assert_eq!(kept, text.len());
            }
        }
    }
}
