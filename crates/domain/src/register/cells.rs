//! What stands in cells: kinds, dates, yes and no, levels.

use jiff::civil::Date;

use crate::{
    body::BodyKind,
    host::HostKind,
    level::{Dossier, Exposure},
    line::LineKind,
    person::Lang,
    system::Level,
    text::fold,
};

/// Kind, its label in Vietnamese and English, and other words for it, folded.
const KINDS: &[(BodyKind, &str, &str, &[&str])] = &[
    (BodyKind::Lead, "Cơ quan chủ trì", "Lead body", &["co quan dau moi", "co quan chuyen trach"]),
    (BodyKind::Centre, "Trung tâm", "Centre", &["center"]),
    (BodyKind::Department, "Sở, ban, ngành", "Department", &["so", "ban", "nganh", "so ban nganh"]),
    (BodyKind::Party, "Cơ quan đảng", "Party office", &["dang", "co quan dang"]),
    (BodyKind::Organisation, "Mặt trận, đoàn thể", "Organisation", &["mat tran", "doan the", "organization"]),
    (BodyKind::District, "Huyện, thị xã, thành phố", "District", &["huyen", "thi xa", "quan", "ubnd huyen"]),
    (BodyKind::Commune, "Xã", "Commune", &["ubnd xa", "xa dac khu", "dac khu"]),
    (BodyKind::Ward, "Phường", "Ward", &["ubnd phuong"]),
    (BodyKind::School, "Trường học", "School", &["truong", "co so giao duc"]),
    (BodyKind::Hospital, "Bệnh viện, cơ sở y tế", "Hospital", &["benh vien", "co so y te", "trung tam y te"]),
    (
        BodyKind::Operator,
        "Doanh nghiệp viễn thông",
        "Network operator",
        &["nha mang", "vien thong", "telecom"],
    ),
    (BodyKind::Platform, "Đơn vị cung cấp nền tảng số", "Platform provider", &["nen tang so"]),
    (BodyKind::Bank, "Ngân hàng", "Bank", &["to chuc tin dung", "to chuc tai chinh"]),
    (
        BodyKind::SecurityProvider,
        "Đơn vị cung cấp dịch vụ an ninh mạng",
        "Security provider",
        &["dich vu an ninh mang", "dich vu an toan thong tin"],
    ),
    (BodyKind::Other, "Khác", "Other", &["don vi khac"]),
];

/// How a kind is called in tables.
pub fn kind_label(kind: BodyKind, lang: Lang) -> &'static str {
    let of = KINDS.iter().find(|(k, ..)| *k == kind);
    of.map_or("", |(_, vi, en, _)| if lang == Lang::En { en } else { vi })
}

/// The kind that a cell names: its stable name or a label, marks and case aside.
pub(super) fn kind(text: &str) -> Option<BodyKind> {
    let folded = fold(text);
    BodyKind::parse(&folded).or_else(|| {
        let same = |(_, vi, en, also): &&(BodyKind, &str, &str, &[&str])| {
            fold(vi) == folded || fold(en) == folded || also.contains(&folded.as_str())
        };
        KINDS.iter().find(same).map(|(k, ..)| *k)
    })
}

/// Kinds of line, likewise.
const LINE_KINDS: &[(LineKind, &str, &str, &[&str])] = &[
    (LineKind::Internet, "Internet", "Internet", &["kenh internet", "duong internet"]),
    (
        LineKind::Dedicated,
        "Mạng truyền số liệu chuyên dùng",
        "Dedicated data network",
        &["tslcd", "truyen so lieu chuyen dung", "kenh thue rieng", "leased line"],
    ),
    (LineKind::Mobile, "Di động", "Mobile", &["4g", "5g"]),
    (LineKind::Voice, "Thoại, đường dây nóng", "Voice, hotline", &["thoai", "dien thoai", "voice"]),
    (LineKind::Power, "Nguồn điện", "Power", &["dien"]),
    (LineKind::Other, "Khác", "Other", &[]),
];

/// How a kind of line is called in tables.
pub(super) fn line_kind_label(kind: LineKind, lang: Lang) -> &'static str {
    let of = LINE_KINDS.iter().find(|(k, ..)| *k == kind);
    of.map_or("", |(_, vi, en, _)| if lang == Lang::En { en } else { vi })
}

