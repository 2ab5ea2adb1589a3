//! Who acts, and over which bodies: contract 2. Every store read takes a [`Scope`], every write carries an [`Actor`].

use crate::{
    id::{Id, kind},
    right::{Right, Role},
};

/// Who caused a change. Its text form stands in the audit log: ids only, no names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A signed-in person.
    Person(Id<kind::Person>),
    /// A person acting through an API token.
    Token(Id<kind::Token>, Id<kind::Person>),
    /// A person acting through a one-time link.
    Link(Id<kind::Link>, Id<kind::Person>),
    /// An addressee of a notice, through their personal link: known by name and address, but no person of the register.
    Recipient(Id<kind::Recipient>),
    /// Canh itself: jobs, migrations, first start.
    System,
    /// Somebody not known: failed sign-ins.
    Nobody,
}

impl Actor {
    /// The person behind the act, if there is one.
    pub fn person(self) -> Option<Id<kind::Person>> {
        match self {
            Actor::Person(p) | Actor::Token(_, p) | Actor::Link(_, p) => Some(p),
            Actor::Recipient(_) | Actor::System | Actor::Nobody => None,
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::Person(p) => write!(f, "person:{p}"),
            Actor::Token(t, p) => write!(f, "person:{p} token:{t}"),
            Actor::Link(l, p) => write!(f, "person:{p} link:{l}"),
            Actor::Recipient(r) => write!(f, "recipient:{r}"),
            Actor::System => f.write_str("system"),
            Actor::Nobody => f.write_str("nobody"),
        }
    }
}

/// What a reader may see: roles × subtrees, already cut to the present (delegations not in force are left out).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    everything: bool,
    grants: Vec<(Role, Id<kind::Body>)>,
    only: Option<Vec<Right>>,
}

impl Scope {
    /// Canh itself: sees everything. Only jobs and programs use it.
    pub const fn system() -> Self {
        Self { everything: true, grants: Vec::new(), only: None }
    }
    /// Nobody: sees nothing.
    pub const fn nothing() -> Self {
        Self { everything: false, grants: Vec::new(), only: None }
    }
    /// The roles a person holds now, each over the subtree below a body.
    pub fn of(grants: Vec<(Role, Id<kind::Body>)>) -> Self {
        Self { everything: false, grants, only: None }
    }
    /// The same scope narrowed to some rights: for API tokens.
    pub fn narrowed(mut self, rights: &[Right]) -> Self {
        let held = self.only.take();
        self.only =
            Some(rights.iter().copied().filter(|r| held.as_ref().is_none_or(|h| h.contains(r))).collect());
        self
    }
    /// The tops of the subtrees over which `right` is held; `None` means everywhere.
    pub fn tops(&self, right: Right) -> Option<Vec<Id<kind::Body>>> {
        if self.only.as_ref().is_some_and(|only| !only.contains(&right)) {
            return Some(Vec::new());
        }
        if self.everything {
            return None;
        }
        let mut tops: Vec<_> =
            self.grants.iter().filter(|(role, _)| role.may(right)).map(|(_, b)| *b).collect();
        tops.sort();
        tops.dedup();
        Some(tops)
    }
    /// Whether the right is held anywhere at all: decides which menu entries are shown, never access to a record.
    pub fn anywhere(&self, right: Right) -> bool {
        self.tops(right).is_none_or(|t| !t.is_empty())
    }
    /// The grants themselves.
    pub fn grants(&self) -> &[(Role, Id<kind::Body>)] {
        &self.grants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(n: u128) -> Id<kind::Body> {
        Id::from_uuid(crate::id::Uuid::from_u128(n))
    }

    #[test]
    fn a_right_reaches_only_where_a_role_carries_it() {
        let scope = Scope::of(vec![(Role::Viewer, body(1)), (Role::Coordinator, body(2))]);
        assert_eq!(scope.tops(Right::See), Some(vec![body(1), body(2)]));
        assert_eq!(scope.tops(Right::Issue), Some(vec![body(2)]));
        assert_eq!(Scope::system().tops(Right::Issue), None);
        assert!(!Scope::nothing().anywhere(Right::See));
    }

    #[test]
    fn a_narrowed_scope_never_grows() {
        let scope = Scope::of(vec![(Role::Coordinator, body(2))])
            .narrowed(&[Right::See])
            .narrowed(&[Right::Issue, Right::See]);
        assert_eq!(scope.tops(Right::Issue), Some(vec![]));
        assert_eq!(scope.tops(Right::See), Some(vec![body(2)]));
        assert_eq!(Scope::system().narrowed(&[Right::See]).tops(Right::Issue), Some(vec![]));
    }
}
