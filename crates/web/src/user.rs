//! Who asks.

use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    right::Right,
};

/// Who asks: a signed-in person, a person behind an API token, or nobody.
#[derive(Debug, Clone)]
pub struct User {
    /// For the audit log.
    pub actor: Actor,
    /// What they may see and do.
    pub scope: Scope,
    /// The person; `None` for nobody.
    pub person: Option<Id<kind::Person>>,
    /// Their name.
    pub name: String,
    /// The body they work for at the moment, of those they serve.
    pub body: Option<Id<kind::Body>>,
    /// Its name.
    pub body_name: String,
    /// All bodies they serve: for the switcher.
    pub bodies: Vec<(Id<kind::Body>, String)>,
    /// The token every form of theirs carries; empty for API tokens.
    pub csrf: String,
    /// Their session; `None` for API tokens and nobody.
    pub session: Option<Id<kind::Session>>,
    /// The language they chose, `vi` or `en`.
    pub lang: Option<String>,
}

impl User {
    /// Nobody.
    pub fn nobody() -> Self {
        Self {
            actor: Actor::Nobody,
            scope: Scope::nothing(),
            person: None,
            name: String::new(),
            body: None,
            body_name: String::new(),
            bodies: Vec::new(),
            csrf: String::new(),
            session: None,
            lang: None,
        }
    }
    /// Whether somebody is signed in.
    pub fn is_known(&self) -> bool {
        self.person.is_some()
    }
    /// Whether the right is held anywhere: decides what menus show, never access to a record.
    pub fn may(&self, right: Right) -> bool {
        self.scope.anywhere(right)
    }
}
