//! One message, several files: which are letters of their own, and which go with one.

/// How a part of a message was found when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Its text was read.
    Paper {
        /// It is an official paper by itself ([`super::stands_alone`]).
        alone: bool,
        /// What makes it the same paper as another ([`super::identity`]).
        identity: Option<String>,
    },
    /// A file of a kind that is not read as a paper: a table, a picture of a logo, an archive.
    Other,
    /// It should have been readable and was not.
    Unreadable,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How it was found.
    pub opened: Opened,
    /// It is the message's own text, not a file.
    pub body: bool,
}

/// What becomes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A letter of its own.
    Letter,
    /// An attachment of the letter that this part became.
    With(usize),
    /// A person must look.
    Trouble,
    /// Nothing: words around the files.
    Dropped,
}

/// Decides for all parts of one message.
///
/// Every official paper by itself becomes a letter; a second copy of the same paper (the Word file beside the signed
/// PDF) goes with the first. Where none is one by itself, the first readable file is the letter. Everything else goes
/// with the first letter, except what should have been readable: that is a trouble, since it may be the very order.
/// The message's own text is a letter only where it reads as one: most mail is no paper.
pub fn plan(parts: &[Part]) -> Vec<Fate> {
    let alone = |part: &Part| matches!(part.opened, Opened::Paper { alone: true, .. });
    let paper = |part: &Part| matches!(part.opened, Opened::Paper { .. });
    let files = parts.iter().any(|part| !part.body);
    let mut fates: Vec<Fate> = vec![Fate::Trouble; parts.len()];
    let mut letters: Vec<(usize, &Option<String>)> = Vec::new();
    let none_alone = !parts.iter().any(alone);
    let first_file = parts.iter().position(|part| paper(part) && !part.body);
    for (at, (part, fate)) in parts.iter().zip(&mut fates).enumerate() {
        let Opened::Paper { identity, .. } = &part.opened else { continue };
        if alone(part) || (none_alone && first_file == Some(at)) {
            let same = letters.iter().find(|(_, seen)| identity.is_some() && *seen == identity);
            *fate = same.map_or(Fate::Letter, |(first, _)| Fate::With(*first));
            if same.is_none() {
                letters.push((at, identity));
            }
        }
    }
    let main = letters.first().map(|(at, _)| *at);
    for (at, (part, fate)) in parts.iter().zip(&mut fates).enumerate() {
        if *fate != Fate::Trouble || letters.iter().any(|(letter, _)| *letter == at) {
            continue;
        }
        *fate = match (&part.opened, main) {
            _ if part.body && files => Fate::Dropped,
            (Opened::Unreadable, _) | (_, None) => Fate::Trouble,
            (_, Some(main)) => Fate::With(main),
        };
    }
    fates
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paper(alone: bool, identity: &str) -> Part {
        let identity = (!identity.is_empty()).then(|| identity.to_owned());
        Part { opened: Opened::Paper { alone, identity }, body: false }
    }
    fn file(opened: Opened) -> Part {
        Part { opened, body: false }
    }
    fn words(alone: bool) -> Part {
        Part { opened: Opened::Paper { alone, identity: None }, body: true }
    }

    #[test]
    fn a_letter_with_its_appendix_and_the_words_around_them() {
        let parts = [words(false), file(Opened::Other), paper(true, "a"), paper(false, "")];
        assert_eq!(plan(&parts), [Fate::Dropped, Fate::With(2), Fate::Letter, Fate::With(2)]);
    }

    #[test]
    fn several_official_papers_are_several_letters_and_a_copy_goes_with_its_like() {
        let parts = [paper(true, "a"), paper(true, "b"), paper(true, "a")];
        assert_eq!(plan(&parts), [Fate::Letter, Fate::Letter, Fate::With(0)]);
    }

    #[test]
    fn without_an_official_one_the_first_readable_file_is_the_letter() {
        assert_eq!(
            plan(&[words(false), paper(false, ""), paper(false, "")])[1..],
            [Fate::Letter, Fate::With(1)]
        );
        assert_eq!(plan(&[words(false)]), [Fate::Trouble]);
        assert_eq!(plan(&[words(true), file(Opened::Other)]), [Fate::Letter, Fate::With(0)]);
    }

    #[test]
    fn what_should_have_been_readable_is_never_put_away_as_an_attachment() {
        assert_eq!(plan(&[paper(true, "a"), file(Opened::Unreadable)]), [Fate::Letter, Fate::Trouble]);
        assert_eq!(plan(&[words(false), file(Opened::Other)]), [Fate::Dropped, Fate::Trouble]);
    }

    proptest! {
        #[test]
        fn no_file_is_ever_dropped_and_attachments_go_with_letters(
            kinds in prop::collection::vec((0..5_u8, 0..3_u8), 0..8), text in any::<bool>()
        ) {
            let mut parts: Vec<Part> = kinds.iter().map(|(kind, name)| match kind {
                0 => file(Opened::Other),
                1 => file(Opened::Unreadable),
                2 => paper(false, ""),
                _ => paper(true, ["", "a", "b"][usize::from(*name)]),
            }).collect();
            if text {
                parts.push(words(false));
            }
            let fates = plan(&parts);
            prop_assert_eq!(fates.len(), parts.len());
            for (part, fate) in parts.iter().zip(&fates) {
                prop_assert!(part.body || *fate != Fate::Dropped);
                if let Fate::With(at) = fate {
                    prop_assert_eq!(fates[*at], Fate::Letter);
                }
            }
        }
    }
}
