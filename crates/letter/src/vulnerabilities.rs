//! Vulnerabilities: CVE lists, names with a CVE of their own, a vendor's patches of some months, open lists.

use crate::found::{Found, evidence};
use crate::limits::MAX_INDICATORS;
use crate::pattern::re;
use crate::reading::{Evidence, Vulnerability};
use crate::text::Text;
use crate::words::Words;
use domain::text::fold;
use std::collections::BTreeSet;
use std::ops::Range;

/// What a paper says of vulnerabilities.
#[derive(Debug, Default)]
pub(crate) struct Weak {
    pub(crate) vendors: Vec<Found<Vulnerability>>,
    pub(crate) named: Vec<Found<Vulnerability>>,
    /// Each CVE once, in order.
    pub(crate) cves: Vec<Found>,
    pub(crate) open_list: Option<Evidence>,
}

pub(crate) fn vulnerabilities(texts: &[&Text], words: &Words) -> Weak {
    let mut out = Weak::default();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for text in texts {
        for m in re!(r"\bcve ?[-~ ] ?((?:19|20)[0-9]{2}) ?[-~ ] ?([0-9]{4,7})\b").captures_iter(text.folded())
        {
            let (Some(all), Some(year), Some(number)) = (m.get(0), m.get(1), m.get(2)) else { continue };
            let value = format!("CVE-{}-{}", year.as_str(), number.as_str());
            if out.cves.len() < MAX_INDICATORS && seen.insert(value.clone()) {
                out.cves.push(Found::read(value, text, all.range()));
            }
        }
        vendors(text, words, &mut out);
        named(text, words, &mut out);
    }
    // "Log4Shell trong Apache Log4j": two names of the same holes are one; the lexicon lists the better name first.
    let rank = |v: &Found<Vulnerability>| {
        words.lexicon.vulnerability.iter().position(|known| Some(&known.name) == v.value.name.as_ref())
    };
    let names: Vec<(Vec<String>, Option<usize>)> =
        out.named.iter().map(|v| (v.value.cves.clone(), rank(v))).collect();
    out.named.retain(|v| !names.iter().any(|(cves, other)| *cves == v.value.cves && *other < rank(v)));
    let known: BTreeSet<&String> = out.named.iter().flat_map(|n| &n.value.cves).collect();
    out.cves.retain(|cve| !known.contains(&cve.value));
    for text in texts {
        if out.open_list.is_none() {
            out.open_list = open_list(text, &out).map(|range| evidence(text, range));
        }
    }
    out
}

