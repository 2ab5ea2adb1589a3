//! A release build embeds `ui/dist`; files that appear there must make this crate compile again.

fn main() {
    println!("cargo::rerun-if-changed=../../ui/dist");
}
