//! `cargo fuzz run versions` in `crates/review`: every order of versions is one, and a package URL that is read is written
//! so that it is read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use review::{purl::Purl, version::Scheme};

fuzz_target!(|pair: (&str, &str)| {
    use Scheme::*;
    let (a, b) = pair;
    for scheme in [Dpkg, Rpm, Alpine, Semver, Nuget, Pub, Hackage, Cran, Maven, Pypi, RubyGems, Packagist, Generic] {
        assert_eq!(scheme.compare(a, b), scheme.compare(b, a).reverse(), "{scheme:?}");
        assert!(scheme.compare(a, a).is_eq(), "{scheme:?}");
    }
    if let Ok(purl) = Purl::parse(a) {
        assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
    }
});
