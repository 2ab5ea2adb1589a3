use proptest::prelude::*;

use super::*;

fn guard() -> Guard {
    let names = ["gov.vn", "edu.vn", "mil.vn"].map(String::from).to_vec();
    let mut guard = Guard::new(names, vec!["198.41.0.4".parse().unwrap()]);
    for own in ["203.0.113.10", "www.songtra.vn", "mail.songtra.vn"] {
        guard.own(own);
    }
    guard
}

fn one(text: &str) -> Result<String, Why> {
    item(text, &guard()).map(|i| format!("{} {}", i.kind, i.value))
}

#[test]
fn entries_are_kept_in_one_spelling_however_they_were_written() {
    for (written, kept) in [
        ("203[.]0.113[.]77", "address 203.0.113.77"),
        ("203.0.113.77/32", "address 203.0.113.77"),
        ("198.51.100.9/24", "address 198.51.100.0/24"),
        ("2001:db8::0001", "address 2001:db8::1"),
        ("Evil[.]Example[.]COM", "domain evil.example.com"),
        ("*.evil.com.", "domain evil.com"),
        ("nganhang(dot)lua-dao{.}top", "domain nganhang.lua-dao.top"),
        ("ngânhàng.top", "domain xn--ngnhng-ltan.top"),
        ("hxxps[://]evil[.]com/a?b=1#c", "url https://evil.com/a?b=1"),
        ("HXXP[:]//evil.com", "url http://evil.com/"),
        ("evil.com/dang-nhap,2", "url http://evil.com/dang-nhap,2"),
        ("evil.com:8080", "url http://evil.com:8080/"),
        ("evil.com/", "domain evil.com"),
    ] {
        assert_eq!(one(written), Ok(kept.into()), "{written}");
    }
}

#[test]
fn what_is_protected_never_passes_as_a_whole_but_one_page_of_it_may() {
    for (written, why) in [
        ("gov.vn", Why::Protected),
        ("sonoivu.songtra.gov.vn", Why::Protected),
        ("vn", Why::Protected),
        ("https://bocongan.gov.vn/", Why::Protected),
        ("thpt-a.edu.vn", Why::Protected),
        ("com.vn", Why::PublicSuffix),
        ("github.io", Why::PublicSuffix),
        ("songtra.vn", Why::Own),
        ("www.songtra.vn", Why::Own),
        ("203.0.113.10", Why::Own),
        ("203.0.113.0/24", Why::Own),
        ("198.41.0.4", Why::Protected),
        ("http://203.0.113.10/", Why::Own),
        ("203.0.112.0/20", Why::TooWide),
        ("10.1.2.3", Why::NotPublic),
        ("127.0.0.1", Why::NotPublic),
        ("::ffff:192.168.1.1", Why::NotPublic),
        ("fe80::1", Why::NotPublic),
        ("http://10.0.0.1/x", Why::NotPublic),
        ("https://vietcombank.com.vn@evil.com/x", Why::Disguised),
        ("hoa-don.exe", Why::Unreadable),
        ("javascript:alert(1)", Why::Unreadable),
        ("ftp5://evil.com/x", Why::Unreadable),
        ("mọi", Why::Unreadable),
    ] {
        assert_eq!(one(written), Err(why), "{written}");
    }
    let page = one("hxxps://sonoivu.songtra.gov[.]vn/wp-content/x.php");
    assert_eq!(page, Ok("url https://sonoivu.songtra.gov.vn/wp-content/x.php".into()));
    assert_eq!(one("songtrax.vn"), Ok("domain songtrax.vn".into()), "only whole labels count");
}

#[test]
fn a_list_is_read_line_by_line() {
    let list = read(
        "value,kind\n# nguồn: báo cáo\nevil.com, 203.0.113.77\nEVIL.com # lặp\n\ngov.vn\nkính chào\n",
        &guard(),
    );
    assert_eq!(list.items.iter().map(|i| i.value.as_str()).collect::<Vec<_>>(), ["evil.com", "203.0.113.77"]);
    assert_eq!((list.merged, list.faults), (1, 3));
    let told: Vec<_> = list.problems.iter().map(|p| (p.line, p.text.as_str(), p.why)).collect();
    assert_eq!(
        told,
        [(6, "gov.vn", Why::Protected), (7, "kính", Why::Unreadable), (7, "chào", Why::Unreadable)]
    );
}

#[test]
fn a_list_has_an_end() {
    let text: String = (0..ITEMS_MAX + 3).map(|n| format!("a{n}.top\n")).collect();
    let list = read(&text, &guard());
    assert_eq!((list.items.len(), list.faults), (ITEMS_MAX, 3));
    assert!(list.problems.iter().all(|p| p.why == Why::TooMany));
    let noise = read(&"không\n".repeat(PROBLEMS_MAX + 50), &guard());
    assert_eq!((noise.problems.len(), noise.faults), (PROBLEMS_MAX, PROBLEMS_MAX + 50));
}

proptest! {
    /// Whatever is written, what comes out is public, unprotected, and its own spelling.
    #[test]
    fn what_passes_passes_again_unchanged(text in "[a-z0-9./:\\[\\]@?#*_-]{0,40}") {
        if let Ok(found) = item(&text, &guard()) {
            prop_assert_eq!(item(&found.value, &guard()), Ok(found));
        }
    }

    #[test]
    fn no_name_below_a_protected_one_passes_as_a_domain(head in "[a-z][a-z0-9]{0,8}(\\.[a-z][a-z0-9]{0,8}){0,3}") {
        for top in ["gov.vn", "edu.vn", "mil.vn"] {
            let name = format!("{head}.{top}");
            prop_assert_eq!(item(&name, &guard()), Err(Why::Protected));
        }
    }

    #[test]
    fn lists_never_panic(text in "\\PC{0,200}") {
        read(&text, &guard());
    }
}
