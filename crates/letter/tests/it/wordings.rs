//! Single orders in many wordings: what codes they give.

use crate::corpus::root;
use crate::score::Tally;
use letter::{Lexicon, Reader};
use std::collections::BTreeSet;

/// The codes the reader gives to one order.
fn codes(reader: &Reader, whom: &str, order: &str) -> BTreeSet<String> {
    let reading = reader.read(&format!(
        "SỞ X\nSố: 1/SX-CN\n\nKính gửi: Các đơn vị trực thuộc Sở.\n\nSở X yêu cầu:\n\n1. {whom}{order}\n\n\
         2. Văn bản này có hiệu lực từ ngày ký.\n\nNơi nhận:\n- Như trên.\n"
    ));
    reading.duties.into_iter().filter(|d| d.path == "1").flat_map(|d| d.codes).collect()
}

#[test]
fn orders_in_many_wordings() {
    let reader = Reader::new(&Lexicon::builtin());
    let text = std::fs::read_to_string(root().join("corpus/wordings/orders.txt")).unwrap();
    let mut tally = Tally::default();
    for (want, order) in text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('|')) {
        let want = want.trim();
        let operators = want.strip_prefix("P:");
        let whom = operators.map_or("", |_| "Các doanh nghiệp viễn thông, Internet: ");
        let want: BTreeSet<String> =
            operators.unwrap_or(want).split(',').filter(|c| !c.is_empty()).map(str::to_owned).collect();
        let got = codes(&reader, whom, order.trim());
        if want != got {
            println!("{want:?} {got:?} {order}");
        }
        tally.right += want.intersection(&got).count();
        tally.given += got.len();
        tally.wanted += want.len();
    }
    println!("wordings: F1 {:.3} {tally:?}", tally.f1());
    assert!(tally.wanted > 300 && tally.f1() >= 0.96, "{:.3}", tally.f1());
}
