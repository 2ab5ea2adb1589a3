//! A release build embeds the fonts of papers; without them it would print nothing, so it does not come about.

use std::path::Path;

/// Where `cargo xtask assets` puts them.
const FOLDER: &str = "../../ui/fonts";

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let there = Path::new(FOLDER).join("Tinos_400Regular.ttf").exists();
    if release && !there {
        println!(
            "cargo::error=the fonts of papers are missing: run `cargo xtask assets` before a release build"
        );
    }
}
