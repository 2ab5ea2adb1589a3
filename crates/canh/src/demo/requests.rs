//! Requests between letters: work asked of departments and communes, answered in time, late, or impossible because;
//! one of a ministry passed down; and what operators are asked to filter, once by the clock of the law, once as agreed.

use anyhow::{Context, Result};
use domain::{
    body::BodyKind,
    evidence::Count,
    id::{Id, kind},
    request::{ItemState, Outcome, RequestKind, filter},
    time,
};
use jiff::Timestamp;
use store::{
    StoreError, assignments,
    requests::{self, Answer, Asker, Decision, Mark, NewRequest, PassOn, Tools},
    sign_in::InstanceKey,
};

use super::{
    cast::{Member, Player},
    order::after,
    province::LEAD,
};
use crate::centre::Centre;

type RequestId = Id<kind::Request>;

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// Addresses and names of the ranges kept for examples: nobody is meant.
const LURES: &str =
    "qua-tet.example.com\nnhan-thuong.example.net\nhxxps://thue-dien-tu[.]example[.]org/dang-nhap
203[.]0[.]113[.]77\n198.51.100.0/24";
const CASINO: &str = "nha-cai.example.com\nca-do.example.net\n203.0.113.140";

struct Stage<'a> {
    centre: &'a Centre,
    base: String,
    key: InstanceKey,
    lead: &'a Member,
    from: Timestamp,
    now: Timestamp,
}

/// Lets authorities ask from `from` on, and those asked answer or not.
pub async fn play(centre: &Centre, members: &[Member], from: Timestamp, now: Timestamp) -> Result<()> {
    let lead = members.get(LEAD).context("the lead body")?;
    let base = centre.config.public_url().to_string();
    let key = InstanceKey::new(centre.data.instance_key(&*centre.secrets)?);
    let stage = Stage { centre, base, key, lead, from, now };
    let of = |kind: BodyKind| {
        members
            .iter()
            .filter(move |m| m.place.kind == kind && m.place.parent == Some(LEAD))
            .collect::<Vec<_>>()
    };
    stage.work(&of(BodyKind::Department), &of(BodyKind::Commune)).await.context("requests for work")?;
    stage.filters(&of(BodyKind::Operator)).await.context("filter requests")
}

