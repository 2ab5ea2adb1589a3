//! Signing in, one's own account, the accounts of others, one-time links.

mod account;
mod act;
mod admin;
mod api;
pub(crate) mod cookies;
pub(crate) mod identify;
mod link_acts;
pub mod links;
mod login;
pub(crate) mod password;
mod phone;
mod totp;

use crate::Route;

pub(crate) fn routes() -> Vec<Route> {
    let mut all = login::routes();
    all.extend(account::routes());
    all.extend(phone::routes());
    all.extend(admin::routes());
    all.extend(api::routes());
    all.extend(links::routes());
    all
}
