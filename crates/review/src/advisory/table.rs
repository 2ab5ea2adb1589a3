//! Tables of Microsoft's updates: CVE, update, product, what it takes the place of.

use std::collections::{BTreeMap, HashMap};

use super::{Advisory, Feed, Fix, MicrosoftStatement, Product, Source, Statement, Status, grade};
use crate::inventory::{Looks, Refused, each_csv_row};

pub fn read(text: &str, feed: &mut Feed) -> Result<(), Refused> {
    let mut rows = each_csv_row(text);
    let Some(head) = rows.next() else { return Err(Refused::Empty) };
    let column = |names: &[&str]| head.iter().position(|h| names.iter().any(|n| h.eq_ignore_ascii_case(n)));
    let (Some(cve), Some(kb), Some(product)) =
        (column(&["CVE"]), column(&["BulletinKB", "KB"]), column(&["AffectedProduct", "Product"]))
    else {
        return Err(Refused::Unknown(Looks::Other));
    };
    let (build, before) = (column(&["FixedBuild", "Build"]), column(&["Supersedes"]));
    let (title, severity, date) =
        (column(&["Title"]), column(&["Severity"]), column(&["DatePosted", "Date"]));
    let mut names: HashMap<String, Product> = HashMap::new();
    let mut found: BTreeMap<String, (Advisory, BTreeMap<Product, Vec<Fix>>)> = BTreeMap::new();
    for (at, row) in rows.enumerate() {
        let cell = |at: Option<usize>| at.and_then(|i| row.get(i)).map(String::as_str).unwrap_or_default();
        let (id, name) = (cell(Some(cve)), cell(Some(product)));
        let number = cell(Some(kb)).trim_start_matches("KB").parse().ok();
        if id.is_empty() || name.is_empty() || number.is_none() {
            if !cell(Some(kb)).is_empty() && name.is_empty() {
                feed.not_understood(at + 2, &row.join(" · "));
            }
            continue;
        }
        let product = match names.get(name) {
            Some(product) => product.clone(),
            None => names.entry(name.to_owned()).or_insert(Product::new(name)).clone(),
        };
        if !found.contains_key(id) {
            found.insert(id.to_owned(), Default::default());
        }
        let Some((advisory, products)) = found.get_mut(id) else { continue };
        if advisory.id.is_empty() {
            id.clone_into(&mut advisory.id);
            advisory.source = Source::MicrosoftTable;
            cell(title).clone_into(&mut advisory.title);
            advisory.published = Some(cell(date).to_owned()).filter(|d| !d.is_empty());
        }
        if advisory.severity.is_none() {
            advisory.severity = grade(cell(severity));
        }
        let before = cell(before).split([';', ',']).filter_map(|n| n.trim().parse().ok());
        let fixes = products.entry(product).or_default();
        let place = fixes.iter().position(|f| f.kb == number);
        match place.and_then(|at| fixes.get_mut(at)) {
            Some(fix) => fix.supersedes.extend(before),
            None => fixes.push(Fix {
                kb: number,
                build: Some(cell(build).to_owned()).filter(|b| !b.is_empty()),
                supersedes: before.collect(),
                cumulative: true,
            }),
        }
    }
    feed.advisories.extend(found.into_values().map(|(mut advisory, products)| {
        let statements = products.into_iter().map(|(product, fixes)| {
            Statement::Microsoft(MicrosoftStatement { product, fixes, status: Status::Affected })
        });
        advisory.statements = statements.collect();
        advisory
    }));
    Ok(())
}
