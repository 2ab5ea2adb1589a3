//! From text to reading, one step after the other.

use crate::attachments::attachments;
use crate::basis::basis;
use crate::blocks::blocks;
use crate::contacts::contacts;
use crate::dates::{Date, days, head_date};
use crate::deadlines::{deadlines, sets_a_date};
use crate::duties::{CLOSING, CONTACT, duties};
use crate::found::Found;
use crate::head::head;
use crate::indicators::{indicators, wrapped_hashes};
use crate::issuer::infer_issuer;
use crate::items::{body, paragraphs};
use crate::letters::Letters;
use crate::lexicon::Lexicon;
use crate::limits::STAMP_LINES;
use crate::lines::lines;
use crate::names::restore;
use crate::noise::{footnote_lost, is_noisy};
use crate::occasions::{occasions, window};
use crate::pattern::re;
use crate::reading::{Basis, Contact, Deadline, Duty, Item, Reading, Signer, Vulnerability};
use crate::recipients::{entry, recipients};
use crate::signer::corrected;
use crate::stamps::{secrecy_within, stamp};
use crate::tail::tail;
use crate::text::Text;
use crate::vulnerabilities::vulnerabilities;
use crate::words::Words;

/// Reads official papers with one lexicon. Make it once; reading borrows it.
#[derive(Debug)]
pub struct Reader {
    words: Words,
}

impl Reader {
    /// Prepares a lexicon for looking up.
    pub fn new(lexicon: &Lexicon) -> Self {
        Self { words: Words::new(lexicon) }
    }

