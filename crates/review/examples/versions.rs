//! How many of a folder's comparisons we agree with: `cargo run --release --example versions -- DIR`.
//!
//! Files are named `ECOSYSTEM-versions*.txt`, their lines `A < B`, `A = B` or `A > B`.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::indexing_slicing)]

use std::{cmp::Ordering, collections::BTreeMap, fs, path::PathBuf};

use review::version::Scheme;

fn main() {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().expect("a folder of comparisons"));
    let show: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(5);
    let mut sets: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for entry in fs::read_dir(&dir).expect("the folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((ecosystem, _)) = name.split_once("-versions") else { continue };
        let Some(scheme) = scheme(ecosystem) else {
            println!("{name}: no order for it");
            continue;
        };
        let set = sets.entry(ecosystem.to_owned()).or_default();
        for line in fs::read_to_string(entry.path()).expect("a file of text").lines() {
            if line.is_empty() || line.starts_with("# ") || line.starts_with("// ") {
                continue;
            }
            let mut words = line.split(' ');
            let (Some(a), Some(sign), Some(b)) = (words.next(), words.next(), words.next()) else { continue };
            let expected = match sign {
                "<" => Ordering::Less,
                ">" => Ordering::Greater,
                _ => Ordering::Equal,
            };
            set.1 += 1;
            if scheme.compare(a, b) == expected && scheme.compare(b, a) == expected.reverse() {
                set.0 += 1;
            } else if set.1 - set.0 <= show {
                println!("{ecosystem}: {line}, we say {:?}", scheme.compare(a, b));
            }
        }
    }
    let (mut right, mut all) = (0, 0);
    for (name, (good, of)) in &sets {
        println!("{name}: {good} of {of}");
        (right, all) = (right + good, all + of);
    }
    println!("all: {right} of {all}");
}

fn scheme(name: &str) -> Option<Scheme> {
    Scheme::of_ecosystem(match name {
        "alpine" => "Alpine",
        "cran" => "CRAN",
        "debian" => "Debian",
        "hackage" => "Hackage",
        "maven" => "Maven",
        "nuget" => "NuGet",
        "packagist" => "Packagist",
        "pub" => "Pub",
        "pypi" => "PyPI",
        "redhat" => "Red Hat",
        "rubygems" => "RubyGems",
        "semver" => "crates.io",
        _ => return None,
    })
}