/// The kind of line that a cell names.
pub(super) fn line_kind(text: &str) -> Option<LineKind> {
    let folded = fold(text);
    LineKind::parse(&folded).or_else(|| {
        let same = |(_, vi, en, also): &&(LineKind, &str, &str, &[&str])| {
            fold(vi) == folded || fold(en) == folded || also.contains(&folded.as_str())
        };
        LINE_KINDS.iter().find(same).map(|(k, ..)| *k)
    })
}

/// Kinds of host, likewise.
const HOST_KINDS: &[(HostKind, &str, &str, &[&str])] = &[
    (HostKind::Server, "Máy chủ", "Server", &["may chu ao", "virtual server"]),
    (
        HostKind::Workstation,
        "Máy trạm",
        "Workstation",
        &["may tinh", "laptop", "pc", "desktop", "may tinh ca nhan"],
    ),
    (
        HostKind::Network,
        "Thiết bị mạng",
        "Network device",
        &["router", "switch", "firewall", "tuong lua", "thiet bi bao mat", "wifi"],
    ),
    (HostKind::Storage, "Thiết bị lưu trữ", "Storage", &["nas", "san", "o mang", "luu tru"]),
    (HostKind::Camera, "Camera, đầu ghi", "Camera, recorder", &["camera", "dvr", "nvr", "dau ghi"]),
    (
        HostKind::Printer,
        "Máy in, máy quét",
        "Printer, scanner",
        &["may in", "printer", "scanner", "may quet"],
    ),
    (HostKind::Other, "Khác", "Other", &["thiet bi khac"]),
];

/// How a kind of host is called in tables.
pub(super) fn host_kind_label(kind: HostKind, lang: Lang) -> &'static str {
    let of = HOST_KINDS.iter().find(|(k, ..)| *k == kind);
    of.map_or("", |(_, vi, en, _)| if lang == Lang::En { en } else { vi })
}

/// The kind of host that a cell names.
pub(super) fn host_kind(text: &str) -> Option<HostKind> {
    let folded = fold(text);
    HostKind::parse(&folded).or_else(|| {
        let same = |(_, vi, en, also): &&(HostKind, &str, &str, &[&str])| {
            fold(vi) == folded || fold(en) == folded || also.contains(&folded.as_str())
        };
        HOST_KINDS.iter().find(same).map(|(k, ..)| *k)
    })
}

/// How far a dossier is, likewise.
const DOSSIERS: &[(Dossier, &str, &str, &[&str])] = &[
    (Dossier::Drafted, "Đang dự thảo", "Being drafted", &["du thao", "dang lap", "draft"]),
    (Dossier::Sent, "Đã gửi thẩm định", "Sent for appraisal", &["gui tham dinh", "dang tham dinh", "sent"]),
    (Dossier::Appraised, "Đã thẩm định", "Appraised", &["tham dinh"]),
    (Dossier::Approved, "Đã được phê duyệt", "Approved", &["phe duyet", "da phe duyet", "duoc phe duyet"]),
];

/// How the state of a dossier is called in tables.
pub(super) fn dossier_label(dossier: Dossier, lang: Lang) -> &'static str {
    let of = DOSSIERS.iter().find(|(d, ..)| *d == dossier);
    of.map_or("", |(_, vi, en, _)| if lang == Lang::En { en } else { vi })
}

/// The state of a dossier that a cell names.
pub(super) fn dossier(text: &str) -> Option<Dossier> {
    let folded = fold(text);
    Dossier::parse(&folded).or_else(|| {
        let same = |(_, vi, en, also): &&(Dossier, &str, &str, &[&str])| {
            fold(vi) == folded || fold(en) == folded || also.contains(&folded.as_str())
        };
        DOSSIERS.iter().find(same).map(|(d, ..)| *d)
    })
}

/// From where systems are reached, likewise.
const EXPOSURES: &[(Exposure, &str, &str, &[&str])] = &[
    (Exposure::Internet, "Internet", "The internet", &["tu internet", "cong khai", "public"]),
    (
        Exposure::Dedicated,
        "Mạng truyền số liệu chuyên dùng",
        "The dedicated data network",
        &["tslcd", "truyen so lieu chuyen dung", "mang chuyen dung"],
    ),
    (
        Exposure::Internal,
        "Chỉ mạng nội bộ",
        "The internal network only",
        &["noi bo", "mang noi bo", "lan", "internal network"],
    ),
];

