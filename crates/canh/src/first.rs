//! The first start: the topmost body, its first administrator, and a code to sign in with, shown once.

use domain::{
    actor::{Actor, Scope},
    body::BodyKind,
    id::{Id, kind},
    time::local,
};
use jiff::Timestamp;
use store::{
    StoreError,
    register::{self, Founding},
    sign_in::{self, accounts},
};

use crate::centre::Centre;

/// Somebody's way in for the first time.
pub struct FirstLogin {
    /// The login.
    pub login: String,
    /// The code, as people type it.
    pub code: String,
    /// Until when it is good, as people read it.
    pub until: String,
}

impl std::fmt::Display for FirstLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { login, code, until } = self;
        writeln!(f, "  Đăng nhập lần đầu · First sign-in")?;
        writeln!(f, "    tên đăng nhập · login:  {login}")?;
        writeln!(f, "    mã · code:              {code}")?;
        write!(f, "    dùng một lần, đến {until} · good once, until then")
    }
}

/// Whether nothing is registered yet.
pub async fn is_empty(centre: &Centre) -> Result<bool, StoreError> {
    let mut sql = centre.db.read().await?;
    Ok(register::bodies::tree(&mut sql, &Scope::system()).await?.is_empty())
}

/// What the first start made.
pub struct Founded {
    /// The topmost body.
    pub root: Id<kind::Body>,
    /// The first administrator.
    pub person: Id<kind::Person>,
    /// Their login.
    pub login: String,
}

/// Makes the topmost body, named after the centre, and its administrator.
pub async fn found(centre: &Centre) -> Result<FirstLogin, StoreError> {
    let made = found_as(centre, &centre.config.centre.name, centre.clock.now()).await?;
    again(centre, made.person, made.login, false).await
}

/// The same under another name and at another time; nobody learns the code, so [`again`] gives one.
pub async fn found_as(centre: &Centre, name: &str, at: Timestamp) -> Result<Founded, StoreError> {
    let ids = &*centre.ids;
    let founding = Founding {
        root: Id::new(ids),
        name: name.to_owned(),
        kind: BodyKind::Lead,
        code: None,
        person: Id::new(ids),
        person_name: "Quản trị viên".into(),
        grant: Id::new(ids),
    };
    let code = sign_in::code(&*centre.secrets, accounts::FIRST_CODE_LENGTH);
    let login = centre.config.centre.admin.clone();
    store::write!(centre.db, Actor::System, at, tx => {
        register::found(tx, &founding).await?;
        accounts::create(tx, &Scope::system(), founding.person, &login, &sign_in::digest(&code)).await
    })?;
    Ok(Founded { root: founding.root, person: founding.person, login })
}

/// A new code for an account that is there.
pub async fn again(
    centre: &Centre,
    person: Id<kind::Person>,
    login: String,
    totp: bool,
) -> Result<FirstLogin, StoreError> {
    let now = centre.clock.now();
    let code = sign_in::code(&*centre.secrets, accounts::FIRST_CODE_LENGTH);
    store::write!(centre.db, Actor::System, now, tx => {
        if totp {
            accounts::reset_totp(tx, &Scope::system(), person).await?;
        }
        accounts::new_first_code(tx, &Scope::system(), person, &sign_in::digest(&code)).await
    })?;
    Ok(shown(login, &code, now))
}

fn shown(login: String, code: &str, now: jiff::Timestamp) -> FirstLogin {
    let until = now.checked_add(accounts::FIRST_CODE).unwrap_or(now);
    FirstLogin {
        login,
        code: sign_in::grouped(code),
        until: local(until).strftime("%H:%M %d/%m/%Y").to_string(),
    }
}
