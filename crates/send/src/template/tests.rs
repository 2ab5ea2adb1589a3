use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::*;

const LOCALES: [(Lang, &str); 2] = [
    (Lang::Vi, include_str!("../../locales/vi/mail.ftl")),
    (Lang::En, include_str!("../../locales/en/mail.ftl")),
];

fn head() -> Letterhead {
    Letterhead { centre: "Trung tâm giám sát tỉnh".into(), contact: Some("0200 123 456".into()) }
}

/// A value of each kind that can be found again in what was rendered.
fn sample(variable: &Variable) -> String {
    match variable.kind {
        Kind::Text => format!("[{}]", variable.name),
        Kind::Number => "37".into(),
        Kind::Quote => format!("«{}»\ndòng hai", variable.name),
        Kind::Link => "https://canh.example/a?b=1&c=2".into(),
        Kind::Code => "7K3F-22QD".into(),
    }
}

fn samples(info: &TemplateInfo, optional: bool) -> Vars {
    let wanted = info.variables.iter().filter(|v| optional || !v.optional);
    wanted.map(|v| (v.name.to_owned(), sample(v))).collect()
}

/// Template → attribute → variables used, as the locale file says.
fn used(source: &str) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let resource = fluent_syntax::parser::parse(source).expect("the locale file parses");
    let mut all = BTreeMap::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let mut attributes = BTreeMap::new();
                for attribute in message.attributes {
                    let mut names = BTreeSet::new();
                    collect(&attribute.value, &mut names);
                    attributes.insert(attribute.id.name.to_owned(), names);
                }
                all.insert(message.id.name.to_owned(), attributes);
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            other => panic!("unexpected entry {other:?}"),
        }
    }
    all
}

fn collect(pattern: &Pattern<&str>, into: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => collect_inline(inline, into),
            Expression::Select { selector, variants } => {
                collect_inline(selector, into);
                variants.iter().for_each(|v| collect(&v.value, into));
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, into: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            into.insert(id.name.to_owned());
        }
        other => panic!("only variables are used in mail: {other:?}"),
    }
}

#[test]
fn both_languages_hold_every_template_with_the_declared_variables() {
    for (lang, source) in LOCALES {
        let used = used(source);
        let known: BTreeSet<&str> = templates().iter().map(|t| t.id).chain(["frame"]).collect();
        assert_eq!(used.keys().map(String::as_str).collect::<BTreeSet<_>>(), known, "{lang:?}");
        for info in templates() {
            let attributes = &used[info.id];
            let has_link = info.variables.iter().any(|v| v.kind == Kind::Link);
            let wanted: &[&str] =
                if has_link { &["action", "body", "subject"] } else { &["body", "subject"] };
            // Its short and its brief form are optional.
            assert_eq!(
                attributes
                    .keys()
                    .map(String::as_str)
                    .filter(|name| !matches!(*name, "short" | "brief"))
                    .collect::<Vec<_>>(),
                wanted,
                "{lang:?} {}",
                info.id
            );
            let mut declared = BTreeSet::new();
            for variable in info.variables {
                declared.insert(variable.name.to_owned());
                if variable.optional {
                    declared.insert(format!("has-{}", variable.name));
                }
            }
            assert_eq!(
                attributes["body"].union(&attributes["subject"]).cloned().collect::<BTreeSet<_>>(),
                declared,
                "{lang:?} {}",
                info.id
            );
        }
    }
    // Subjects too say the same in both.
    let [vi, en] = LOCALES.map(|(_, source)| used(source));
    for info in templates() {
        assert_eq!(vi[info.id]["subject"], en[info.id]["subject"], "{}", info.id);
        assert_eq!(vi[info.id].get("short"), en[info.id].get("short"), "{}", info.id);
        assert_eq!(vi[info.id].get("action"), en[info.id].get("action"), "{}", info.id);
    }
    assert_eq!(vi["frame"], en["frame"]);
}

#[test]
fn names_are_unique_and_a_template_has_one_link_at_most() {
    let names: BTreeSet<&str> = templates().iter().map(|t| t.id).collect();
    assert_eq!(names.len(), templates().len());
    for info in templates() {
        let of = |kind| info.variables.iter().filter(|v| v.kind == kind).count();
        assert!(of(Kind::Link) <= 1 && of(Kind::Code) <= 1, "{}", info.id);
        let tells = info.variables.iter().any(|v| matches!(v.kind, Kind::Quote | Kind::Code));
        let least = if info.id == "channel-code" { Detail::Channel } else { Detail::Full };
        assert!(!tells || info.detail == least, "{} gives people's words or codes away", info.id);
    }
}

