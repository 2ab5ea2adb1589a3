//! Levels of systems beyond their number: the dossier and the papers behind it, the plan, where the system stands and
//! whom it serves; and the form in which that is reported once a year. Layout and fixed words are data of the pack.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    right::names,
    system::{Level, System},
};

/// At most so many characters of a number, an authority, a provider.
pub const NAME_MAX: usize = 300;
/// At most so many characters of services, zones, contacts.
pub const WORDS_MAX: usize = 1_000;

/// How far the dossier is that proposes a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dossier {
    /// Đang dự thảo.
    Drafted,
    /// Đã gửi thẩm định.
    Sent,
    /// Đã thẩm định.
    Appraised,
    /// Đã được phê duyệt.
    Approved,
}
names!(Dossier { Drafted = "drafted", Sent = "sent", Appraised = "appraised", Approved = "approved" } "state of a dossier");

/// How far the security plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// Chưa triển khai.
    None,
    /// Đã triển khai một số hạng mục.
    Partly,
    /// Đã triển khai đầy đủ.
    Full,
}
names!(Plan { None = "none", Partly = "partly", Full = "full" } "state of a plan");

/// From where a system can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// From the internet.
    Internet,
    /// From the dedicated data network (TSLCD) and networks like it, not from the internet.
    Dedicated,
    /// From the body's own network only.
    Internal,
}
names!(Exposure { Internet = "internet", Dedicated = "dedicated", Internal = "internal" } "exposure");

/// A paper by which something was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// Its number and symbol.
    pub number: String,
    /// Its date.
    pub date: Option<Date>,
    /// Who issued it.
    pub authority: String,
}

impl Decision {
    /// Nothing of it is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
    /// *123/QĐ-UBND, 02/03/2026, UBND tỉnh*: what is known of it.
    #[must_use]
    pub fn words(&self) -> String {
        let date = self.date.map(|d| d.strftime("%d/%m/%Y").to_string()).unwrap_or_default();
        [self.number.as_str(), &date, &self.authority]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// What the register holds of a system besides its level and marks. Everything may be blank: not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// The dossier.
    pub dossier: Option<Dossier>,
    /// By which the level was approved.
    pub decision: Decision,
    /// The security regulation.
    pub regulation: Decision,
    /// When approval is expected.
    pub approval_expected: Option<Date>,
    /// The plan.
    pub plan: Option<Plan>,
    /// When it will be carried out.
    pub plan_expected: Option<Date>,
    /// When it was last inspected and assessed.
    pub inspected: Option<Date>,
    /// From where it is reached.
    pub exposure: Option<Exposure>,
    /// What it offers.
    pub services: String,
    /// Network zones it stands in.
    pub zones: String,
    /// Who provides infrastructure or service.
    pub provider: String,
    /// Whom to ask.
    pub contact: String,
}

impl Detail {
    /// What cannot stand, as a code: `system-detail-long`, `system-decision-future` (a decision dated after `today`),
    /// `system-approved-undecided` (approved, and no decision is named).
    #[must_use]
    pub fn wrong(&self, today: Date) -> Option<&'static str> {
        let short = [
            &self.decision.number,
            &self.decision.authority,
            &self.regulation.number,
            &self.regulation.authority,
            &self.provider,
        ];
        let long = [&self.services, &self.zones, &self.contact];
        let over = |texts: &[&String], max: usize| texts.iter().any(|t| t.chars().count() > max);
        if over(&short, NAME_MAX) || over(&long, WORDS_MAX) {
            return Some("system-detail-long");
        }
        let dates = [self.decision.date, self.regulation.date, self.inspected];
        if dates.into_iter().flatten().any(|d| d > today) {
            return Some("system-decision-future");
        }
        (self.dossier == Some(Dossier::Approved) && self.decision.number.trim().is_empty())
            .then_some("system-approved-undecided")
    }
}

