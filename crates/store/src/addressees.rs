//! Who is behind an intent's recipient: verified addresses of one kind of channel.

use std::collections::BTreeSet;

use domain::{
    id::{Id, kind},
    intent::To,
};

use crate::{Row, Sql, StoreError, args};

/// One address a message may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The person, unless the intent names a bare address.
    pub person: Option<Id<kind::Person>>,
    /// Their name.
    pub name: Option<String>,
    /// The language they chose: `vi` or `en`.
    pub lang: String,
    /// The address.
    pub address: String,
}

/// Most people of one body a message goes to: beyond that it is a circular, not a message to whoever is in charge.
const PEOPLE_MAX: i64 = 50;

/// The addresses behind `to` for channels of that kind; empty if there are none. A person's best-ranked verified
/// address, or with `every` all of them. A body is its contacts, or, while none of those has an address, everybody
/// who serves it.
pub async fn find(sql: &mut Sql, to: &To, kind: &str, every: bool) -> Result<Vec<Addressee>, StoreError> {
    let rows = match to {
        To::Email(address) if kind == "email" => {
            let address = address.clone();
            return Ok(vec![Addressee { person: None, name: None, lang: "vi".into(), address }]);
        }
        To::Email(_) => return Ok(vec![]),
        // Verified or not: it is about nothing but itself.
        To::Channel(channel) => {
            sql.rows(
                "select p.id, p.name, p.lang, coalesce(c.target, c.address) as address, true as contact
                 from channel c join person p on p.id = c.person
                 where c.id = $1 and c.kind = $2 and p.closed_at is null",
                args![*channel, kind],
            )
            .await?
        }
        To::Webhook(id) if kind == "webhook" => return Ok(vec![webhook(id.to_string())]),
        To::Webhook(_) => return Ok(vec![]),
        // A body's systems hear what the body is told.
        To::Body(body) if kind == "webhook" => {
            let rows = sql
                .rows(
                    "select id from webhook where body = $1 and closed_at is null and verified_at is not null
                     order by created_at, id",
                    args![*body],
                )
                .await?;
            return rows.iter().map(|row| Ok(webhook(row.text("id")?))).collect();
        }
        To::Person(person) => {
            sql.rows(
                "select p.id, p.name, p.lang, coalesce(c.target, c.address) as address, true as contact
                 from person p join channel c on c.person = p.id
                 where p.id = $1 and p.closed_at is null and c.kind = $2 and c.verified_at is not null
                 order by c.rank, c.created_at, c.id",
                args![*person, kind],
            )
            .await?
        }
        To::Body(body) => {
            sql.rows(
                "select p.id, p.name, p.lang, coalesce(c.target, c.address) as address, m.contact
                 from membership m join person p on p.id = m.person join channel c on c.person = p.id
                 where m.body = $1 and p.closed_at is null and c.kind = $2 and c.verified_at is not null
                 order by m.contact desc, p.sort_key, p.id, c.rank, c.created_at, c.id limit $3",
                args![*body, kind, PEOPLE_MAX],
            )
            .await?
        }
    };
    let contacts = rows.first().map_or(Ok(false), |r| r.bool("contact"))?;
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for row in &rows {
        if row.bool("contact")? == contacts && (seen.insert(row.text("id")?) || every) {
            found.push(from_row(row)?);
        }
    }
    Ok(found)
}

/// A webhook is addressed by its id; where it goes and what signs is looked up when it is sent.
fn webhook(id: String) -> Addressee {
    Addressee { person: None, name: None, lang: "vi".into(), address: id }
}

fn from_row(row: &Row) -> Result<Addressee, StoreError> {
    Ok(Addressee {
        person: Some(row.id("id")?),
        name: Some(row.text("name")?),
        lang: row.text("lang")?,
        address: row.text("address")?,
    })
}
