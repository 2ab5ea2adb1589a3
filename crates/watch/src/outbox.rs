//! The outbox: each delivery is made at least once; the intent behind it was made exactly once.

use std::{str::FromStr, sync::Arc, time::Duration};

use domain::{
    id::{Id, kind},
    intent::{Delivery, Urgency},
    job::retry_at,
    person::ChannelKind,
};
use jiff::{SignedDuration, Timestamp};
use send::{Action, ActionKind, Attachment, Channel, Lang, Letterhead, Message, Outcome, Recipient};
use store::{
    Db, StoreError, Topic,
    addressees::Addressee,
    audit::checkpoint,
    callouts,
    intents::{self, Claimed, LEASE},
    register::sending,
    troubles::reason,
};

use crate::{checkpoint::TEMPLATE as CHECKPOINT, pump::Queue};

/// A delivery is cut off before its lease ends, so that no second worker sends it meanwhile.
const SEND_MAX: Duration = Duration::from_secs(LEASE.as_secs().unsigned_abs() - 10);

/// The ways out and what stands under every letter. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    channels: Vec<Arc<dyn Channel>>,
    head: Letterhead,
}

impl Outbox {
    /// An outbox over these channels, at most one of a kind.
    pub fn new(db: Db, channels: Vec<Arc<dyn Channel>>, head: Letterhead) -> Self {
        Self { db, channels, head }
    }

    /// Sends one message to the one address it is for; one without spreads itself over its recipients first.
    async fn deliver(&self, claimed: &Claimed, now: Timestamp) -> Result<Delivery, StoreError> {
        let Some(to) = &claimed.to else {
            return Ok(failed(reason::NOT_SPREAD.into()));
        };
        let Some(channel) = self.channel(&claimed.channel) else {
            return Ok(failed(reason::NO_CHANNEL.into()));
        };
        let attachments = match claimed.intent.template.as_str() {
            CHECKPOINT => vec![note(&mut self.db.read().await?, claimed).await?],
            _ => vec![],
        };
        let open = self.open(&**channel, to).await?;
        let outcome = match self.message(claimed, to, &attachments) {
            Ok(mut message) => {
                message.open |= open;
                channel.send(&message).await
            }
            Err(error) => Outcome::Refused { why: error.to_string() },
        };
        Ok(came(outcome, claimed.tries, now))
    }

    /// Whether a foreign service may carry to that person what a message is about, and not only that there is one.
    async fn open(&self, channel: &dyn Channel, to: &Addressee) -> Result<bool, StoreError> {
        match to.person {
            Some(person) if channel.foreign() => {
                sending::person_open(&mut self.db.read().await?, person).await
            }
            _ => Ok(false),
        }
    }

    fn channel(&self, kind: &str) -> Option<&Arc<dyn Channel>> {
        self.channels.iter().find(|c| c.kind() == kind)
    }

    /// Changes the delivered messages about a call-out that somebody has taken, or that came right by itself: who has it,
    /// that it is over, and no more buttons.
    /// Returns how many were changed. One that is cut off is changed again, which does no harm.
    pub async fn revise(&self, callout: Id<kind::Callout>, now: Timestamp) -> Result<u32, StoreError> {
        let mut sql = self.db.read().await?;
        let settled = callouts::settled(&mut sql, callout).await?;
        let taken = settled.taken.as_ref().map(|(who, at)| (who.as_str(), *at));
        if taken.is_none() && settled.came_right.is_none() {
            return Ok(0);
        }
        let all = intents::to_revise(&mut sql, callout).await?;
        drop(sql);
        let mut changed = 0;
        for delivered in all {
            let of = &delivered.message;
            if let (Some(channel), Some(to)) = (self.channel(&of.channel), &of.to)
                && let Ok(mut message) = self.message(of, to, &[])
            {
                message.actions.clear();
                message.taken = send::settled_line(message.lang, taken, settled.came_right).ok();
                message.open |= self.open(&**channel, to).await?;
                match channel.revise(&delivered.receipt, &message).await {
                    Outcome::Receipt { .. } => changed += 1,
                    // Tried again with the job.
                    Outcome::RetryAfter { .. } => continue,
                    // A mail that was sent stays as it is.
                    Outcome::Refused { .. } => {}
                }
            }
            intents::revised(&self.db, now, of.id).await?;
        }
        Ok(changed)
    }

    /// Whether a delivered message about it still waits to be changed.
    pub async fn to_revise(&self, callout: Id<kind::Callout>) -> Result<bool, StoreError> {
        Ok(!intents::to_revise(&mut self.db.read().await?, callout).await?.is_empty())
    }