    /// Reads a paper. Never fails and never guesses: what is not there stays empty, with a `problem` where one is due.
    ///
    /// Time is linear in the text; text beyond [`crate::limits::MAX_CHARS`] is not read. The caller must refuse a paper
    /// whose `secrecy` is not empty and keep nothing of it.
    pub fn read(&self, input: &str) -> Reading {
        let words = &self.words;
        let mut reading = Reading::default();
        let lines = lines(&Text::new(input));
        let all_lines = lines.lines.clone();
        let blocks = blocks(lines.lines, words);
        let mut head = head(&blocks.head, words);
        let mut tail = tail(&blocks.tail, words);
        // Marks are given back only where the paper shows that a scan changed them.
        let everything: Vec<&Text> = all_lines.iter().map(|line| &line.text).collect();
        let noisy = is_noisy(&all_lines, &everything, words);
        // The name of its own place, where the paper says it alike more than once.
        let place = head.place.clone().filter(|place| {
            let name = place.value.to_lowercase();
            let said = |text: &&&Text| text.string().to_lowercase().contains(&name);
            noisy && everything.iter().filter(said).count() >= 2
        });
        let sound = |found: Found| if noisy { restore(found, place.as_ref(), words) } else { found };
        let to: Vec<Found> = recipients(&blocks.to).into_iter().map(sound).collect();
        tail.copies = tail.copies.into_iter().map(sound).collect();
        tail.title = tail.title.map(sound);
        tail.capacity = tail.capacity.map(sound);
        head.issuer = head.issuer.map(sound);
        head.parent = head.parent.map(sound);
        head.subject = head.subject.map(sound);
        let body = body(paragraphs(&wrapped_hashes(&blocks.body), lines.width));

        // Date: of the head; else below the signature; else what a digital signature printed.
        if head.date.is_none() && head.place.is_none() {
            for line in blocks.tail.iter().chain(blocks.body.iter().rev().take(3)) {
                let dated = re!(r"^([a-z][a-z. ]{1,30}), ?ng[a-z]y ").captures(line.text.folded());
                if let Some(place) = dated.and_then(|m| m.get(1))
                    && let Some((date, whole, at)) = head_date(&line.text)
                {
                    head.place = Some(Found::written(&line.text, place.range()));
                    head.date = date.map(|date| Found::read(date, &line.text, at));
                    head.date_whole = whole;
                    break;
                }
            }
        }
        if !head.date_whole
            && let Some(stamped) = lines.stamps.iter().find_map(signed_on)
        {
            head.date_whole = true;
            head.date = Some(stamped.because("date-from-signature", 0.8));
        }
        let date = head.date.as_ref().map(|found| found.value);
        // A year to complete "30/4" with, when the head has none: that of the papers it acts on.
        let year = date.or_else(|| {
            let mentioned = body.opening.iter().flat_map(days).filter_map(|day| day.date(None)).max();
            mentioned.map(|d| Date { year: d.year, month: None, day: None })
        });

        let head_missing = !head.banner && head.issuer.is_none();
        if head.issuer.is_none() {
            head.issuer = infer_issuer(&body, words);
            if head.issuer.is_some() {
                reading.problem("issuer-inferred");
            }
        }
        if head_missing {
            reading.problem("head-missing");
        }
        match (&head.date, head.date_whole) {
            (None, _) => reading.problem("date-missing"),
            (Some(_), false) => reading.problem("date-incomplete"),
            _ => {}
        }
        if head.number.is_none() {
            reading.problem("number-missing");
        }

        // Signer, held against every other mention of a like name.
        if let Some(name) = tail.name.take() {
            tail.name = Some(match corrected(&name, &tail.copies, &body, words) {
                Some(better) => {
                    reading.problem("signer-corrected");
                    better
                }
                None => name,
            });
        }

        let issuer = head.issuer.as_ref().map(|i| i.value.clone());
        let subject = head.subject_text.take();
        let opening: Vec<&Text> = body.opening.iter().collect();
        let mut all: Vec<&Text> = opening.clone();
        all.extend(body.items.iter().map(|item| &item.text));
        all.extend(body.closing.iter());
        all.extend(body.listed.iter());
        let appendix: Vec<&Text> = blocks.appendix.iter().map(|line| &line.text).collect();

        let ordered = duties(&body, &to, &tail.copies, issuer.as_deref(), noisy, words);
        let mut found_basis = basis(&body.opening, words);
        for found in &mut found_basis {
            found.issuer = found.issuer.take().map(sound);
        }
        let found_occasions = occasions(subject.as_ref(), &body.opening, year, words);
        let mut dated: Vec<&Text> = subject.iter().collect();
        dated.extend(&all);
        let found_window = window(&dated, year);
        let mut weak_texts: Vec<&Text> = subject.iter().collect();
        weak_texts.extend(&all);
        weak_texts.extend(&appendix);
        let weak = vulnerabilities(&weak_texts, words);
        let found_contacts = contacts(&body, &blocks.appendix, &to, words);
        // What closes the paper says whom to call; addresses there are the writers' own.
        let ordering: Vec<&Text> = opening
            .iter()
            .copied()
            .chain(body.items.iter().map(|item| &item.text))
            .chain(&body.listed)
            .collect();
        let found_indicators = indicators(&ordering, &blocks.appendix);
        let mut found_attachments: Vec<Found> =
            body.enclosed.iter().filter_map(|row| entry(row, 0, row.len())).collect();
        if found_attachments.is_empty() {
            found_attachments = attachments(&all);
        }

        reading.kind = reading
            .note_some("/kind", head.kind)
            .or_else(|| (!head_missing || reading_letter(&to)).then(|| "cong-van".to_owned()));
        reading.number = reading.note_some("/number", head.number);
        reading.symbol = reading.note_some("/symbol", head.symbol);
        reading.date = reading.note_some("/date", head.date).map(|date| date.to_string());
        reading.place = reading.note_some("/place", head.place);
        reading.parent = reading.note_some("/parent", head.parent);
        reading.issuer = reading.note_some("/issuer", head.issuer);
        reading.subject = reading.note_some("/subject", head.subject);
        for (at, found) in to.into_iter().enumerate() {
            let value = reading.note(format!("/to/{at}"), found);
            reading.to.push(value);
        }
        for (at, found) in tail.copies.into_iter().enumerate() {
            let value = reading.note(format!("/copies/{at}"), found);
            reading.copies.push(value);
        }
        if tail.name.is_some() || tail.title.is_some() || tail.capacity.is_some() {
            reading.signer = Some(Signer {
                name: reading.note_some("/signer/name", tail.name),
                title: reading.note_some("/signer/title", tail.title),
                capacity: reading.note_some("/signer/capacity", tail.capacity),
            });
        }
        for (at, found) in found_basis.into_iter().enumerate() {
            let value = Basis {
                reference: reading.note(format!("/basis/{at}/reference"), found.reference),
                date: reading.note_some(format!("/basis/{at}/date"), found.date),
                issuer: reading.note_some(format!("/basis/{at}/issuer"), found.issuer),
                received: reading.note_some(format!("/basis/{at}/received"), found.received),
            };
            reading.basis.push(value);
        }
        for (at, found) in found_occasions.into_iter().enumerate() {
            let value = reading.note(format!("/occasions/{at}"), found);
            reading.occasions.push(value);
        }
        reading.window = reading.note_some("/window", found_window);
        for (at, duty) in ordered.into_iter().enumerate() {
            let codes = duty
                .codes
                .into_iter()
                .enumerate()
                .map(|(code_at, code)| reading.note(format!("/duties/{at}/codes/{code_at}"), code))
                .collect();
            let actor = reading.note_some(format!("/duties/{at}/actor"), duty.actor.map(sound));
            reading.duties.push(Duty { path: duty.path, codes, actor });
        }
        for found in scopes(subject.as_ref(), &all, words) {
            let at = reading.scope.len();
            let value = reading.note(format!("/scope/{at}"), found);
            reading.scope.push(value);
        }
        for found in weak.vendors.into_iter().chain(weak.named) {
            let at = reading.vulnerabilities.len();
            let value = reading.note(format!("/vulnerabilities/{at}"), found);
            reading.vulnerabilities.push(value);
        }
        if !weak.cves.is_empty() {
            let at = reading.vulnerabilities.len();
            let cves = weak
                .cves
                .into_iter()
                .enumerate()
                .map(|(cve_at, cve)| reading.note(format!("/vulnerabilities/{at}/cves/{cve_at}"), cve))
                .collect();
            reading.vulnerabilities.push(Vulnerability { cves, ..Vulnerability::default() });
        }
        if let Some(evidence) = weak.open_list {
            reading.open_list = true;
            reading.note("/open_list", Found { value: (), evidence }.because("open-list", 0.9));
        }
        for found in found_contacts {
            let at = reading.contacts.len();
            if !found.doubtful.is_empty() {
                reading.problem("phone-doubtful");
            }
            let mut contact = Contact {
                unit: reading.note_some(format!("/contacts/{at}/unit"), found.unit),
                name: reading.note_some(format!("/contacts/{at}/name"), found.name),
                raw: reading.note_some(format!("/contacts/{at}/raw"), found.raw),
                ..Contact::default()
            };
            for (phone_at, phone) in found.phones.into_iter().enumerate() {
                if phone.evidence.reason.as_deref() == Some("phone-corrected") {
                    reading.problem("phone-corrected");
                }
                contact.phones.push(reading.note(format!("/contacts/{at}/phones/{phone_at}"), phone));
            }
            for (email_at, email) in found.emails.into_iter().enumerate() {
                if matches!(email.evidence.reason.as_deref(), Some("email-corrected" | "refanged")) {
                    reading.problem("email-corrected");
                }
                contact.emails.push(reading.note(format!("/contacts/{at}/emails/{email_at}"), email));
            }
            if contact != Contact::default() {
                reading.contacts.push(contact);
            }
        }
        let closing_path = |text: &Text| {
            if crate::duties::codes(text, crate::duties::Trade::None, true, noisy, words)
                .iter()
                .any(|c| c.value == "HELP")
            {
                CONTACT
            } else {
                CLOSING
            }
        };
        let due: Vec<(String, Vec<Found>)> = body
            .items
            .iter()
            .filter(|item| {
                let heads = item.has_children && crate::duties::is_heading(&item.text);
                !item.aims && (!heads || sets_a_date(&item.text))
            })
            .map(|item| {
                let mut found = deadlines(&item.text, year);
                let row = item.row.as_ref().and_then(|row| row.due.as_ref());
                found.extend(row.and_then(|due| cell_date(due, year)));
                (item.path.clone(), found)
            })
            .chain(body.closing.iter().map(|text| (closing_path(text).to_owned(), deadlines(text, year))))
            .collect();
        for (path, found) in due {
            for found in found {
                let at = reading.deadlines.len();
                let date = reading.note(format!("/deadlines/{at}"), found);
                reading.deadlines.push(Deadline { date, path: path.clone() });
            }
        }
        for (at, found) in found_indicators.into_iter().enumerate() {
            let value = reading.note(format!("/indicators/{at}"), found);
            reading.indicators.push(value);
        }
        for (at, found) in found_attachments.into_iter().enumerate() {
            let value = reading.note(format!("/attachments/{at}"), found);
            reading.attachments.push(value);
        }
        for (at, found) in head.urgency.into_iter().enumerate() {
            let value = reading.note(format!("/urgency/{at}"), found);
            reading.urgency.push(value);
        }
        for (at, found) in head.secrecy.into_iter().enumerate() {
            let value = reading.note(format!("/secrecy/{at}"), found);
            reading.secrecy.push(value);
        }
        if reading.secrecy.is_empty()
            && let Some(found) = all_lines
                .iter()
                .take(STAMP_LINES)
                .find_map(|line| secrecy_within(&line.text, &words.lexicon.stamps.secrecy))
        {
            let value = reading.note("/secrecy/0", found);
            reading.secrecy.push(value);
        }
        for line in all_lines.iter().flat_map(|line| &line.cells) {
            // A stamp may stand anywhere; that a paper is secret must not be overlooked.
            if let Some(found) =
                stamp(line, &words.lexicon.stamps.secrecy).filter(|s| !reading.secrecy.contains(&s.value))
            {
                let at = reading.secrecy.len();
                let value = reading.note(format!("/secrecy/{at}"), found);
                reading.secrecy.push(value);
            }
            if let Some(found) =
                stamp(line, &words.lexicon.stamps.urgency).filter(|s| !reading.urgency.contains(&s.value))
            {
                let at = reading.urgency.len();
                let value = reading.note(format!("/urgency/{at}"), found);
                reading.urgency.push(value);
            }
        }
        if footnote_lost(&all_lines) {
            reading.problem("footnote-lost");
        }
        if noisy {
            reading.problem("ocr-noise");
        }
        reading.items = body.items.iter().map(item).collect();
        reading
    }
}

