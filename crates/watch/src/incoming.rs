//! What comes in over channels: a chat that links itself, a button, a key pressed on the telephone.
//!
//! Everything is written down first, once each by its number, and dealt with from there: a process killed in between
//! loses nothing, and another goes on.

use std::{str::FromStr, sync::Arc, time::Duration};

use domain::{
    actor::Actor,
    id::{Id, Ids, Secrets, kind},
    legal::Legal,
    paging::Standing,
    person::ChannelKind,
    time::{self, Clock},
};
use jiff::Timestamp;
use send::{
    ActionKind, CallbackConfig, Keeping, Kept, Lang, Reply, TelegramChannel, WEBHOOK_PLACE,
    telegram::{self, Heard},
};
use serde_json::{Value, json};
use store::{
    Db, StoreError, Topic,
    assignments::Tools,
    callouts::{self, Answer},
    kept::{self, Incoming},
    register::{link, people, webhooks},
    rosters::{self, Way},
    sign_in::{
        InstanceKey,
        links::{self, Purpose},
        typed,
    },
};
use tokio::sync::watch;

use crate::pump::{self, Queue};

/// How long one question for updates waits.
const POLL_SECONDS: u16 = 25;
/// After a failure of Telegram.
const PAUSE: Duration = Duration::from_secs(10);
/// Where something came from.
const TELEGRAM: &str = "telegram";
const VOICE: &str = "voice";

/// Whoever deals with what comes in.
pub struct Desk {
    /// The records.
    pub db: Db,
    /// For what an answer sets off.
    pub ids: Arc<dyn Ids>,
    /// Likewise.
    pub legal: Arc<Legal>,
    /// The address people use.
    pub base: String,
    /// Keys codes.
    pub key: InstanceKey,
    /// The bot, if there is one.
    pub telegram: Option<Arc<TelegramChannel>>,
    /// Whether the bot is asked for updates; otherwise it is called.
    pub polls: bool,
    /// How a pressed key comes back, if calls are made.
    pub voice: Option<CallbackConfig>,
}

/// Runs until `stop` turns true.
pub async fn run(desk: Arc<Desk>, clock: Arc<dyn Clock>, stop: watch::Receiver<bool>) {
    let db = desk.db.clone();
    let deals = pump::run(desk.clone(), db, clock.clone(), stop.clone());
    match desk.telegram.clone().filter(|_| desk.polls) {
        Some(bot) => {
            tokio::join!(deals, poll(&desk, &bot, &*clock, stop));
        }
        None => deals.await,
    }
}