impl Stage<'_> {
    fn tools(&self, at: Timestamp) -> Tools<'_> {
        let pack = self.centre.legal.on(time::date(at));
        let common = assignments::Tools { ids: &*self.centre.ids, base: &self.base, pack };
        Tools { common, key: self.key.clone() }
    }
    /// So many minutes after the order, but never ahead of the clock.
    fn at(&self, minutes: i64) -> Timestamp {
        after(self.from, minutes).min(self.now)
    }

    async fn work(&self, departments: &[&Member], communes: &[&Member]) -> Result<()> {
        let to: Vec<&Member> = departments.iter().take(2).chain(communes.iter().take(2)).copied().collect();
        let text = "Rà soát tài khoản quản trị không còn sử dụng trên máy chủ, thu hồi và báo cáo số đã xử lý/tổng số.";
        let mut new = self.draft("Thu hồi tài khoản quản trị không còn sử dụng", text, &to);
        new.due = Some(after(self.from, 4 * DAY));
        let made = self.ask(&self.lead.officer, &new, self.at(DAY)).await?;
        let done = "Đã thu hồi 18 tài khoản trên 4 máy chủ, còn lại 7 tài khoản đang dùng.";
        let why = "Máy chủ do trung tâm dữ liệu tỉnh quản trị, đơn vị không có quyền; đã chuyển đề nghị sang trung tâm.";
        for (n, (id, member)) in made.iter().zip(&to).enumerate() {
            let officer = &member.officer;
            match n {
                0 => {
                    self.receive(officer, *id, self.at(DAY + HOUR)).await?;
                    let count = Some(Count { handled: 18, all: 18 });
                    self.answer(officer, *id, Outcome::Done, count, done, self.at(3 * DAY)).await?;
                    self.accept(*id, self.at(3 * DAY + 2 * HOUR)).await?;
                }
                1 => {
                    let part = "Đã thu hồi 9 tài khoản; 3 tài khoản chờ nhà cung cấp phần mềm.";
                    let count = Some(Count { handled: 9, all: 12 });
                    self.answer(officer, *id, Outcome::Partly, count, part, self.at(3 * DAY)).await?;
                    let count = Some(Count { handled: 12, all: 12 });
                    let text = "Đã thu hồi nốt 3 tài khoản.";
                    self.answer(officer, *id, Outcome::Done, count, text, self.at(6 * DAY)).await?;
                }
                2 => {
                    self.receive(officer, *id, self.at(2 * DAY)).await?;
                    self.answer(officer, *id, Outcome::Impossible, None, why, self.at(3 * DAY)).await?;
                }
                // The last is silent: overdue.
                _ => {}
            }
        }
        let text = "Cung cấp danh sách máy chủ truy cập trực tiếp từ Internet, cổng đang mở và người chịu trách nhiệm.";
        let mut above = self.draft("Cung cấp danh sách máy chủ mở ra Internet", text, &[self.lead]);
        above.asker =
            Asker::Outside("Cục An ninh mạng và phòng, chống tội phạm sử dụng công nghệ cao".into());
        above.basis = "Công văn 6310/A05-P2 ngày 16/11/2026".into();
        above.due = Some(after(self.now, 3 * DAY));
        let made = self.ask(&self.lead.officer, &above, self.at(8 * DAY)).await?;
        let top = *made.first().context("a request")?;
        self.receive(&self.lead.officer, top, self.at(8 * DAY + HOUR)).await?;
        let below: Vec<&Member> = departments.iter().take(3).copied().collect();
        let pass = PassOn {
            to: below.iter().map(|m| m.body).collect(),
            due: Some(after(self.now, 2 * DAY)),
            note: "Gửi về Phòng An ninh mạng để tổng hợp chung.".into(),
        };
        let at = self.at(8 * DAY + 2 * HOUR);
        let (tools, officer) = (self.tools(at), &self.lead.officer);
        let passed: Result<Vec<RequestId>, StoreError> = store::write!(self.centre.db, officer.actor(), at, tx => {
            requests::pass_on(tx, &officer.scope, &tools, top, &pass).await
        });
        let passed = passed?;
        if let Some((id, member)) = passed.iter().zip(&below).next() {
            let text = "Có 3 máy chủ, danh sách đã gửi qua hệ thống văn bản.";
            let count = Some(Count { handled: 3, all: 3 });
            self.answer(&member.officer, *id, Outcome::Done, count, text, self.at(10 * DAY)).await?;
        }
        Ok(())
    }

    async fn filters(&self, operators: &[&Member]) -> Result<()> {
        let at = self.at(5 * DAY);
        let text = "Chặn truy cập tới các tên miền, địa chỉ giả mạo cơ quan thuế và chương trình quà Tết.";
        let mut law = self.draft("Chặn lọc tên miền giả mạo", text, operators);
        law.kind = RequestKind::Filter;
        law.under_law = true;
        law.basis = "Luật 116/2025/QH15, Điều 25".into();
        law.items = self.entries(LURES, at).await?;
        let made = self.ask(&self.lead.officer, &law, at).await?;
        let [first, second] = operators else { return Ok(()) };
        let [quick, slow] = made.as_slice() else { return Ok(()) };
        self.receive(&first.officer, *quick, after(at, 40).min(self.now)).await?;
        self.mark(&first.officer, *quick, &Mark::Rest, ItemState::Done, "", after(at, 9 * HOUR)).await?;
        self.receive(&second.officer, *slow, after(at, 3 * HOUR).min(self.now)).await?;
        let some = Mark::Some(vec![1, 2, 4, 5]);
        self.mark(&second.officer, *slow, &some, ItemState::Done, "", after(at, 20 * HOUR)).await?;
        let why = "Trang dùng HTTPS trên hạ tầng chung, chỉ chặn được cả tên miền";
        self.mark(&second.officer, *slow, &Mark::Rest, ItemState::Impossible, why, after(at, 22 * HOUR))
            .await?;

        let at = self.at(10 * DAY);
        let text = "Chặn các trang cá độ được người dân phản ánh; hạn theo thống nhất tại cuộc họp giao ban.";
        let mut agreed = self.draft("Chặn trang cá độ theo phản ánh", text, operators);
        agreed.kind = RequestKind::Filter;
        agreed.due = Some(after(self.now, 2 * DAY));
        agreed.items = self.entries(CASINO, at).await?;
        let made = self.ask(&self.lead.officer, &agreed, at).await?;
        if let Some(id) = made.first() {
            self.receive(&first.officer, *id, after(at, HOUR).min(self.now)).await?;
            let one = Mark::Some(vec![1]);
            self.mark(&first.officer, *id, &one, ItemState::Done, "", after(at, 4 * HOUR)).await?;
        }
        Ok(())
    }

    fn draft(&self, title: &str, text: &str, to: &[&Member]) -> NewRequest {
        NewRequest {
            asker: Asker::Body(self.lead.body),
            to: to.iter().map(|m| m.body).collect(),
            kind: RequestKind::Work,
            title: title.into(),
            text: text.into(),
            basis: String::new(),
            under_law: false,
            urgent: false,
            asked: None,
            due: None,
            letter: None,
            items: Vec::new(),
        }
    }

    /// A list as people paste it, read with what may never be filtered.
    async fn entries(&self, text: &str, at: Timestamp) -> Result<Vec<filter::Item>> {
        let pack = self.centre.legal.on(time::date(at));
        let guard = requests::guard(&mut self.centre.db.read().await?, pack).await?;
        Ok(filter::read(text, &guard).items)
    }

    async fn ask(&self, who: &Player, new: &NewRequest, at: Timestamp) -> Result<Vec<RequestId>> {
        let tools = self.tools(at);
        let made: Result<_, StoreError> = store::write!(self.centre.db, who.actor(), at, tx => {
            requests::ask(tx, &who.scope, &tools, new).await
        });
        Ok(made?)
    }
    async fn receive(&self, who: &Player, id: RequestId, at: Timestamp) -> Result<()> {
        let tools = self.tools(at);
        let done: Result<bool, StoreError> = store::write!(self.centre.db, who.actor(), at, tx => {
            requests::receive(tx, &who.scope, &tools, id).await
        });
        done?;
        Ok(())
    }
    async fn answer(
        &self,
        who: &Player,
        id: RequestId,
        outcome: Outcome,
        count: Option<Count>,
        text: &str,
        at: Timestamp,
    ) -> Result<()> {
        let tools = self.tools(at);
        let proof_id = Id::new(&*self.centre.ids);
        let new = Answer { outcome, text: text.into(), count, proof: None, proof_id };
        let done: Result<(), StoreError> = store::write!(self.centre.db, who.actor(), at, tx => {
            requests::answer(tx, &who.scope, &tools, id, &new).await
        });
        Ok(done?)
    }
    async fn accept(&self, id: RequestId, at: Timestamp) -> Result<()> {
        let (tools, who) = (self.tools(at), &self.lead.officer);
        let done: Result<(), StoreError> = store::write!(self.centre.db, who.actor(), at, tx => {
            requests::decide(tx, &who.scope, &tools, id, &Decision::Accept).await
        });
        Ok(done?)
    }
    async fn mark(
        &self,
        who: &Player,
        id: RequestId,
        which: &Mark,
        state: ItemState,
        why: &str,
        at: Timestamp,
    ) -> Result<()> {
        let at = at.min(self.now);
        let tools = self.tools(at);
        let done: Result<u64, StoreError> = store::write!(self.centre.db, who.actor(), at, tx => {
            requests::mark(tx, &who.scope, &tools, id, which, state, why).await
        });
        done?;
        Ok(())
    }
}
