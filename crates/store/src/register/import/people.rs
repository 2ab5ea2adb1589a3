//! People: one row for a person in a body.

use std::collections::{HashMap, HashSet};

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    person::{ChannelKind, Lang, Membership},
    register::PersonRow,
    right::Right,
};

use super::{Found, Index, Report, refusal};
use crate::{
    Query, Sql, StoreError, Tx,
    register::{
        channels::{self, NewChannel},
        people::{self, Change, NewPerson},
    },
};

type PersonId = Id<kind::Person>;
type BodyId = Id<kind::Body>;

/// Who is known: by e-mail address, and by body and name.
pub(super) struct Known {
    by_email: HashMap<String, PersonId>,
    by_name: HashMap<(BodyId, String), Vec<PersonId>>,
}

impl Known {
    pub(super) async fn load(sql: &mut Sql, scope: &Scope) -> Result<Self, StoreError> {
        let mut known = Self { by_email: HashMap::new(), by_name: HashMap::new() };
        let mut query = Query::new(
            "select m.body, p.id, p.name from membership m join person p on p.id = m.person
             where p.closed_at is null and",
        );
        query.visible(scope, Right::See, "m.body");
        for row in query.rows(sql).await? {
            known.add(row.id("id")?, row.id("body")?, &row.text("name")?, None);
        }
        let mut query = Query::new(
            "select distinct c.address, c.person from channel c join membership m on m.person = c.person
             join person p on p.id = c.person and p.closed_at is null where c.kind = 'email' and",
        );
        query.visible(scope, Right::Read, "m.body");
        for row in query.rows(sql).await? {
            known.by_email.insert(row.text("address")?, row.id("person")?);
        }
        Ok(known)
    }
    /// Whom a row means: by e-mail, else by name in that body, else by name anywhere. `Err`: the code of a problem.
    pub(super) fn whom(
        &self,
        body: BodyId,
        name: &str,
        email: Option<&str>,
    ) -> Result<PersonId, &'static str> {
        if let Some(email) = email {
            return self.by_email.get(email).copied().ok_or("import-person-unknown");
        }
        let name = name.to_lowercase();
        let mut found = self.by_name.get(&(body, name.clone())).cloned().unwrap_or_default();
        if found.is_empty() {
            let same = self.by_name.iter().filter(|((_, known), _)| *known == name);
            found = same.flat_map(|(_, people)| people.iter().copied()).collect();
            found.sort_unstable();
            found.dedup();
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err("import-person-unknown"),
            _ => Err("import-person-ambiguous"),
        }
    }
    fn add(&mut self, person: PersonId, body: BodyId, name: &str, email: Option<&str>) {
        let there = self.by_name.entry((body, name.to_lowercase())).or_default();
        if !there.contains(&person) {
            there.push(person);
        }
        if let Some(email) = email {
            self.by_email.insert(email.to_owned(), person);
        }
    }
}

/// Takes people in; rows without a body serve `top`. See the module.
pub async fn people(
    tx: &mut Tx,
    scope: &Scope,
    top: BodyId,
    rows: &[(u32, PersonRow)],
    ids: &dyn Ids,
) -> Result<Report, StoreError> {
    let index = Index::load(tx, scope).await?;
    let mut known = Known::load(tx, scope).await?;
    let mut report = Report::default();
    let mut seen = HashSet::new();
    for (row, person) in rows {
        let column = if person.body_code.is_some() { "body-code" } else { "body" };
        let value = person.body_code.as_deref().or(person.body.as_deref()).unwrap_or("");
        let body = match index.resolve(person.body_code.as_deref(), person.body.as_deref(), top) {
            Found::One(body) => body,
            Found::None => {
                report.problem(*row, column, "import-body-unknown", value);
                continue;
            }
            Found::Many => {
                report.problem(*row, column, "import-body-ambiguous", value);
                continue;
            }
        };
        let by_email = person.email.as_ref().and_then(|e| known.by_email.get(e)).copied();
        let same_name = known.by_name.get(&(body, person.name.to_lowercase())).map_or(&[][..], Vec::as_slice);
        let old = match (by_email, same_name) {
            (Some(person), _) => Some(person),
            (None, []) => None,
            (None, [one]) if !has_other_email(tx, *one, person.email.as_deref()).await? => Some(*one),
            // A namesake with another address is another person.
            (None, [_]) => None,
            (None, _) => {
                report.problem(*row, "name", "import-person-ambiguous", &person.name);
                continue;
            }
        };
        let outcome = match old {
            Some(id) if !seen.insert((id, body)) => Err(StoreError::Refused("import-twice")),
            Some(id) => change(tx, scope, id, body, person, ids).await.map(|fields| (id, fields)),
            None => make(tx, scope, body, person, ids).await.map(|id| (id, Vec::new())),
        };
        match outcome {
            Ok((id, fields)) => {
                seen.insert((id, body));
                known.add(id, body, &person.name, person.email.as_deref());
                report.line(*row, &person.name, old.is_none(), fields);
            }
            Err(error) => {
                let code = refusal(error)?;
                let (column, value) = match code {
                    "person-title-bad" => ("title", person.title.as_deref().unwrap_or("")),
                    "channel-address-bad" | "channels-many" => ("email", ""),
                    "import-not-yours" => (column, value),
                    _ => ("name", person.name.as_str()),
                };
                report.problem(*row, column, code, value);
            }
        }
    }
    if report.is_idle() {
        tx.nothing_to_do();
    }
    Ok(report.in_order())
}

