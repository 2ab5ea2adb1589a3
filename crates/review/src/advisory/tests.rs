use super::*;
use crate::inventory::Looks;

fn one(text: &str) -> Advisory {
    let mut feed = read("a", text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
    // Documents of CSAF are cut down here to what they say of products, and therefore not valid: told once.
    let told = usize::from(text.contains("csaf_version"));
    assert_eq!((feed.advisories.len(), feed.odd.len()), (1, told), "{text}");
    feed.advisories.remove(0)
}

#[test]
fn osv() {
    let it = one(
        r#"{"id":"GHSA-x","aliases":["CVE-2022-22965"],"database_specific":{"severity":"CRITICAL"},"affected":[
        {"package":{"ecosystem":"Maven","name":"org.springframework:spring-beans"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"5.2.20.RELEASE"}]},{"type":"GIT","events":[]}]}]}"#,
    );
    assert!(it.is("cve-2022-22965") && it.severity.as_deref() == Some("critical"));
    let Statement::Package(said) = &it.statements[0] else { panic!() };
    assert_eq!((said.ranges.len(), said.ranges[0].scheme), (1, Some(Scheme::Maven)));
    assert!(one(r#"{"id":"A-1","withdrawn":"2024-01-01T00:00:00Z","affected":[]}"#).withdrawn);
}

#[test]
fn cve_records_of_microsoft_and_others() {
    let it = one(
        r#"{"cveMetadata":{"cveId":"CVE-2024-1","state":"PUBLISHED"},"containers":{"cna":{"title":"T","metrics":[{"cvssV3_1":{"baseScore":9.8,"baseSeverity":"CRITICAL"}}],"affected":[
        {"vendor":"Microsoft","product":"Windows 10 Version 1809","platforms":["32-bit Systems","x64-based Systems"],"versions":[{"version":"10.0.0","lessThan":"10.0.17763.5820","versionType":"custom","status":"affected"}]},
        {"vendor":"Microsoft","product":"Windows Server 2008 R2 Service Pack 1","platforms":["x64-based Systems"],"versions":[]},
        {"vendor":"Nginx","product":"nginx","versions":[{"version":"1.0","lessThan":"1.25","status":"affected","versionType":"semver"}]}]}}}"#,
    );
    let products: Vec<_> = it
        .statements
        .iter()
        .filter_map(|s| match s {
            Statement::Microsoft(m) => Some(m.product.as_str().to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(
        products,
        [
            "windows 10 version 1809 for 32-bit systems",
            "windows 10 version 1809 for x64-based systems",
            "windows server 2008 r2 for x64-based systems service pack 1"
        ]
    );
    assert!(matches!(&it.statements[3], Statement::Named(n) if n.product == "nginx" && n.ranges.len() == 1));
    assert_eq!((it.score, it.severity.as_deref()), (Some(9.8), Some("critical")));
}

#[test]
fn documents_of_microsoft() {
    let it = one(
        r#"<?xml version="1.0"?><cvrf:cvrfdoc xmlns:cvrf="c" xmlns:prod="p" xmlns:vuln="v"><prod:ProductTree><prod:FullProductName ProductID="1">Windows 10 Version 22H2 for x64-based Systems</prod:FullProductName></prod:ProductTree>
        <vuln:Vulnerability><vuln:Title>A &amp; B</vuln:Title><vuln:CVE>CVE-2024-1</vuln:CVE><vuln:ProductStatuses><vuln:Status Type="Known Affected"><vuln:ProductID>1</vuln:ProductID></vuln:Status></vuln:ProductStatuses>
        <vuln:Threats><vuln:Threat Type="Severity"><vuln:Description>Important</vuln:Description><vuln:ProductID>1</vuln:ProductID></vuln:Threat></vuln:Threats>
        <vuln:Remediations><vuln:Remediation Type="Vendor Fix"><vuln:Description>5035845</vuln:Description><vuln:Supercedence>5034763</vuln:Supercedence><vuln:ProductID>1</vuln:ProductID><vuln:SubType>Security Update</vuln:SubType><vuln:FixedBuild>10.0.19045.4170</vuln:FixedBuild></vuln:Remediation></vuln:Remediations></vuln:Vulnerability></cvrf:cvrfdoc>"#,
    );
    assert_eq!(
        (it.id.as_str(), it.title.as_str(), it.severity.as_deref()),
        ("CVE-2024-1", "A & B", Some("high"))
    );
    let Statement::Microsoft(said) = &it.statements[0] else { panic!() };
    let fix = Fix {
        kb: Some(5_035_845),
        build: Some("10.0.19045.4170".into()),
        supersedes: vec![5_034_763],
        cumulative: true,
    };
    assert_eq!(said.fixes, [fix]);
}

#[test]
fn csaf_trees() {
    let it = one(
        r#"{"document":{"csaf_version":"2.0","title":"T","tracking":{"id":"RHSA-1","status":"final"},"publisher":{}},
        "product_tree":{"branches":[{"category":"vendor","name":"Red Hat","branches":[{"category":"product_version","name":"openssl-1:3.0.7-27.el9.x86_64","product":{"product_id":"o","name":"openssl","product_identification_helper":{"purl":"pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&epoch=1"}}}]}],
        "relationships":[{"product_reference":"o","relates_to_product_reference":"x","full_product_name":{"product_id":"x:o","name":"openssl of x"}}]},
        "vulnerabilities":[{"cve":"CVE-2024-2","product_status":{"fixed":["x:o"],"known_not_affected":["missing"]}}]}"#,
    );
    let Statement::Package(said) = &it.statements[0] else { panic!() };
    assert_eq!((said.ecosystem.as_str(), said.name.as_str()), ("Red Hat", "openssl"));
    assert_eq!(said.ranges[0].events[1], Event::Fixed("1:3.0.7-27.el9".into()));
    let it = one(
        r#"{"document":{"csaf_version":"2.0","tracking":{"id":"msrc_CVE-2024-3"}},"product_tree":{"branches":[{"category":"vendor","name":"Microsoft","branches":[{"category":"product_name","name":"Windows 10 Version 22H2 for x64-based Systems","branches":[{"category":"product_version_range","name":"<10.0.19045.4170","product":{"product_id":"1","name":"w"}}]}]}]},
        "vulnerabilities":[{"cve":"CVE-2024-3","product_status":{"known_affected":["1"]},"remediations":[{"category":"vendor_fix","url":"https://x/?q=KB5035845","product_ids":["1"]}]}]}"#,
    );
    let Statement::Microsoft(said) = &it.statements[0] else { panic!() };
    assert_eq!(
        (said.fixes[0].kb, said.fixes[0].build.as_deref()),
        (Some(5_035_845), Some("10.0.19045.4170"))
    );
}

