//! The editor: a form of blocks beside the paper they make.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    order::QuestionKind,
    report::{Draft, DraftBlock, Figures, NAMES, TABLES, Unfit, Urgency, Value},
    right::Right,
};
use letter::report::written;
use serde::Deserialize;
use store::reports::{self, Report};

use super::{
    make, report,
    sheet::{Drawn, Sheet},
    write,
};
use crate::{Access, AppError, Flash, Form, LIMIT_LETTER, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let (read, prepare) = (Access::Right(Right::Read), Access::Right(Right::Prepare));
    vec![
        Route::get("/reports/up/{report}", read, show),
        Route::page(axum::http::Method::POST, "/reports/up/{report}", prepare, LIMIT_LETTER, save),
        // Setting the paper takes its time on a slow machine: the limit of size decides how long it may.
        Route::page(
            axum::http::Method::POST,
            "/reports/up/{report}/sign",
            Access::Right(Right::Sign),
            LIMIT_LETTER,
            sign,
        ),
        Route::post("/reports/up/{report}/discard", prepare, discard),
    ]
}

/// A block of the form.
struct BlockView {
    n: usize,
    /// The same, counted from 1.
    place: usize,
    heading: String,
    text: String,
    table: String,
    errors: Vec<String>,
}

/// A field with what it stands for now.
struct FieldView {
    /// With the braces in which a text holds it.
    braced: String,
    label: String,
    value: String,
    href: String,
    missing: bool,
}

#[derive(Template)]
#[template(path = "report/edit.html")]
struct EditPage {
    p: Page,
    report: Report,
    subject: String,
    sheet: Sheet,
    blocks: Vec<BlockView>,
    fields: Vec<FieldView>,
    tables: Vec<(String, String)>,
    appendices: Vec<(String, String, bool)>,
    errors: Vec<(String, String)>,
    /// One of them is in the head.
    head_wrong: bool,
    /// Difficulties and questions nobody answered yet.
    unanswered: usize,
    to: String,
    copies: String,
    capacity: String,
    urgencies: Vec<(String, String, bool)>,
    /// As what whoever looks would sign it: lines of capacity, then the name.
    sign_as: Vec<String>,
    /// Who else may sign it off, where whoever looks may not.
    signers: Vec<String>,
}

async fn show(v: Visit, Path(of): Path<String>) -> Result<Response, AppError> {
    let report = report(&v, &of).await?;
    let draft = report.draft.clone();
    page(&v, report, draft, Vec::new()).await
}

/// The page with that draft in its form and the last draft that was fit on its paper.
async fn page(v: &Visit, report: Report, draft: Draft, unfit: Vec<Unfit>) -> Result<Response, AppError> {
    let p = v.page(report.subject());
    let base = &v.app.config.public_url;
    let (sheet, fields, unanswered) = if report.signed.is_some() {
        (Sheet::new(make::kept(v, &report).await?, base), Vec::new(), 0)
    } else {
        let figures = make::figures(v, &report).await?;
        let open = figures.difficulties.iter();
        let open =
            open.filter(|d| d.kind == QuestionKind::Difficulty && d.answer.is_none() && !d.said).count();
        let shown = Report {
            draft: if unfit.is_empty() { draft.clone() } else { report.draft.clone() },
            ..report.clone()
        };
        (Sheet::new(make::document(v, &shown, &figures, false), base), fields(&p, &figures), open)
    };
    let (sign_as, signers) =
        if report.signed.is_some() { Default::default() } else { who_signs(v, &p, &report).await? };
    let said = |u: &Unfit| p.t1(&format!("report-unfit-{}", u.code), "what", u.about.clone());
    let blocks = draft.blocks.iter().enumerate().map(|(n, b)| {
        let mine = format!("block-{n}-");
        BlockView {
            n,
            place: n + 1,
            heading: b.heading.clone(),
            text: b.text.clone(),
            table: b.table.clone(),
            errors: unfit.iter().filter(|u| u.field.starts_with(&mine)).map(&said).collect(),
        }
    });
    let table = |name: &str| p.t(&format!("report-table-{name}"));
    let mut tables = vec![(String::new(), p.t("report-table-none"))];
    tables.extend(TABLES.iter().map(|t| ((*t).to_owned(), table(t))));
    v.html(&EditPage {
        subject: report.subject(),
        sheet,
        blocks: blocks.collect(),
        fields,
        tables,
        appendices: TABLES
            .iter()
            .map(|t| ((*t).to_owned(), table(t), draft.appendices.iter().any(|a| a == t)))
            .collect(),
        head_wrong: unfit.iter().any(|u| !u.field.starts_with("block")),
        errors: unfit.iter().map(|u| (u.field.clone(), said(u))).collect(),
        unanswered,
        urgencies: urgencies(&p, draft.urgency),
        sign_as,
        signers,
        to: draft.to.join("\n"),
        copies: draft.copies.join("\n"),
        capacity: draft.capacity.join("\n"),
        report: Report { draft, ..report },
        p,
    })
}

/// As what whoever looks would sign; where they may not, who may.
async fn who_signs(v: &Visit, p: &Page, report: &Report) -> Result<(Vec<String>, Vec<String>), AppError> {
    let mut sql = v.app.db.read().await?;
    if report.rights.sign {
        let person = v.actor().person().ok_or(AppError::NotFound)?;
        let draft = reports::signed_by(&mut sql, v.pack(), report, person, v.now).await?;
        let lines = draft.map(|d| d.capacity.into_iter().chain([d.signer]).collect());
        return Ok((lines.unwrap_or_default(), Vec::new()));
    }
    let all = reports::signers(&mut sql, report.body, None, v.now).await?;
    let line = |s: reports::Signer| {
        let of = [s.position, s.delegated.then(|| p.t("report-sign-delegated"))];
        let of: Vec<String> = of.into_iter().flatten().collect();
        if of.is_empty() { s.name } else { format!("{} ({})", s.name, of.join(", ")) }
    };
    Ok((Vec::new(), all.into_iter().map(line).collect()))
}

