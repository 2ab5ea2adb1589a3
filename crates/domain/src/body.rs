//! Bodies: the tree of public bodies, operators and providers.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    id::{Id, kind},
    right::names,
};

/// What kind of body it is; decides which lines of *Kính gửi* reach it and how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyKind {
    /// Cơ quan chủ trì: the province's lead body.
    Lead,
    /// Trung tâm: a centre under another body (SOC, IT centre).
    Centre,
    /// Sở, ban, ngành.
    Department,
    /// Cơ quan đảng.
    Party,
    /// Mặt trận, đoàn thể.
    Organisation,
    /// UBND huyện, thị xã, thành phố: the tier that ended on 1/7/2025; kept for history.
    District,
    /// UBND xã.
    Commune,
    /// UBND phường.
    Ward,
    /// Trường học.
    School,
    /// Bệnh viện, trung tâm y tế.
    Hospital,
    /// Doanh nghiệp viễn thông, internet.
    Operator,
    /// Đơn vị cung cấp nền tảng số.
    Platform,
    /// Ngân hàng, tổ chức tài chính.
    Bank,
    /// Đơn vị cung cấp dịch vụ an ninh mạng.
    SecurityProvider,
    /// Anything else.
    Other,
}
names!(BodyKind {
    Lead = "lead", Centre = "centre", Department = "department", Party = "party", Organisation = "organisation",
    District = "district", Commune = "commune", Ward = "ward", School = "school", Hospital = "hospital",
    Operator = "operator", Platform = "platform", Bank = "bank", SecurityProvider = "security-provider", Other = "other",
} "kind of body");

impl BodyKind {
    /// Whether letters call it a provider (*doanh nghiệp cung cấp dịch vụ …*), to whom provider duties go.
    pub const fn is_provider(self) -> bool {
        matches!(self, BodyKind::Operator | BodyKind::Platform | BodyKind::SecurityProvider)
    }
}

/// One name a body bears or bore, or is also known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// As written officially.
    pub text: String,
    /// First day of validity; `None` = always so far as known.
    pub from: Option<Date>,
    /// Last day of validity; `None` = still.
    pub until: Option<Date>,
    /// An abbreviation or other spelling rather than the official name.
    pub alias: bool,
}

/// That from a day on another body carries a function of this one (*successors are by function*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    /// What is carried on: `security`, `digital-transformation`, `loudspeakers`, or `all`.
    pub function: String,
    /// Who carries it on.
    pub body: Id<kind::Body>,
    /// From which day.
    pub from: Date,
}

impl Name {
    /// Whether the name is valid on that day.
    pub fn on(&self, day: Date) -> bool {
        self.from.is_none_or(|f| f <= day) && self.until.is_none_or(|u| day <= u)
    }
}
