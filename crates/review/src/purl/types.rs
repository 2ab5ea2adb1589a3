//! What each type of package URL asks of its parts, and which ecosystem of OSV it is.

use super::{Purl, Wrong};

/// Types whose namespace is in small letters.
const SMALL_NAMESPACE: &[&str] = &[
    "alpm",
    "apk",
    "bitbucket",
    "brew",
    "composer",
    "deb",
    "git",
    "github",
    "golang",
    "hex",
    "luarocks",
    "qpkg",
    "rpm",
    "vscode-extension",
    "yocto",
];
/// Types whose name is.
const SMALL_NAME: &[&str] = &[
    "alpm",
    "apk",
    "bitbucket",
    "bitnami",
    "brew",
    "chrome-extension",
    "composer",
    "deb",
    "git",
    "github",
    "golang",
    "hex",
    "luarocks",
    "oci",
    "otp",
    "pub",
    "pypi",
    "vscode-extension",
];
/// Types whose version is.
const SMALL_VERSION: &[&str] = &["huggingface", "oci", "vscode-extension"];
/// Types that have no namespace.
const NO_NAMESPACE: &[&str] = &["chrome-extension", "otp", "vcpkg"];
/// Types that cannot do without.
const NAMESPACE: &[&str] = &["swift", "vscode-extension"];

/// Keys a type defines for itself.
const OWN_KEYS: &[(&str, &[&str])] = &[
    ("alpm", &["arch"]),
    ("apk", &["arch"]),
    ("deb", &["arch"]),
    ("gem", &["platform"]),
    ("maven", &["classifier", "type"]),
    ("oci", &["arch", "repository_url", "tag"]),
    ("rpm", &["arch", "epoch"]),
];

/// A host is the namespace, and all of the path the name.
pub fn name_has_slashes(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("git")
}

/// A key the type defines, with capitals in it.
pub fn misspells_own_key(kind: &str, key: &str) -> bool {
    let own = OWN_KEYS.iter().find(|(name, _)| kind.eq_ignore_ascii_case(name));
    own.is_some_and(|(_, keys)| keys.iter().any(|own| *own != key && own.eq_ignore_ascii_case(key)))
}

/// Brings the parts into the form the type asks for.
pub fn settle(it: &mut Purl) -> Result<(), Wrong> {
    let kind = it.kind.clone();
    let is = |list: &[&str]| list.contains(&kind.as_str());
    if is(NO_NAMESPACE) && it.namespace.is_some() || is(NAMESPACE) && it.namespace.is_none() {
        return Err(Wrong::Namespace);
    }
    if is(SMALL_NAMESPACE) {
        it.namespace = it.namespace.as_deref().map(str::to_lowercase);
    }
    if is(SMALL_NAME) {
        it.name = it.name.to_lowercase();
    }
    if is(SMALL_VERSION) {
        it.version = it.version.as_deref().map(str::to_lowercase);
    }
    match kind.as_str() {
        "pypi" => it.name = it.name.replace('_', "-"),
        "pub" => {
            it.name = it.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        }
        // A model's name has no case of its own where the registry has none.
        "mlflow" if it.qualifier("repository_url").is_some_and(|url| url.contains("databricks")) => {
            it.name = it.name.to_lowercase();
        }
        "cpan" => {
            it.namespace = it.namespace.as_deref().map(str::to_uppercase);
            // A module's name where a distribution's belongs.
            if it.name.contains("::") {
                return Err(Wrong::Rules);
            }
        }
        "julia" if it.qualifier("uuid").is_none() => return Err(Wrong::Rules),
        "chrome-extension" => {
            let name = it.name.len() == 32 && it.name.bytes().all(|b| (b'a'..=b'p').contains(&b));
            let version = it.version.as_deref().is_none_or(|v| {
                v.split('.').count() <= 4
                    && v.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            });
            if !name || !version {
                return Err(Wrong::Rules);
            }
        }
        _ => {}
    }
    Ok(())
}

/// The OSV ecosystem and the package's name in it.
pub fn package(it: &Purl) -> Option<(&'static str, String)> {
    let namespace = it.namespace.as_deref();
    let joined = |sign: &str| match namespace {
        Some(namespace) => format!("{namespace}{sign}{}", it.name),
        None => it.name.clone(),
    };
    let own = || it.name.clone();
    Some(match it.kind.as_str() {
        "maven" => ("Maven", joined(":")),
        "npm" => ("npm", joined("/")),
        "pypi" => ("PyPI", own()),
        "golang" => ("Go", joined("/")),
        "gem" => ("RubyGems", own()),
        "nuget" => ("NuGet", own()),
        "composer" => ("Packagist", joined("/")),
        "cargo" => ("crates.io", own()),
        "hex" => ("Hex", own()),
        "pub" => ("Pub", own()),
        "hackage" => ("Hackage", own()),
        "cran" => ("CRAN", own()),
        "swift" => ("SwiftURL", joined("/")),
        "github" => ("GitHub Actions", joined("/")),
        "conan" => ("ConanCenter", own()),
        "bitnami" => ("Bitnami", own()),
        "julia" => ("Julia", own()),
        "deb" => (distribution(namespace, &[("debian", "Debian"), ("ubuntu", "Ubuntu")])?, own()),
        "apk" => (
            distribution(
                namespace,
                &[
                    ("alpine", "Alpine"),
                    ("wolfi", "Wolfi"),
                    ("chainguard", "Chainguard"),
                    ("minimos", "MinimOS"),
                ],
            )?,
            own(),
        ),
        "rpm" => (
            distribution(
                namespace,
                &[
                    ("redhat", "Red Hat"),
                    ("rhel", "Red Hat"),
                    ("almalinux", "AlmaLinux"),
                    ("alma", "AlmaLinux"),
                    ("rocky", "Rocky Linux"),
                    ("rocky-linux", "Rocky Linux"),
                    ("opensuse", "openSUSE"),
                    ("suse", "SUSE"),
                    ("openeuler", "openEuler"),
                    ("mageia", "Mageia"),
                    ("fedora", "Fedora"),
                    ("centos", "CentOS"),
                    ("oraclelinux", "Oracle"),
                    ("amzn", "Amazon"),
                ],
            )?,
            own(),
        ),
        _ => return None,
    })
}

fn distribution(namespace: Option<&str>, known: &[(&str, &'static str)]) -> Option<&'static str> {
    known.iter().find(|(name, _)| Some(*name) == namespace).map(|(_, ecosystem)| *ecosystem)
}
