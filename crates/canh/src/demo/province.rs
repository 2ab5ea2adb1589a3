//! Who there is in the fictional province of Sông Trà: bodies, people and systems, drawn from a seed.

use domain::body::BodyKind;

/// A body to be made: kind, name, short name, and the place of its parent in the list.
pub struct Place {
    /// Kind.
    pub kind: BodyKind,
    /// Official name.
    pub name: String,
    /// Short name or abbreviation, empty for none.
    pub alias: &'static str,
    /// Index of the parent; the lead body has none.
    pub parent: Option<usize>,
    /// For addresses: `so-y-te`.
    pub slug: String,
}

const DEPARTMENTS: [(&str, &str); 14] = [
    ("Văn phòng Ủy ban nhân dân tỉnh", "VP UBND tỉnh"),
    ("Sở Nội vụ", "SNV"),
    ("Sở Tài chính", "STC"),
    ("Sở Xây dựng", "SXD"),
    ("Sở Nông nghiệp và Môi trường", "SNNMT"),
    ("Sở Công Thương", "SCT"),
    ("Sở Khoa học và Công nghệ", "SKHCN"),
    ("Sở Giáo dục và Đào tạo", "SGDĐT"),
    ("Sở Y tế", "SYT"),
    ("Sở Văn hóa, Thể thao và Du lịch", "SVHTTDL"),
    ("Sở Tư pháp", "STP"),
    ("Sở Dân tộc và Tôn giáo", "SDTTG"),
    ("Thanh tra tỉnh", "TTr"),
    ("Ban Quản lý các khu công nghiệp", "BQL KCN"),
];
const WARDS: [&str; 8] =
    ["Bến Thủy", "Tân Hòa", "Trà Bình", "Vĩnh Lộc", "An Phú", "Đông Thành", "Hải Châu Đông", "Phước Long"];
const COMMUNES: [&str; 12] = [
    "Hòa Lộc",
    "Bình Minh",
    "Trà Sơn",
    "Long Thạnh",
    "Phú Riềng",
    "Sơn Kỳ",
    "Đại An",
    "Tịnh Khê",
    "Nghĩa Thắng",
    "Ba Tơ Thượng",
    "Lý Hòa",
    "Mỹ Xuyên",
];
const SCHOOLS: [&str; 12] = [
    "Trường THPT Trần Phú",
    "Trường THPT Lê Quý Đôn",
    "Trường THPT Nguyễn Huệ",
    "Trường THPT chuyên Sông Trà",
    "Trường THPT Hòa Lộc",
    "Trường THPT Bình Minh",
    "Trường THCS Tân Hòa",
    "Trường THCS An Phú",
    "Trường THCS Vĩnh Lộc",
    "Trường THCS Trà Sơn",
    "Trường Tiểu học Bến Thủy",
    "Trường Tiểu học Đông Thành",
];

/// The lead body's abbreviation in symbols.
pub const LEAD_SHORT: &str = "CAT";
/// Index of the lead body.
pub const LEAD: usize = 0;

/// All bodies, parents before children.
pub fn bodies() -> Vec<Place> {
    let mut all = vec![place(BodyKind::Lead, "Công an tỉnh Sông Trà", "CAT Sông Trà", None)];
    let add = |all: &mut Vec<Place>, kind, name: &str, alias, parent| {
        all.push(place(kind, name, alias, Some(parent)));
        all.len() - 1
    };
    let (mut education, mut health) = (LEAD, LEAD);
    for (name, alias) in DEPARTMENTS {
        let index = add(&mut all, BodyKind::Department, name, alias, LEAD);
        match alias {
            "SGDĐT" => education = index,
            "SYT" => health = index,
            _ => {}
        }
    }
    for name in WARDS {
        add(&mut all, BodyKind::Ward, &format!("Ủy ban nhân dân phường {name}"), "", LEAD);
    }
    for name in COMMUNES {
        add(&mut all, BodyKind::Commune, &format!("Ủy ban nhân dân xã {name}"), "", LEAD);
    }
    for name in SCHOOLS {
        add(&mut all, BodyKind::School, name, "", education);
    }
    for name in ["Bệnh viện Đa khoa tỉnh Sông Trà", "Bệnh viện Sản - Nhi Sông Trà"] {
        add(&mut all, BodyKind::Hospital, name, "", health);
    }
    add(&mut all, BodyKind::Operator, "Viễn thông Sông Trà", "", LEAD);
    add(&mut all, BodyKind::Operator, "Chi nhánh Mạng di động Trà Giang", "", LEAD);
    add(&mut all, BodyKind::Platform, "Công ty cổ phần Nền tảng số Sông Trà", "", LEAD);
    add(&mut all, BodyKind::Bank, "Ngân hàng Phát triển Miền Sông - Chi nhánh Sông Trà", "", LEAD);
    add(&mut all, BodyKind::Party, "Văn phòng Tỉnh ủy Sông Trà", "VPTU", LEAD);
    add(&mut all, BodyKind::SecurityProvider, "Công ty An ninh mạng Đồng Xanh", "", LEAD);
    all
}

