//! What people do with the machines that report: say which system each carries and what it is, mend otherwise, let wait.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::{
    host::HostKind,
    id::{Id, kind},
    time,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError, findings,
    hosts::{self, Change},
    register::systems,
};

use super::{cast::Member, province::LEAD};
use crate::centre::Centre;

/// Puts the servers into the systems they carry, and says what each machine is.
pub async fn place(centre: &Centre, members: &[Member], now: Timestamp) -> Result<()> {
    let Some(Member { officer, .. }) = members.get(LEAD) else { return Ok(()) };
    for member in members {
        let (found, own) = {
            let mut sql = centre.db.read().await?;
            let filter = systems::Filter { body: Some(member.body), ..Default::default() };
            let found = hosts::of_body(&mut sql, &officer.scope, member.body).await?;
            (found, systems::list(&mut sql, &officer.scope, &filter, None, 10).await?)
        };
        let mut groups: BTreeMap<&str, Vec<Id<kind::Host>>> = BTreeMap::new();
        for host in &found {
            let name = host.name.to_lowercase();
            let group = ["web", "srv"].into_iter().find(|g| name.starts_with(g));
            groups.entry(group.unwrap_or_default()).or_default().push(host.host.id);
        }
        for (group, ids) in groups {
            let system = match group {
                "web" => own.first(),
                "srv" => own.get(1),
                _ => None,
            };
            let of = if group.is_empty() { HostKind::Workstation } else { HostKind::Server };
            let change =
                Change { system: system.map(|s| Some(s.system.id)), kind: Some(Some(of)), in_charge: None };
            let done: Result<u32, StoreError> = store::write!(centre.db, officer.actor(), now, tx => {
                hosts::change(tx, &officer.scope, &ids, &change).await
            });
            done.context("machines of a system")?;
        }
    }
    Ok(())
}

/// What people decided: something done instead of mending, something that may wait.
pub async fn decide(centre: &Centre, members: &[Member], now: Timestamp) -> Result<()> {
    let Some(lead) = members.get(LEAD) else { return Ok(()) };
    let of_lead = findings::Filter {
        body: Some(lead.body),
        flaw: Some("CVE-2022-22965".to_owned()),
        ..findings::Filter::default()
    };
    let of_servers = findings::Filter { text: Some("srv".to_owned()), ..findings::Filter::default() };
    let mut open = Vec::new();
    for filter in [of_lead, of_servers] {
        let mut sql = centre.db.read().await?;
        let found =
            findings::findings(&mut sql, &lead.officer.scope, &filter, findings::Order::Host, None, now);
        open.push(found.await?.into_iter().next());
    }
    let (actor, scope) = (lead.officer.actor(), &lead.officer.scope);
    if let Some(Some(it)) = open.first() {
        let what = "Đã chặn các tham số class.*, Class.* trên tường lửa ứng dụng web; nhà cung cấp hẹn bản mới trong tháng.";
        let done: Result<(), StoreError> = store::write!(centre.db, actor, now, tx => {
            findings::work_around(tx, scope, it.host, &it.flaw, what, None).await
        });
        done.context("a workaround")?;
    }
    if let Some(Some(it)) = open.get(1) {
        let until = time::end_of(time::date(now.checked_add(SignedDuration::from_hours(20 * 24))?));
        let why = "Máy chủ phục vụ kỳ họp; cập nhật trong đợt bảo trì ngay sau kỳ họp.";
        let done: Result<(), StoreError> = store::write!(centre.db, actor, now, tx => {
            findings::excuse(tx, scope, it.host, &it.flaw, until, why).await
        });
        done.context("an exception")?;
    }
    Ok(())
}
