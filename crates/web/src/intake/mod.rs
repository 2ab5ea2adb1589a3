//! Papers that came by themselves: their list, what is wrong with one, how the ways in fare.

mod api;
mod beside;
mod page;
mod signed;

pub(crate) use beside::{Beside, beside, doubt, with_doubts};
pub(crate) use signed::{Signings, told as signings};

use crate::Route;

pub(crate) fn routes() -> Vec<Route> {
    let mut all = page::routes();
    all.extend(signed::routes());
    all.extend(api::routes());
    all
}