/// Which texts governed levels in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// The texts.
    pub texts: String,
    /// What a legal officer still has to confirm; empty for nothing.
    #[serde(default)]
    pub confirm: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// The yearly form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelForm {
    /// What it is called: *Mẫu số 08*.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is about; `{year}` stands for the year.
    pub subject: String,
    /// Month and day of the year before on which its data begin.
    pub data_from: [i8; 2],
    /// Month and day on which they end.
    pub data_until: [i8; 2],
    /// By when an operator reports to the owner.
    pub operator_due: [i8; 2],
    /// By when an owner reports up.
    pub owner_due: [i8; 2],
    /// What a legal officer still has to confirm; empty for nothing.
    #[serde(default)]
    pub confirm: String,
    /// Its columns, in order.
    pub column: Vec<FormColumn>,
    /// Its counts, in order.
    pub count: Vec<FormCount>,
    /// Its fixed words of dossiers: drafted, sent, appraised, approved.
    pub dossier: [String; 4],
    /// Its fixed words of plans: none, partly, full.
    pub plan: [String; 3],
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// A column of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormColumn {
    /// What stands in it.
    pub what: Field,
    /// Its head.
    pub title: String,
    /// Its width, in parts of the whole.
    pub width: u16,
}

/// A count of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormCount {
    /// What is counted.
    pub what: Counted,
    /// How it is worded.
    pub title: String,
}

/// What may stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The line's number.
    Number,
    /// The system's name.
    Name,
    /// The owner.
    Owner,
    /// The operator.
    Operator,
    /// The level.
    Level,
    /// How far the dossier is.
    Dossier,
    /// The decision that approved it.
    Decision,
    /// The security regulation.
    Regulation,
    /// When approval is expected.
    ApprovalExpected,
    /// How far the plan is.
    Plan,
    /// When it will be carried out.
    PlanExpected,
    /// The last inspection and assessment.
    Inspected,
}

/// What may be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// All systems.
    All,
    /// With a level.
    Classified,
    /// With a dossier.
    Dossier,
    /// Whose dossier was appraised, or approved.
    Appraised,
    /// Whose dossier was approved.
    Approved,
    /// Inspected within the year of the form.
    Inspected,
}

/// A system as the form shows it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The system.
    pub system: System,
    /// The owner's name.
    pub owner: String,
    /// The operator's name; the owner runs it itself if none.
    pub operator: Option<String>,
    /// What else the register holds of it.
    pub detail: Detail,
}

impl LevelForm {
    /// The first and last day of the data of a year.
    #[must_use]
    pub fn data_days(&self, year: i16) -> Option<(Date, Date)> {
        let day = |year: i16, [month, day]: [i8; 2]| Date::new(year, month, day).ok();
        Some((day(year.checked_sub(1)?, self.data_from)?, day(year, self.data_until)?))
    }

    /// A line of the table. What is not known stays blank.
    #[must_use]
    pub fn cells(&self, n: usize, of: &Listed) -> Vec<String> {
        let (system, detail) = (&of.system, &of.detail);
        let day = |d: Option<Date>| d.map(|d| d.strftime("%d/%m/%Y").to_string()).unwrap_or_default();
        let word = |words: &[String], at: Option<usize>| {
            at.and_then(|at| words.get(at)).cloned().unwrap_or_default()
        };
        let one = |column: &FormColumn| match column.what {
            Field::Number => n.to_string(),
            Field::Name => system.name.clone(),
            Field::Owner => of.owner.clone(),
            Field::Operator => of.operator.clone().unwrap_or_else(|| of.owner.clone()),
            Field::Level => system.level.map(|l: Level| l.get().to_string()).unwrap_or_default(),
            Field::Dossier => word(&self.dossier, detail.dossier.map(|d| d as usize)),
            Field::Decision => detail.decision.words(),
            Field::Regulation => detail.regulation.words(),
            Field::ApprovalExpected => day(detail.approval_expected),
            Field::Plan => word(&self.plan, detail.plan.map(|p| p as usize)),
            Field::PlanExpected => day(detail.plan_expected),
            Field::Inspected => day(detail.inspected),
        };
        self.column.iter().map(one).collect()
    }

    /// The counts of its head, worded, for a year.
    #[must_use]
    pub fn counts(&self, year: i16, all: &[Listed]) -> Vec<(String, usize)> {
        let days = self.data_days(year);
        let is = |what: Counted, l: &Listed| match what {
            Counted::All => true,
            Counted::Classified => l.system.level.is_some(),
            Counted::Dossier => l.detail.dossier.is_some(),
            Counted::Appraised => l.detail.dossier >= Some(Dossier::Appraised),
            Counted::Approved => l.detail.dossier == Some(Dossier::Approved),
            Counted::Inspected => {
                l.detail.inspected.is_some_and(|d| days.is_some_and(|(from, until)| from <= d && d <= until))
            }
        };
        let one = |c: &FormCount| (c.title.clone(), all.iter().filter(|l| is(c.what, l)).count());
        self.count.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests;
