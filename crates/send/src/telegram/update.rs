//! What an update says: the two things a bot of ours listens to.

use serde_json::Value;

use crate::{ActionKind, TOKEN_MAX};

/// Something a person did in their chat with the bot.
#[derive(Clone, PartialEq, Eq)]
pub enum Heard {
    /// `/start CODE`: the chat is theirs whose code it is.
    Start {
        /// The chat.
        chat: i64,
        /// What the person is called there.
        name: String,
        /// The code, as typed or as the link carried it.
        code: String,
    },
    /// A pressed button.
    Press {
        /// To be answered, or the button goes on spinning.
        query: String,
        /// The chat.
        chat: i64,
        /// The message with the button.
        message: i64,
        /// Its text.
        text: String,
        /// Which.
        kind: ActionKind,
        /// The button's token.
        token: String,
    },
}

/// Without codes, tokens and texts.
impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Heard::Start { .. } => "Start(…)",
            Heard::Press { .. } => "Press(…)",
        })
    }
}

/// Reads an update; `None` for everything we do not listen to. Groups are not listened to: whoever speaks there is not
/// whoever is written to.
pub fn hear(update: &Value) -> Option<Heard> {
    let text = |v: &Value, at: &str| v.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let number = |v: &Value, at: &str| v.pointer(at).and_then(Value::as_i64);
    if let Some(press) = update.get("callback_query") {
        let data = text(press, "/data")?;
        let (kind, token) = match data.split_once(':')? {
            ("a", token) => (ActionKind::Acknowledge, token),
            ("e", token) => (ActionKind::Escalate, token),
            ("c", token) => (ActionKind::CheckIn, token),
            _ => return None,
        };
        let chat = number(press, "/message/chat/id")?;
        if token.len() > TOKEN_MAX || number(press, "/from/id") != Some(chat) {
            return None;
        }
        return Some(Heard::Press {
            query: text(press, "/id")?,
            chat,
            message: number(press, "/message/message_id")?,
            text: text(press, "/message/text").unwrap_or_default(),
            kind,
            token: token.to_owned(),
        });
    }
    let message = update.get("message")?;
    if text(message, "/chat/type")? != "private" {
        return None;
    }
    let said = text(message, "/text")?;
    let code = said.strip_prefix("/start")?.trim();
    let name = text(message, "/from/username").map(|n| format!("@{n}"));
    let name = name.or_else(|| text(message, "/from/first_name")).unwrap_or_default();
    let name = name.chars().filter(|c| !c.is_control()).take(64).collect();
    Some(Heard::Start { chat: number(message, "/chat/id")?, name, code: code.chars().take(64).collect() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn start_and_buttons_are_heard_and_nothing_else() {
        let start = json!({ "update_id": 1, "message": { "message_id": 5, "text": "/start AB-12",
            "chat": { "id": 77, "type": "private" }, "from": { "id": 77, "username": "truc", "first_name": "An" } } });
        let want = Heard::Start { chat: 77, name: "@truc".into(), code: "AB-12".into() };
        assert_eq!(hear(&start), Some(want));
        let press = |data: &str, from: i64| {
            json!({ "callback_query": { "id": "q", "data": data, "from": { "id": from },
                "message": { "message_id": 9, "text": "t", "chat": { "id": 77 } } } })
        };
        let heard = hear(&press("e:tok", 77)).unwrap();
        assert!(matches!(heard, Heard::Press { kind: ActionKind::Escalate, message: 9, .. }));
        let heard = hear(&press("c:tok", 77));
        assert!(matches!(heard, Some(Heard::Press { kind: ActionKind::CheckIn, .. })), "{heard:?}");
        assert_eq!(hear(&press("e:tok", 78)), None, "somebody else's finger");
        assert_eq!(hear(&press("x:tok", 77)), None);
        assert_eq!(hear(&press("no colon", 77)), None);
        let mut group = start.clone();
        group["message"]["chat"]["type"] = "group".into();
        assert_eq!(hear(&group), None);
        for other in [json!(null), json!({}), json!({ "message": {} }), json!({ "edited_message": {} })] {
            assert_eq!(hear(&other), None, "{other}");
        }
    }
}
