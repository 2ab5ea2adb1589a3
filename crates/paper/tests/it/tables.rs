//! Tables in the child and back.

use crate::{make, worker};
use paper::sheet::Cell;
use paper::{FileKind, PaperError, sheet};

#[tokio::test]
async fn tables_are_read_in_the_child() {
    let rows: Vec<Vec<Cell>> =
        (1..=1000_u32).map(|n| vec![n.into(), format!("Máy chủ {n}").into()]).collect();
    let bytes = sheet::to_xlsx("Máy chủ", &["TT", "Tên"], &rows).unwrap();
    let book = sheet::open(&worker(), &bytes).await.unwrap();
    assert_eq!((book.kind, book.sheets[0].rows.len()), (FileKind::Xlsx, 1001));
    assert_eq!(book.sheets[0].rows[1000].cells, ["1000", "Máy chủ 1000"]);
    assert_eq!(book.sheets[0].rows[1000].number, 1001);

    let book = sheet::open(&worker(), &sheet::to_csv(&["TT", "Tên"], &rows)).await.unwrap();
    assert_eq!((book.kind, book.sheets[0].rows[1000].cells[1].as_str()), (FileKind::Csv, "Máy chủ 1000"));
    assert_eq!(sheet::open(&worker(), b"").await, Err(PaperError::Empty));
    assert_eq!(
        sheet::open(&worker(), b"%PDF-1.4").await,
        Err(PaperError::Unsupported { kind: FileKind::Pdf })
    );
}

#[test]
fn limits_name_the_row() {
    let long = format!("a,b\n1,\"{}\"\n", "x".repeat(33 << 10));
    assert_eq!(sheet::read(long.as_bytes()), Err(PaperError::CellTooLong { row: 2, limit: 32 << 10 }));
    let wide = format!("{}x\n", "1,".repeat(200));
    assert_eq!(
        sheet::read(wide.repeat(2).as_bytes()),
        Err(PaperError::TooManyColumns { row: 1, limit: 200 })
    );
    let many = "1,2\n".repeat(50_001);
    assert_eq!(sheet::read(many.as_bytes()), Err(PaperError::TooManyRows { limit: 50_000 }));
}

/// Dates, formulas, booleans, errors, hidden sheets and a far-away cell, as Excel stores them.
#[test]
fn excel_cells_are_read_as_people_see_them() {
    let sheet = |cells: &str| {
        format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{cells}</sheetData></worksheet>"
        )
    };
    let first = sheet(
        "<row r=\"2\"><c r=\"A2\" s=\"1\"><v>46424</v></c><c r=\"B2\" s=\"1\"><v>46424.5</v></c>\
         <c r=\"C2\"><f>1+1</f><v>2</v></c><c r=\"D2\" t=\"b\"><v>1</v></c><c r=\"E2\" t=\"e\"><v>#N/A</v></c>\
         <c r=\"G2\" t=\"inlineStr\"><is><t> Sở A </t></is></c></row>\
         <row r=\"1048576\"><c r=\"A1048576\"><v>0.5</v></c></row>",
    );
    let hidden = sheet("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let workbook = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{rel}\"><sheets><sheet name=\"Một\" sheetId=\"1\" r:id=\"r1\"/>\
         <sheet name=\"Ẩn\" sheetId=\"2\" state=\"hidden\" r:id=\"r2\"/></sheets></workbook>"
    );
    let relations = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"r1\" Type=\"{rel}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"r2\" Type=\"{rel}/worksheet\" Target=\"worksheets/sheet2.xml\"/>\
         <Relationship Id=\"r3\" Type=\"{rel}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{main}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
    );
    let root = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"r1\" Type=\"{rel}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let bytes = make::zip([
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", first.as_bytes()),
        ("xl/worksheets/sheet2.xml", hidden.as_bytes()),
    ]);
    let book = sheet::read(&bytes).unwrap();
    assert_eq!(book.sheets.len(), 1);
    let rows = &book.sheets[0].rows;
    assert_eq!((rows[0].number, rows[1].number), (2, 1_048_576));
    assert_eq!(rows[0].cells, ["2027-02-06", "2027-02-06T12:00:00", "2", "true", "#N/A", "", "Sở A"]);
    assert_eq!(rows[1].cells, ["0.5"]);
}
