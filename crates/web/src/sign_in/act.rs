//! What the pages and the API of sign-in do. Each act is one write.

use std::collections::BTreeMap;

use domain::{
    actor::Actor,
    id::{Id, kind},
    intent::{Intent, To, Urgency},
    time,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError, Tx, intents,
    sign_in::{
        self, accounts, digest, first, grouped, recovery, same,
        sessions::{self, Session, Stage},
        text,
        tries::{self, Key},
        typed,
    },
};

use super::{
    identify::{Asker, key},
    password,
    totp::Authenticator,
};
use crate::{App, AppError, Visit};

/// Failures that cost nothing from one source: a person mistypes.
const FREE_SOURCE: u32 = 4;
/// Failures that cost nothing on a browser the person has used before.
const FREE_DEVICE: u32 = 10;
/// Failures of the second factor that cost nothing, from all strange sources together: who gets there has the password.
const FREE_SECOND: u32 = 20;

/// What came of a factor.
#[derive(Debug)]
pub(crate) enum Factor {
    /// It was right: the cookie's new secret, and how far the sign-in has come.
    Right(String, Stage),
    /// It was wrong.
    Wrong,
    /// Too often wrong: try again at that moment.
    Wait(Timestamp),
    /// Too often wrong in one sign-in: start again.
    Over,
}

fn secret(app: &App) -> String {
    text(&app.secrets.bytes())
}

pub(super) fn keys(
    visit: &Visit,
    asker: &Asker,
    step: &str,
    who: &str,
    person: Option<Id<kind::Person>>,
) -> Vec<Key> {
    if person.is_some_and(|p| asker.device.knows(&key(&visit.app), p)) {
        return vec![Key::new(&[step, "device", &asker.device.number(), who], FREE_DEVICE)];
    }
    let mut keys = vec![Key::new(&[step, "source", &asker.source, who], FREE_SOURCE)];
    if step == "second" {
        keys.push(Key::new(&[step, "anywhere", who], FREE_SECOND));
    }
    keys
}

/// Password or first-login code. The answer and the work are the same whether the login exists or not.
pub(crate) async fn first_factor(
    visit: &Visit,
    asker: &Asker,
    login: &str,
    given: &str,
) -> Result<Factor, AppError> {
    let app = &visit.app;
    let mut sql = app.db.read().await?;
    let found = first::credentials(&mut sql, login, visit.now).await?;
    let person = found.as_ref().map(|c| c.person);
    let keys = keys(visit, asker, "first", &accounts::login(login), person);
    let wait = tries::blocked(&mut sql, &keys, visit.now).await?;
    drop(sql);
    if let Some(until) = wait {
        return Ok(Factor::Wait(until));
    }
    let phc = found.as_ref().and_then(|c| c.password_hash.clone());
    let by_password = app.guard.hasher.verify(given, phc.clone()).await?;
    let code = found.as_ref().and_then(|c| c.first_code.clone()).unwrap_or_default();
    let by_code = same(&digest(&typed(given)), &code);
    let Some(account) = found.filter(|_| by_password || by_code) else {
        tries::refuse(&app.db, &keys, person, visit.now).await?;
        return Ok(Factor::Wrong);
    };
    app.guard.sign_in.give_back(&asker.source);
    let renewed = match phc.filter(|phc| by_password && password::outdated(phc)) {
        Some(old) => Some((app.guard.hasher.hash(&*app.secrets, given).await?, old)),
        None => None,
    };
    let stage = if account.totp { Stage::Second } else { Stage::SetUp };
    let (secret, id) = (secret(app), visit.id());
    let new = sessions::New {
        id,
        digest: &digest(&secret),
        person: account.person,
        stage,
        agent: &asker.agent,
        address: &asker.address,
    };
    let done: Result<(), StoreError> = store::write!(app.db, Actor::Person(account.person), visit.now, tx => {
        tries::cleared(tx, &keys).await?;
        if let Some((phc, old)) = &renewed {
            first::rehash(tx, account.person, old, phc).await?;
        }
        sessions::begin(tx, &new).await
    });
    done?;
    Ok(Factor::Right(secret, stage))
}

