//! A list of indicators as the province's centre would keep one: names and addresses kept for documentation, so that
//! nobody real is named; the address is the one that guesses passwords in [`super::logs`], and nothing else of it is met in the offices' own traffic.

use anyhow::{Context, Result};
use domain::{actor::Scope, id::Id, indicator::Tlp, time};
use jiff::Timestamp;
use store::indicators::{self, New, Terms};

use super::{cast::Member, order, province::LEAD};
use crate::centre::Centre;

const LIST: &str = "# Chiến dịch dò mật khẩu và lừa đảo dịp Tết (dữ liệu minh họa)
203[.]0[.]113[.]45
203[.]0[.]113[.]16/28
capnhat-dichvucong[.]example[.]com
hxxp://tai-ve.example[.]net/cap-nhat/goi-vn[.]exe
4f2c6a90c1c0de7b9a1e53f8d7a6b5c4e3f20918273645546372819a0b1c2d3e
dichvucong.gov.vn
";

/// The list, made by the lead body.
pub async fn watched(centre: &Centre, members: &[Member], at: Timestamp) -> Result<()> {
    let Some(lead) = members.get(LEAD) else { return Ok(()) };
    let tools = (&centre.db, &centre.blobs, &*centre.ids);
    let pack = centre.legal.on(time::date(at));
    let part = web::indicators::read_part(tools, (pack, at), "chi-dau-tet.txt", LIST.as_bytes(), false);
    let part = part.await.context("indicators")?;
    let new = New {
        id: Id::new(&*centre.ids),
        body: lead.body,
        letter: None,
        terms: Terms {
            name: "Chỉ dấu dò mật khẩu và lừa đảo dịp Tết".into(),
            origin: "Trung tâm tổng hợp từ cảnh báo đã nhận".into(),
            tlp: Tlp::Amber,
            confidence: 30,
            from: at,
            until: None,
        },
    };
    order::written(store::write!(centre.db, lead.officer.actor(), at, tx => {
        indicators::create(tx, &Scope::system(), &new).await?;
        indicators::import(tx, &Scope::system(), new.id, &part).await
    }))
}
