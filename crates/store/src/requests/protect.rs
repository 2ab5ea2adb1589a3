//! What may never be filtered, as the register and the law of the day have it. Every list passes here when it is asked
//! and again when it is passed on: whatever page, program or table it came from, there is no way around.

use domain::{
    legal::Pack,
    request::filter::{self, Guard, Item},
};

use crate::{Sql, StoreError, args};

/// The guard of lists: protected names and networks of the pack, and the names and addresses of every host in the
/// register, whoever's it is, that a person told. What only a report says protects nothing: else whoever hands one in
/// could keep a name from ever being filtered.
pub async fn guard(sql: &mut Sql, pack: &Pack) -> Result<Guard, StoreError> {
    let mut guard = pack.guard();
    for row in sql
        .rows(
            "select distinct value as name from host_key where told = true and kind in ('name', 'address')",
            args![],
        )
        .await?
    {
        guard.own(&row.text("name")?);
    }
    Ok(guard)
}

/// Refuses a list with an entry that the guard does not take in this very spelling: `request-item-protected`.
pub(super) async fn check(sql: &mut Sql, pack: &Pack, items: &[Item]) -> Result<(), StoreError> {
    if items.is_empty() {
        return Ok(());
    }
    let guard = guard(sql, pack).await?;
    let good = |item: &Item| filter::item(&item.value, &guard).is_ok_and(|read| read == *item);
    if items.iter().all(good) { Ok(()) } else { Err(StoreError::Refused("request-item-protected")) }
}
