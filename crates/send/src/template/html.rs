//! The HTML form, made from the plain text.
//!
//! Paragraphs are separated by blank lines. A paragraph that is the link becomes a button, one that
//! is the code is shown large, one whose lines start with `- ` becomes a small table of facts, one
//! whose lines start with `> ` a quotation. Variables cannot imitate these: text is one line within
//! a line, and a person's words carry `> ` on every line.

use crate::{Action, Lang};

/// Where a letter's body ends and what stands under it begins. Nothing a template or a person says can contain it: `<`
/// is escaped there.
const FOOT: &str =
    "</div>\n<div style=\"max-width:600px;margin:0 auto;padding:12px 24px;color:#5a6673;font-size:13px\">";

/// A page with its buttons, last before what stands under every letter.
pub(crate) fn with_actions(page: &str, actions: &[Action]) -> String {
    let buttons: String = actions.iter().map(|action| button(&action.url, &action.label)).collect();
    page.replacen(FOOT, &format!("{buttons}{FOOT}"), 1)
}

/// The plain text with what can be done and where, above the signature.
pub(crate) fn text_with_actions(text: &str, actions: &[Action]) -> String {
    if actions.is_empty() {
        return text.to_owned();
    }
    let lines: Vec<String> = actions.iter().map(|a| format!("{}:\n{}", a.label, a.url)).collect();
    let lines = lines.join("\n\n");
    match text.rsplit_once("\n\n-- \n") {
        Some((body, footer)) => format!("{body}\n\n{lines}\n\n-- \n{footer}"),
        None => format!("{}\n\n{lines}\n", text.trim_end()),
    }
}

/// A link that looks like a button, with its address beneath.
fn button(link: &str, label: &str) -> String {
    let (link, label) = (escape(link), escape(label));
    format!(
        "<p style=\"margin:20px 0 6px\"><a href=\"{link}\" style=\"display:inline-block;background:{ACCENT};\
         color:#ffffff;text-decoration:none;font-weight:600;padding:10px 18px;border-radius:7px\">{label}</a></p>\n\
         <p style=\"margin:0 0 16px;font-size:13px;color:#5a6673;word-break:break-all\">{link}</p>\n"
    )
}

/// The values that make a paragraph special.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) link: Option<String>,
    pub(super) code: Option<String>,
}

/// A person's words as a quotation; at most the first 4,000 characters, the rest is behind the link.
pub(super) fn quoted(words: &str) -> String {
    const LIMIT: usize = 4000;
    let clean: String = words
        .replace("\r\n", "\n")
        .chars()
        .map(|c| {
            if matches!(c, '\r' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' | '\u{85}') { '\n' } else { c }
        })
        .filter(|c| !c.is_control() || *c == '\n')
        .collect();
    let clean = clean.trim();
    let mut kept: String = clean.chars().take(LIMIT).collect();
    if kept.len() < clean.len() {
        kept.push('…');
    }
    kept.lines().map(|line| format!("> {}", line.trim_end())).collect::<Vec<_>>().join("\n")
}

/// The plain text with the button's words in front of the link.
pub(super) fn label_link(body: &str, link: &str, action: &str) -> String {
    let label = |line: &str| if line.trim() == link { format!("{action}:\n{link}") } else { line.to_owned() };
    body.lines().map(label).collect::<Vec<_>>().join("\n")
}

const ACCENT: &str = "#14506e";
const FONT: &str = "font-family:'Be Vietnam Pro',system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif";

/// The whole page. Inline styles only: many mail programs drop everything else.
pub(super) fn page(
    lang: Lang,
    subject: &str,
    body: &str,
    footer: &str,
    action: Option<&str>,
    marks: &Marks,
) -> String {
    let mut inner = String::new();
    for paragraph in paragraphs(body) {
        block(&mut inner, &paragraph, action, marks);
    }
    let footer: Vec<String> = footer.lines().map(escape).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light\">\
         <title>{subject}</title></head>\n\
         <body style=\"margin:0;padding:16px;background:#f7f5f0;color:#17212b;{FONT};font-size:15px;line-height:1.55\">\n\
         <div style=\"max-width:600px;margin:0 auto;background:#ffffff;border:1px solid #e4dfd5;border-radius:8px;padding:24px\">\n\
         {inner}{FOOT}{footer}</div>\n\
         </body></html>\n",
        lang = lang.tag(),
        subject = escape(subject),
        footer = footer.join("<br>"),
    )
}

fn paragraphs(body: &str) -> Vec<Vec<&str>> {
    let mut all = vec![Vec::new()];
    for line in body.lines() {
        if line.trim().is_empty() {
            all.push(Vec::new());
        } else if let Some(last) = all.last_mut() {
            last.push(line.trim_end());
        }
    }
    all.retain(|p| !p.is_empty());
    all
}

fn block(out: &mut String, lines: &[&str], action: Option<&str>, marks: &Marks) {
    let only = if let [line] = lines { Some(line.trim()) } else { None };
    if let (Some(only), Some(link), Some(action)) = (only, marks.link.as_deref(), action)
        && only == link
    {
        out.push_str(&button(link, action));
    } else if only.is_some() && only == marks.code.as_deref() {
        let code = escape(only.unwrap_or_default());
        out.push_str(&format!(
            "<p style=\"margin:0 0 14px;font-family:ui-monospace,Consolas,monospace;font-size:24px;font-weight:600;\
             letter-spacing:2px\">{code}</p>\n"
        ));
    } else if let Some(facts) = all_prefixed(lines, "- ") {
        out.push_str("<table role=\"presentation\" style=\"border-collapse:collapse;margin:0 0 14px\">\n");
        facts.iter().for_each(|fact| row(out, fact));
        out.push_str("</table>\n");
    } else if let Some(words) = all_prefixed(lines, ">") {
        let words: Vec<String> = words.iter().map(|line| escape(line.trim_start())).collect();
        out.push_str(&format!(
            "<blockquote style=\"margin:0 0 14px;padding:4px 0 4px 14px;border-left:3px solid {ACCENT};color:#36424e\">{}</blockquote>\n",
            words.join("<br>")
        ));
    } else {
        let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
        out.push_str(&format!("<p style=\"margin:0 0 14px\">{}</p>\n", lines.join("<br>")));
    }
}

fn row(out: &mut String, fact: &str) {
    let (label, value) = match fact.split_once(": ") {
        Some((label, value)) => (escape(label), escape(value)),
        None => (String::new(), escape(fact)),
    };
    out.push_str(&format!(
        "<tr><td style=\"padding:3px 16px 3px 0;color:#5a6673;vertical-align:top;white-space:nowrap\">{label}</td>\
         <td style=\"padding:3px 0;font-weight:600;vertical-align:top;overflow-wrap:anywhere\">{value}</td></tr>\n"
    ));
}

fn all_prefixed<'a>(lines: &[&'a str], prefix: &str) -> Option<Vec<&'a str>> {
    lines.iter().map(|line| line.strip_prefix(prefix)).collect()
}

/// Text as HTML text or a quoted attribute.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
