//! Warnings that an agency writes itself: written, changed, taken back.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    flaw::Grade,
    id::{Id, kind},
    own::{ECOSYSTEMS, Own, PRODUCTS_MAX, Product},
    right::Right,
    time,
    warning::numbers,
    weakness::Weakness,
};
use store::{StoreError, warnings};

use crate::{
    Access, AppError, Flash, Form, Page, Route, Visit,
    act::write,
    register::{Draft, Options, body_options, form_status},
};

pub(super) fn routes() -> Vec<Route> {
    let issue = Access::Right(Right::Issue);
    vec![
        Route::get("/review/own-warnings/new", issue, blank),
        Route::post("/review/own-warnings/new", issue, publish),
        Route::get("/review/own-warnings/{id}/edit", issue, again),
        Route::post("/review/own-warnings/{id}/edit", issue, edit),
        Route::post("/review/own-warnings/{id}/take-back", issue, take_back),
    ]
}

/// Lines for products on a new form.
const ROWS: usize = 3;

#[derive(Template)]
#[template(path = "review/own_form.html")]
struct FormPage {
    p: Page,
    d: Draft,
    /// Of one that stands: its id and number.
    of: Option<(String, String)>,
    bodies: Options,
    severities: Options,
    ecosystems: Options,
    weaknesses: Vec<(&'static str, String, String)>,
    rows: Vec<usize>,
    more: usize,
    odd: String,
}

type Fields = Form<HashMap<String, String>>;
type WarningId = Id<kind::Warning>;

async fn blank(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let today = time::date(v.now).to_string();
    let d = Draft::empty(&v).with("body", own).with("on", today).with("severity", "high");
    page(&v, d, None, String::new()).await
}

async fn page(
    v: &Visit,
    d: Draft,
    of: Option<(WarningId, String)>,
    odd: String,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let bodies = body_options(v, &mut sql, Right::Issue, None).await?;
    drop(sql);
    let words = v.words();
    let asked: usize = d.v("rows").parse().unwrap_or(ROWS);
    let used = (0..PRODUCTS_MAX).filter(|n| d.on(&format!("name-{n}"))).max().map_or(0, |n| n + 1);
    let rows = asked.max(used).clamp(ROWS, PRODUCTS_MAX);
    let mut ecosystems: Options = vec![(String::new(), v.t("own-by-name"))];
    // What was typed with a release (`Debian:12`) stays as it is.
    let typed = (0..rows).map(|n| d.v(&format!("ecosystem-{n}")).to_owned()).filter(|e| e.contains(':'));
    ecosystems.extend(ECOSYSTEMS.map(|e| (e.to_owned(), e.to_owned())));
    ecosystems.extend(typed.map(|e| (e.clone(), e)));
    let title = of.as_ref().map_or_else(
        || v.t("own-new"),
        |(_, number)| v.words().with_texts("own-edit-title", &[("number", number)]),
    );
    let shown = FormPage {
        p: v.page(title),
        of: of.map(|(id, number)| (id.to_string(), number)),
        bodies,
        severities: Grade::ALL
            .iter()
            .filter(|g| **g != Grade::Ungraded)
            .map(|g| (g.name().to_owned(), super::say::grade(words, *g).0))
            .collect(),
        ecosystems,
        weaknesses: Weakness::ALL
            .iter()
            .map(|w| (w.name(), v.t(&format!("weakness-{w}")), v.t(&format!("weakness-about-{w}"))))
            .collect(),
        rows: (0..rows).collect(),
        more: (rows + ROWS).min(PRODUCTS_MAX),
        odd,
        d,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

/// What was typed, with what is wrong at its fields; and the first word that is no number.
fn typed(v: &Visit, d: &mut Draft) -> (Option<Own>, String) {
    let (found, odd) = numbers(d.v("numbers"));
    let wrong = odd.first().map(|word| v.words().with_texts("error-warning-odd", &[("word", word)]));
    if wrong.is_some() {
        d.error("numbers", "error-invalid");
    }
    let products = (0..PRODUCTS_MAX).filter_map(|n| {
        let of = |field: &str| d.opt(&format!("{field}-{n}"));
        let any = ["vendor", "name", "from", "fixed", "last"].iter().any(|f| of(f).is_some());
        any.then(|| Product {
            ecosystem: of("ecosystem"),
            vendor: of("vendor").unwrap_or_default(),
            name: of("name").unwrap_or_default(),
            from: of("from"),
            fixed: of("fixed"),
            last: of("last"),
        })
    });
    let products: Vec<Product> = products.collect();
    let weaknesses = Weakness::ALL.iter().copied().filter(|w| d.on(&format!("weak-{w}"))).collect();
    let severity = d.word("severity", Grade::parse);
    let due = d.date("due");
    let Some(severity) = severity else { return (None, wrong.unwrap_or_default()) };
    let own = Own {
        title: d.v("title").to_owned(),
        text: d.v("text").to_owned(),
        numbers: found,
        products,
        weaknesses,
        severity,
        fix: d.v("fix").to_owned(),
        due,
    };
    if let Some(code) = own.wrong() {
        d.error(field(code), &format!("error-{code}"));
    }
    (Some(own), wrong.unwrap_or_default())
}

/// At which field a refusal is shown.
fn field(code: &str) -> &'static str {
    match code {
        "own-title" => "title",
        "own-text" => "text",
        "own-fix" => "fix",
        "own-product" => "name-0",
        "own-versions" => "fixed-0",
        "own-ecosystem" => "ecosystem-0",
        "own-why" => "why",
        _ => "numbers",
    }
}

fn refused(d: &mut Draft, error: StoreError) -> Result<(), AppError> {
    match error {
        StoreError::Refused(code) if code.starts_with("own-") => {
            d.error(field(code), &format!("error-{code}"));
            Ok(())
        }
        other => d.refuse(other),
    }
}

/// What was typed, if only more lines are wanted.
fn more_lines(v: &Visit, fields: &HashMap<String, String>) -> Option<Draft> {
    let rows = fields.get("more")?;
    Some(Draft::typed(v, fields.clone()).with("rows", rows))
}

async fn publish(v: Visit, Form(fields): Fields) -> Result<Response, AppError> {
    if let Some(d) = more_lines(&v, &fields) {
        return page(&v, d, None, String::new()).await;
    }
    let mut d = Draft::typed(&v, fields);
    let (body, on) = (d.id("body"), d.date("on").unwrap_or_else(|| time::date(v.now)));
    let (own, odd) = typed(&v, &mut d);
    if let (true, Some(body), Some(own)) = (d.good(), body, own) {
        let id = Id::new(&*v.app.ids);
        let done = write!(v, tx => warnings::publish(tx, v.scope(), &*v.app.ids, (id, body, on), &own).await);
        match done {
            Ok(()) => return Ok(v.redirect(&format!("/review/warnings/{id}"), Flash::ok("own-published"))),
            Err(error) => refused(&mut d, error)?,
        }
    }
    page(&v, d, None, odd).await
}

async fn again(v: Visit, Path(id): Path<WarningId>) -> Result<Response, AppError> {
    let found = warnings::of(&mut v.app.db.read().await?, v.scope(), id).await?.ok_or(AppError::NotFound)?;
    let own = found.own;
    let mut d = Draft::empty(&v)
        .with("title", &*own.title)
        .with("text", &*own.text)
        .with("numbers", own.numbers.join("\n"))
        .with("severity", own.severity.name())
        .with("fix", &*own.fix)
        .with("due", own.due.map(|d| d.to_string()).unwrap_or_default());
    for kind in &own.weaknesses {
        d = d.with(&format!("weak-{kind}"), "1");
    }
    for (n, product) in own.products.into_iter().enumerate() {
        d = d.with(&format!("vendor-{n}"), product.vendor).with(&format!("name-{n}"), product.name);
        for (field, value) in [
            ("ecosystem", product.ecosystem),
            ("from", product.from),
            ("fixed", product.fixed),
            ("last", product.last),
        ] {
            d = d.with(&format!("{field}-{n}"), value.unwrap_or_default());
        }
    }
    page(&v, d, Some((id, found.number)), String::new()).await
}

async fn edit(v: Visit, Path(id): Path<WarningId>, Form(fields): Fields) -> Result<Response, AppError> {
    let found = warnings::of(&mut v.app.db.read().await?, v.scope(), id).await?.ok_or(AppError::NotFound)?;
    let of = Some((id, found.number));
    if let Some(d) = more_lines(&v, &fields) {
        return page(&v, d, of, String::new()).await;
    }
    let mut d = Draft::typed(&v, fields);
    let (own, odd) = typed(&v, &mut d);
    if let (true, Some(own)) = (d.good(), own) {
        let why = d.v("why").to_owned();
        match write!(v, tx => warnings::edit(tx, v.scope(), &*v.app.ids, id, &own, &why).await) {
            Ok(()) => return Ok(v.redirect(&format!("/review/warnings/{id}"), Flash::ok("own-edited"))),
            Err(error) => refused(&mut d, error)?,
        }
    }
    page(&v, d, of, odd).await
}

async fn take_back(v: Visit, Path(id): Path<WarningId>, Form(fields): Fields) -> Result<Response, AppError> {
    let why = fields.get("why").cloned().unwrap_or_default();
    let done = write!(v, tx => warnings::take_back(tx, v.scope(), &*v.app.ids, id, &why).await);
    v.acted(&format!("/review/warnings/{id}"), done, "warning-withdrawn")
}
