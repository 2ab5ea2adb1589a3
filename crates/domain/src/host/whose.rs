//! Which host of a body a report speaks of. What is not sure is left to a person.

use std::collections::{BTreeMap, BTreeSet};

use super::{Key, KeyKind};
use crate::id::{Id, kind};

/// Of which host a report speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Of that one.
    Known(Id<kind::Host>),
    /// Of one not seen before.
    New,
    /// Of one of these or of a new one: a person says which.
    Unclear(Vec<Id<kind::Host>>),
    /// It tells its host by nothing.
    Nameless,
}

/// Decides by what the report tells its host by, among the hosts of the same body that share any of it.
#[must_use]
pub fn whose(told: &BTreeSet<Key>, hosts: &BTreeMap<Id<kind::Host>, BTreeSet<Key>>) -> Whose {
    if told.is_empty() {
        return Whose::Nameless;
    }
    let sharing = |kinds: &[KeyKind]| -> Vec<Id<kind::Host>> {
        let shares = |keys: &BTreeSet<Key>| {
            told.iter().filter(|t| kinds.contains(&t.kind)).any(|t| keys.iter().any(|k| k.same(t)))
        };
        hosts.iter().filter(|(_, keys)| shares(keys)).map(|(id, _)| *id).collect()
    };
    let one = |found: Vec<Id<kind::Host>>| match found.as_slice() {
        [] => None,
        [one] => Some(Whose::Known(*one)),
        _ => Some(Whose::Unclear(found)),
    };
    if let Some(found) = one(sharing(&[KeyKind::Uuid, KeyKind::Serial])) {
        return found;
    }
    let named = sharing(&[KeyKind::Name]);
    let (other, fit): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|id| hosts.get(id).is_some_and(|keys| contradict(told, keys)));
    if let Some(found) = one(fit) {
        return found;
    }
    if !other.is_empty() {
        // The same name on another machine: replaced, or two machines of one name.
        return Whose::Unclear(other);
    }
    let has_name = |keys: &BTreeSet<Key>| keys.iter().any(|k| k.kind == KeyKind::Name);
    let mut at = sharing(&[KeyKind::Address]);
    if has_name(told) {
        // Addresses wander between machines that have names.
        at.retain(|id| hosts.get(id).is_some_and(|keys| !has_name(keys) && !contradict(told, keys)));
    }
    one(at).unwrap_or(Whose::New)
}

/// Whether both have a number that only one machine has, and not the same.
fn contradict(a: &BTreeSet<Key>, b: &BTreeSet<Key>) -> bool {
    [KeyKind::Uuid, KeyKind::Serial].into_iter().any(|kind| {
        let of = |keys: &BTreeSet<Key>| -> BTreeSet<Key> {
            keys.iter().filter(|k| k.kind == kind).cloned().collect()
        };
        let (a, b) = (of(a), of(b));
        !a.is_empty() && !b.is_empty() && a.is_disjoint(&b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Uuid;

    fn told(keys: &[(&str, &str)]) -> BTreeSet<Key> {
        let kind = |k: &str| KeyKind::parse(k).unwrap();
        keys.iter().map(|(k, v)| Key { kind: kind(k), value: (*v).to_owned() }).collect()
    }
    fn id(n: u128) -> Id<kind::Host> {
        Id::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn a_number_speaks_before_a_name_and_a_name_before_an_address() {
        let hosts = BTreeMap::from([
            (id(1), told(&[("name", "may01"), ("uuid", "aaaa-1"), ("address", "10.0.0.1")])),
            (id(2), told(&[("name", "may02"), ("address", "10.0.0.2")])),
            (id(3), told(&[("address", "10.0.0.3")])),
        ]);
        for (report, want) in [
            (told(&[("uuid", "aaaa-1"), ("name", "renamed")]), Whose::Known(id(1))),
            (told(&[("name", "may02.xa.example"), ("address", "10.0.0.1")]), Whose::Known(id(2))),
            (told(&[("address", "10.0.0.2")]), Whose::Known(id(2))),
            (told(&[("name", "may03"), ("address", "10.0.0.3")]), Whose::Known(id(3))),
            (told(&[("name", "may04"), ("address", "10.0.0.2")]), Whose::New),
            (told(&[("name", "may01"), ("uuid", "bbbb-2")]), Whose::Unclear(vec![id(1)])),
            (told(&[]), Whose::Nameless),
        ] {
            assert_eq!(whose(&report, &hosts), want, "{report:?}");
        }
    }

    #[test]
    fn two_that_fit_are_left_to_a_person() {
        let hosts = BTreeMap::from([
            (id(1), told(&[("name", "web01.a.example")])),
            (id(2), told(&[("name", "web01.b.example")])),
        ]);
        assert_eq!(whose(&told(&[("name", "web01")]), &hosts), Whose::Unclear(vec![id(1), id(2)]));
        assert_eq!(whose(&told(&[("name", "web01.b.example")]), &hosts), Whose::Known(id(2)));
        assert_eq!(whose(&told(&[("name", "web01.c.example")]), &hosts), Whose::New);
    }
}
