//! The table of information systems.

use jiff::civil::Date;

use super::{
    cells::{date, dossier, dossier_label, exposure, exposure_label, level, truth, truth_label},
    table::{Column, Parsed, Reader, read},
};
use crate::{
    body::tidy_name,
    level::{Detail, Dossier, Exposure},
    person::Lang,
    system::Level,
};

/// Its columns.
pub static SYSTEM_COLUMNS: &[Column] = &[
    Column {
        key: "name",
        vi: "Tên hệ thống",
        en: "System",
        also: &["ten", "he thong", "he thong thong tin", "name"],
        required: true,
    },
    Column {
        key: "body",
        vi: "Chủ quản",
        en: "Owner",
        also: &["chu quan he thong thong tin", "don vi chu quan", "don vi"],
        required: false,
    },
    Column {
        key: "body-code", vi: "Mã chủ quản", en: "Owner code", also: &["ma don vi"], required: false
    },
    Column {
        key: "operator", vi: "Đơn vị vận hành", en: "Operator", also: &["van hanh"], required: false
    },
    Column {
        key: "operator-code",
        vi: "Mã đơn vị vận hành",
        en: "Operator code",
        also: &[],
        required: false,
    },
    Column {
        key: "level",
        vi: "Cấp độ",
        en: "Level",
        also: &["cap do an ninh mang", "cap do attt", "cap do an toan"],
        required: false,
    },
    Column {
        key: "important",
        vi: "Quan trọng",
        en: "Important",
        also: &["he thong quan trong"],
        required: false,
    },
    Column {
        key: "personal-data",
        vi: "Dữ liệu cá nhân",
        en: "Personal data",
        also: &["co du lieu ca nhan", "dlcn"],
        required: false,
    },
    Column {
        key: "national-platform",
        vi: "Nền tảng quốc gia",
        en: "National platform",
        also: &["nen tang so quoc gia"],
        required: false,
    },
    Column { key: "note", vi: "Ghi chú", en: "Note", also: &["mo ta"], required: false },
    Column {
        key: "dossier",
        vi: "Hồ sơ đề xuất cấp độ",
        en: "Level dossier",
        also: &["ho so cap do", "tinh trang ho so", "dossier"],
        required: false,
    },
    Column {
        key: "decision",
        vi: "Số quyết định phê duyệt",
        en: "Decision number",
        also: &["quyet dinh phe duyet", "so quyet dinh", "quyet dinh"],
        required: false,
    },
    Column {
        key: "decision-date",
        vi: "Ngày quyết định",
        en: "Decision date",
        also: &["ngay phe duyet"],
        required: false,
    },
    Column {
        key: "decision-authority",
        vi: "Cơ quan phê duyệt",
        en: "Approving authority",
        also: &["cap phe duyet", "co quan ra quyet dinh"],
        required: false,
    },
    Column {
        key: "exposure",
        vi: "Truy cập được từ",
        en: "Reached from",
        also: &["pham vi truy cap", "exposure"],
        required: false,
    },
    Column {
        key: "services", vi: "Dịch vụ cung cấp", en: "Services", also: &["dich vu"], required: false
    },
    Column { key: "zones", vi: "Vùng mạng", en: "Network zones", also: &["vung"], required: false },
    Column {
        key: "provider",
        vi: "Nhà cung cấp hạ tầng, dịch vụ",
        en: "Provider",
        also: &["nha cung cap", "don vi cung cap"],
        required: false,
    },
    Column {
        key: "contact",
        vi: "Đầu mối",
        en: "Contact",
        also: &["lien he", "nguoi phu trach"],
        required: false,
    },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemRow {
    /// Its name.
    pub name: String,
    /// Name of the owner; without it and the code: the top of the import.
    pub body: Option<String>,
    /// Code of the owner.
    pub body_code: Option<String>,
    /// Name of the operator.
    pub operator: Option<String>,
    /// Code of the operator.
    pub operator_code: Option<String>,
    /// Its level.
    pub level: Option<Level>,
    /// Marked important.
    pub important: Option<bool>,
    /// Holds personal data.
    pub personal_data: Option<bool>,
    /// Part of or connected to a national platform.
    pub national_platform: Option<bool>,
    /// Remarks.
    pub note: Option<String>,
    /// How far the dossier of its level is.
    pub dossier: Option<Dossier>,
    /// Number of the decision by which the level was approved.
    pub decision: Option<String>,
    /// Its date.
    pub decision_date: Option<Date>,
    /// Who issued it.
    pub decision_authority: Option<String>,
    /// From where it is reached.
    pub exposure: Option<Exposure>,
    /// What it offers.
    pub services: Option<String>,
    /// Network zones it stands in.
    pub zones: Option<String>,
    /// Who provides infrastructure or service.
    pub provider: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
}

impl SystemRow {
    /// The row with what stands behind the level, and where the system stands.
    #[must_use]
    pub fn with_detail(self, detail: &Detail) -> Self {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        Self {
            dossier: detail.dossier,
            decision: some(&detail.decision.number),
            decision_date: detail.decision.date,
            decision_authority: some(&detail.decision.authority),
            exposure: detail.exposure,
            services: some(&detail.services),
            zones: some(&detail.zones),
            provider: some(&detail.provider),
            contact: some(&detail.contact),
            ..self
        }
    }

    /// What was known before, with what the row says; blank cells change nothing. The keys of the columns that differ
    /// come with it.
    #[must_use]
    pub fn detail(&self, before: &Detail) -> (Detail, Vec<&'static str>) {
        let mut it = before.clone();
        let text = |to: &mut String, new: &Option<String>| {
            if let Some(new) = new {
                new.trim().clone_into(to);
            }
        };
        it.dossier = self.dossier.or(it.dossier);
        text(&mut it.decision.number, &self.decision);
        it.decision.date = self.decision_date.or(it.decision.date);
        text(&mut it.decision.authority, &self.decision_authority);
        it.exposure = self.exposure.or(it.exposure);
        text(&mut it.services, &self.services);
        text(&mut it.zones, &self.zones);
        text(&mut it.provider, &self.provider);
        text(&mut it.contact, &self.contact);
        let fields = [
            (it.dossier != before.dossier, "dossier"),
            (it.decision.number != before.decision.number, "decision"),
            (it.decision.date != before.decision.date, "decision-date"),
            (it.decision.authority != before.decision.authority, "decision-authority"),
            (it.exposure != before.exposure, "exposure"),
            (it.services != before.services, "services"),
            (it.zones != before.zones, "zones"),
            (it.provider != before.provider, "provider"),
            (it.contact != before.contact, "contact"),
        ];
        (it, fields.into_iter().filter(|(differs, _)| *differs).map(|(_, key)| key).collect())
    }
}

/// Reads the table.
pub fn read_systems(lines: &[(u32, Vec<String>)]) -> Parsed<SystemRow> {
    read(SYSTEM_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<SystemRow> {
    let name = r.needed("name", "system-name-bad", tidy_name);
    let level = r.value("level", "import-level-bad", level);
    let important = r.value("important", "import-truth-bad", truth);
    let personal_data = r.value("personal-data", "import-truth-bad", truth);
    let national_platform = r.value("national-platform", "import-truth-bad", truth);
    let dossier = r.value("dossier", "import-dossier-bad", dossier);
    let decision_date = r.value("decision-date", "import-date-bad", date);
    let exposure = r.value("exposure", "import-exposure-bad", exposure);
    Some(SystemRow {
        name: name?,
        body: r.owned("body"),
        body_code: r.owned("body-code"),
        operator: r.owned("operator"),
        operator_code: r.owned("operator-code"),
        level,
        important,
        personal_data,
        national_platform,
        note: r.owned("note"),
        dossier,
        decision: r.owned("decision"),
        decision_date,
        decision_authority: r.owned("decision-authority"),
        exposure,
        services: r.owned("services"),
        zones: r.owned("zones"),
        provider: r.owned("provider"),
        contact: r.owned("contact"),
    })
}

/// The cells of a row, in the order of [`SYSTEM_COLUMNS`].
pub fn system_cells(row: &SystemRow, lang: Lang) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        row.name.clone(),
        text(&row.body),
        text(&row.body_code),
        text(&row.operator),
        text(&row.operator_code),
        row.level.map_or_else(String::new, |l| l.get().to_string()),
        truth_label(row.important, lang),
        truth_label(row.personal_data, lang),
        truth_label(row.national_platform, lang),
        text(&row.note),
        row.dossier.map_or_else(String::new, |d| dossier_label(d, lang).to_owned()),
        text(&row.decision),
        row.decision_date.map_or_else(String::new, |d| d.strftime("%d/%m/%Y").to_string()),
        text(&row.decision_authority),
        row.exposure.map_or_else(String::new, |e| exposure_label(e, lang).to_owned()),
        text(&row.services),
        text(&row.zones),
        text(&row.provider),
        text(&row.contact),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::headings;

    #[test]
    fn systems_are_written_and_read_back() {
        let row = SystemRow {
            name: "Cổng dịch vụ công".into(),
            body: Some("Sở Y tế".into()),
            operator_code: Some("H55.02".into()),
            level: Level::new(3),
            important: Some(true),
            personal_data: Some(false),
            note: Some("đang nâng cấp".into()),
            dossier: Some(Dossier::Approved),
            decision: Some("12/QĐ-UBND".into()),
            decision_date: Some(jiff::civil::date(2026, 3, 2)),
            decision_authority: Some("UBND tỉnh".into()),
            exposure: Some(Exposure::Dedicated),
            zones: Some("DMZ 10.1.0.0/24".into()),
            provider: Some("VNPT".into()),
            ..SystemRow::default()
        };
        for lang in [Lang::Vi, Lang::En] {
            let head: Vec<String> = headings(SYSTEM_COLUMNS, lang).iter().map(|h| (*h).to_owned()).collect();
            let parsed = read_systems(&[(1, head), (2, system_cells(&row, lang))]);
            assert_eq!((parsed.rows, parsed.problems), (vec![(2, row.clone())], vec![]));
        }
    }

    #[test]
    fn blank_cells_leave_what_is_known_and_what_differs_is_named() {
        let before = Detail { zones: "LAN".into(), provider: "VNPT".into(), ..Detail::default() };
        let row = SystemRow {
            exposure: Some(Exposure::Internet),
            provider: Some("VNPT".into()),
            decision: Some(" 1/QĐ ".into()),
            ..SystemRow::default()
        };
        let (after, fields) = row.detail(&before);
        assert_eq!((after.zones.as_str(), after.decision.number.as_str()), ("LAN", "1/QĐ"));
        assert_eq!(fields, ["decision", "exposure"]);
        assert_eq!(SystemRow::default().with_detail(&after).detail(&Detail::default()).0, after);
    }
}