/// Asks for updates, again and again, from the first one not written down yet.
async fn poll(desk: &Desk, bot: &TelegramChannel, clock: &dyn Clock, mut stop: watch::Receiver<bool>) {
    let mut stopped = std::pin::pin!(async move { drop(stop.wait_for(|stop| *stop).await) });
    loop {
        let once = async {
            if let Err(why) = fetch(desk, bot, clock).await {
                tracing::warn!(why, "Telegram gives no updates; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = &mut stopped => break,
            () = once => {}
        }
    }
}

async fn fetch(desk: &Desk, bot: &TelegramChannel, clock: &dyn Clock) -> Result<(), String> {
    let last = async { kept::last_number(&mut desk.db.read().await?, TELEGRAM).await };
    let last = last.await.map_err(|e: StoreError| e.to_string())?;
    let came = bot.updates(last.map_or(0, |n| n + 1), POLL_SECONDS).await?;
    // What is too long says nothing to us, but its number counts.
    let fits = |body: String| if body.len() > kept::INCOMING_MAX { "{}".to_owned() } else { body };
    let came: Vec<_> = came.into_iter().map(|(n, body)| (n.to_string(), fits(body))).collect();
    if !came.is_empty() {
        kept::receive(&desk.db, clock.now(), TELEGRAM, &came).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

impl Queue for Desk {
    type Item = Incoming;
    const NAME: &'static str = "incoming";
    const TOPICS: &'static [Topic] = &[Topic::Incoming];
    // Answers of one person come one after another; more at once only wait for the store's writer.
    const AT_ONCE: usize = 2;

    async fn next_due(&self, _: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        kept::next_incoming(&mut self.db.read().await?).await
    }

    async fn claim(&self, now: Timestamp) -> Result<Option<Incoming>, StoreError> {
        kept::take(&self.db, now).await
    }

    async fn work(&self, came: Incoming, now: Timestamp) -> Result<(), StoreError> {
        self.hear(&came, now).await?;
        kept::done(&self.db, now, &came).await
    }
}

impl Desk {
    /// Deals with everything that waits, in this task: for tests and the demonstration.
    pub async fn run_due(&self, now: Timestamp) -> Result<u32, StoreError> {
        pump::drain(self, now).await
    }

    async fn hear(&self, came: &Incoming, now: Timestamp) -> Result<(), StoreError> {
        match came.source.as_str() {
            TELEGRAM => {
                let update: Value = serde_json::from_str(&came.body).unwrap_or_default();
                match telegram::hear(&update) {
                    Some(Heard::Start { chat, code, .. }) => self.link(chat, &code, now).await,
                    Some(Heard::Press { query, chat, message, text, kind, token }) => {
                        let (said, taken) = match kind {
                            ActionKind::CheckIn => self.check_in(&token, chat, now).await?,
                            _ => {
                                let from = (ChannelKind::Telegram, chat.to_string());
                                self.answer(&token, kind, TELEGRAM, Some(from), now).await?
                            }
                        };
                        let Some(bot) = &self.telegram else { return Ok(()) };
                        // An old question cannot be answered any more: nobody waits for it either.
                        bot.toast(&query, &said).await;
                        if taken {
                            bot.rewrite(chat, message, &format!("{text}\n\n✅ {said}")).await;
                        }
                        Ok(())
                    }
                    None => Ok(()),
                }
            }
            VOICE => {
                let came: Value = serde_json::from_str(&came.body).unwrap_or_default();
                let part = |name: &str| came.get(name).and_then(Value::as_str).unwrap_or_default();
                match self.voice.as_ref().and_then(|v| v.hear(part("query"), part("body"))) {
                    Some(pressed) => {
                        self.answer(&pressed.token, pressed.kind, VOICE, None, now).await.map(|_| ())
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Links a chat by the code it sent, and says so there.
    async fn link(&self, chat: i64, code: &str, now: Timestamp) -> Result<(), StoreError> {
        let digest = link_digest(&self.key, code);
        let address = chat.to_string();
        let linked: Result<_, StoreError> =
            store::write!(self.db, Actor::System, now, tx => link::link(tx, &digest, &address).await);
        let said = match linked? {
            Some(channel) => {
                let person = people::own(&mut self.db.read().await?, channel.person).await?;
                words(Reply::Linked { person: &person.name }, lang_of(person.lang))
            }
            // Whose it is is not known: both languages.
            None => {
                format!("{}\n\n{}", words(Reply::LinkFailed, Lang::Vi), words(Reply::LinkFailed, Lang::En))
            }
        };
        if let Some(bot) = &self.telegram {
            // If this is lost the page says it as well.
            bot.say(chat, &said).await;
        }
        Ok(())
    }

    /// Checks somebody in by the token of the link their message carries, pressed in a chat of their own. Returns what to
    /// say, and whether they are checked in now.
    async fn check_in(&self, token: &str, chat: i64, now: Timestamp) -> Result<(String, bool), StoreError> {
        let unknown = (words(Reply::Unknown, Lang::Vi), false);
        let mut sql = self.db.read().await?;
        let Some(id) = links::read_token(&self.key, token) else { return Ok(unknown) };
        let Some(found) = links::find(&mut sql, id).await? else { return Ok(unknown) };
        let post = found.subject_id::<kind::Post>("post").filter(|_| found.purpose == Purpose::CheckIn);
        let Some(post) = post else { return Ok(unknown) };
        if !link::is_own(&mut sql, found.person, ChannelKind::Telegram, &chat.to_string()).await? {
            return Ok(unknown);
        }
        let scope = links::scope(&mut sql, &found, now).await?;
        drop(sql);
        let lang = Lang::from_str(&found.lang).unwrap_or_default();
        let tools = Tools { ids: &*self.ids, base: &self.base, pack: self.legal.on(time::date(now)) };
        let actor = Actor::Link(id, found.person);
        let done: Result<(), StoreError> = store::write!(self.db, actor, now, tx => {
            links::use_up(tx, id).await?;
            rosters::check_in(tx, &scope, &tools, post, Way::Telegram, "").await.map(|_| ())
        });
        let at = match done {
            Ok(()) => now,
            // Pressed twice, or told twice: what was done stands.
            Err(StoreError::Refused("link-used")) => found.used_at.unwrap_or(now),
            Err(StoreError::Refused("not-on-duty")) => return Ok((words(Reply::NotOnDuty, lang), false)),
            Err(StoreError::Refused("link-ended")) => return Ok((words(Reply::Over, lang), true)),
            Err(StoreError::NotFound(_) | StoreError::Refused(_)) => {
                return Ok((words(Reply::Unknown, lang), false));
            }
            Err(error) => return Err(error),
        };
        let at = time::local(at).strftime("%H:%M %d/%m").to_string();
        Ok((words(Reply::CheckedIn { person: &found.name, at: &at }, lang), true))
    }

    /// Answers a call-out by a token. `from`: where it was pressed, if the channel says so; a token that somebody passed on
    /// is good for nothing in another's chat. Returns what to say, and whether somebody has it now.
    async fn answer(
        &self,
        token: &str,
        kind: ActionKind,
        via: &str,
        from: Option<(ChannelKind, String)>,
        now: Timestamp,
    ) -> Result<(String, bool), StoreError> {
        let mut sql = self.db.read().await?;
        let person = match callouts::peek(&mut sql, token).await {
            Ok((_, person)) => person,
            Err(StoreError::NotFound(_)) => return Ok((words(Reply::Unknown, Lang::Vi), false)),
            Err(error) => return Err(error),
        };
        if let Some((kind, address)) = &from
            && !link::is_own(&mut sql, person, *kind, address).await?
        {
            return Ok((words(Reply::Unknown, Lang::Vi), false));
        }
        let lang = lang_of(people::own(&mut sql, person).await?.lang);
        drop(sql);
        let tools = Tools { ids: &*self.ids, base: &self.base, pack: self.legal.on(time::date(now)) };
        let answer = match kind {
            ActionKind::Acknowledge => Answer::Acknowledge,
            ActionKind::Escalate => Answer::Escalate,
            ActionKind::CheckIn => return Ok((words(Reply::Unknown, lang), false)),
        };
        let done = callouts::answer(&self.db, &tools, now, token, answer, via).await;
        Ok(match done {
            Ok(answered) => match (&answered.taken, kind) {
                (Some((_, person, at)), _) if answered.standing != Standing::Open => {
                    let at = time::local(*at).strftime("%H:%M %d/%m").to_string();
                    (words(Reply::Taken { person, at: &at }, lang), true)
                }
                _ if answered.standing.is_over() => (words(Reply::Over, lang), true),
                (_, ActionKind::Escalate) => (words(Reply::Passed, lang), false),
                _ => (words(Reply::Over, lang), true),
            },
            Err(StoreError::Refused("callout-nobody-left")) => (words(Reply::Nobody, lang), false),
            Err(StoreError::NotFound(_) | StoreError::Refused(_)) => (words(Reply::Unknown, lang), false),
            Err(error) => return Err(error),
        })
    }
}

/// How the code of a chat is kept: keyed, so that a stolen database holds none.
pub fn link_digest(key: &InstanceKey, code: &str) -> String {
    hex::encode(key.mac("telegram-link", &[typed(code).as_bytes()]))
}

fn lang_of(lang: domain::person::Lang) -> Lang {
    Lang::from_str(lang.name()).unwrap_or_default()
}

/// A locale file that lacks these words does not pass the tests of `send`.
fn words(said: Reply<'_>, lang: Lang) -> String {
    send::reply(said, lang).unwrap_or_default()
}

/// What adapters keep, in the records.
pub struct Records {
    /// The records.
    pub db: Db,
    /// Seals what is kept.
    pub key: InstanceKey,
    /// For sealing.
    pub secrets: Arc<dyn Secrets>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Records {
    async fn webhook(&self, id: &str) -> Result<Option<String>, StoreError> {
        let Ok(id) = id.parse::<Id<kind::Webhook>>() else { return Ok(None) };
        let mut sql = self.db.read().await?;
        let target = webhooks::target(&mut sql, &self.key, self.clock.now(), id).await?;
        Ok(target.map(|target| json!(target).to_string()))
    }
}

impl Kept for Records {
    fn get<'a>(&'a self, name: &'a str) -> Keeping<'a, Option<String>> {
        Box::pin(async move {
            let found = match name.strip_prefix(WEBHOOK_PLACE) {
                Some(id) => self.webhook(id).await,
                None => async { kept::get(&mut self.db.read().await?, &self.key, name).await }.await,
            };
            found.map_err(|e| e.to_string())
        })
    }

    fn swap<'a>(&'a self, name: &'a str, before: Option<&'a str>, value: &'a str) -> Keeping<'a, bool> {
        Box::pin(async move {
            let now = self.clock.now();
            let done = kept::swap(&self.db, &self.key, &*self.secrets, now, name, before, value).await;
            done.map_err(|e| e.to_string())
        })
    }

    fn gone<'a>(&'a self, kind: &'a str, address: &'a str) -> Keeping<'a, ()> {
        Box::pin(async move {
            let Some(kind) = ChannelKind::parse(kind) else { return Ok(()) };
            let done: Result<_, StoreError> = store::write!(
                self.db, Actor::System, self.clock.now(), tx => link::gone(tx, kind, address).await
            );
            done.map(|_| ()).map_err(|e| e.to_string())
        })
    }
}
