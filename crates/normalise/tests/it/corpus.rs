//! Every file of `corpus/logs`.

use std::path::Path;

use domain::event::Event;
use normalise::{Reader, Shape, Zone};

/// Each format shows at least so many shapes.
const SHAPES: usize = 5;

#[test]
fn lines_become_what_their_file_says() {
    let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/logs"));
    let mut wrong = Vec::new();
    let mut files = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "txt") {
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            wrong.extend(of_file(&text).into_iter().map(|why| format!("{name}: {why}")));
        }
    }
    assert!(files >= 15, "{files} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn of_file(text: &str) -> Vec<String> {
    let now = "2026-11-05T00:00:00Z".parse().ok();
    let mut reader = Reader::new(Zone { now, ..Zone::default() });
    let mut event = Event::default();
    let (mut wrong, mut shapes, mut line) = (Vec::new(), 0, "");
    if !text.starts_with("# ") {
        wrong.push("does not say where its shapes are from".to_owned());
    }
    for row in text.lines().skip(1) {
        if let Some(own) = row.strip_prefix("> ") {
            line = own;
            let shape = reader.line(own.as_bytes(), &mut event);
            // A line that only names the fields of those after it.
            if own.starts_with("#Fields:") && shape == Shape::Nothing {
                continue;
            }
            shapes += 1;
            if matches!(shape, Shape::Unknown | Shape::Nothing) {
                wrong.push(format!("{shape:?}: {own}"));
            }
            let raw = event.raw();
            if raw != own {
                wrong.push(format!("raw {raw:?}: {own}"));
            }
        } else {
            let mut expected = row.split(" ¦ ");
            let source = format!("{}/{}", event.product(), event.dataset());
            if expected.next() != Some(&source) {
                wrong.push(format!("{source}: {line}"));
            }
            for (name, value) in expected.map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
                let own = match name {
                    "@time" => event.time().map(|at| at.to_string()),
                    name => event
                        .columns()
                        .find(|(column, _)| column.name() == name)
                        .map(|(_, value)| value)
                        .or_else(|| event.get(name))
                        .map(|v| v.text.to_owned()),
                };
                if own.as_deref() != Some(value) {
                    wrong.push(format!("{name} is {own:?}, not {value:?}: {line}"));
                }
            }
        }
    }
    if shapes < SHAPES {
        wrong.push(format!("only {shapes} shapes"));
    }
    wrong
}
