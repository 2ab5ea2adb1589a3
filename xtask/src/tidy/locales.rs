//! Words on the screen: Vietnamese and English say the same things, every sentence asked for exists, and none is left
//! that nobody asks for.
//!
//! A sentence file is `…/locales/LANG/NAME.ftl` (or `…/locales/LANG.ftl`). It is read line by line, which is enough for
//! ids, attributes and variables: Fluent starts messages at the left edge and everything else further in.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, line_of, pattern, tree::File};

/// The language the sentences are written in, and those that follow it.
const SOURCE: &str = "vi";
const OTHERS: [&str; 1] = ["en"];

/// What asks for a sentence by its id: `p.t("id")`, `p.t1("id", …)`, `t!(…, "id", …)`, `fl!(…, "id", …)`.
const ASKS: &str = r#"(?:\.t\d?\(\s*|\b(?:t|fl)!\([^";{}]*?)"([A-Za-z][A-Za-z0-9_.-]*)""#;
/// Any string in a source or template: ids also travel as data, from a verdict to the page that says it.
const LITERAL: &str = r#""([A-Za-z][A-Za-z0-9_.{}-]*)""#;

/// One `locales` folder: language → id (`id`, `id.attribute`, `-term`) → where it stands and the variables it uses.
type Sentences<'a> = BTreeMap<&'a str, BTreeMap<String, Sentence<'a>>>;

#[derive(Clone)]
struct Sentence<'a> {
    file: &'a str,
    line: usize,
    variables: BTreeSet<&'a str>,
}

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut rooms: BTreeMap<&str, Sentences> = BTreeMap::new();
    for file in files {
        if let Some((room, language)) = place(&file.path) {
            let sentences = rooms.entry(room).or_default().entry(language).or_default();
            read(file, sentences, &mut findings);
        }
    }
    for (room, sentences) in &rooms {
        findings.extend(equal(room, sentences));
    }
    if !rooms.is_empty() {
        findings.extend(missing(files, &rooms));
        findings.extend(unused(files, &rooms));
    }
    findings
}

/// `crates/web/locales/vi/board.ftl` → `("crates/web/", "vi")`.
fn place(path: &str) -> Option<(&str, &str)> {
    let (room, rest) = path.strip_suffix(".ftl")?.split_once("locales/")?;
    Some((room, rest.split('/').next().unwrap_or(rest)))
}

fn read<'a>(file: &'a File, into: &mut BTreeMap<String, Sentence<'a>>, findings: &mut Vec<Finding>) {
    let head = pattern(r"^(-?[A-Za-z][A-Za-z0-9_-]*) *=");
    let attribute = pattern(r"^ +\.([A-Za-z][A-Za-z0-9_-]*) *=");
    let variable = pattern(r"\{[^}]*?\$([A-Za-z][A-Za-z0-9_-]*)");
    let mut message = String::new();
    let mut current = String::new();
    for (at, line) in file.text().unwrap_or_default().lines().enumerate() {
        if let Some(id) = head.captures(line).and_then(|found| found.get(1)) {
            message = id.as_str().to_owned();
            current.clone_from(&message);
        } else if let Some(name) = attribute.captures(line).and_then(|found| found.get(1)) {
            current = format!("{message}.{}", name.as_str());
        } else if !(line.is_empty() || line.starts_with([' ', '#', '}', '[', '*']) || line.trim().is_empty())
        {
            let advice = "write `id = text`; further lines of a text start with a space";
            findings.push(Finding::error(&file.path, at + 1, "not a line of Fluent", advice));
            continue;
        } else if line.starts_with('#') || current.is_empty() {
            continue;
        }
        let fresh = head.is_match(line) || attribute.is_match(line);
        if let Some(earlier) = into.get(&current).filter(|_| fresh) {
            let what = format!("{current} stands already in {}:{}", earlier.file, earlier.line);
            findings.push(Finding::error(&file.path, at + 1, what, "keep one of the two"));
        }
        let sentence = into.entry(current.clone()).or_insert_with(|| Sentence {
            file: &file.path,
            line: at + 1,
            variables: BTreeSet::new(),
        });
        sentence
            .variables
            .extend(variable.captures_iter(line).filter_map(|found| found.get(1)).map(|name| name.as_str()));
    }
}

