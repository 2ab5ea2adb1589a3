//! Accounts: who may sign in, under which name. Administrators make and reset them; nobody sees a password.

use domain::{
    actor::Scope,
    id::{Id, Secrets, kind},
    right::Right,
    text,
};
use jiff::{SignedDuration, Timestamp};

use super::{after, code, digest, grouped, sessions, tokens};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// How long a first-login code is good: over a weekend and a holiday's eve.
pub const FIRST_CODE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Characters of a first-login code: 100 random bits.
pub const FIRST_CODE_LENGTH: usize = 20;
/// How short and how long a login may be.
pub const LOGIN_LENGTH: std::ops::RangeInclusive<usize> = 3..=64;

/// One account, as its administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub person: Id<kind::Person>,
    /// The person's name.
    pub name: String,
    /// The name to sign in with.
    pub login: String,
    /// Whether a password is set.
    pub password: bool,
    /// Whether a second factor is proved.
    pub totp: bool,
    /// When the first-login code ends, while there is one.
    pub first_code_expires: Option<Timestamp>,
    /// When the password was last set.
    pub password_changed_at: Option<Timestamp>,
    /// Last sign-in.
    pub signed_in_at: Option<Timestamp>,
    /// Disabled since.
    pub disabled_at: Option<Timestamp>,
    /// Made at.
    pub created_at: Timestamp,
    sort_key: String,
}

impl Account {
    /// Where the next page of [`list`] begins after this one.
    pub fn cursor(&self) -> (String, Id<kind::Person>) {
        (self.sort_key.clone(), self.person)
    }
}

const COLUMNS: &str = "select a.person, p.name, p.sort_key, a.login, a.password_hash is not null as password,
    a.totp_confirmed_at is not null as totp, case when a.first_code_hash is null then null else a.first_code_expires end as code_expires,
    a.password_changed_at, a.signed_in_at, a.disabled_at, a.created_at
    from account a join person p on p.id = a.person where";

/// A first-login code as it is shown once, in groups, and its digest, which [`create`] keeps.
pub fn first_code(secrets: &dyn Secrets) -> (String, String) {
    let made = code(secrets, FIRST_CODE_LENGTH);
    (grouped(&made), digest(&made))
}

/// What a login stands for in comparisons: folded, so that case and marks do not matter.
pub fn login(typed: &str) -> String {
    text::fold(typed)
}

/// A login fit for a new account: 3–64 of a–z, 0–9, dot, hyphen, underscore, at.
pub fn new_login(typed: &str) -> Result<String, StoreError> {
    let login = login(typed);
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_@".contains(c);
    if LOGIN_LENGTH.contains(&login.len()) && login.chars().all(fit) {
        Ok(login)
    } else {
        Err(StoreError::Refused("login-form"))
    }
}

/// Restricts to people whom the scope may administer: **every** body they serve or hold a role over lies within it.
/// Otherwise the administrator of a commune could take over the account of somebody who also serves the province.
fn administrable(query: &mut Query, scope: &Scope) {
    if scope.tops(Right::Administer).is_none() {
        query.push("1 = 1");
        return;
    }
    query.push("exists (select 1 from membership m where m.person = p.id)");
    query.push("and not exists (select 1 from membership m where m.person = p.id and not (");
    query.visible(scope, Right::Administer, "m.body").push("))");
    query.push(
        "and not exists (select 1 from role_grant g where g.person = p.id and g.revoked_at is null and not (",
    );
    query.visible(scope, Right::Administer, "g.body").push("))");
}

/// The accounts the scope may administer, by name. `after`: [`Account::cursor`] of the last row before; `limit` ≤ 500.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    q: Option<&str>,
    after: Option<(String, Id<kind::Person>)>,
    limit: u32,
) -> Result<Vec<Account>, StoreError> {
    let mut query = Query::new(COLUMNS);
    administrable(&mut query, scope);
    if let Some(q) = q.map(text::fold).filter(|q| !q.is_empty()) {
        let like = format!("%{}%", q.replace(['%', '_'], " "));
        query.push("and (p.folded like").bind(like.clone()).push("or a.login like").bind(like).push(")");
    }
    if let Some((key, person)) = after {
        query.push("and (p.sort_key >").bind(key.clone()).push("or (p.sort_key =").bind(key);
        query.push("and p.id >").bind(person).push("))");
    }
    query.push("order by p.sort_key, p.id limit").bind(limit.min(500));
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// People without an account whom the scope may administer, by name: to choose from.
pub async fn without(
    sql: &mut Sql,
    scope: &Scope,
    q: &str,
    limit: u32,
) -> Result<Vec<(Id<kind::Person>, String)>, StoreError> {
    let mut query = Query::new(
        "select p.id, p.name from person p where p.closed_at is null
         and not exists (select 1 from account a where a.person = p.id) and",
    );
    administrable(&mut query, scope);
    let q = text::fold(q);
    if !q.is_empty() {
        query.push("and p.folded like").bind(format!("%{}%", q.replace(['%', '_'], " ")));
    }
    query.push("order by p.sort_key, p.id limit").bind(limit.min(500));
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, r.text("name")?))).collect()
}

