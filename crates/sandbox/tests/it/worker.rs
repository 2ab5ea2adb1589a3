//! A worker that does whatever its input names: the sandbox has to survive each.
#![allow(clippy::print_stderr, clippy::panic, missing_docs)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: sandbox::Allocator = sandbox::Allocator;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("before") {
        // Something that happens before the limits: the wall clock alone has to end it.
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
    sandbox::serve(|input| {
        let input = std::str::from_utf8(input).map_err(|error| error.to_string())?;
        let (what, rest) = input.split_once(' ').unwrap_or((input, ""));
        match what {
            "echo" => Ok(rest.as_bytes().to_vec()),
            "length" => Ok(rest.len().to_string().into_bytes()),
            "refuse" => Err(rest.to_owned()),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "sleep" => {
                std::thread::sleep(std::time::Duration::from_secs(60));
                Ok(Vec::new())
            }
            "hoard" => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    all.push(vec![1; 1 << 20]);
                }
            }
            "flood" => Ok(vec![b'x'; 1 << 20]),
            "chatter" => {
                for _ in 0..10_000 {
                    eprintln!("a line on stderr that nobody asked for");
                }
                Ok(b"done".to_vec())
            }
            "panic" => panic!("as asked"),
            "abort" => std::process::abort(),
            "recurse" => Ok(vec![deep(1) as u8]),
            "read" => std::fs::read(rest).map_err(|error| error.kind().to_string()),
            "write" => {
                std::fs::write(rest, "x").map(|()| Vec::new()).map_err(|error| error.kind().to_string())
            }
            "connect" => std::net::TcpStream::connect(rest)
                .map(|_| Vec::new())
                .map_err(|error| error.kind().to_string()),
            "exec" => std::process::Command::new(rest)
                .spawn()
                .map(|_| Vec::new())
                .map_err(|error| error.kind().to_string()),
            "thread" => std::thread::Builder::new()
                .spawn(|| ())
                .map(|_| Vec::new())
                .map_err(|error| error.kind().to_string()),
            "env" => {
                Ok(format!("{:?} {:?}", std::env::vars_os().collect::<Vec<_>>(), std::env::args().nth(1))
                    .into_bytes())
            }
            _ => Err("unknown".into()),
        }
    })
}

#[allow(unconditional_recursion, clippy::only_used_in_recursion)]
fn deep(n: u64) -> u64 {
    std::hint::black_box(deep(n + 1)) + 1
}