fn equal(room: &str, sentences: &Sentences) -> Vec<Finding> {
    let none = BTreeMap::new();
    let source = sentences.get(SOURCE).unwrap_or(&none);
    let mut findings = Vec::new();
    for language in OTHERS {
        let other = sentences.get(language).unwrap_or(&none);
        for (id, sentence) in source {
            match other.get(id) {
                None => findings.push(Finding::error(
                    sentence.file,
                    sentence.line,
                    format!("{id} is not in {language}"),
                    format!("say it in {room}locales/{language} too"),
                )),
                Some(there) if there.variables != sentence.variables => findings.push(Finding::error(
                    there.file,
                    there.line,
                    format!("{id} uses {:?}, in {SOURCE} {:?}", there.variables, sentence.variables),
                    "use the same variables in every language",
                )),
                Some(_) => {}
            }
        }
        for (id, sentence) in other.iter().filter(|(id, _)| !source.contains_key(*id)) {
            let what = format!("{id} is not in {SOURCE}");
            let advice = format!("{SOURCE} is the source: say it in {room}locales/{SOURCE} first");
            findings.push(Finding::error(sentence.file, sentence.line, what, advice));
        }
    }
    findings
}

/// Templates and sources, without their unit tests: those may ask for what does not exist.
fn asking(files: &[File]) -> impl Iterator<Item = (&File, &str)> {
    let asks = |file: &&File| {
        let template = file.path.contains("/templates/");
        let tests = file.path.contains("/tests/") || file.name() == "tests.rs";
        let source = file.path.ends_with(".rs") && !file.path.starts_with("xtask/") && !tests;
        template || source
    };
    files.iter().filter(asks).filter_map(|file| Some((file, file.text()?.split("#[cfg(test)]").next()?)))
}

fn missing(files: &[File], rooms: &BTreeMap<&str, Sentences>) -> Vec<Finding> {
    let asks = pattern(ASKS);
    let mut findings = Vec::new();
    for (file, text) in asking(files) {
        // A crate with sentences of its own speaks only those.
        let own: Vec<_> =
            rooms.iter().filter(|(room, _)| file.path.starts_with(**room)).map(|(_, own)| own).collect();
        let heard = if own.is_empty() { rooms.values().collect() } else { own };
        for id in asks.captures_iter(text).filter_map(|found| found.get(1)) {
            let known = |sentences: &&Sentences| {
                sentences.get(SOURCE).is_some_and(|ids| ids.contains_key(id.as_str()))
            };
            if !heard.iter().any(known) && !in_comment(text, id.start()) {
                let what = format!("no sentence is called {}", id.as_str());
                let advice = format!("add it to {SOURCE} and {}", OTHERS.join(", "));
                findings.push(Finding::error(&file.path, line_of(text, id.start()), what, advice));
            }
        }
    }
    findings
}

fn in_comment(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.lines().next_back().is_some_and(|line| line.trim_start().starts_with("//"))
}

