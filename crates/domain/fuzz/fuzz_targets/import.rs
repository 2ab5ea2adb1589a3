//! `cargo fuzz run import` in `crates/domain`: whatever stands in a table, it is taken or refused by row and column; and
//! what was taken, exported in either language, is taken again and says the same.

#![no_main]

use domain::{person::Lang, register::*};
use libfuzzer_sys::fuzz_target;

type Lines = Vec<(u32, Vec<String>)>;

fn again<T: Clone + PartialEq + std::fmt::Debug>(
    columns: &'static [Column],
    lines: &Lines,
    read: fn(&[(u32, Vec<String>)]) -> Parsed<T>,
    cells: fn(&T, Lang) -> Vec<String>,
) {
    let parsed = read(lines);
    for problem in &parsed.problems {
        assert!(columns.iter().any(|column| column.key == problem.column), "{problem:?}");
        assert!(problem.value.chars().count() <= 80, "{problem:?}");
    }
    for lang in [Lang::Vi, Lang::En] {
        let head = headings(columns, lang).into_iter().map(str::to_owned).collect();
        let body = parsed.rows.iter().map(|(n, row)| (*n, cells(row, lang)));
        let written: Lines = std::iter::once((1, head)).chain(body).collect();
        let back = read(&written);
        assert_eq!(back.problems, [], "{written:?}");
        let rows = |of: &Parsed<T>| of.rows.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>();
        assert_eq!(rows(&back), rows(&parsed), "{written:?}");
    }
}

fuzz_target!(|table: &str| {
    let lines: Lines =
        (1..).zip(table.split('\n')).map(|(n, l)| (n, l.split('\t').map(str::to_owned).collect())).collect();
    again(BODY_COLUMNS, &lines, read_bodies, body_cells);
    again(PERSON_COLUMNS, &lines, read_people, person_cells);
    again(SYSTEM_COLUMNS, &lines, read_systems, system_cells);
});
