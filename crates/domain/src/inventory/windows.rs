//! Under which name Microsoft's advisories know a Windows.

use super::Os;

/// `(third number of the build, as a client, as a server)`. What Microsoft publishes of its releases; a build that is not
/// here has no product, and is then unknown.
const RELEASES: &[(u32, &str, &str)] = &[
    (6002, "Windows Vista", "Windows Server 2008"),
    (6003, "", "Windows Server 2008"),
    (7601, "Windows 7", "Windows Server 2008 R2"),
    (9200, "Windows 8", "Windows Server 2012"),
    (9600, "Windows 8.1", "Windows Server 2012 R2"),
    (10240, "Windows 10", ""),
    (10586, "Windows 10 Version 1511", ""),
    (14393, "Windows 10 Version 1607", "Windows Server 2016"),
    (15063, "Windows 10 Version 1703", ""),
    (16299, "Windows 10 Version 1709", "Windows Server, version 1709"),
    (17134, "Windows 10 Version 1803", "Windows Server, version 1803"),
    (17763, "Windows 10 Version 1809", "Windows Server 2019"),
    (18362, "Windows 10 Version 1903", "Windows Server, version 1903"),
    (18363, "Windows 10 Version 1909", "Windows Server, version 1909"),
    (19041, "Windows 10 Version 2004", "Windows Server, version 2004"),
    (19042, "Windows 10 Version 20H2", "Windows Server, version 20H2"),
    (19043, "Windows 10 Version 21H1", ""),
    (19044, "Windows 10 Version 21H2", ""),
    (19045, "Windows 10 Version 22H2", ""),
    (20348, "", "Windows Server 2022"),
    (22000, "Windows 11 version 21H2", ""),
    (22621, "Windows 11 Version 22H2", ""),
    (22631, "Windows 11 Version 23H2", ""),
    (25398, "", "Windows Server 2022, 23H2 Edition"),
    (26100, "Windows 11 Version 24H2", "Windows Server 2025"),
    (26200, "Windows 11 Version 25H2", ""),
];
/// Builds whose product's name carries its service pack.
const SERVICE_PACKS: &[(u32, &str)] = &[(6002, "2"), (6003, "2"), (7601, "1")];

/// The product's exact name, from build, name and architecture; none where one of them is missing or unheard of.
#[must_use]
pub fn product_of(os: &Os) -> Option<String> {
    let build: u32 = os.build.as_deref()?.split('.').nth(2)?.parse().ok()?;
    let (_, client, server) = RELEASES.iter().find(|(number, ..)| *number == build)?;
    let is_server = os.name.contains("Server") || os.edition.as_deref().is_some_and(|e| e.contains("Server"));
    let pack = SERVICE_PACKS.iter().find(|(number, _)| *number == build).map(|(_, pack)| *pack);
    let arch = match os.arch.as_deref()?.to_ascii_lowercase().as_str() {
        "x64" | "amd64" | "x86_64" => "x64-based",
        "x86" | "i386" | "i686" => "32-bit",
        "arm64" | "aarch64" => "ARM64-based",
        "ia64" => "Itanium-Based",
        _ => return None,
    };
    let name = if is_server { server } else { client };
    if name.is_empty() {
        return None;
    }
    // Servers from 2012 on come for one architecture only, and are named without it.
    if is_server && build > 7601 {
        let only_core = name.starts_with("Windows Server, version");
        let core = if only_core || os.core == Some(true) { " (Server Core installation)" } else { "" };
        return Some(format!("{name}{core}"));
    }
    let mut product = format!("{name} for {arch} Systems");
    if let Some(pack) = pack {
        product.push_str(" Service Pack ");
        product.push_str(pack);
    }
    if is_server && os.core == Some(true) {
        product.push_str(" (Server Core installation)");
    }
    Some(product)
}

/// `10.0.19045` from what stands in reports: `10.0.19045 N/A Build 19045`, `10.0.19045.3803`, `10.0 (19045)`; with the
/// revision, if it is there.
#[must_use]
pub fn build_of_caption(text: &str) -> Option<(String, Option<u32>)> {
    let word =
        text.split(|c: char| !(c.is_ascii_digit() || c == '.')).find(|w| w.matches('.').count() >= 2)?;
    let numbers: Vec<u32> = word.split('.').map_while(|n| n.parse().ok()).collect();
    match numbers.as_slice() {
        [major, minor, build] => Some((format!("{major}.{minor}.{build}"), None)),
        [major, minor, build, ubr, ..] => Some((format!("{major}.{minor}.{build}"), Some(*ubr))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(name: &str, build: &str, arch: &str) -> Os {
        Os { name: name.into(), build: Some(build.into()), arch: Some(arch.into()), ..Os::default() }
    }

    #[test]
    fn products_have_their_exact_names() {
        let name = |n: &str, b: &str, a: &str| product_of(&os(n, b, a));
        assert_eq!(
            name("Microsoft Windows 10 Pro", "10.0.19045", "x64").as_deref(),
            Some("Windows 10 Version 22H2 for x64-based Systems")
        );
        assert_eq!(
            name("Microsoft Windows 7 Professional", "6.1.7601", "x86").as_deref(),
            Some("Windows 7 for 32-bit Systems Service Pack 1")
        );
        assert_eq!(
            name("Microsoft Windows Server 2019 Standard", "10.0.17763", "x64").as_deref(),
            Some("Windows Server 2019")
        );
        assert_eq!(
            name("Microsoft Windows 11 Pro", "10.0.26100", "arm64").as_deref(),
            Some("Windows 11 Version 24H2 for ARM64-based Systems")
        );
    }

    #[test]
    fn what_is_not_known_has_none() {
        assert_eq!(product_of(&os("Windows 12", "10.0.99999", "x64")), None);
        assert_eq!(product_of(&os("Windows 10 Pro", "10.0.19045", "mips")), None);
        assert_eq!(product_of(&Os { arch: None, ..os("Windows 10 Pro", "10.0.19045", "") }), None);
    }

    #[test]
    fn builds_are_found_in_captions() {
        assert_eq!(build_of_caption("10.0.19045 N/A Build 19045"), Some(("10.0.19045".into(), None)));
        assert_eq!(build_of_caption("10.0.19045.3803"), Some(("10.0.19045".into(), Some(3803))));
        assert_eq!(build_of_caption("version ten"), None);
    }
}