fn unused(files: &[File], rooms: &BTreeMap<&str, Sentences>) -> Vec<Finding> {
    let literal = pattern(LITERAL);
    let mut named = BTreeSet::new();
    // `format!("state-{}", …)` stands for every id that begins so.
    let mut beginnings = BTreeSet::new();
    for (_, text) in asking(files) {
        for id in literal.captures_iter(text).filter_map(|found| found.get(1)) {
            match id.as_str().split_once('{') {
                Some((beginning, _)) if beginning.ends_with('-') => beginnings.insert(beginning),
                Some(_) => false,
                None if id.as_str().ends_with('-') => beginnings.insert(id.as_str()),
                None => named.insert(id.as_str()),
            };
        }
    }
    let source = rooms.values().filter_map(|sentences| sentences.get(SOURCE)).flatten();
    source
        .filter(|(id, _)| {
            let message = id.split('.').next().unwrap_or(id);
            let begun =
                beginnings.iter().any(|beginning| !beginning.is_empty() && message.starts_with(*beginning));
            !(id.starts_with('-') || begun || named.contains(message) || named.contains(id.as_str()))
        })
        .map(|(id, sentence)| {
            let advice = "delete it in every language, or say where it is shown";
            Finding::warning(sentence.file, sentence.line, format!("nobody asks for {id}"), advice)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VI: &str = "crates/web/locales/vi/web.ftl";
    const EN: &str = "crates/web/locales/en/web.ftl";
    const PAGE: &str = "crates/web/templates/board.html";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::of(path, text)).collect();
        check(&files)
            .into_iter()
            .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
            .collect()
    }

    #[test]
    fn equal_and_asked_for_is_fine() {
        let vi = "# Bảng\nboard = Bảng { $n }\n    .hint = Gợi ý\nstate-met = Đạt\nplural = { $n ->\n    [one] một\n   *[other] nhiều\n}\n";
        let en = "board = Board { $n }\n    .hint = Hint\nstate-met = Met\nplural = { $n ->\n   *[other] many\n}\n";
        let page = r#"{{ p.t1("board", n) }} {{ p.t("plural") }}"#;
        let source = ("crates/web/src/state.rs", r#"fn id() -> String { format!("state-{}", "met") }"#);
        assert_eq!(found(&[(VI, vi), (EN, en), (PAGE, page), source]), [""; 0]);
    }

    #[test]
    fn a_sentence_in_one_language_only_is_found() {
        let page = (PAGE, r#"{{ p.t("a") }}{{ p.t("b") }}"#);
        let found = found(&[(VI, "a = A\n"), (EN, "b = B\n"), page]);
        assert_eq!(found[..2], [format!("{VI}:1: a is not in en"), format!("{EN}:1: b is not in vi")]);
    }

    #[test]
    fn other_variables_are_found() {
        let page = (PAGE, r#"{{ p.t("a") }}"#);
        let found = found(&[(VI, "a = { $n } và { $m }\n"), (EN, "a = { $n }\n"), page]);
        assert_eq!(found, [format!(r#"{EN}:1: a uses {{"n"}}, in vi {{"m", "n"}}"#)]);
    }

    #[test]
    fn a_sentence_said_twice_is_found() {
        let page = (PAGE, r#"{{ p.t("a") }}"#);
        assert_eq!(
            found(&[(VI, "a = A\na = B\n"), (EN, "a = A\n"), page]),
            [format!("{VI}:2: a stands already in {VI}:1")]
        );
    }

    #[test]
    fn a_broken_line_is_found() {
        let page = (PAGE, r#"{{ p.t("a") }}"#);
        assert_eq!(
            found(&[(VI, "a = A\nb B\n"), (EN, "a = A\n"), page]),
            [format!("{VI}:2: not a line of Fluent")]
        );
    }

    #[test]
    fn an_id_nobody_wrote_is_found() {
        let words = [(VI, "a = A\n"), (EN, "a = A\n")];
        for asks in [r#".t("b")"#, ".t1(\n\"b\", n)", r#"t!(loc, "b")"#, r#"fl!(p.loader(), "b", n = 1)"#] {
            let text = format!("p.t(\"a\")\n{asks}");
            let found = found(&[words[0], words[1], ("crates/web/src/a.rs", &text)]);
            assert_eq!(found.len(), 1, "{asks}: {found:?}");
            assert!(found[0].ends_with("no sentence is called b"), "{found:?}");
        }
    }

    #[test]
    fn comments_and_tests_may_name_what_is_not_there() {
        let words = [(VI, "a = A\n"), (EN, "a = A\n")];
        let text =
            "/// As in `p.t(\"b\")`.\np.t(\"a\") p.t(\"frame-…\")\n#[cfg(test)]\nmod tests { p.t(\"c\") }";
        assert_eq!(found(&[words[0], words[1], ("crates/web/src/a.rs", text)]), [""; 0]);
    }

    #[test]
    fn an_id_nobody_asks_for_is_reported() {
        assert_eq!(found(&[(VI, "a = A\n"), (EN, "a = A\n")]), [format!("{VI}:1: nobody asks for a")]);
    }
}
