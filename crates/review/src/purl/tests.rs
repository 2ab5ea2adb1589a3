use super::*;

#[test]
fn what_is_written_is_read_again() {
    for text in [
        "pkg:maven/org.springframework/spring-beans@5.2.19.RELEASE",
        "pkg:npm/%40angular/animation@12.3.1",
        "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12",
        "pkg:generic/a%20b@1%2B2?download_url=https:%2F%2Fexample.org%2Fa#doc/readme",
    ] {
        assert_eq!(Purl::parse(text).expect(text).to_string(), text);
    }
}

#[test]
fn parts_take_the_form_of_their_type() {
    let it = Purl::parse("pkg:PyPI/Django_Rest@3").unwrap();
    assert_eq!((it.kind(), it.name()), ("pypi", "django-rest"));
    assert_eq!(Purl::parse("pkg:npm/@scope/core").unwrap().namespace(), Some("@scope"));
    let it = Purl::parse("pkg:rpm/fedora/curl@7.5-1?Arch=i386").unwrap();
    assert_eq!(it.qualifier("arch"), Some("i386"));
    assert_eq!(Purl::parse_strictly("pkg:rpm/fedora/curl@7.5-1?Arch=i386"), Err(Wrong::Qualifier));
}

#[test]
fn what_is_none_is_refused() {
    assert_eq!(Purl::parse("maven/a/b@1"), Err(Wrong::Scheme));
    assert_eq!(Purl::parse("pkg:maven"), Err(Wrong::Type));
    assert_eq!(Purl::parse("pkg:maven/@1.3.4"), Err(Wrong::Name));
    assert_eq!(Purl::parse("pkg:swift/Alamofire@5.4.3"), Err(Wrong::Namespace));
    assert_eq!(Purl::parse("pkg:npm/a?in%20b=1"), Err(Wrong::Qualifier));
    assert_eq!(Purl::parse("pkg:npm/%ff"), Err(Wrong::Encoding));
    assert_eq!(Purl::parse(&format!("pkg:npm/{}", "a".repeat(5000))), Err(Wrong::Encoding));
}

#[test]
fn packages_have_the_names_that_advisories_use() {
    let package = |text: &str| Purl::parse(text).unwrap().package();
    assert_eq!(
        package("pkg:maven/org.springframework/spring-beans@5"),
        Some(("Maven", "org.springframework:spring-beans".into()))
    );
    assert_eq!(package("pkg:deb/ubuntu/bash"), Some(("Ubuntu", "bash".into())));
    assert_eq!(package("pkg:deb/nobody/bash"), None);
}