fn named(text: &Text, words: &Words, out: &mut Weak) {
    let folded = text.folded();
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut found: Vec<(usize, Found<Vulnerability>)> = Vec::new();
    for (name, at) in &words.holes {
        for (start, _) in folded.match_indices(name.as_str()) {
            let range = start..start + name.len();
            let bounded =
                !folded.get(..start).is_some_and(|b| b.ends_with(|c: char| c.is_ascii_alphanumeric()))
                    && !folded
                        .get(range.end..)
                        .is_some_and(|a| a.starts_with(|c: char| c.is_ascii_alphanumeric()));
            if !bounded || taken.iter().any(|t| t.start < range.end && range.start < t.end) {
                continue;
            }
            // Names that are also plain words count only where the word is written as a name.
            if !text.char_at(start).is_some_and(|c| {
                c.is_uppercase()
                    || name.contains(|c: char| c.is_ascii_digit())
                    || matches!(name.as_str(), "regresshion" | "nopac")
            }) {
                continue;
            }
            taken.push(range.clone());
            let Some(entry) = words.lexicon.vulnerability.get(*at) else { continue };
            let known = out
                .named
                .iter()
                .chain(found.iter().map(|(_, f)| f))
                .any(|f| f.value.name.as_deref() == Some(entry.name.as_str()));
            if !known {
                // "CVE-2025-53770 (ToolShell)": the paper says which of the name's holes it means.
                let said = re!(r"(cve-[0-9]{4}-[0-9]{4,7}) ?\($")
                    .captures(folded.get(..start).unwrap_or_default())
                    .and_then(|m| m.get(1))
                    .map(|m| m.as_str().to_uppercase())
                    .or_else(|| {
                        // "CVE-2025-53770 (còn gọi là ToolShell)".
                        re!(r"(cve-[0-9]{4}-[0-9]{4,7}) ?(?:\((?:con )?(?:duoc )?(?:goi la|biet den voi ten|goi|ten goi|hay)|(?:con )?(?:duoc )?goi la|hay) ?(?:la )?$")
                            .captures(folded.get(..start).unwrap_or_default())
                            .filter(|_| !re!(r"^[a-z0-9 ]*\)?,? (?:va )?cve-").is_match(folded.get(range.end..).unwrap_or_default()))
                            .and_then(|m| m.get(1))
                            .map(|m| m.as_str().to_uppercase())
                    })
                    .or_else(|| {
                        // A table's row: "CVE-2025-53770 9.8 SharePoint Server đang bị khai thác (ToolShell)".
                        re!(r"(?:^|[^,] )(cve-[0-9]{4}-[0-9]{4,7}) [^,;:(]{3,80}\($")
                            .captures(folded.get(..start).unwrap_or_default())
                            .and_then(|m| m.get(1))
                            .filter(|m| !folded.get(m.end()..start).is_some_and(|gap| gap.contains("cve-") || gap.contains(" va ")))
                            .filter(|m| !re!(r"cve-[0-9]{4}-[0-9]{4,7},? (?:va )?$").is_match(folded.get(..m.start()).unwrap_or_default()))
                            .map(|m| m.as_str().to_uppercase())
                    })
                    .filter(|said| entry.cves.contains(said));
                let value = Vulnerability {
                    name: Some(entry.name.clone()),
                    cves: said.map_or_else(|| entry.cves.clone(), |said| vec![said]),
                    ..Vulnerability::default()
                };
                found.push((start, Found::read(value, text, range).because("named-vulnerability", 0.95)));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    out.named.extend(found.into_iter().map(|(_, f)| f));
}

/// "các lỗ hổng mức cao và nghiêm trọng trong các sản phẩm Microsoft từ tháng 01 đến tháng 4 năm 2022"
fn vendors(text: &Text, words: &Words, out: &mut Weak) {
    let folded = text.folded();
    for (name, vendor) in &words.vendor_names {
        let Some(vendor) = words.lexicon.vendor.get(*vendor) else { continue };
        for (at, _) in folded.match_indices(name.as_str()) {
            let start = folded.get(..at).and_then(|b| b.rfind([';', ':'])).map_or(0, |s| s + 1);
            let start = folded.get(start..at).and_then(|b| b.rfind(". ")).map_or(start, |s| start + s + 1);
            // "…, lỗ hổng CVE-2022-1388 trên F5": the months before belong to another vendor's holes.
            let start = folded
                .get(start..at)
                .and_then(|b| re!(r", (?:va )?(?:cac )?(?:lo hong|diem yeu) ").find_iter(b).last())
                .map_or(start, |m| start + m.start() + 2);
            let end = re!(r"[;:]|\. |\.\.|, (?:lo hong|cac lo hong)")
                .find_at(folded, at)
                .map_or(text.len(), |m| m.start());
            let Some(clause) = folded.get(start..end) else { continue };
            // "các lỗ hổng của Microsoft tháng 12 năm 2025".
            let monthly = re!(r"^,? ?(?:cong bo |phat hanh )?(?:trong )?(?:dot )?thang [0-9]")
                .is_match(folded.get(at + name.len()..end).unwrap_or_default());
            if !re!(r"lo hong|ban va|diem yeu|cap nhat").is_match(clause)
                || !(monthly || re!(r"san pham|ban va|cap nhat|cong bo|phat hanh").is_match(clause))
            {
                continue;
            }
            let Some((from, to, period)) = months(clause) else { continue };
            let severities: Vec<String> = severities(clause, words);
            let value = Vulnerability {
                vendor: Some(vendor.name.clone()),
                from: Some(from),
                to: Some(to),
                severities,
                ..Vulnerability::default()
            };
            let last = (at + name.len()).max(start + period.end);
            let first = re!(r"lo hong|ban va|diem yeu|cap nhat")
                .find(clause)
                .map_or(at, |m| (start + m.start()).min(at))
                .min(start + period.start);
            let known = out.vendors.iter().any(|v| {
                v.value.vendor == value.vendor && v.value.from == value.from && v.value.to == value.to
            });
            if !known {
                out.vendors.push(Found::read(value, text, first..last).because("vendor-months", 0.9));
            }
        }
    }
}

fn months(clause: &str) -> Option<(String, String, Range<usize>)> {
    let month = |m: &regex::Match| m.as_str().parse::<u8>().ok().filter(|m| (1..=12).contains(m));
    let span = re!(
        r"thang ([0-9]{1,2})(?: ?(?:/|-|nam) ?((?:19|20)[0-9]{2}))? (?:den|toi|-|va) (?:het )?(?:thang )?([0-9]{1,2}) ?(?:/|-|nam) ?((?:19|20)[0-9]{2})"
    );
    if let Some(m) = span.captures(clause) {
        let (all, a, b, year) = (m.get(0)?, month(&m.get(1)?)?, month(&m.get(3)?)?, m.get(4)?.as_str());
        let first = m.get(2).map_or(year, |y| y.as_str());
        return Some((format!("{first}-{a:02}"), format!("{year}-{b:02}"), all.range()));
    }
    let one = re!(r"thang ([0-9]{1,2}) ?(?:/|-|nam) ?((?:19|20)[0-9]{2})");
    let m = one.captures(clause)?;
    let value = format!("{}-{:02}", m.get(2)?.as_str(), month(&m.get(1)?)?);
    Some((value.clone(), value, m.get(0)?.range()))
}

fn severities(clause: &str, words: &Words) -> Vec<String> {
    let mut out = Vec::new();
    for severity in words.lexicon.severity.iter().rev() {
        let said = severity.words.iter().map(|w| fold(w)).any(|word| {
            if word.len() > 4 {
                return clause.contains(&word);
            }
            // "cao" alone is also in "nâng cao": it must be said of a level or stand in a list of levels.
            clause.match_indices(&word).any(|(at, _)| {
                let before = clause.get(..at).unwrap_or_default();
                let after = clause.get(at + word.len()..).unwrap_or_default();
                re!(r"(muc|anh huong|muc do|nghiem trong va|nghiem trong,|trong hoac|do) $").is_match(before)
                    || re!(r"^( va|,| hoac|/) ?(muc )?nghiem trong").is_match(after)
            })
        });
        if said {
            out.push(severity.code.clone());
        }
    }
    // In the order of rising severity, as the lexicon lists them from the highest.
    out
}

/// "như: …" before what was found, or dots and "v.v." after it, without a word that closes the list.
fn open_list(text: &Text, weak: &Weak) -> Option<Range<usize>> {
    let folded = text.folded();
    let places: Vec<usize> = re!(r"\bcve ?[-~ ] ?(?:19|20)[0-9]{2}")
        .find_iter(folded)
        .map(|m| m.start())
        .chain(weak.named.iter().filter_map(|n| n.value.name.as_ref()).filter_map(|n| folded.find(&fold(n))))
        .chain(
            weak.vendors.iter().filter_map(|v| v.value.vendor.as_ref()).filter_map(|v| folded.find(&fold(v))),
        )
        .collect();
    let first = places.iter().min()?;
    let last = places.iter().max()?;
    let lead = re!(r"(?:lo hong|diem yeu|ban va|canh bao|nguy co)[^.;]{0,120}?\b(nhu|vi du|chang han|dac biet la|trong do co)( la)?\b ?:?").captures(folded);
    let lead = lead.and_then(|m| m.get(1)).filter(|m| {
        m.start() < *first && *first - m.start() < 160 && matches!(m.as_str(), "nhu" | "vi du" | "chang han")
    });
    if let Some(lead) = lead {
        return Some(lead.range());
    }
    let trail = re!(
        r"^[^;]{0,80}?(\.\.\.|~|\bv\.? ?v\b|\bva (?:cac|nhung|mot so) (?:lo hong|diem yeu|ma cve|cve) khac\b)"
    )
    .captures(folded.get(*last..)?)?
    .get(1)?;
    Some(*last + trail.start()..*last + trail.end())
}
