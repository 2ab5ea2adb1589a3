//! The signer's name held against every other mention of a like name.

use crate::found::Found;
use crate::items::Body;
use crate::names::{distance, person};
use crate::pattern::re;
use crate::text::Text;
use crate::words::Words;
use std::ops::Range;

/// A like name elsewhere that reads better than the signature's: "PCT Mai Xuân Liêm" against "Mai Xuấm Liêm".
pub(crate) fn corrected(name: &Found, copies: &[Found], body: &Body, words: &Words) -> Option<Found> {
    let count = name.value.split(' ').count();
    let own = name.value.to_lowercase();
    let rows = copies.iter().map(|c| (Text::new(&c.value), Some(c)));
    let paragraphs = body.opening.iter().chain(body.items.iter().map(|i| &i.text)).chain(&body.closing);
    for (text, copy) in rows.chain(paragraphs.map(|p| (p.clone(), None))) {
        for range in windows(&text, count) {
            // Most words in a row are no name at all.
            if !text.char_at(range.start).is_some_and(char::is_uppercase) {
                continue;
            }
            let mention = text.str_at(range.clone());
            let other = mention.to_lowercase();
            let apart = distance(&own, &other, 2);
            let capital = mention.split(' ').all(|w| w.chars().next().is_some_and(char::is_uppercase));
            if apart == 0 || apart > 2 || !capital || person(&text.sub(range.clone()), words).is_none() {
                continue;
            }
            if oddness(&other) > oddness(&own) {
                continue;
            }
            let evidence = match copy {
                Some(copy) => copy.evidence.clone(),
                None => crate::found::evidence(&text, range),
            };
            let mut found = Found { value: mention, evidence };
            found.evidence.ranges.extend(name.evidence.ranges.iter().copied());
            return Some(found.because("signer-corrected", 0.7));
        }
    }
    None
}

/// Ranges of as many words in a row.
fn windows(text: &Text, count: usize) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for word in text.folded().split(' ') {
        words.push(text.trim_range(at..at + word.len(), |c| !c.is_alphanumeric()));
        at += word.len() + 1;
    }
    words.windows(count.max(1)).filter_map(|w| Some(w.first()?.start..w.last()?.end)).collect()
}

/// How many syllables have an ending no Vietnamese syllable has.
fn oddness(name: &str) -> usize {
    name.split(' ')
        .filter(|syllable| {
            let folded = domain::text::fold(syllable);
            re!(r"(uam|uec|ieh|uon[mh]|[aeiouy][bdfgjklqrsvwxz]|[aeiouy]{4,}|[^n]h|[bdlrsvx])$")
                .is_match(&folded)
                && !re!(r"ch$|nh$|^[^aeiouy]*[aeiouy]+(ng|nh|ch)?$").is_match(&folded)
                || folded.ends_with("uam")
        })
        .count()
}