/// One account the scope may administer.
pub async fn get(sql: &mut Sql, scope: &Scope, person: Id<kind::Person>) -> Result<Account, StoreError> {
    let mut query = Query::new(COLUMNS);
    administrable(&mut query, scope);
    query.push("and p.id =").bind(person);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("account"))
}

/// A person's own account.
pub async fn own(sql: &mut Sql, person: Id<kind::Person>) -> Result<Account, StoreError> {
    let mut query = Query::new(COLUMNS);
    query.push("p.id =").bind(person);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("account"))
}

/// Makes an account with a first-login code, of which only the digest comes here.
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    person: Id<kind::Person>,
    typed: &str,
    code_digest: &str,
) -> Result<(), StoreError> {
    let login = new_login(typed)?;
    let mut query = Query::new("select p.id from person p where p.closed_at is null and");
    administrable(&mut query, scope);
    query.push("and p.id =").bind(person);
    query.row(tx).await?.ok_or(StoreError::NotFound("person"))?;
    let now = tx.now();
    // Asked before, so that the answer is the same word on both engines.
    let taken =
        tx.row("select person from account where login = $1 or person = $2", args![&login, person]).await?;
    if let Some(row) = taken {
        return Err(StoreError::Refused(if row.id("person")? == person {
            "account-exists"
        } else {
            "login-taken"
        }));
    }
    tx.exec(
        "insert into account (person, login, first_code_hash, first_code_expires, created_at) values ($1,$2,$3,$4,$5)",
        args![person, login, code_digest, after(now, FIRST_CODE), now],
    )
    .await?;
    say(tx, "account.created", person);
    Ok(())
}

/// A new first-login code: the password is void, all sessions end. The second factor stays.
pub async fn new_first_code(
    tx: &mut Tx,
    scope: &Scope,
    person: Id<kind::Person>,
    code_digest: &str,
) -> Result<(), StoreError> {
    get(tx, scope, person).await?;
    let until = after(tx.now(), FIRST_CODE);
    tx.exec(
        "update account set password_hash = null, first_code_hash = $1, first_code_expires = $2 where person = $3",
        args![code_digest, until, person],
    )
    .await?;
    sessions::revoke_all(tx, person, None).await?;
    say(tx, "account.first-code", person);
    Ok(())
}

/// Takes the second factor and the recovery codes away: the next sign-in sets up new ones. All sessions end.
pub async fn reset_totp(tx: &mut Tx, scope: &Scope, person: Id<kind::Person>) -> Result<(), StoreError> {
    get(tx, scope, person).await?;
    tx.exec(
        "update account set totp_secret = null, totp_confirmed_at = null, totp_last_step = null,
                totp_next = null, totp_next_session = null, totp_next_until = null where person = $1",
        args![person],
    )
    .await?;
    tx.exec("delete from recovery_code where person = $1", args![person]).await?;
    sessions::revoke_all(tx, person, None).await?;
    say(tx, "account.second-factor-reset", person);
    Ok(())
}

/// Lets an account sign in, or no longer; disabling ends its sessions, and its tokens and links do nothing meanwhile.
/// Nobody disables their own account: an installation must not lose its last administrator by a slip.
pub async fn enable(
    tx: &mut Tx,
    scope: &Scope,
    person: Id<kind::Person>,
    on: bool,
) -> Result<(), StoreError> {
    get(tx, scope, person).await?;
    if !on && tx.actor().person() == Some(person) {
        return Err(StoreError::Refused("own-account"));
    }
    let at = (!on).then_some(tx.now());
    tx.exec("update account set disabled_at = $1 where person = $2", args![at, person]).await?;
    if !on {
        sessions::revoke_all(tx, person, None).await?;
    }
    say(tx, if on { "account.enabled" } else { "account.disabled" }, person);
    Ok(())
}

/// Ends what a person who left could still do: the account is disabled, its sessions, tokens and links end. Part of the
/// act that takes them out of the register.
pub(crate) async fn leave(tx: &mut Tx, person: Id<kind::Person>) -> Result<(), StoreError> {
    let now = tx.now();
    let disabled = tx
        .exec(
            "update account set disabled_at = $1, first_code_hash = null, first_code_expires = null
             where person = $2 and disabled_at is null",
            args![now, person],
        )
        .await?;
    if disabled > 0 {
        say(tx, "account.disabled", person);
    }
    sessions::revoke_all(tx, person, None).await?;
    tokens::revoke_all(tx, person).await?;
    tx.exec(
        "update one_time_link set revoked_at = $1 where person = $2 and revoked_at is null and used_at is null",
        args![now, person],
    )
    .await?;
    Ok(())
}

pub(super) fn say(tx: &mut Tx, action: &'static str, person: Id<kind::Person>) {
    tx.record(action, format!("account:{person}"), None, &());
    tx.changed(Topic::Register, format!("person:{person}"), None);
}

fn from_row(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        person: row.id("person")?,
        name: row.text("name")?,
        login: row.text("login")?,
        password: row.bool("password")?,
        totp: row.bool("totp")?,
        first_code_expires: row.opt_time("code_expires")?,
        password_changed_at: row.opt_time("password_changed_at")?,
        signed_in_at: row.opt_time("signed_in_at")?,
        disabled_at: row.opt_time("disabled_at")?,
        created_at: row.time("created_at")?,
        sort_key: row.text("sort_key")?,
    })
}
