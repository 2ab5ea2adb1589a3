//! One-time links: for those who come once a year. One person, one purpose, one subject.
//!
//! The address is the id and a MAC of it under the instance key, so whoever sends the letter can make it from the id
//! alone ([`url`]) and no secret is stored. Opening shows; only [`use_up`], which a form's POST reaches, uses it up:
//! a scanner that follows every link in a letter changes nothing but `opened_at`.

use domain::{
    actor::Scope,
    id::{Id, Uuid, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{InstanceKey, after, scope_of, text, untext};
use crate::{Db, Row, Sql, StoreError, Tx, args};
use subtle::ConstantTimeEq;

/// No link lives longer: the longest campaign and its report.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Bytes of the MAC in an address: 128 bits.
const MAC: usize = 16;

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To read an assignment.
    Read,
    /// To acknowledge it as the head.
    Acknowledge,
    /// To answer a question or difficulty, for the body that issued the order.
    Answer,
    /// To confirm a body's quick report of one round.
    Report,
    /// To answer a request, for the body of whom it is asked.
    Request,
    /// To check in when a turn on duty begins.
    CheckIn,
}

impl Purpose {
    const ALL: &'static [Purpose] = &[
        Purpose::Read,
        Purpose::Acknowledge,
        Purpose::Answer,
        Purpose::Report,
        Purpose::Request,
        Purpose::CheckIn,
    ];
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Read => "read",
            Purpose::Acknowledge => "acknowledge",
            Purpose::Answer => "answer",
            Purpose::Report => "report",
            Purpose::Request => "request",
            Purpose::CheckIn => "check-in",
        }
    }
    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name() == name)
    }
    /// The rights its bearer may use, as far as the person has them.
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Purpose::Read => &[Right::See, Right::Read],
            Purpose::Acknowledge => &[Right::See, Right::Read, Right::Acknowledge],
            Purpose::Answer => &[Right::See, Right::Read, Right::Review],
            Purpose::Report | Purpose::Request | Purpose::CheckIn => {
                &[Right::See, Right::Read, Right::Answer]
            }
        }
    }
}

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: Id<kind::Link>,
    /// For whom.
    pub person: Id<kind::Person>,
    /// The person's name.
    pub name: String,
    /// The person's language.
    pub lang: String,
    /// For what.
    pub purpose: Purpose,
    /// On what: `assignment:ID`, `question:ID`, a round's report.
    pub subject: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// First opened.
    pub opened_at: Option<Timestamp>,
    /// Used.
    pub used_at: Option<Timestamp>,
    /// Taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Link {
    /// Whether its act may still be done.
    pub fn open(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.revoked_at.is_none() && self.expires_at > now
    }
    /// The id inside the subject, if the subject is a `noun`.
    pub fn subject_id<K>(&self, noun: &str) -> Option<Id<K>> {
        let (is, id) = self.subject.split_once(':')?;
        (is == noun).then(|| id.parse().ok()).flatten()
    }
}

/// What the MAC of a one-time link is for.
const LINK: &str = "link";

/// The secret part of a link's address.
pub fn token(key: &InstanceKey, id: Id<kind::Link>) -> String {
    sealed(key, LINK, id.uuid())
}

/// The id behind such a token; `None` if it was not made with this key.
pub fn read_token(key: &InstanceKey, token: &str) -> Option<Id<kind::Link>> {
    unsealed(key, LINK, token).map(Id::from_uuid)
}

/// An id as text that nobody can make without the key, for one purpose.
pub(crate) fn sealed(key: &InstanceKey, purpose: &'static str, uuid: Uuid) -> String {
    let mac = key.mac(purpose, &[uuid.as_bytes()]);
    text(&[&uuid.as_bytes()[..], mac.first_chunk::<MAC>().map_or(&[][..], |m| &m[..])].concat())
}

/// The id behind such text; `None` if it was made with another key or for another purpose.
pub(crate) fn unsealed(key: &InstanceKey, purpose: &'static str, token: &str) -> Option<Uuid> {
    let bytes = untext(token)?;
    let (uuid, mac) = bytes.split_first_chunk::<16>()?;
    let real = key.mac(purpose, &[uuid]);
    let good: bool = real.first_chunk::<MAC>()?.ct_eq(mac).into();
    good.then(|| Uuid::from_bytes(*uuid))
}

/// The whole address: `base` is the installation's, without a slash at the end.
pub fn url(key: &InstanceKey, base: &str, id: Id<kind::Link>) -> String {
    format!("{}/l/{}", base.trim_end_matches('/'), token(key, id))
}

