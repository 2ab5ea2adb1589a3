//! Bodies: the tree, the names through time, the successors by function.

mod names;
mod read;
mod successors;
mod write;

use domain::{
    body::{Body, BodyKind},
    id::{Id, kind},
};
use jiff::civil::Date;
use serde::Serialize;

pub use self::{
    names::{Change, names, names_of, update},
    read::{ancestors, children, choices, find_by_name, get, list, of_kinds, tree},
    successors::{add_successor, carrier, predecessors, remove_successor, successors},
    write::{close, create, move_to, reopen},
};

/// At most so many characters of an official code.
pub const CODE_MAX: usize = 64;
/// At most so many aliases of one body.
pub const ALIASES_MAX: usize = 50;

/// A body to be made.
#[derive(Debug, Clone, Serialize)]
pub struct NewBody {
    /// Its id.
    pub id: Id<kind::Body>,
    /// The body above; `None` only at the first start.
    pub parent: Option<Id<kind::Body>>,
    /// What kind.
    pub kind: BodyKind,
    /// Its official name.
    pub name: String,
    /// Its official code, if it has one.
    pub code: Option<String>,
    /// From which day it bears the name, if known.
    pub from: Option<Date>,
    /// Abbreviations and other spellings.
    pub aliases: Vec<String>,
}

/// Which bodies to list; the default is every open one.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words of a name, alias or former name, with or without marks.
    pub text: Option<String>,
    /// Only these kinds; empty = all.
    pub kinds: Vec<BodyKind>,
    /// Only in the subtree of that body, itself included.
    pub under: Option<Id<kind::Body>>,
    /// Only directly below that body.
    pub parent: Option<Id<kind::Body>>,
    /// Closed ones too.
    pub closed: bool,
}

/// A body in its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The body.
    pub body: Body,
    /// How deep below the top that the scope sees; 0 = top.
    pub depth: u32,
    /// How many visible open bodies lie directly below.
    pub children: u32,
}