fn urgencies(p: &Page, now: Option<Urgency>) -> Vec<(String, String, bool)> {
    let none = (String::new(), p.t("report-urgency-none"), now.is_none());
    let each = Urgency::ALL
        .iter()
        .map(|u| (u.name().to_owned(), p.t(&format!("report-urgency-{}", u.name())), now == Some(*u)));
    std::iter::once(none).chain(each).collect()
}

fn fields(p: &Page, figures: &Figures) -> Vec<FieldView> {
    NAMES
        .iter()
        .map(|name| {
            let value = figures.value(name).unwrap_or(Value::Missing);
            let href = match &value {
                Value::Number(_, href) | Value::Words(_, href) => href.clone(),
                Value::Missing => String::new(),
            };
            FieldView {
                braced: format!("{{{{{name}}}}}"),
                label: p.t(&format!("report-field-{}", name.replace('_', "-"))),
                missing: value == Value::Missing,
                value: written(&value),
                href,
            }
        })
        .collect()
}

/// What the form sends: each block sends its three fields, so that they stand in one order.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    version: i64,
    op: String,
    title: String,
    subject: String,
    superior: String,
    issuer: String,
    symbol: String,
    place: String,
    urgency: String,
    to: String,
    copies: String,
    capacity: String,
    signer: String,
    heading: Vec<String>,
    text: Vec<String>,
    table: Vec<String>,
    appendix: Vec<String>,
}

impl Sent {
    fn draft(&self) -> Draft {
        let one = |text: &str| text.trim().to_owned();
        let lines = |text: &str| -> Vec<String> {
            text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
        };
        let blocks = self.heading.iter().enumerate().map(|(n, heading)| DraftBlock {
            heading: one(heading),
            // Browsers send CRLF; a draft that was only looked at must not differ from itself.
            text: one(&self.text.get(n).map_or_else(String::new, |t| t.replace("\r\n", "\n"))),
            table: self.table.get(n).map_or_else(String::new, |t| one(t)),
        });
        let mut blocks: Vec<DraftBlock> = blocks.collect();
        apply(&mut blocks, &self.op);
        Draft {
            title: one(&self.title),
            subject: one(&self.subject),
            superior: one(&self.superior),
            issuer: one(&self.issuer),
            symbol: one(&self.symbol),
            place: one(&self.place),
            urgency: Urgency::parse(&self.urgency),
            to: lines(&self.to),
            copies: lines(&self.copies),
            capacity: lines(&self.capacity),
            signer: one(&self.signer),
            blocks,
            appendices: self.appendix.clone(),
        }
    }
}

/// What a button beside a block does: `add`, `up-2`, `remove-2`.
fn apply(blocks: &mut Vec<DraftBlock>, op: &str) {
    if op == "add" {
        blocks.push(DraftBlock::default());
        return;
    }
    let Some((what, n)) = op.rsplit_once('-') else { return };
    let Ok(n) = n.parse::<usize>() else { return };
    match what {
        "up" if n > 0 && n < blocks.len() => blocks.swap(n - 1, n),
        "remove" if n < blocks.len() => {
            blocks.remove(n);
        }
        _ => {}
    }
}

async fn save(v: Visit, Path(of): Path<String>, Form(sent): Form<Sent>) -> Result<Response, AppError> {
    let report = report(&v, &of).await?;
    let draft = sent.draft();
    let unfit = draft.unfit();
    if !unfit.is_empty() {
        return page(&v, report, draft, unfit).await;
    }
    let done = write!(v, tx => reports::save(tx, v.scope(), report.id, sent.version, &draft).await);
    let to = format!("/reports/up/{}", report.id);
    match done.map_err(AppError::from) {
        Ok(()) => Ok(v.redirect(&to, Flash::ok("report-saved"))),
        Err(AppError::Refused(why)) => Ok(v.redirect(&to, Flash::bad(&why))),
        Err(other) => Err(other),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Version {
    version: i64,
}

async fn sign(v: Visit, Path(of): Path<String>, Form(sent): Form<Version>) -> Result<Response, AppError> {
    let report = report(&v, &of).await?;
    let to = format!("/reports/up/{}", report.id);
    match make::sign(&v, &report, sent.version).await {
        Ok(()) => Ok(v.redirect(&to, Flash::ok("report-signed-off"))),
        Err(AppError::Refused(why)) => Ok(v.redirect(&to, Flash::bad(&why))),
        Err(other) => Err(other),
    }
}

async fn discard(v: Visit, Path(of): Path<String>, Form(sent): Form<Version>) -> Result<Response, AppError> {
    let report = report(&v, &of).await?;
    write!(v, tx => reports::discard(tx, v.scope(), report.id, sent.version).await)?;
    Ok(v.redirect("/reports/up", Flash::ok("report-discarded")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_beside_blocks_move_and_remove_them() {
        let block = |h: &str| DraftBlock { heading: h.into(), ..DraftBlock::default() };
        let after = |op: &str| {
            let mut blocks = vec![block("a"), block("b")];
            apply(&mut blocks, op);
            blocks.iter().map(|b| b.heading.as_str()).collect::<Vec<_>>().join("")
        };
        assert_eq!(
            ["add", "up-1", "up-0", "remove-0", "remove-9", "save", ""].map(after),
            ["ab", "ba", "ab", "b", "ab", "ab", "ab"]
        );
    }
}