/// The time-based code, or a recovery code.
pub(crate) async fn second_factor(
    visit: &Visit,
    asker: &Asker,
    session: &Session,
    given: &str,
) -> Result<Factor, AppError> {
    let (app, person) = (&visit.app, session.person);
    let keys = keys(visit, asker, "second", &person.to_string(), Some(person));
    let mut sql = app.db.read().await?;
    if let Some(until) = tries::blocked(&mut sql, &keys, visit.now).await? {
        return Ok(Factor::Wait(until));
    }
    let account = first::credentials_of(&mut sql, person, visit.now).await?.ok_or(AppError::SignIn)?;
    let held = first::totp(&mut sql, person).await?.ok_or(AppError::SignIn)?;
    drop(sql);
    let step = authenticator(app, person, &account.login, &held.sealed)?.step(
        given.trim(),
        visit.now,
        held.last_step,
    );
    let code = typed(given);
    let recovery = (code.len() == recovery::LENGTH).then(|| digest(&code));
    let known = asker.device.knows(&key(app), person);
    let stage = if account.password_hash.is_some() { Stage::Full } else { Stage::SetUp };
    let (secret, ids) = (secret(app), (visit.id(), visit.id()));
    let done: Result<(bool, bool), StoreError> = store::write!(app.db, Actor::Person(person), visit.now, tx => {
        let good = match (step, &recovery) {
            (Some(step), _) => first::use_step(tx, person, step).await?,
            (None, Some(code)) => recovery::spend(tx, person, code).await?,
            (None, None) => false,
        };
        if !good {
            tx.record("session.second-factor-wrong", format!("session:{}", session.id), None, &());
            return Ok((false, sessions::wrong(tx, session.id).await?));
        }
        tries::cleared(tx, &keys).await?;
        if stage == Stage::Full && !known {
            announce(tx, app, ids, person, &account.name, asker).await?;
        }
        sessions::promote(tx, session, &digest(&secret), stage).await?;
        Ok((true, true))
    });
    let (good, alive) = done?;
    if good {
        return Ok(Factor::Right(secret, stage));
    }
    tries::refuse(&app.db, &keys, Some(person), visit.now).await?;
    Ok(if alive { Factor::Wrong } else { Factor::Over })
}

/// Tells a person that somebody signed in as them on a browser not seen before. Not at the very first sign-in.
async fn announce(
    tx: &mut Tx,
    app: &App,
    (id, delivery): (Id<kind::Intent>, Id<kind::Delivery>),
    person: Id<kind::Person>,
    name: &str,
    asker: &Asker,
) -> Result<(), StoreError> {
    if accounts::own(tx, person).await?.signed_in_at.is_none() {
        return Ok(());
    }
    let now = tx.now();
    let place = if asker.address.is_empty() { "—" } else { &asker.address };
    let vars = [
        ("person", name.to_owned()),
        ("at", shown(now)),
        ("place", place.to_owned()),
        ("device", device_name(&asker.agent)),
        ("link", format!("{}/account", app.config.public_url)),
    ];
    tell(tx, id, delivery, person, "sign-in-new", &vars, format!("sign-in-new:{id}")).await
}

pub(super) async fn tell(
    tx: &mut Tx,
    id: Id<kind::Intent>,
    delivery: Id<kind::Delivery>,
    person: Id<kind::Person>,
    template: &str,
    vars: &[(&str, String)],
    key: String,
) -> Result<(), StoreError> {
    let now = tx.now();
    let intent = Intent {
        id,
        key,
        to: To::Person(person),
        template: template.to_owned(),
        vars: vars
            .iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect::<BTreeMap<_, _>>(),
        urgency: Urgency::Normal,
        not_before: now,
        expires: now.checked_add(SignedDuration::from_hours(72)).unwrap_or(Timestamp::MAX),
    };
    intents::make(tx, &intent, &[(delivery, "email")]).await.map(|_| ())
}

pub(super) fn shown(at: Timestamp) -> String {
    time::local(at).strftime("%d/%m/%Y %H:%M").to_string()
}