    fn message(
        &self,
        claimed: &Claimed,
        person: &Addressee,
        attachments: &[Attachment],
    ) -> Result<Message, send::Error> {
        let intent = &claimed.intent;
        let lang = Lang::from_str(&person.lang).unwrap_or_default();
        let rendered = send::render(&intent.template, lang, &intent.vars, &self.head)?;
        let to = Recipient { name: person.name.clone(), address: person.address.clone() };
        let mut message = Message::new(intent.id.to_string(), claimed.made_at, to, rendered);
        message.attachments = attachments.to_vec();
        if intent.urgency == Urgency::Urgent {
            message.headers.push(("Importance".into(), "high".into()));
            message.urgent = true;
        }
        if let (Some(token), Some(link)) = (intent.vars.get("token"), intent.vars.get("link")) {
            for kind in [ActionKind::Acknowledge, ActionKind::Escalate] {
                message.actions.push(Action::new(kind, lang, token, link)?);
            }
            // The messages of one call-out belong together.
            message.thread = intent.vars.get("callout").cloned();
        }
        // In a chat one tap is enough; everywhere else the link is the button.
        if claimed.channel == ChannelKind::Telegram.name()
            && let (Some(token), Some(link)) = (intent.vars.get("check-in"), intent.vars.get("link"))
        {
            message.actions.push(Action::new(ActionKind::CheckIn, lang, token, link)?);
        }
        Ok(message)
    }
}

impl Queue for Outbox {
    type Item = Claimed;
    const NAME: &'static str = "outbox";
    const TOPICS: &'static [Topic] = &[Topic::Intent];
    // A thousand calls a minute at two seconds each are 33 at once; channels hold back what is too much for them.
    const AT_ONCE: usize = 48;

    async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        intents::next_due(&mut self.db.read().await?, now).await
    }

    async fn claim(&self, now: Timestamp) -> Result<Option<Claimed>, StoreError> {
        intents::claim(&self.db, now).await
    }

    async fn work(&self, claimed: Claimed, now: Timestamp) -> Result<(), StoreError> {
        let claimed = match claimed.to {
            Some(_) => claimed,
            None => match intents::spread(&self.db, now, &claimed).await? {
                Some(first) => first,
                None => return Ok(()),
            },
        };
        let outcome = match tokio::time::timeout(SEND_MAX, self.deliver(&claimed, now)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => again(now, claimed.tries, error.to_string()),
            Err(_) => again(now, claimed.tries, reason::SLOW.into()),
        };
        if let Delivery::Failed { next, why } = &outcome {
            // Servers repeat addresses in what they say: the reason stands in the delivery, not in the log.
            tracing::warn!(delivery = %claimed.id, tries = claimed.tries, gives_up = next.is_none(), "not delivered");
            tracing::debug!(delivery = %claimed.id, why);
        }
        intents::settle(&self.db, now, &claimed, &outcome).await
    }
}

fn failed(why: String) -> Delivery {
    Delivery::Failed { next: None, why }
}

fn again(now: Timestamp, tries: u32, why: String) -> Delivery {
    Delivery::Failed { next: Some(retry_at(now, tries)), why }
}

/// What a channel said, as the outbox keeps it. Whoever asks for a wait gets at least that.
fn came(outcome: Outcome, tries: u32, now: Timestamp) -> Delivery {
    match outcome {
        Outcome::Receipt { provider_id } => Delivery::Sent { receipt: provider_id },
        Outcome::Refused { why } => failed(why),
        Outcome::RetryAfter { seconds, why } => {
            let asked = SignedDuration::from_secs(seconds.unwrap_or(0).into());
            let asked = now.checked_add(asked).unwrap_or(Timestamp::MAX);
            Delivery::Failed { next: Some(asked.max(retry_at(now, tries))), why }
        }
    }
}

/// The signed checkpoint the intent's variables name.
async fn note(sql: &mut store::Sql, claimed: &Claimed) -> Result<Attachment, StoreError> {
    let var = |name| claimed.intent.vars.get(name).map_or("", String::as_str);
    let size = var("entries").parse().map_err(|_| StoreError::NotFound("checkpoint"))?;
    let kept = checkpoint::of_size(sql, size).await?;
    Ok(Attachment {
        name: var("file").into(),
        content_type: "text/plain".into(),
        bytes: kept.note.into_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_that_was_asked_for_is_kept() {
        let t = Timestamp::UNIX_EPOCH;
        let wait = |seconds| Outcome::RetryAfter { seconds, why: "429".into() };
        let next = |outcome| match outcome {
            Delivery::Failed { next: Some(at), .. } => at.as_second(),
            _ => 0,
        };
        assert_eq!(next(came(wait(None), 3, t)), 20);
        assert_eq!(next(came(wait(Some(600)), 1, t)), 600);
        let refused = Outcome::Refused { why: "550 no such user".into() };
        assert_eq!(came(refused, 1, t), failed("550 no such user".into()));
    }
}