/// The date in a column of due dates.
fn cell_date(due: &Text, year: Option<Date>) -> Option<Found> {
    let day = days(due).into_iter().next()?;
    let date = day.date(day.year.or(year.map(|y| y.year)))?;
    Some(Found::read(date.to_string(), due, day.range).because("deadline-read", 0.9))
}

/// Letters address somebody even where the head is lost.
fn reading_letter(to: &[Found]) -> bool {
    !to.is_empty()
}

fn item(item: &crate::items::Item) -> Item {
    let origin = item.text.origin(0..item.text.len());
    let start = origin.first().map_or(0, |r| r.0);
    let end = origin.last().map_or(start, |r| r.1);
    Item { path: item.path.clone(), text: item.text.squeezed().string(), range: (start, end) }
}

/// The day a digital signature printed: "Thời gian ký: 03.01.2024 15:04:11 +07:00".
fn signed_on(stamp: &Text) -> Option<Found<Date>> {
    if !re!(r"^(thoi gian ky|ngay ky|gio ky)").is_match(stamp.folded()) {
        return None;
    }
    let day = days(stamp).into_iter().next()?;
    Some(Found::read(day.date(None)?, stamp, day.range))
}

/// The scopes the paper speaks of.
fn scopes(subject: Option<&Text>, all: &[&Text], words: &Words) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    for text in subject.into_iter().chain(all.iter().copied()) {
        let letters = Letters::new(text);
        let hits = words.phrases.find(&letters);
        for say in &words.scopes {
            if out.iter().all(|known| known.value != say.code)
                && let Some((range, _)) = say.find(&hits, &letters)
            {
                out.push(
                    Found::read(say.code.clone(), text, letters.text_range(range))
                        .because("phrase-matched", 0.85),
                );
            }
        }
    }
    out
}
