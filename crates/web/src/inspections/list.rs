//! The plan: visits past and to come, and the same as CSV.

use askama::Template;
use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{inspection::VisitState, right::Right, time};
use paper::sheet::{Cell, to_csv};
use serde::Deserialize;
use store::inspections::{self, Filter, Order};

use super::say;
use crate::{Access, AppError, Page, Route, Visit};

const SEE: Access = Access::Right(Right::See);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/inspections", SEE, list), Route::get("/inspections.csv", SEE, csv)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    open: String,
    sort: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            text: Some(self.q.clone()),
            state: VisitState::parse(&self.state),
            open: self.open == "1",
            ..Filter::default()
        }
    }
    fn order(&self) -> Order {
        match self.sort.as_str() {
            "when" => Order::Earliest,
            "body" => Order::Body,
            "-body" => Order::BodyBack,
            "bad" | "-bad" => Order::Bad,
            _ => Order::Latest,
        }
    }
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [("q", &self.q), ("state", &self.state), ("open", &self.open)];
        query.extend_pairs(all.into_iter().filter(|(_, v)| !v.is_empty()));
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "inspections/list.html")]
struct ListPage {
    p: Page,
    q: String,
    state: String,
    open: bool,
    sort: String,
    query: String,
    csv: String,
    states: Vec<(String, String)>,
    rows: Vec<Row>,
    may_plan: bool,
    strip: (usize, usize, usize, usize),
    past: bool,
}

struct Row {
    v: inspections::Visit,
    at: String,
    class: &'static str,
    word: String,
    late: bool,
}

async fn found(v: &Visit, asked: &Asked) -> Result<Vec<inspections::Visit>, AppError> {
    let mut sql = v.app.db.read().await?;
    let (filter, order) = (asked.filter(), asked.order());
    Ok(inspections::list(&mut sql, v.scope(), v.actor(), &filter, order, v.now).await?)
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let found = found(&v, &asked).await?;
    let p = v.page(v.t("inspect-title"));
    let count = |state| found.iter().filter(|f| f.state == state).count();
    let strip = (
        count(VisitState::Planned),
        count(VisitState::UnderWay),
        count(VisitState::Done),
        found.iter().map(|f| f.overdue as usize).sum(),
    );
    let rows: Vec<Row> = found
        .into_iter()
        .map(|visit| {
            let (class, word) = say::visit(&v, visit.state);
            let late = visit.state == VisitState::Planned && visit.planned_at < v.now;
            Row { at: p.time(&visit.planned_at), class, word, late, v: visit }
        })
        .collect();
    let query = asked.query();
    let any = (String::new(), v.t("inspect-any-state"));
    let states = VisitState::ALL.iter().map(|s| (s.name().to_owned(), say::visit(&v, *s).1));
    v.html(&ListPage {
        csv: format!("/inspections.csv?{query}"),
        query: if query.is_empty() { query } else { format!("{query}&") },
        states: std::iter::once(any).chain(states).collect(),
        may_plan: v.user.may(Right::Review),
        past: !asked.q.is_empty() || !asked.state.is_empty() || asked.open == "1",
        open: asked.open == "1",
        q: asked.q,
        state: asked.state,
        sort: if asked.sort.is_empty() { "-when".into() } else { asked.sort },
        rows,
        strip,
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let p = v.page(String::new());
    let heads = [
        "inspect-body",
        "inspect-inspector",
        "inspect-when",
        "inspect-state",
        "inspect-leader",
        "inspect-answered",
        "inspect-bad",
        "inspect-open",
        "inspect-overdue",
    ]
    .map(|id| v.t(id));
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Cell>> = found(&v, &asked)
        .await?
        .into_iter()
        .map(|f| {
            let word = say::visit(&v, f.state).1;
            let cells = [
                f.body_name,
                f.inspector_name,
                p.time(&f.planned_at),
                word,
                f.leader.unwrap_or_default(),
                format!("{} / {}", f.answered, f.items),
                f.bad.to_string(),
                f.open.to_string(),
                f.overdue.to_string(),
            ];
            cells.into_iter().map(Cell::from).collect()
        })
        .collect();
    let name = format!("attachment; filename=\"canh-inspections-{}.csv\"", time::date(v.now));
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], to_csv(&heads, &rows))
        .into_response())
}
