//! The outbox: each delivery is made at least once; the intent behind it was made exactly once.

use std::{str::FromStr, sync::Arc, time::Duration};

use domain::{
    intent::{Delivery, Urgency},
    job::retry_at,
};
use jiff::{SignedDuration, Timestamp};
use send::{Attachment, Channel, Lang, Letterhead, Message, Outcome, Recipient};
use store::{
    Db, StoreError, Topic,
    addressees::{self, Addressee},
    audit::checkpoint,
    intents::{self, Claimed, LEASE},
};

use crate::{checkpoint::TEMPLATE as CHECKPOINT, pump::Queue};

/// A delivery is cut off before its lease ends, so that no second worker sends it meanwhile.
const SEND_MAX: Duration = Duration::from_secs(LEASE.as_secs().unsigned_abs() - 10);

/// The ways out and what stands under every letter.
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

    /// Sends one delivery to everybody behind its recipient.
    async fn deliver(&self, claimed: &Claimed, now: Timestamp) -> Result<Delivery, StoreError> {
        let Some(channel) = self.channels.iter().find(|c| c.kind() == claimed.channel) else {
            return Ok(failed(format!("no channel of kind `{}` is configured", claimed.channel)));
        };
        let intent = &claimed.intent;
        let mut sql = self.db.read().await?;
        let every = intent.urgency == Urgency::Urgent;
        let people = addressees::find(&mut sql, &intent.to, &claimed.channel, every).await?;
        if people.is_empty() {
            return Ok(failed(format!(
                "nobody to send to: no verified address of kind `{}`",
                claimed.channel
            )));
        }
        let attachments = match intent.template.as_str() {
            CHECKPOINT => vec![note(&mut sql, claimed).await?],
            _ => vec![],
        };
        drop(sql);
        let mut outcomes = Vec::with_capacity(people.len());
        for person in &people {
            outcomes.push(match self.message(claimed, person, &attachments) {
                Ok(message) => channel.send(&message).await,
                Err(error) => Outcome::Refused { why: error.to_string() },
            });
        }
        Ok(sum(&outcomes, claimed.tries, now))
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
        }
        Ok(message)
    }
}

impl Queue for Outbox {
    type Item = Claimed;
    const NAME: &'static str = "outbox";
    const TOPICS: &'static [Topic] = &[Topic::Intent];
    // As many as the mail channel has connections, and one that waits for its turn.
    const AT_ONCE: usize = 3;

    async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        intents::next_due(&mut self.db.read().await?, now).await
    }

    async fn claim(&self, now: Timestamp) -> Result<Option<Claimed>, StoreError> {
        intents::claim(&self.db, now).await
    }

    async fn work(&self, claimed: Claimed, now: Timestamp) -> Result<(), StoreError> {
        let outcome = match tokio::time::timeout(SEND_MAX, self.deliver(&claimed, now)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => again(now, claimed.tries, error.to_string()),
            Err(_) => again(now, claimed.tries, "sending took longer than its lease".into()),
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

/// One delivery may be several messages. All are sent again while one may still arrive — a second copy is recognised
/// by its Message-ID; it is sent if at least one was taken, and refused only if all were.
fn sum(outcomes: &[Outcome], tries: u32, now: Timestamp) -> Delivery {
    let (mut receipts, mut refusals, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    let mut seconds = 0;
    for outcome in outcomes {
        match outcome {
            Outcome::Receipt { provider_id } => receipts.push(provider_id.as_str()),
            Outcome::Refused { why } => refusals.push(why.as_str()),
            Outcome::RetryAfter { seconds: asked, why } => {
                seconds = seconds.max(asked.unwrap_or(0));
                waits.push(why.as_str());
            }
        }
    }
    if !waits.is_empty() {
        let asked = now.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX);
        return Delivery::Failed { next: Some(asked.max(retry_at(now, tries))), why: waits.join("; ") };
    }
    if receipts.is_empty() {
        return failed(refusals.join("; "));
    }
    let mut receipt = receipts.join("; ");
    if !refusals.is_empty() {
        receipt.push_str(&format!("; refused by {}: {}", refusals.len(), refusals.join("; ")));
    }
    Delivery::Sent { receipt }
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

    fn receipt() -> Outcome {
        Outcome::Receipt { provider_id: "250 ok".into() }
    }
    fn refused() -> Outcome {
        Outcome::Refused { why: "550 no such user".into() }
    }
    fn wait(seconds: Option<u32>) -> Outcome {
        Outcome::RetryAfter { seconds, why: "451 later".into() }
    }

    #[test]
    fn a_delivery_waits_for_the_last_of_its_messages() {
        let t = Timestamp::UNIX_EPOCH;
        assert!(
            matches!(sum(&[receipt(), refused()], 1, t), Delivery::Sent { receipt } if receipt.contains("550"))
        );
        assert_eq!(sum(&[refused()], 1, t), failed("550 no such user".into()));
        let next = |outcome| match outcome {
            Delivery::Failed { next: Some(at), .. } => at.as_second(),
            _ => 0,
        };
        assert_eq!(next(sum(&[receipt(), wait(None)], 3, t)), 20);
        assert_eq!(next(sum(&[wait(Some(600)), wait(Some(60))], 1, t)), 600);
    }
}
