//! The register: bodies, people with their channels and roles, systems with their hosts; tables in and out.
//!
//! Pages and API call the same functions: those of `store::register` directly, or of [`act`] where more than one
//! record is touched.

mod act;
mod api;
mod body;
mod body_forms;
mod channels;
mod choices;
mod draft;
mod grants;
mod import;
mod levels;
mod people;
mod sending;
mod system_forms;
mod systems;
mod tree;

pub(crate) use self::import::{heading, table_file};
pub(crate) use self::{
    choices::{
        Options, after as list_after, bodies as body_options, cursor as list_cursor, next as list_next,
    },
    draft::{Draft, status as form_status},
};
pub use act::table_refused;
pub(crate) use act::{bad_table, read_file as read_table};

use crate::Route;
use crate::act::write;

pub(crate) fn routes() -> Vec<Route> {
    let mut all = tree::routes();
    all.extend(body::routes());
    all.extend(body_forms::routes());
    all.extend(people::routes());
    all.extend(channels::routes());
    all.extend(sending::routes());
    all.extend(grants::routes());
    all.extend(systems::routes());
    all.extend(system_forms::routes());
    all.extend(levels::routes());
    all.extend(import::routes());
    all.extend(api::routes());
    all
}