/// A browser in two words: *Chrome · Windows*. What it calls itself in full is nothing for people.
pub(crate) fn device_name(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    // Order matters: Edge and Opera also call themselves Chrome, Chrome also Safari.
    let browser = first(&[
        ("CocCoc", "Cốc Cốc"),
        ("coc_coc", "Cốc Cốc"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(b), Some(s)) => format!("{b} · {s}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

/// Reads a sealed second factor.
pub(crate) fn authenticator(
    app: &App,
    person: Id<kind::Person>,
    login: &str,
    sealed: &[u8],
) -> Result<Authenticator, AppError> {
    Authenticator::for_login(app, login, &key(app).open(&first::totp_context(person), sealed)?)
}

/// The second factor a person is to set up: the one offered before, or a new one.
pub(crate) async fn offered(
    visit: &Visit,
    person: Id<kind::Person>,
    login: &str,
) -> Result<Authenticator, AppError> {
    let app = &visit.app;
    let held = first::totp(&mut app.db.read().await?, person).await?;
    if let Some(held) = held.filter(|h| !h.confirmed) {
        return authenticator(app, person, login, &held.sealed);
    }
    let plain = Authenticator::random(app);
    let sealed = key(app).seal(&*app.secrets, &first::totp_context(person), &plain)?;
    let done: Result<(), StoreError> = store::write!(app.db, Actor::Person(person), visit.now, tx => first::offer_totp(tx, person, &sealed).await);
    done?;
    authenticator(app, person, login, &sealed)
}

/// New recovery codes, as they are shown once, and their digests.
fn recovery_codes(app: &App) -> (Vec<String>, Vec<String>) {
    let codes: Vec<String> =
        (0..recovery::COUNT).map(|_| sign_in::code(&*app.secrets, recovery::LENGTH)).collect();
    let digests = codes.iter().map(|c| digest(c)).collect();
    (codes.iter().map(|c| grouped(c)).collect(), digests)
}

/// Proves the offered second factor. `None`: the code was wrong. Returns the cookie's new secret (if the set-up is
/// complete) and the recovery codes.
pub(crate) async fn prove(
    visit: &Visit,
    session: &Session,
    given: &str,
) -> Result<Option<(String, Stage, Vec<String>)>, AppError> {
    let (app, person) = (&visit.app, session.person);
    let mut sql = app.db.read().await?;
    let account = first::credentials_of(&mut sql, person, visit.now).await?.ok_or(AppError::SignIn)?;
    let held = first::totp(&mut sql, person).await?.filter(|h| !h.confirmed).ok_or(AppError::Stale)?;
    drop(sql);
    let step = authenticator(app, person, &account.login, &held.sealed)?.step(
        given.trim(),
        visit.now,
        held.last_step,
    );
    let Some(step) = step else { return Ok(None) };
    let stage = if account.password_hash.is_some() { Stage::Full } else { Stage::SetUp };
    let ((codes, digests), secret) = (recovery_codes(app), secret(app));
    let done: Result<bool, StoreError> = store::write!(app.db, Actor::Person(person), visit.now, tx => {
        let good = first::use_step(tx, person, step).await?;
        if good {
            recovery::replace(tx, person, &digests).await?;
            sessions::promote(tx, session, &digest(&secret), stage).await?;
        }
        Ok(good)
    });
    Ok(done?.then_some((secret, stage, codes)))
}

/// Sets the first password. Returns the cookie's new secret and the stage reached.
pub(crate) async fn set_first_password(
    visit: &Visit,
    session: &Session,
    new: &str,
) -> Result<(String, Stage), AppError> {
    let (app, person) = (&visit.app, session.person);
    let account =
        first::credentials_of(&mut app.db.read().await?, person, visit.now).await?.ok_or(AppError::SignIn)?;
    let phc = app.guard.hasher.hash(&*app.secrets, new).await?;
    let stage = if account.totp { Stage::Full } else { Stage::SetUp };
    let secret = secret(app);
    let done: Result<(), StoreError> = store::write!(app.db, Actor::Person(person), visit.now, tx => {
        first::set_password(tx, person, &phc, Some(session.id)).await?;
        sessions::promote(tx, session, &digest(&secret), stage).await
    });
    done?;
    Ok((secret, stage))
}

/// Whether that is the person's password now; wrong ones count as wrong sign-ins do.
pub(crate) async fn confirm(
    visit: &Visit,
    asker: &Asker,
    person: Id<kind::Person>,
    given: &str,
) -> Result<Factor, AppError> {
    let app = &visit.app;
    let keys = [Key::new(&["confirm", &person.to_string()], FREE_DEVICE)];
    let mut sql = app.db.read().await?;
    if let Some(until) = tries::blocked(&mut sql, &keys, visit.now).await? {
        return Ok(Factor::Wait(until));
    }
    let account = first::credentials_of(&mut sql, person, visit.now).await?.ok_or(AppError::SignIn)?;
    drop(sql);
    app.guard.sign_in.take(&asker.source, visit.now).map_err(AppError::TooMany)?;
    if app.guard.hasher.verify(given, account.password_hash).await? {
        app.guard.sign_in.give_back(&asker.source);
        Ok(Factor::Right(String::new(), Stage::Full))
    } else {
        tries::refuse(&app.db, &keys, Some(person), visit.now).await?;
        Ok(Factor::Wrong)
    }
}

/// Changes the password, ends all other sessions, and tells the person.
pub(crate) async fn change_password(
    visit: &Visit,
    asker: &Asker,
    person: Id<kind::Person>,
    new: &str,
) -> Result<(), AppError> {
    let app = &visit.app;
    let phc = app.guard.hasher.hash(&*app.secrets, new).await?;
    let (intent, delivery): (Id<kind::Intent>, Id<kind::Delivery>) = (visit.id(), visit.id());
    let vars = [
        ("person", visit.user.name.clone()),
        ("at", shown(visit.now)),
        ("place", asker.address.clone()),
        ("link", format!("{}/account", app.config.public_url)),
    ];
    let done: Result<(), StoreError> = store::write!(app.db, visit.actor(), visit.now, tx => {
        first::set_password(tx, person, &phc, visit.user.session).await?;
        tell(tx, intent, delivery, person, "password-changed", &vars, format!("password-changed:{intent}")).await
    });
    Ok(done?)
}

/// New recovery codes, shown once.
pub(crate) async fn new_recovery_codes(
    visit: &Visit,
    person: Id<kind::Person>,
) -> Result<Vec<String>, AppError> {
    let (codes, digests) = recovery_codes(&visit.app);
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => recovery::replace(tx, person, &digests).await);
    done?;
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_in_two_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(device_name(edge), "Edge · Windows");
        assert_eq!(
            device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1"),
            "Safari · iPhone"
        );
        assert_eq!(device_name("curl/8.0"), "curl/8.0");
        assert_eq!(device_name(""), "");
    }
}
