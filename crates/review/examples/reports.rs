//! What is read of real outputs: `cargo run --example reports -- FILE…`; one line a file: kind, system, running build, how
//! many updates and packages, and what was not understood.
#![allow(clippy::print_stdout, clippy::expect_used)]

use std::{fs, path::Path};

use review::inventory::read;

fn main() {
    for path in std::env::args().skip(1) {
        let name = Path::new(&path).file_name().expect("a file").to_string_lossy().into_owned();
        match read(&name, &fs::read(&path).expect("a file")) {
            Err(why) => println!("{name}\trefused: {why}"),
            Ok(read) => {
                for host in &read.hosts {
                    let os = host.os.clone().unwrap_or_default();
                    let build = os.running().or(os.build).unwrap_or_default();
                    let product = os.product.unwrap_or_default();
                    println!(
                        "{name}\t{:?}\t{}\t{build}\t{product}\tupdates {}\tpackages {}\tnot understood {}",
                        read.kind,
                        os.name,
                        host.kbs.len(),
                        host.packages.len(),
                        read.odd.len() + read.odd_more
                    );
                }
            }
        }
    }
}
