//! What other rooms count and list, each behind one [`Section`]. A room that has nothing to say for a campaign is left
//! out, which papers write as *chưa có số liệu*.

use std::collections::BTreeMap;

use domain::{actor::Scope, report::Section};
use jiff::Timestamp;

use super::Report;
use crate::{Sql, StoreError};

/// Every room's section, as the reporting body sees it.
pub(super) async fn sections(
    _sql: &mut Sql,
    _scope: &Scope,
    _of: &Report,
    _now: Timestamp,
) -> Result<BTreeMap<&'static str, Section>, StoreError> {
    Ok(BTreeMap::new())
}