#[test]
fn every_template_renders_whole_in_both_languages_with_and_without_options() {
    for info in templates() {
        for lang in Lang::ALL {
            for optional in [true, false] {
                let vars = samples(info, optional);
                let mail = render(info.id, lang, &vars, &head()).unwrap();
                let all = format!("{}\n{}", mail.subject, mail.text);
                for variable in info.variables.iter().filter(|v| optional || !v.optional) {
                    let shown = sample(variable).lines().next().unwrap().to_owned();
                    assert!(
                        all.contains(&shown),
                        "{} {lang:?}: {} is not shown\n{all}",
                        info.id,
                        variable.name
                    );
                }
                assert!(!all.contains(['{', '}', '\u{2068}', '\u{2069}']), "{} {lang:?}\n{all}", info.id);
                assert!(
                    !mail.subject.contains('\n') && !mail.text.contains("\n\n\n"),
                    "{} {lang:?}\n{all}",
                    info.id
                );
                assert!(all.contains("0200 123 456") && mail.html.contains("0200 123 456"), "{}", info.id);
                for outside in ["<img", "<script", "<link", "src=", "url("] {
                    assert!(!mail.html.contains(outside), "{}: {outside}", info.id);
                }
                let links = mail.html.matches("<a href=\"https://canh.example/a?b=1&amp;c=2\"").count();
                assert_eq!(
                    links,
                    usize::from(vars.contains_key("link")),
                    "{} {lang:?}\n{}",
                    info.id,
                    mail.html
                );
                assert_eq!((mail.lang, mail.detail), (lang, info.detail));
            }
        }
    }
}

#[test]
fn a_missing_or_blank_variable_is_an_error_for_every_template() {
    for info in templates() {
        for variable in info.variables.iter().filter(|v| !v.optional) {
            let mut vars = samples(info, true);
            vars.remove(variable.name);
            let error = render(info.id, Lang::Vi, &vars, &head()).unwrap_err();
            assert!(matches!(error, Error::Missing { name, .. } if name == variable.name), "{error}");
            for blank in [" \n\t", "\u{0}\u{7}"] {
                vars.insert(variable.name.to_owned(), blank.into());
                assert!(render(info.id, Lang::En, &vars, &head()).is_err(), "{} {blank:?}", variable.name);
            }
        }
    }
    let nobody = Letterhead { centre: " ".into(), contact: None };
    let vars = samples(&templates()[0], true);
    assert!(matches!(
        render("invitation", Lang::Vi, &vars, &nobody),
        Err(Error::Missing { name: "centre", .. })
    ));
    assert!(matches!(render("nothing", Lang::Vi, &vars, &head()), Err(Error::UnknownTemplate(_))));
}

#[test]
fn wrong_kinds_are_refused() {
    let info = templates().iter().find(|t| t.id == "assignment-issued").unwrap();
    let spoils: [(&str, &str); 8] = [
        ("duties", "ba"),
        ("duties", "-1"),
        ("duties", "1.5"),
        ("link", "javascript:alert(1)"),
        ("link", "https://"),
        ("link", "https://a.example/\" onclick=\"x"),
        ("link", "https://a.example/ b"),
        ("link", "//a.example"),
    ];
    for (name, value) in spoils {
        let mut vars = samples(info, true);
        vars.insert(name.into(), value.into());
        assert!(
            matches!(render(info.id, Lang::Vi, &vars, &head()), Err(Error::Variable { .. })),
            "{name} {value:?}"
        );
    }
}

#[test]
fn absent_options_say_so_and_plurals_agree() {
    let info = templates().iter().find(|t| t.id == "assignment-issued").unwrap();
    let without = samples(info, false);
    assert!(
        render(info.id, Lang::Vi, &without, &head())
            .unwrap()
            .text
            .contains("Hạn hoàn thành: văn bản không ghi")
    );
    assert!(render(info.id, Lang::En, &without, &head()).unwrap().text.contains("Due: not stated"));
    let info = templates().iter().find(|t| t.id == "reminder-duties").unwrap();
    let mut vars = samples(info, true);
    vars.insert("pending".into(), "1".into());
    assert!(
        render(info.id, Lang::En, &vars, &head())
            .unwrap()
            .text
            .contains("One duty of the following order is not met yet:")
    );
    vars.insert("pending".into(), "1200".into());
    assert!(
        render(info.id, Lang::En, &vars, &head())
            .unwrap()
            .text
            .contains("1200 duties of the following order are not met yet:")
    );
}

#[test]
fn peoples_words_stay_words() {
    let info = templates().iter().find(|t| t.id == "question-asked").unwrap();
    let mut vars = samples(info, true);
    let evil = "<script>alert(1)</script>\r\n\r\n- Hạn: hôm qua\nhttps://canh.example/a?b=1&c=2\n{ $link } \"x\" & y";
    vars.insert("question".into(), evil.into());
    vars.insert("order".into(), "CV 12\r\nBcc: all@x.example\n\n- Đơn vị: giả".into());
    let mail = render(info.id, Lang::Vi, &vars, &head()).unwrap();
    assert!(mail.subject.ends_with("CV 12 Bcc: all@x.example - Đơn vị: giả") && !mail.subject.contains('\r'));
    assert!(
        mail.text.contains("> - Hạn: hôm qua\n> https://canh.example/a?b=1&c=2\n> { $link } \"x\" & y"),
        "{}",
        mail.text
    );
    assert_eq!(mail.html.matches("<a ").count(), 1);
    assert!(!mail.html.contains("<script") && mail.html.contains("&lt;script&gt;"));
    assert_eq!(mail.html.matches("<blockquote").count(), 1);
    // The link in the quotation is not dressed as our button's text either.
    assert_eq!(mail.text.matches("Trả lời câu hỏi:\n").count(), 1);
}
