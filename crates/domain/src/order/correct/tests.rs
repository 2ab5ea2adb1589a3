use serde_json::json;

use super::*;

fn edit(n: i64) -> Edit {
    Edit { by: None, at: Timestamp::from_second(n).unwrap() }
}

fn read() -> Value {
    json!({
        "number": null, "symbol": "UBND", "to": ["Các sở", "UBND các xã"],
        "duties": [{"path": "1", "codes": ["DUTY"]}, {"path": "2", "codes": ["VREV"]}, {"path": "3", "codes": ["MALW"]}],
        "spans": {"/symbol": {"ranges": [[0, 4]]}, "/duties/1/codes": {"ranges": [[5, 9]]}, "/duties/2": {"ranges": [[9, 12]]}},
    })
}

fn set_to(pointer: &str, value: Value) -> Change {
    Change::Set { pointer: pointer.into(), value }
}

#[test]
fn a_field_is_corrected_and_noted() {
    let (mut now, mut edits) = (read(), Edits::new());
    correct(&mut now, &mut edits, &set_to("/number", json!(" 112 ")), edit(1)).unwrap();
    assert_eq!(now["number"], "112");
    assert_eq!(edits.get("/number"), Some(&edit(1)));
    correct(&mut now, &mut edits, &set_to("/number", json!("")), edit(2)).unwrap();
    assert_eq!(now["number"], Value::Null);
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let (mut now, mut edits) = (read(), Edits::new());
    for (pointer, value) in [
        ("/date", json!("30/4")),
        ("/date", json!(7)),
        ("/spans", json!({})),
        ("/number/x", json!("1")),
        ("/duties/9", json!({"path": "9", "codes": ["DUTY"]})),
        ("/duties/0", json!({"path": "1", "codes": ["duty"]})),
        ("/duties/0", json!({"path": "", "codes": ["DUTY"]})),
        ("/window", json!({"from": "2027-02-10", "to": "2027-02-04"})),
        ("/scope", json!(["everything"])),
        ("/to", json!(["  "])),
        ("", json!("x")),
    ] {
        assert!(correct(&mut now, &mut edits, &set_to(pointer, value), edit(1)).is_err(), "{pointer}");
    }
    assert_eq!((now, edits), (read(), Edits::new()));
}

#[test]
fn taking_an_element_out_moves_the_characters_of_the_others() {
    let (mut now, mut edits) = (read(), Edits::new());
    correct(&mut now, &mut edits, &set_to("/duties/2", json!({"path": "3", "codes": ["AVC"]})), edit(1))
        .unwrap();
    correct(&mut now, &mut edits, &Change::Remove { pointer: "/duties/0".into() }, edit(2)).unwrap();
    assert_eq!(now["duties"].as_array().unwrap().len(), 2);
    let spans: Vec<_> = now["spans"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(spans, ["/duties/0/codes", "/duties/1", "/symbol"]);
    assert_eq!(edits.keys().collect::<Vec<_>>(), ["/duties", "/duties/1"]);
}

#[test]
fn reading_again_keeps_what_people_changed_and_takes_what_is_new() {
    let base = read();
    let (mut ours, mut edits) = (base.clone(), Edits::new());
    for change in [
        set_to("/number", json!("112")),
        set_to("/duties/1", json!({"path": "2", "codes": ["VREV", "VFIX"]})),
        Change::Remove { pointer: "/duties/0".into() },
        Change::Add { pointer: "/duties".into(), value: json!({"path": "x", "codes": ["AWAR"]}) },
    ] {
        correct(&mut ours, &mut edits, &change, edit(1)).unwrap();
    }
    let mut theirs = read();
    theirs["symbol"] = json!("UBND-CNTT");
    theirs["number"] = json!("113");
    theirs["duties"] = json!([{"path": "0", "codes": ["LEAD"]}, {"path": "1", "codes": ["DUTY"]}, {"path": "2", "codes": ["VREV"]},
                              {"path": "3", "codes": ["MALW", "AVC"]}]);
    theirs["spans"] =
        json!({"/duties/0": {"ranges": []}, "/duties/3": {"ranges": []}, "/duties/1": {"ranges": []}});
    let (merged, kept) = merge(&base, &theirs, &ours, &edits);
    assert_eq!(merged["number"], "112", "a person's word stands");
    assert_eq!(merged["symbol"], "UBND-CNTT", "what nobody touched follows the reader");
    assert_eq!(
        merged["duties"],
        json!([{"path": "0", "codes": ["LEAD"]}, {"path": "2", "codes": ["VREV", "VFIX"]},
               {"path": "3", "codes": ["MALW", "AVC"]}, {"path": "x", "codes": ["AWAR"]}])
    );
    let spans: Vec<_> = merged["spans"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(spans, ["/duties/0", "/duties/2"], "the characters of what was taken out are gone");
    assert!(kept.contains_key("/duties/1") && kept.contains_key("/duties/3") && kept.contains_key("/number"));
}

#[test]
fn without_changes_the_new_reading_is_taken_whole() {
    let mut theirs = read();
    theirs["to"] = json!(["Các sở, ban, ngành"]);
    assert_eq!(merge(&read(), &theirs, &read(), &Edits::new()), (theirs, Edits::new()));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn list() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec("[a-e]{1,2}", 0..8)
    }

    proptest! {
        #[test]
        fn reading_the_same_again_changes_nothing(base in list(), ours in list()) {
            let (b, o) = (json!({"to": base}), json!({"to": ours}));
            let edits = Edits::from([("/to".to_owned(), edit(1))]);
            let (merged, _) = merge(&b, &b, &o, &edits);
            let sorted = |v: &Value| {
                let mut l: Vec<String> = serde_json::from_value(v["to"].clone()).unwrap();
                l.sort();
                l
            };
            prop_assert_eq!(sorted(&merged), sorted(&o));
        }
    }
}