#[test]
fn tables_and_signals() {
    let it = one(
        "\"DatePosted\",\"CVE\",\"BulletinKB\",\"Title\",\"AffectedProduct\",\"AffectedComponent\",\"Severity\",\"Impact\",\"Supersedes\",\"Exploits\"\n\"20240312\",\"CVE-2024-1\",\"5035845\",\"T\",\"Windows 10 Version 22H2 for x64-based Systems\",\"\",\"Important\",\"\",\"5034763;1\",\"\"\n",
    );
    assert!(matches!(&it.statements[0], Statement::Microsoft(m) if m.fixes[0].supersedes == [5_034_763, 1]));
    let feed = read("k", br#"{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2022-22965","dueDate":"2022-04-25","knownRansomwareCampaignUse":"Unknown"},{}]}"#).unwrap();
    assert_eq!((feed.signals.exploited.len(), feed.odd.len()), (1, 1));
    let feed = read("e", b"#model_version:v1\ncve,epss,percentile\nCVE-2022-22965,0.97,0.99\n").unwrap();
    assert_eq!(feed.signals.likely["CVE-2022-22965"], 0.97);
}

#[test]
fn one_name_of_a_product_in_two_writings() {
    let same = |a: &str, b: &str| assert_eq!(Product::new(a), Product::new(b));
    same("Windows 11 for x64-based Systems", "Windows 11 version 21H2 for x64-based Systems");
    same("Windows Server 2019  for x64-based Systems", "Windows Server 2019");
    assert_ne!(
        Product::new("Windows Server 2019"),
        Product::new("Windows Server 2019 (Server Core installation)")
    );
    assert!(
        !Product::new("Microsoft .NET Framework 4.8 on Windows 10 Version 22H2 for x64-based Systems")
            .is_windows()
    );
}

#[test]
fn what_is_nothing_is_refused() {
    assert_eq!(read("a", b" "), Err(Refused::Empty));
    assert_eq!(read("a", b"a,b\n1,2\n"), Err(Refused::Unknown(Looks::Other)));
    assert_eq!(read("a", b"<html/>"), Err(Refused::Unknown(Looks::Other)));
    assert!(matches!(read("a", b"{\"id\""), Err(Refused::Broken(_))));
    assert_eq!(read("a", br#"{"hello":1}"#).unwrap().odd.len(), 1);
}

proptest::proptest! {
    #[test]
    fn nothing_makes_a_reader_fail(text in "\\PC{0,200}") {
        for head in ["", "{\"id\":", "<cvrf:cvrfdoc>", "{\"document\":{\"csaf_version\":\"2.0\"},", "CVE,KB,Product\n", "cve,epss\n"] {
            let _ = read("x", format!("{head}{text}").as_bytes());
        }
    }
}

#[test]
fn a_csaf_document_that_contradicts_itself_says_nothing() {
    let text = r#"{"document":{"csaf_version":"2.0"},"product_tree":{"full_product_names":[{"product_id":"A","name":"a"}]},
        "vulnerabilities":[{"cve":"CVE-2099-1","product_status":{"known_affected":["A"],"fixed":["A"]}}]}"#;
    let feed = read("a", text.as_bytes()).unwrap();
    assert!(feed.advisories.is_empty() && feed.odd.len() == 1);
    assert!(feed.odd[0].1.starts_with("CSAF 2.0: "), "{:?}", feed.odd);
}
