//! Words for what reports say.

use domain::inventory::{Inventory, Os, Protection, Service};
use review::inventory::{Looks, Odd, Place, Refused, Why};

use crate::Words;

/// Why a file was not read, and what to do.
pub fn refused(words: Words, why: &Refused) -> String {
    let n = |n: usize| n.to_string();
    match why {
        Refused::Empty => words.t("review-refused-empty"),
        Refused::TooLarge(most) => words.with_texts("review-refused-too-large", &[("mb", &n(*most))]),
        Refused::Broken(Some(Place { line, column })) => {
            words.with_texts("review-refused-broken-at", &[("line", &n(*line)), ("column", &n(*column))])
        }
        Refused::Broken(None) => words.t("review-refused-broken"),
        Refused::Locked => words.t("review-refused-locked"),
        Refused::TooMuch => {
            let (mb, files) = (n((paper::inventory::UNPACKED >> 20) as usize), n(paper::inventory::ENTRIES));
            words.with_texts("review-refused-too-much", &[("mb", &mb), ("files", &files)])
        }
        Refused::TooHard => words.t("review-refused-too-hard"),
        Refused::Unknown(Looks::Table(head)) => words.with_texts("review-refused-table", &[("head", head)]),
        Refused::Unknown(looks) => words.t(match looks {
            Looks::Picture => "review-refused-picture",
            Looks::Paper => "review-refused-paper",
            Looks::Archive => "review-refused-archive",
            Looks::Page => "review-refused-page",
            Looks::Program => "review-refused-program",
            Looks::Table(_) | Looks::Other => "review-refused-unknown",
        }),
    }
}

/// Something that was not understood: where, why, what.
pub fn odd(words: Words, odd: &Odd) -> String {
    let why = words.t(match odd.why {
        Why::Form => "review-odd-form",
        Why::NoVersion => "review-odd-no-version",
        Why::NoName => "review-odd-no-name",
        Why::Purl => "review-odd-purl",
        Why::TooMany => "review-odd-too-many",
        Why::NoRelease => "review-odd-no-release",
        Why::Encoding => "review-odd-encoding",
        Why::Cut => "review-odd-cut",
    });
    let at = odd.at.map_or("–".to_owned(), |at| at.to_string());
    words.with_texts("review-command-odd-at", &[("at", &at), ("why", &why), ("text", &odd.text)])
}

/// The running system in one line.
pub(super) fn os(os: &Os) -> String {
    let build = os.running().or_else(|| os.build.clone());
    let parts = [Some(os.name.clone()), build, os.arch.clone()];
    parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// What of a host a disagreement is about.
pub(super) fn what(words: Words, what: &str) -> String {
    match what.split_once(':') {
        Some(("package", name)) => words.with("hosts-what-package", [("name", name.into())]),
        Some(("protection", name)) => words.with("hosts-what-protection", [("name", name.into())]),
        _ => words.t(match what {
            "os.name" => "hosts-what-os",
            "os.build" => "hosts-what-build",
            "os.ubr" => "hosts-what-ubr",
            "os.edition" => "hosts-what-edition",
            "os.version" => "hosts-what-version",
            "os.arch" => "hosts-what-arch",
            _ => "hosts-what-product",
        }),
    }
}

/// An anti-malware program in one line.
pub(super) fn protection(words: Words, it: &Protection) -> String {
    let on = words.t(match it.on {
        Some(true) => "hosts-protection-on",
        Some(false) => "hosts-protection-off",
        None => "hosts-protection-unknown",
    });
    let current = match it.current {
        Some(false) => format!(" · {}", words.t("hosts-protection-old")),
        _ => String::new(),
    };
    let day = it.definitions.as_deref().map(|d| format!(" · {d}")).unwrap_or_default();
    format!("{}: {on}{current}{day}", it.name)
}

/// An open port in one line.
pub(super) fn service(it: &Service) -> String {
    let name = [it.name.as_deref(), it.product.as_deref(), it.version.as_deref()];
    let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let address = it.address.as_deref().unwrap_or("*");
    format!("{}/{} {address} {name}", it.port, it.protocol).trim_end().to_owned()
}

/// What one report says of the things that are compared: label and value.
pub(super) fn facts(words: Words, it: &Inventory) -> Vec<(String, String)> {
    let count = |id: &str, n: usize| (n > 0).then(|| (words.t(id), n.to_string()));
    let name = it.host.clone().map(|n| (words.t("hosts-col-name"), n));
    let system = it.os.as_ref().map(|o| (words.t("hosts-col-os"), os(o)));
    let updates =
        (it.kbs_listed || !it.kbs.is_empty()).then(|| (words.t("hosts-updates"), it.kbs.len().to_string()));
    [
        name,
        system,
        updates,
        count("hosts-packages", it.packages.len()),
        count("hosts-services", it.services.len()),
        count("hosts-reported", it.reported.len()),
    ]
    .into_iter()
    .flatten()
    .collect()
}