/// Makes a link. `expires` is cut to [`LONGEST`] from now.
pub async fn create(
    tx: &mut Tx,
    id: Id<kind::Link>,
    person: Id<kind::Person>,
    purpose: Purpose,
    subject: &str,
    expires: Timestamp,
) -> Result<(), StoreError> {
    let now = tx.now();
    let expires = expires.min(after(now, LONGEST));
    tx.exec(
        "insert into one_time_link (id, person, purpose, subject, expires_at, created_at) values ($1,$2,$3,$4,$5,$6)",
        args![id, person, purpose.name(), subject, expires, now],
    )
    .await?;
    tx.record("link.created", format!("link:{id}"), None, &(person, purpose.name(), subject, expires));
    Ok(())
}

const COLUMNS: &str = "select l.*, p.name, p.lang from one_time_link l join person p on p.id = l.person
    where l.id = $1 and p.closed_at is null
      and not exists (select 1 from account a where a.person = p.id and a.disabled_at is not null)";

/// A link by its id, used and ended ones too, so that its page can say so; `None` if its person is gone or disabled.
pub async fn find(sql: &mut Sql, id: Id<kind::Link>) -> Result<Option<Link>, StoreError> {
    sql.row(COLUMNS, args![id]).await?.as_ref().map(from_row).transpose()
}

/// What the bearer of a link may do: the person's rights now, narrowed to the purpose.
pub async fn scope(sql: &mut Sql, link: &Link, now: Timestamp) -> Result<Scope, StoreError> {
    Ok(scope_of(sql, link.person, now).await?.narrowed(link.purpose.rights()))
}

/// Writes down the first opening.
pub async fn opened(db: &Db, link: &Link, now: Timestamp) -> Result<(), StoreError> {
    if link.opened_at.is_some() {
        return Ok(());
    }
    let mut tx = db.begin_quiet(now).await?;
    tx.exec(
        "update one_time_link set opened_at = $1 where id = $2 and opened_at is null",
        args![now, link.id],
    )
    .await?;
    tx.commit().await
}

/// Uses a link up, in the transaction of the act itself: of two presses of the button only one acts.
pub async fn use_up(tx: &mut Tx, id: Id<kind::Link>) -> Result<Link, StoreError> {
    let link = find(tx, id).await?.ok_or(StoreError::NotFound("link"))?;
    let now = tx.now();
    match () {
        () if link.used_at.is_some() => return Err(StoreError::Refused("link-used")),
        () if !link.open(now) => return Err(StoreError::Refused("link-ended")),
        () => {}
    }
    let used = tx
        .exec("update one_time_link set used_at = $1 where id = $2 and used_at is null", args![now, id])
        .await?;
    if used == 0 {
        return Err(StoreError::Refused("link-used"));
    }
    tx.record("link.used", format!("link:{id}"), None, &link.subject);
    Ok(Link { used_at: Some(now), ..link })
}

/// Takes back all unused links on a subject: it was cancelled, or done another way. Returns how many.
pub async fn revoke_on(tx: &mut Tx, subject: &str) -> Result<u64, StoreError> {
    let now = tx.now();
    let revoked = tx
        .exec(
            "update one_time_link set revoked_at = $1 where subject = $2 and used_at is null and revoked_at is null",
            args![now, subject],
        )
        .await?;
    if revoked > 0 {
        tx.record("link.revoked", subject, None, &revoked);
    }
    Ok(revoked)
}

fn from_row(row: &Row) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.id("id")?,
        person: row.id("person")?,
        name: row.text("name")?,
        lang: row.text("lang")?,
        purpose: row.word("purpose", Purpose::parse)?,
        subject: row.text("subject")?,
        expires_at: row.time("expires_at")?,
        opened_at: row.opt_time("opened_at")?,
        used_at: row.opt_time("used_at")?,
        revoked_at: row.opt_time("revoked_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_link_and_cannot_be_guessed() {
        let key = InstanceKey::new([3; 32]);
        let id: Id<kind::Link> = Id::from_uuid(Uuid::from_u128(77));
        let made = token(&key, id);
        assert_eq!(made.len(), 43);
        assert_eq!(read_token(&key, &made), Some(id));
        assert_eq!(read_token(&InstanceKey::new([4; 32]), &made), None);
        for n in 0..made.len() {
            let mut bad: Vec<u8> = made.bytes().collect();
            bad[n] = if bad[n] == b'A' { b'B' } else { b'A' };
            assert_eq!(read_token(&key, std::str::from_utf8(&bad).unwrap()), None);
        }
        assert_eq!(read_token(&key, ""), None);
        assert_eq!(url(&key, "https://canh.vn/", id), format!("https://canh.vn/l/{made}"));
    }
}
