//! Our own pairs: each line's versions from oldest to newest, `=` between equals.

use super::*;

fn ordered(scheme: Scheme, line: &str) {
    let items: Vec<&str> = line.split(' ').collect();
    for window in items.windows(3).step_by(2) {
        let [a, sign, b] = window else { panic!("{line}") };
        let expected = if *sign == "=" { Ordering::Equal } else { Ordering::Less };
        assert_eq!(scheme.compare(a, b), expected, "{scheme:?}: {a} {sign} {b}");
        assert_eq!(scheme.compare(b, a), expected.reverse(), "{scheme:?}: {b} against {a}");
    }
}

#[test]
fn debian() {
    ordered(Scheme::Dpkg, "1.0~rc1-1 < 1.0-1~deb12u1 < 1.0-1 < 1.0-1+b1 < 1.0-1.1 < 1.0.1-1 < 1:0.5-1");
    ordered(Scheme::Dpkg, "1.0 = 1.0-0 = 0:1.0 < 1.0a < 1.0+x");
    ordered(Scheme::Dpkg, "1-99999999999999999999998 < 1-99999999999999999999999");
}

#[test]
fn red_hat() {
    ordered(Scheme::Rpm, "1.0~rc1-1 < 1.0-1 < 1.0^git1-1 < 1.0.1-1 < 1:0.1-1");
    ordered(Scheme::Rpm, "5.14.0-70.el9 < 5.14.0-70.13.1.el9_0 < 5.14.0-162.el9");
    ordered(Scheme::Rpm, "(none):1.2-3 = 0:1.2-3 = 1.2-3 < 1.2-10");
}

#[test]
fn alpine() {
    ordered(Scheme::Alpine, "1.0_alpha1 < 1.0_rc1 < 1.0-r0 < 1.0-r3 < 1.0_p1 < 1.0a < 1.01 < 1.1");
}

#[test]
fn semantic() {
    ordered(
        Scheme::Semver,
        "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0",
    );
    ordered(Scheme::Semver, "v1.2.3 = 1.2.3 = 1.2.3+incompatible < 1.2.4-0.20200101000000-abcdef < 1.2.4");
    ordered(Scheme::Nuget, "1.0.0-Beta = 1.0.0-beta < 1.0.0 < 1.0.0.1");
    ordered(Scheme::Pub, "1.0.0 < 1.0.0+1 < 1.0.0+2");
}

#[test]
fn maven() {
    ordered(Scheme::Maven, "5.2.20.RELEASE = 5.2.20 = 5.2.20.Final = 5.2.20-ga < 5.2.20.SP1 < 5.2.21");
    ordered(Scheme::Maven, "5.2.19.RELEASE < 5.2.20.BUILD-SNAPSHOT < 5.2.21");
    ordered(
        Scheme::Maven,
        "1.0-alpha-1 < 1.0-beta1 < 1.0-M1 < 1.0-rc1 = 1.0-cr1 < 1.0-SNAPSHOT < 1.0 = 1 < 1-1 < 1.1",
    );
    ordered(Scheme::Maven, "2.0.0.RELEASE = 2 < 2.0.1.M1 < 2.0.1.RELEASE");
}

#[test]
fn python() {
    ordered(
        Scheme::Pypi,
        "1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0b2 < 1.0rc1 = 1.0.c1 < 1.0 = 1.0.0 < 1.0+local.2 < 1.0.post1 < 1.1",
    );
    ordered(Scheme::Pypi, "not-a-version < 0.0.1 < 1!0.1");
}

#[test]
fn ruby_and_php() {
    ordered(Scheme::RubyGems, "1.0.a < 1.0.b1 < 1.0.rc1 < 1.0 = 1.0.0 < 1.0.1");
    ordered(Scheme::Packagist, "1.0-dev < 1.0-alpha1 < 1.0-beta < 1.0RC1 < 1.0 < 1.0.0 < 1.0.1 < v1.1");
}

#[test]
fn any_other() {
    ordered(Scheme::Generic, "1.0beta < 1.0 = 1.0.0 < 1.0b < 1.0.1 < 1.10");
}

#[test]
fn builds() {
    assert_eq!(compare_numbers("10.0.19045.6456", "10.0.19045.10000"), Ordering::Less);
    assert_eq!(compare_numbers("10.0.19045", "10.0.19045.0"), Ordering::Equal);
}

#[test]
fn ecosystems_with_a_release_keep_their_order() {
    assert_eq!(Scheme::of_ecosystem("Debian:12"), Some(Scheme::Dpkg));
    assert_eq!(Scheme::of_ecosystem("Rocky Linux:9"), Some(Scheme::Rpm));
    assert_eq!(Scheme::of_ecosystem("Nobody"), None);
}

proptest::proptest! {
    #[test]
    fn every_order_is_one(a in "[0-9a-zA-Z.~^+:_-]{0,12}", b in "[0-9a-zA-Z.~^+:_-]{0,12}", odd in "\\PC{0,12}") {
        use Scheme::*;
        for scheme in [Dpkg, Rpm, Alpine, Semver, Nuget, Pub, Hackage, Cran, Maven, Pypi, RubyGems, Packagist, Generic] {
            proptest::prop_assert_eq!(scheme.compare(&a, &b), scheme.compare(&b, &a).reverse(), "{:?}", scheme);
            proptest::prop_assert_eq!(scheme.compare(&odd, &odd), Ordering::Equal);
        }
    }
}
