//! Staff lists for notices: a row is a person with an address, in a body; nobody of them enters the register.

use std::collections::HashSet;

use domain::{
    actor::Scope,
    id::{Id, kind},
    register::StaffRow,
    right::Right,
};

use super::{Found, Index, Report};
use crate::{Query, StoreError, Tx, args};

/// Takes the rows in as members of a list that was just made; rows without a body belong to `top`. See the module.
pub async fn staff(
    tx: &mut Tx,
    scope: &Scope,
    list: Id<kind::StaffList>,
    top: Id<kind::Body>,
    rows: &[(u32, StaffRow)],
) -> Result<Report, StoreError> {
    let index = Index::load(tx, scope).await?;
    let mut query = Query::new("select b.id from body b where");
    query.visible(scope, Right::Prepare, "b.id");
    let ours: HashSet<String> =
        query.rows(tx).await?.iter().map(|r| r.text("id")).collect::<Result<_, _>>()?;
    let mut report = Report::default();
    let mut seen = HashSet::new();
    let mut taken = 0_u32;
    for (row, person) in rows {
        let column = if person.body_code.is_some() { "body-code" } else { "body" };
        let value = person.body_code.as_deref().or(person.body.as_deref()).unwrap_or("");
        let body = match index.resolve(person.body_code.as_deref(), person.body.as_deref(), top) {
            Found::One(body) if ours.contains(&body.to_string()) => body,
            Found::One(_) => {
                report.problem(*row, column, "import-not-yours", value);
                continue;
            }
            Found::None => {
                report.problem(*row, column, "import-body-unknown", value);
                continue;
            }
            Found::Many => {
                report.problem(*row, column, "import-body-ambiguous", value);
                continue;
            }
        };
        if !seen.insert(person.email.as_str()) {
            report.problem(*row, "email", "import-twice", &person.email);
            continue;
        }
        tx.exec(
            "insert into staff_member (list, place, name, email, body) values ($1,$2,$3,$4,$5)",
            args![list, *row, &person.name, &person.email, body],
        )
        .await?;
        taken += 1;
        report.line(*row, &person.name, true, Vec::new());
    }
    tx.exec("update staff_list set people = $1 where id = $2", args![taken, list]).await?;
    Ok(report.in_order())
}
