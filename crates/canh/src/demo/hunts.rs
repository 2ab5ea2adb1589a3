//! Two hunts of the lead body: one that was concluded, one that repeats every month.

use anyhow::{Context, Result};
use domain::{
    actor::Scope,
    hunt::{How, Outcome},
    id::Id,
};
use jiff::Timestamp;
use store::hunts::{self, New};

use super::{cast::Member, order, province::LEAD};
use crate::centre::Centre;

/// The hunts, as they stand when the demonstration begins.
pub async fn hunted(centre: &Centre, members: &[Member], at: Timestamp) -> Result<()> {
    let Some(lead) = members.get(LEAD) else { return Ok(()) };
    let new = |title: &str, hypothesis: &str, query: &str, every_days| New {
        id: Id::new(&*centre.ids),
        body: lead.body,
        title: title.to_owned(),
        hypothesis: hypothesis.to_owned(),
        scope: "Máy chủ công khai của các sở và đơn vị trực thuộc".to_owned(),
        how: How::Search,
        query: query.to_owned(),
        list: None,
        days: 7,
        every_days,
    };
    let shells = new(
        "Cửa hậu web còn sót sau đợt tấn công trước",
        "Nếu còn cửa hậu thì máy chủ web phải ghi yêu cầu tới tệp lạ trong thư mục tải lên.",
        "url:*upload*.jsp OR url:*upload*.aspx OR url:*upload*.php",
        None,
    );
    let guessing = new(
        "Dò mật khẩu chậm từ một địa chỉ",
        "Nếu có người dò chậm để tránh ngưỡng cảnh báo thì một địa chỉ phải lặp lại nhiều tài khoản sai.",
        "\"Failed password\"",
        Some(30),
    );
    for hunt in [&shells, &guessing] {
        let run = Id::new(&*centre.ids);
        order::written(store::write!(centre.db, lead.officer.actor(), at, tx => {
            hunts::create(tx, &Scope::system(), hunt).await?;
            hunts::begin(tx, &Scope::system(), hunt.id, run).await
        }))?;
        // The first is carried out before anything was sent: it found nothing. The second runs once Canh does.
        if hunt.id == shells.id {
            let work = hunts::claim(&centre.db, at).await?.context("a run")?;
            let step = hunts::Step { done_to: Some(work.run.from), ..hunts::Step::default() };
            hunts::step(&centre.db, at, &work, &step).await?;
            hunts::finish(&centre.db, at, &work).await?;
        }
    }
    let words = "Không thấy yêu cầu nào tới tệp lạ trong thư mục tải lên. Sẽ lặp lại sau kỳ nghỉ.";
    order::written(store::write!(centre.db, lead.officer.actor(), at, tx => {
        hunts::conclude(tx, &Scope::system(), &*centre.ids, shells.id, (Outcome::Clean, words)).await
    }))
}
