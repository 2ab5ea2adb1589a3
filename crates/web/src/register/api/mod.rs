//! The register in the API.

use crate::Route;

pub(super) fn routes() -> Vec<Route> {
    Vec::new()
}