/// Whether a person has e-mail addresses, and none of them is the row's.
async fn has_other_email(sql: &mut Sql, id: PersonId, email: Option<&str>) -> Result<bool, StoreError> {
    let Some(email) = email else { return Ok(false) };
    let held = channels::own(sql, id).await?;
    let mails: Vec<_> = held.iter().filter(|c| c.kind == ChannelKind::Email).collect();
    Ok(!mails.is_empty() && mails.iter().all(|c| c.address != email))
}

fn wanted(row: &PersonRow) -> impl Iterator<Item = (ChannelKind, &'static str, &str)> {
    let mail = row.email.as_deref().map(|e| (ChannelKind::Email, "email", e));
    let phone = row.phone.as_deref().map(|p| (ChannelKind::Phone, "phone", p));
    mail.into_iter().chain(phone)
}

async fn make(
    tx: &mut Tx,
    scope: &Scope,
    body: BodyId,
    row: &PersonRow,
    ids: &dyn Ids,
) -> Result<PersonId, StoreError> {
    let id = Id::new(ids);
    let membership =
        Membership { body, position: row.position.clone(), contact: row.contact.unwrap_or(false) };
    let new = NewPerson {
        id,
        name: row.name.clone(),
        title: row.title.clone(),
        lang: row.lang.unwrap_or(Lang::Vi),
        memberships: vec![membership],
    };
    people::create(tx, scope, &new).await?;
    for (rank, (kind, _, address)) in (0..).zip(wanted(row)) {
        let address = address.to_owned();
        channels::add(tx, scope, &NewChannel { id: Id::new(ids), person: id, kind, address, rank }).await?;
    }
    Ok(id)
}

async fn change(
    tx: &mut Tx,
    scope: &Scope,
    id: PersonId,
    body: BodyId,
    row: &PersonRow,
    ids: &dyn Ids,
) -> Result<Vec<&'static str>, StoreError> {
    let mut fields = Vec::new();
    let old = people::any(tx, id).await?;
    // A name that was matched by letters alone keeps the capitals it has.
    let same_name = row.name.to_lowercase() == old.name.to_lowercase();
    let new = Change {
        name: if same_name { old.name.clone() } else { row.name.clone() },
        title: row.title.clone().or_else(|| old.title.clone()),
        lang: row.lang.unwrap_or(old.lang),
    };
    for (differs, key) in
        [(new.name != old.name, "name"), (new.title != old.title, "title"), (new.lang != old.lang, "lang")]
    {
        if differs {
            fields.push(key);
        }
    }
    if !fields.is_empty() {
        people::update(tx, scope, id, &new).await?;
    }
    let serves = people::serves(tx, scope, &[id]).await?;
    let there = serves.into_iter().find(|s| s.membership.body == body).map(|s| s.membership);
    let membership = Membership {
        body,
        position: row.position.clone().or_else(|| there.as_ref().and_then(|t| t.position.clone())),
        contact: row.contact.unwrap_or_else(|| there.as_ref().is_some_and(|t| t.contact)),
    };
    match &there {
        None => fields.push("body"),
        Some(there) => {
            if there.position != membership.position {
                fields.push("position");
            }
            if there.contact != membership.contact {
                fields.push("contact");
            }
        }
    }
    if there.as_ref() != Some(&membership) {
        people::serve(tx, scope, id, &membership).await?;
    }
    let held = channels::own(tx, id).await?;
    for (rank, (kind, key, address)) in (0..).zip(wanted(row)) {
        if held.iter().all(|c| c.kind != kind || c.address != address) {
            let address = address.to_owned();
            channels::add(tx, scope, &NewChannel { id: Id::new(ids), person: id, kind, address, rank })
                .await?;
            fields.push(key);
        }
    }
    Ok(fields)
}