fn place(kind: BodyKind, name: &str, alias: &'static str, parent: Option<usize>) -> Place {
    let folded = domain::text::fold(name);
    let short = folded
        .replace("uy ban nhan dan ", "")
        .replace("cong ty co phan ", "")
        .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let slug = short.split('-').filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-");
    Place { kind, name: name.to_owned(), alias, parent, slug }
}

/// A repeatable source of choices (SplitMix64): the same seed makes the same province.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// A number below `n` (0 if `n` is 0).
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).checked_rem(n).unwrap_or(0)
    }
    /// True in `percent` of cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(usize::try_from(self.below(list.len() as u64)).unwrap_or(0))
    }
    /// A person's name.
    pub fn name(&mut self) -> String {
        let family = self.pick(&FAMILY).copied().unwrap_or("Nguyễn");
        let middle = self.pick(&MIDDLE).copied().unwrap_or("Văn");
        let given = self.pick(&GIVEN).copied().unwrap_or("An");
        format!("{family} {middle} {given}")
    }
}

const FAMILY: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ"];
const MIDDLE: [&str; 12] =
    ["Văn", "Thị", "Minh", "Hữu", "Đức", "Thu", "Ngọc", "Quốc", "Thanh", "Xuân", "Kim", "Hoài"];
const GIVEN: [&str; 20] = [
    "An", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hải", "Hạnh", "Hùng", "Khoa", "Lan", "Linh", "Long", "Mai",
    "Nam", "Phúc", "Quang", "Sơn", "Trang", "Tuấn",
];

/// The systems of a body: name, level, important, personal data, national platform.
pub fn systems(kind: BodyKind) -> &'static [(&'static str, u8, bool, bool, bool)] {
    match kind {
        BodyKind::Lead => &[
            ("Trung tâm giám sát an ninh mạng tỉnh", 3, true, false, false),
            ("Hệ thống quản lý văn bản và điều hành", 3, true, true, false),
        ],
        BodyKind::Department => &[
            ("Cổng thông tin điện tử", 2, false, false, false),
            ("Phần mềm chuyên ngành", 2, true, true, false),
        ],
        BodyKind::Commune | BodyKind::Ward => &[
            ("Hệ thống một cửa và dịch vụ công", 2, true, true, true),
            ("Mạng nội bộ", 1, false, false, false),
        ],
        BodyKind::School => &[("Hệ thống quản lý học sinh", 1, false, true, false)],
        BodyKind::Hospital => &[
            ("Hệ thống thông tin bệnh viện", 3, true, true, false),
            ("Hệ thống xét nghiệm", 2, true, true, false),
        ],
        BodyKind::Operator => &[("Hạ tầng truyền dẫn tỉnh", 3, true, false, false)],
        BodyKind::Platform => &[("Nền tảng tích hợp, chia sẻ dữ liệu tỉnh", 3, true, true, true)],
        BodyKind::Bank => &[("Hệ thống giao dịch chi nhánh", 3, true, true, false)],
        BodyKind::Party => &[("Mạng thông tin diện rộng của Đảng", 3, true, true, false)],
        _ => &[("Hệ thống điều hành dịch vụ", 2, false, false, false)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_province_has_the_bodies_it_should() {
        let all = bodies();
        let count = |kind| all.iter().filter(|p| p.kind == kind).count();
        assert_eq!(count(BodyKind::Lead), 1);
        assert_eq!(count(BodyKind::Department), 14);
        assert_eq!(count(BodyKind::Ward) + count(BodyKind::Commune), 20);
        assert_eq!(
            (count(BodyKind::School), count(BodyKind::Hospital), count(BodyKind::Operator)),
            (12, 2, 2)
        );
        assert!(all.iter().enumerate().all(|(i, p)| p.parent.is_none_or(|parent| parent < i)));
        let mut slugs: Vec<_> = all.iter().map(|p| &p.slug).collect();
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), all.len());
    }
}