/// How it is called in tables from where a system is reached.
pub(super) fn exposure_label(exposure: Exposure, lang: Lang) -> &'static str {
    let of = EXPOSURES.iter().find(|(e, ..)| *e == exposure);
    of.map_or("", |(_, vi, en, _)| if lang == Lang::En { en } else { vi })
}

/// From where a cell says that a system is reached.
pub(super) fn exposure(text: &str) -> Option<Exposure> {
    let folded = fold(text);
    Exposure::parse(&folded).or_else(|| {
        let same = |(_, vi, en, also): &&(Exposure, &str, &str, &[&str])| {
            fold(vi) == folded || fold(en) == folded || also.contains(&folded.as_str())
        };
        EXPOSURES.iter().find(same).map(|(e, ..)| *e)
    })
}

/// A date as `06/02/2027`, `6/2/2027`, `06.02.2027` or `2027-02-06`, a time of day behind it left out.
pub(crate) fn date(text: &str) -> Option<Date> {
    let day = text.split(['T', ' ']).next()?;
    let iso = day.contains('-') && day.split('-').next().is_some_and(|y| y.len() == 4);
    let parts: Vec<i16> = day.split(['/', '.', '-']).map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let (y, m, d) = match (parts.as_slice(), iso) {
        ([y, m, d], true) => (*y, *m, *d),
        ([d, m, y], false) => (*y, *m, *d),
        _ => return None,
    };
    let good = (1900..2200).contains(&y);
    Date::new(y, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok().filter(|_| good)
}

/// *x*, *có*, *yes*, *1* … or *không*, *no*, *0*, *-* ….
pub(crate) fn truth(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "x" | "co" | "yes" | "y" | "true" | "1" | "dung" | "v" | "✓" | "✔" => Some(true),
        "khong" | "no" | "n" | "false" | "0" | "sai" | "-" | "k" => Some(false),
        _ => None,
    }
}

/// How yes and no are written in tables.
pub(super) fn truth_label(truth: Option<bool>, lang: Lang) -> String {
    let label = match (truth, lang) {
        (None, _) => "",
        (Some(true), Lang::En) => "yes",
        (Some(false), Lang::En) => "no",
        (Some(true), Lang::Vi) => "có",
        (Some(false), Lang::Vi) => "không",
    };
    label.to_owned()
}

/// *3*, *Cấp độ 3*, *cấp 3*, *Level 3*.
pub(super) fn level(text: &str) -> Option<Level> {
    let folded = fold(text);
    let number = ["cap do", "cap", "level", "lv", "l"]
        .iter()
        .find_map(|word| folded.strip_prefix(word))
        .unwrap_or(&folded)
        .trim();
    number.parse::<u8>().ok().and_then(Level::new)
}

/// Several values in one cell, separated by semicolons, bars or line breaks.
pub(super) fn several(text: &str) -> Vec<String> {
    text.split([';', '|', '\n']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as d;

    #[test]
    fn every_kind_is_read_back_from_its_labels() {
        for k in BodyKind::ALL {
            for lang in [Lang::Vi, Lang::En] {
                assert_eq!(kind(&kind_label(*k, lang).to_uppercase()), Some(*k));
            }
            assert_eq!(kind(k.name()), Some(*k));
        }
        assert_eq!(kind("tổng cục"), None);
    }

    #[test]
    fn dates_truths_and_levels_as_people_write_them() {
        for text in ["06/02/2027", "6/2/2027", "2027-02-06", "2027-02-06T00:00:00", "06.02.2027", "6-2-2027"]
        {
            assert_eq!(date(text), Some(d(2027, 2, 6)), "{text}");
        }
        for text in ["2/2027", "31/02/2027", "06/02/27", "hôm nay", ""] {
            assert_eq!(date(text), None, "{text}");
        }
        assert_eq!(
            (truth("X"), truth("Có"), truth("KHÔNG"), truth("có thể")),
            (Some(true), Some(true), Some(false), None)
        );
        for text in ["3", "Cấp độ 3", "cấp 3", "Level 3"] {
            assert_eq!(level(text), Level::new(3), "{text}");
        }
        assert_eq!((level("6"), level("ba")), (None, None));
    }
}
