//! What comes back over channels: buttons of Telegram (a fake of its Bot API), keys of a telephone, codes of chats.

use std::sync::Arc;

use domain::{
    evidence::State,
    id::{Id, Ids},
    paging::Standing,
    person::ChannelKind,
};
use jiff::SignedDuration;
use secrecy::SecretString;
use send::{ActionKind, CallbackConfig, HttpConfig, TelegramChannel, TelegramConfig, Updates};
use serde_json::{Value, json};
use store::{
    StoreError, both_engines, kept,
    register::{channels, link},
    sign_in::InstanceKey,
    testing::minute,
};
use watch::incoming::link_digest;

use crate::{
    fake::{self, Fake},
    night::{Night, PEOPLE},
};

/// A bot whose Bot API says yes to everything and remembers it.
async fn bot() -> (Fake, Arc<TelegramChannel>) {
    let fake = Fake::start([fake::say(200, r#"{"ok":true,"result":{"message_id":9}}"#)]).await;
    let config = TelegramConfig {
        token: SecretString::from("123:AbC"),
        bot: None,
        api: fake.url.clone(),
        proxy: None,
        updates: Updates::Poll,
        webhook_secret: None,
    };
    let channel = TelegramChannel::new(&config, &HttpConfig::default()).unwrap();
    (fake, Arc::new(channel))
}

/// What the bot was asked to do, of one method.
fn asked(fake: &Fake, method: &str) -> Vec<Value> {
    fake.asked().iter().filter(|a| a.path.ends_with(method)).map(fake::Asked::json).collect()
}

/// The data of the first button of the newest message to a chat, and of the second.
fn buttons(fake: &Fake, chat: i64) -> (String, String) {
    let sent = asked(fake, "/sendMessage");
    let last = sent.iter().rfind(|m| m["chat_id"] == chat).expect("a message with buttons");
    let data = |row: usize| last["reply_markup"]["inline_keyboard"][row][0]["callback_data"].as_str();
    (data(0).unwrap().to_owned(), data(1).unwrap().to_owned())
}

fn said(all: &[Value]) -> Vec<String> {
    all.iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect()
}

both_engines! {
    async fn a_button_pressed_twice_late_or_by_a_stranger_takes_the_call_out_once(t: &TestDb) {
        let n = Night::new(t).await;
        let (fake, bot) = bot().await;
        let engine = n.engine(vec![bot.clone()]);
        let desk = n.desk(Some(bot), None);
        for at in [0, 15, 20] {
            engine.run_due(minute(at)).await.unwrap();
        }
        let ((first, _), (deputy, _)) = (buttons(&fake, 11), buttons(&fake, 22));
        assert_ne!(first, deputy, "each has a token of their own");

        // Somebody who got hold of the text of a button, from a chat of theirs; and what is no button at all.
        let before = n.log().await;
        n.press(1, 99, &first, 20).await;
        for (number, data) in [(2, "a:"), (3, "x"), (4, "a:zzzz"), (5, ""), (6, &*format!("a:{}", "y".repeat(5_000)))] {
            n.press(number, 11, data, 20).await;
        }
        for (number, body) in [(7, "no json"), (8, "{}"), (9, r#"{"callback_query":{"data":null}}"#)] {
            n.comes(number, body, 20).await;
        }
        assert_eq!(desk.run_due(minute(20)).await.unwrap(), 9);
        assert_eq!(n.log().await, before, "nothing happened");
        assert_eq!(n.count("select count(*) as n from incoming where done_at is null").await, 0);
        let unknown = said(&asked(&fake, "/answerCallbackQuery"));
        assert_eq!(unknown.len(), 3, "whoever pressed something like a button is told: {unknown:?}");
        assert!(unknown.iter().all(|s| !s.contains("Dự Bị")), "and nothing of who is called: {unknown:?}");
        assert!(asked(&fake, "/editMessageText").is_empty());

        let silent = n.verdict(20).await;
        assert_eq!(silent.state, State::Unknown, "{silent:?}");
        assert!(silent.because.iter().any(|b| b.sentence == "evidence-watch-calling"), "{silent:?}");

        // The deputy presses twice; Telegram tells the first one twice as well.
        for number in [10, 10, 11] {
            n.press(number, 22, &deputy, 21).await;
        }
        assert_eq!(desk.run_due(minute(21)).await.unwrap(), 2);
        let taken = (Standing::Resolved, Some((PEOPLE[1].0.to_owned(), "telegram".to_owned())));
        assert_eq!(n.taken().await, taken);
        assert_eq!(n.verdict(21).await.state, State::Partly, "judged anew by what happened, not by time");
        // Whoever was silent presses after somebody else took it.
        n.press(12, 11, &first, 22).await;
        desk.run_due(minute(22)).await.unwrap();
        assert_eq!(n.taken().await, taken);
        let log = n.log().await;
        assert_eq!(log.iter().filter(|(what, _)| what == "taken").count(), 1, "{log:?}");
        assert_eq!(n.count("select count(*) as n from check_in").await, 1, "the watch was taken over once");
        let told = said(&asked(&fake, "/answerCallbackQuery")).split_off(3);
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|s| s.contains(PEOPLE[1].0)), "everybody hears who has it: {told:?}");

        // Both messages show it and have no more buttons.
        engine.run_due(minute(22)).await.unwrap();
        for (_, chat) in &PEOPLE[..2] {
            let shown = asked(&fake, "/editMessageText").into_iter().rfind(|m| m["chat_id"] == *chat).unwrap();
            assert!(shown["text"].as_str().unwrap().contains("Trần Dự Bị đã nhận"), "{shown}");
            assert_eq!(shown["reply_markup"]["inline_keyboard"], json!([]));
        }
        // Nobody further is called.
        engine.run_due(minute(120)).await.unwrap();
        assert_eq!(asked(&fake, "/sendMessage").len(), 2);

        // And DUTY says so, down to who and after how long.
        let verdict = n.verdict(121).await;
        assert_eq!(verdict.state, State::Partly, "fifteen minutes and more are not proved: {verdict:?}");
        let because = verdict.because.iter().find(|b| b.sentence == "evidence-watch-answered").expect("told");
        let mut sql = t.db.read().await.unwrap();
        let scope = domain::actor::Scope::system();
        let facts = store::board::facts(&mut sql, &scope, &[], &[because.fact.unwrap()], None, 10).await.unwrap();
        assert_eq!(facts[0].who.as_ref().map(|w| w.name.as_str()), Some(PEOPLE[1].0));
        assert_eq!(facts[0].fact.value["waited"], json!(6 * 60), "raised at 15, taken at 21");
    }

    async fn a_turn_is_begun_by_the_button_under_its_reminder_once_and_in_ones_own_chat(t: &TestDb) {
        let n = Night::new(t).await;
        let (fake, bot) = bot().await;
        let engine = n.engine(vec![bot.clone()]);
        let desk = n.desk(Some(bot), None);
        let (pack, key) = (n.tools(), InstanceKey::new([1; 32]));
        store::tries::look(&t.db, &pack, &key, minute(-20)).await.unwrap();
        engine.run_due(minute(-20)).await.unwrap();
        let sent = asked(&fake, "/sendMessage").pop().expect("the reminder");
        let keyboard = sent["reply_markup"]["inline_keyboard"].as_array().unwrap();
        assert_eq!((sent["chat_id"].as_i64(), keyboard.len()), (Some(PEOPLE[0].1), 1), "{sent}");
        let data = keyboard[0][0]["callback_data"].as_str().unwrap().to_owned();
        assert!(data.starts_with("c:") && data.len() <= 64, "{data}");
        // Somebody else's chat, a token of nothing, and one that is no token.
        for (number, chat, data) in [(1, 99, data.as_str()), (2, 11, "c:AAAA"), (3, 11, &data.replacen("c:", "a:", 1))] {
            n.press(number, chat, data, -19).await;
        }
        desk.run_due(minute(-19)).await.unwrap();
        assert_eq!(n.count("select count(*) as n from check_in").await, 0);
        // Pressed twice, and told twice.
        for number in [4, 4, 5] {
            n.press(number, 11, &data, -18).await;
        }
        desk.run_due(minute(-18)).await.unwrap();
        assert_eq!(n.count("select count(*) as n from check_in where way = 'telegram'").await, 1);
        let told = said(&asked(&fake, "/answerCallbackQuery"));
        assert_eq!(told.len(), 5);
        assert!(told[3..].iter().all(|s| s.contains("Lê Thức đã điểm danh")), "{told:?}");
        let shown = asked(&fake, "/editMessageText");
        assert!(shown.len() == 2 && shown.iter().all(|m| m["reply_markup"]["inline_keyboard"] == json!([])));
        // Nobody is missed at the start of the turn.
        engine.run_due(minute(16)).await.unwrap();
        assert_eq!(n.count("select count(*) as n from missed_check_in").await, 0);
    }

    async fn keys_of_a_telephone_pass_it_on_and_take_it(t: &TestDb) {
        let n = Night::new(t).await;
        let (fake, bot) = bot().await;
        let engine = n.engine(vec![bot.clone()]);
        let voice = CallbackConfig {
            secret: SecretString::from("0123456789abcdef"),
            token: "t".into(),
            key: "Digits".into(),
            keys: [("1".to_owned(), ActionKind::Acknowledge), ("2".to_owned(), ActionKind::Escalate)].into(),
            answer: String::new(),
            answer_type: "application/json".into(),
        };
        let desk = n.desk(None, Some(voice));
        let key = async |number: &str, token: &str, digit: &str, at: i64| {
            let body = json!({ "query": format!("t={token}"), "body": format!("Digits={digit}") }).to_string();
            kept::receive(&t.db, minute(at), "voice", &[(number.to_owned(), body)]).await.unwrap();
            desk.run_due(minute(at)).await.unwrap();
        };
        for at in [0, 15] {
            engine.run_due(minute(at)).await.unwrap();
        }
        let (_, token) = buttons(&fake, 11).0.split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        // No such key, no such token: nothing. Two: the next is called at once, and once.
        key("1", &token, "9", 16).await;
        key("2", "nobodys-token", "1", 16).await;
        assert_eq!(n.taken().await, (Standing::Open, None));
        key("3", &token, "2", 16).await;
        key("4", &token, "2", 16).await;
        engine.run_due(minute(16)).await.unwrap();
        let called = |log: &[(String, String)]| log.iter().filter(|(what, _)| what == "called").count();
        assert_eq!(called(&n.log().await), 2, "{:?}", n.log().await);
        // The same call back twice is one answer; then the head's is too late.
        let deputy = buttons(&fake, 22).0.split_off(2);
        key("5", &deputy, "1", 17).await;
        key("5", &deputy, "1", 17).await;
        let taken = (Standing::Resolved, Some((PEOPLE[1].0.to_owned(), "voice".to_owned())));
        assert_eq!(n.taken().await, taken);
        key("6", &token, "1", 18).await;
        assert_eq!(n.taken().await, taken);
    }

    async fn a_chat_links_itself_by_its_code_once_and_answers_are_forgotten_after_a_week(t: &TestDb) {
        let n = Night::new(t).await;
        let (fake, bot) = bot().await;
        let desk = n.desk(Some(bot), None);
        let (scope, id) = (domain::actor::Scope::system(), Id::new(&*n.ids as &dyn Ids));
        let new = channels::NewChannel {
            id, person: n.people[0], kind: ChannelKind::Telegram, address: "@le_thuc2".into(), rank: 3,
        };
        let digest = link_digest(&InstanceKey::new([1; 32]), "ABCDE-FGHIJ");
        let made: Result<(), StoreError> = store::write!(t.db, domain::actor::Actor::System, minute(0), tx => {
            channels::add(tx, &scope, &new).await?;
            channels::start_check(tx, &scope, id, &digest).await.map(|_| ())
        });
        made.unwrap();
        let start = |number: i64, chat: i64, code: &str| {
            let update = json!({ "update_id": number, "message": { "message_id": 1, "text": format!("/start {code}"),
                "chat": { "id": chat, "type": "private" }, "from": { "id": chat } } });
            (number, update.to_string())
        };
        for (number, body) in [start(1, 44, "WRONG-CODES"), start(2, 55, "ABCDE-FGHIJ"), start(3, 66, "ABCDE-FGHIJ")] {
            n.comes(number, &body, 1).await;
        }
        desk.run_due(minute(1)).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let own = link::is_own(&mut sql, n.people[0], ChannelKind::Telegram, "55").await.unwrap();
        let others = link::is_own(&mut sql, n.people[0], ChannelKind::Telegram, "66").await.unwrap();
        assert_eq!((own, others), (true, false), "a code is good for one chat");
        drop(sql);
        let told = said(&asked(&fake, "/sendMessage"));
        assert!(told[1].contains(PEOPLE[0].0) && !told[0].contains(PEOPLE[0].0) && !told[2].contains(PEOPLE[0].0));

        // Of what was dealt with only the newest number of Telegram stays: by it is asked what comes next.
        let week = minute(1).checked_add(kept::INCOMING_KEPT).unwrap();
        assert_eq!(kept::forget_incoming(&t.db, week).await.unwrap(), 0, "not a moment earlier");
        n.comes(4, "waits", 2).await;
        let later = week.checked_add(SignedDuration::from_secs(1)).unwrap();
        assert_eq!(kept::forget_incoming(&t.db, later).await.unwrap(), 3);
        assert_eq!(n.count("select count(*) as n from incoming").await, 1, "what waits stays");
        desk.run_due(minute(3)).await.unwrap();
        let far = later.checked_add(SignedDuration::from_hours(24)).unwrap();
        assert_eq!(kept::forget_incoming(&t.db, far).await.unwrap(), 0);
        let last = kept::last_number(&mut t.db.read().await.unwrap(), "telegram").await.unwrap();
        assert_eq!(last, Some(4));
    }
}
