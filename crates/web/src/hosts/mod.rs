//! Hosts: the list, one host with what each report says of it, inventory in — by page, program, link — and collectors.

mod api;
mod inventory;
mod link;
mod list;
mod page;
mod say;
mod take;

pub use self::{
    say::{odd, refused},
    take::{Came, Failed, Intake},
};
use crate::Route;
pub(crate) use crate::act::write;

/// Inventory handed in at once: a zip of the machines of a body, or a large SBOM, and the form around it.
pub(crate) const LIMIT_INVENTORY: usize = paper::inventory::FILE + (1 << 20);

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(page::routes());
    all.extend(inventory::routes());
    all.extend(link::routes());
    all.extend(api::routes());
    all
}
