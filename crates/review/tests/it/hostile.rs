//! Input made to hurt: refused, or read as far as it goes; never a crash, never without bound.

use review::{
    advisory,
    inventory::{self, FIELD, ODD, Refused, read},
};

#[test]
fn nesting_without_end() {
    for open in ["[", "{\"components\":["] {
        let deep = format!("{{\"bomFormat\":\"CycloneDX\",\"components\":[{}", open.repeat(200_000));
        assert!(matches!(read("x", deep.as_bytes()), Err(Refused::Broken(_))));
        assert!(advisory::read("x", deep.as_bytes()).is_err());
    }
    let tags = format!("<nmaprun>{}", "<host>".repeat(200_000));
    assert!(read("x", tags.as_bytes()).is_ok());
    let branches = format!(
        "{{\"document\":{{\"csaf_version\":\"2.0\"}},\"product_tree\":{}",
        "{\"branches\":[".repeat(50_000)
    );
    assert!(advisory::read("x", branches.as_bytes()).is_err());
}

#[test]
fn entities_are_not_expanded() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"aaaaaaaaaa\"><!ENTITY y \"&x;&x;&x;&x;\">]><nmaprun><host><hostnames><hostname name=\"&y;\"/></hostnames></host></nmaprun>";
    let found = read("x", bomb.as_bytes()).unwrap();
    assert!(found.hosts[0].host.as_deref().is_none_or(|name| name.len() < 16));
}

#[test]
fn fields_without_end_are_cut_and_said_so() {
    let long = "a".repeat(1 << 20);
    let text = format!("Package: {long}\nStatus: install ok installed\nVersion: {long}\n");
    let found = read("x", text.as_bytes()).unwrap();
    assert!(found.hosts[0].packages[0].name.len() <= FIELD && found.odd.len() == 2);
    let bom = format!(
        "{{\"bomFormat\":\"CycloneDX\",\"components\":[{}]}}",
        vec!["{\"name\":\"a\",\"purl\":\"x\"}"; 5000].join(",")
    );
    let found = read("x", bom.as_bytes()).unwrap();
    assert_eq!((found.odd.len(), found.odd_more > 0, found.hosts[0].packages.len()), (ODD, true, 5000));
}

#[test]
fn wrong_encodings_are_read_as_far_as_they_go() {
    let broken = b"Package: bash\nVersion: 5\xff\xfe\nDescription: \xc3\x28\n\nPackage: dash\nVersion: 1\n";
    let found = read("x", broken).unwrap();
    assert_eq!(found.hosts[0].packages.len(), 2);
    let odd_utf16 = b"\xff\xfeP\x00a\x00c\x00k\x00a\x00g\x00e\x00:\x00 \x00a\x00\n\x00V\x00e\x00r\x00s\x00i\x00o\x00n\x00:\x00 \x001\x00\x00";
    assert_eq!(read("x", odd_utf16).unwrap().odd.len(), 1, "half a character at the end is said");
    assert!(inventory::decode(&[0x00; 64]).0.trim().is_empty());
}

#[test]
fn a_version_of_a_megabyte_is_compared() {
    use review::version::Scheme;
    let (a, b) = ("1.".repeat(1 << 19), "1-".repeat(1 << 19));
    for scheme in [Scheme::Maven, Scheme::Dpkg, Scheme::Rpm, Scheme::Pypi, Scheme::Generic] {
        assert_eq!(scheme.compare(&a, &b), scheme.compare(&b, &a).reverse());
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    use review::inventory::FILE;
    let large = vec![b'{'; FILE + 1];
    assert_eq!(read("bom.json", &large), Err(Refused::TooLarge(FILE >> 20)));
    assert!(matches!(advisory::read("all.json", &large), Err(Refused::TooLarge(_))));
}
