//! From a line of *Kính gửi* or an actor to named bodies. Only a proposal: a person confirms every line.

use std::collections::BTreeSet;

use crate::{
    body::{BodyKind, Name, Successor},
    id::{Id, kind},
    legal::{Pack, Recipient},
    text::fold,
};

/// What resolving needs to know of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyBrief {
    /// Its id.
    pub id: Id<kind::Body>,
    /// Its kind.
    pub kind: BodyKind,
    /// Its official name now.
    pub name: String,
    /// Earlier names and aliases.
    pub names: Vec<Name>,
    /// Who carries on its functions.
    pub successors: Vec<Successor>,
    /// Whether it has ended.
    pub closed: bool,
}

/// Which bodies a line seems to mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// The bodies, in the order of the register.
    pub bodies: Vec<Id<kind::Body>>,
    /// Words of the line that no body and no phrase accounts for.
    pub unclear: Vec<String>,
    /// Kinds that are meant, of which the register holds no body.
    pub empty: Vec<BodyKind>,
    /// Bodies that have ended, taken through their successors or those who came after their tier.
    pub through: bool,
    /// The line addresses nobody ("Như trên").
    pub nobody: bool,
}

impl Proposal {
    /// Whether it leaves nothing open: a person still confirms it, but need not search.
    pub fn sure(&self) -> bool {
        self.nobody || (!self.bodies.is_empty() && self.unclear.is_empty() && self.empty.is_empty())
    }
}

/// Words shorter than this are never searched as a name: "Sở", "PA05" must stand in a phrase or be longer.
const NAME_MIN: usize = 4;
/// The function by which successors of a named body are looked for when the phrase does not say: what letters of
/// this trade are about.
const FUNCTION: &str = "security";

/// Resolves one line against the bodies that may be addressed. `pack` is that of the paper's day; whatever its date,
/// a paper is carried out by whoever stands now.
pub fn resolve(pack: &Pack, line: &str, bodies: &[BodyBrief]) -> Proposal {
    let mut text = Masked::new(&plain(line));
    let mut found = Proposal::default();
    let mut chosen: BTreeSet<Id<kind::Body>> = BTreeSet::new();
    let mut named: Vec<(String, &BodyBrief)> =
        bodies.iter().flat_map(|b| spellings(b).into_iter().map(move |s| (s, b))).collect();
    named.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    // One spelling may belong to several bodies ("Trường Tiểu học Kim Đồng"): all are proposed, a person chooses.
    for same in named.chunk_by(|a, b| a.0 == b.0) {
        let Some((words, _)) = same.first() else { continue };
        if text.take(words) {
            for (_, body) in same {
                found.through |= body.closed;
                chosen.extend(standing(body, FUNCTION, bodies));
            }
        }
    }
    let mut phrases: Vec<(String, &Recipient)> =
        pack.recipients().iter().flat_map(|r| r.say.iter().map(move |s| (plain(s), r))).collect();
    phrases.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    for (words, rule) in phrases {
        if !text.take(&words) {
            continue;
        }
        if rule.nobody {
            continue;
        }
        let function = rule.function.as_deref().unwrap_or(FUNCTION);
        let of_kinds = |kinds: &[BodyKind]| -> Vec<&BodyBrief> {
            bodies.iter().filter(|b| kinds.contains(&b.kind)).collect()
        };
        let meant = of_kinds(&rule.kinds);
        let open: Vec<_> = meant.iter().filter(|b| !b.closed).map(|b| b.id).collect();
        // Closed bodies of a kind that still has open ones were merged or ended one by one: the open ones are meant.
        let mut hit: Vec<Id<kind::Body>> = if open.is_empty() {
            meant.iter().flat_map(|b| standing(b, function, bodies)).collect()
        } else {
            open.clone()
        };
        if hit.is_empty() {
            hit = of_kinds(&rule.then).iter().filter(|b| !b.closed).map(|b| b.id).collect();
        }
        found.through |= open.is_empty() && !hit.is_empty();
        if hit.is_empty() {
            let new = rule.kinds.iter().copied().filter(|k| !found.empty.contains(k)).collect::<Vec<_>>();
            found.empty.extend(new);
        }
        chosen.extend(hit);
    }
    found.bodies = bodies.iter().map(|b| b.id).filter(|id| chosen.contains(id)).collect();
    found.unclear = text.rest();
    found.nobody = found.bodies.is_empty() && found.unclear.is_empty() && found.empty.is_empty();
    found
}

