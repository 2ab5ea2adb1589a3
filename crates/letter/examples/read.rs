//! Reads papers and writes each reading as JSON: `read [--lexicon TOML] OUT_DIR FILE.txt…`, for `../shared/letters/score`.

use std::path::Path;

#[allow(clippy::print_stdout, reason = "a program")]
#[allow(clippy::disallowed_methods, reason = "a program measures its own time")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1).peekable();
    let lexicon = match args.next_if(|arg| arg == "--lexicon").and_then(|_| args.next()) {
        Some(file) => letter::Lexicon::parse(&std::fs::read_to_string(file)?)?,
        None => letter::Lexicon::builtin(),
    };
    let out = args.next().ok_or("usage: read [--lexicon TOML] OUT_DIR FILE…")?;
    let reader = letter::Reader::new(&lexicon);
    for file in args {
        let text = std::fs::read_to_string(&file)?;
        let start = std::time::Instant::now();
        let reading = reader.read(&text);
        let took = start.elapsed();
        let name = Path::new(&file).file_stem().ok_or("a file has a name")?.to_string_lossy().into_owned();
        for violation in letter::verify(&text, &reading) {
            println!("{name}: {violation:?}");
        }
        std::fs::write(
            Path::new(&out).join(format!("{name}.json")),
            serde_json::to_string_pretty(&reading)?,
        )?;
        println!("{name}: {:.1} ms", took.as_secs_f64() * 1e3);
    }
    Ok(())
}
