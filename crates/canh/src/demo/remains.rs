//! What remains of last year's Tết: a template, and what was learnt, of which one lesson went into it.

use anyhow::Result;
use domain::{
    id::{Id, kind},
    order::template::Change,
    time,
};
use jiff::Timestamp;
use store::templates::{self, NewLesson};

use super::{
    cast::Player,
    order::{after, written},
};
use crate::centre::Centre;

/// Writes three lessons down, keeps the campaign as a template, and puts the first lesson into it.
pub async fn learn(
    centre: &Centre,
    officer: &Player,
    campaign: Id<kind::Campaign>,
    ended: Timestamp,
) -> Result<()> {
    let lessons = [
        (
            "Kết quả rà soát lỗ hổng về sát giờ nên không kịp vá; lần sau thu trước khi nghỉ ba ngày.",
            Change::Due { code: "VREV".into(), hours_before: 72 },
        ),
        (
            "Nhiều xã chỉ ghi “đã quét”; cần yêu cầu tệp kết quả có ngày và tên máy.",
            Change::Evidence {
                code: "MALW".into(), evidence: "Tệp kết quả quét, có ngày và tên máy".into()
            },
        ),
        ("Nên thử liên lạc với đầu mối của các nhà mạng trước ngày nghỉ đầu tiên.", Change::None),
    ];
    let mut first = None;
    for (minutes, (text, change)) in (30_i64..).step_by(9).zip(lessons) {
        let new = NewLesson { id: Id::new(&*centre.ids), campaign, text: text.to_owned(), change };
        first.get_or_insert(new.id);
        written(store::write!(centre.db, officer.actor(), after(ended, minutes), tx => {
            templates::learn(tx, &officer.scope, &new).await
        }))?;
    }
    let template = Id::new(&*centre.ids);
    let pack = centre.legal.on(time::date(ended));
    written(store::write!(centre.db, officer.actor(), after(ended, 60), tx => {
        templates::keep(tx, &officer.scope, template, campaign, "Tết Nguyên đán", pack).await
    }))?;
    if let Some(lesson) = first {
        written(store::write!(centre.db, officer.actor(), after(ended, 70), tx => {
            templates::apply(tx, &officer.scope, lesson, template).await
        }))?;
    }
    Ok(())
}