/// The body itself, or whoever carries it on.
fn standing(body: &BodyBrief, function: &str, bodies: &[BodyBrief]) -> Vec<Id<kind::Body>> {
    if !body.closed {
        return vec![body.id];
    }
    let of = |wanted: &str| {
        body.successors
            .iter()
            .filter(|s| s.function == wanted && bodies.iter().any(|b| b.id == s.body && !b.closed))
            .map(|s| s.body)
            .collect::<Vec<_>>()
    };
    let exact = of(function);
    if exact.is_empty() { of("all") } else { exact }
}

/// Folded, with the spellings that mean one thing made one, and only letters, digits and commas left.
fn plain(text: &str) -> String {
    let folded = fold(text).replace("uy ban nhan dan", "ubnd").replace("hoi dong nhan dan", "hdnd");
    let kept: String = folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    kept.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// How letters may write a body: its names, without the province's name behind, with and without *UBND* before.
fn spellings(body: &BodyBrief) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for name in std::iter::once(body.name.as_str()).chain(body.names.iter().map(|n| n.text.as_str())) {
        let name = plain(name);
        let short = name.find(" tinh ").and_then(|at| name.get(..at + " tinh".len()));
        for form in std::iter::once(name.as_str()).chain(short) {
            let bare = form.strip_prefix("ubnd ").unwrap_or(form);
            for spelled in [form, bare] {
                // "ubnd tinh" and the like are too general to be found inside other words.
                if spelled.len() >= NAME_MIN && spelled.contains(' ')
                    || body.names.iter().any(|n| n.alias && plain(&n.text) == spelled)
                {
                    out.insert(spelled.to_owned());
                }
            }
            if bare.len() == form.len()
                && matches!(body.kind, BodyKind::Commune | BodyKind::Ward | BodyKind::District)
            {
                out.insert(format!("ubnd {form}"));
            }
            // "Sở Y tế" for "Sở Y tế tỉnh Sông Trà".
            if let Some(stem) = form.strip_suffix(" tinh")
                && stem.matches(' ').count() >= 2
            {
                out.insert(stem.to_owned());
            }
        }
    }
    out
}

/// A text from which whole words are taken one find after another, so that nothing is read twice.
struct Masked(Vec<Option<String>>);

impl Masked {
    fn new(text: &str) -> Self {
        Self(text.split(' ').filter(|w| !w.is_empty()).map(|w| Some(w.to_owned())).collect())
    }
    /// Takes every occurrence of these words; whether there was one.
    fn take(&mut self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').filter(|w| !w.is_empty()).collect();
        if words.is_empty() || words.len() > self.0.len() {
            return false;
        }
        let mut any = false;
        for start in 0..=self.0.len() - words.len() {
            let there =
                self.0.iter().skip(start).zip(&words).all(|(have, want)| have.as_deref() == Some(*want));
            if there {
                self.0.iter_mut().skip(start).take(words.len()).for_each(|w| *w = None);
                any = true;
            }
        }
        any
    }
    /// What nobody took, as stretches of words.
    fn rest(&self) -> Vec<String> {
        self.0
            .split(Option::is_none)
            .map(|words| words.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" "))
            .filter(|words| words.chars().any(char::is_alphabetic))
            .collect()
    }
}

#[cfg(test)]
mod tests;
