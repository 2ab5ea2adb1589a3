use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    intake::{Inlet, ItemState},
    right::Role,
};
use serde_json::{Value, json};
use store::{
    StoreError,
    blobs::Blob,
    both_engines,
    intake::{self, Arrival, Filter, Piece, Put},
    letters,
    testing::{TestDb, TestIds, minute},
};

use crate::{body, letters::reading};

fn blob(letter: &str) -> Blob {
    Blob { sha256: letter.repeat(64), len: 9 }
}

struct Sent<'a> {
    key: &'a str,
    reading: &'a Value,
    blob: &'a Blob,
    mark: Option<(u32, u32)>,
}

/// A letter, its appendix, and a file that could not be read, in one message.
async fn send(
    t: &TestDb,
    ids: &TestIds,
    body: Id<kind::Body>,
    sent: Sent<'_>,
) -> Vec<(ItemState, Option<Id<kind::Letter>>)> {
    let id = |ids: &TestIds| Id::new(ids as &dyn Ids);
    let (table, broken) = (blob("b"), blob("c"));
    let letter = Id::new(ids as &dyn Ids);
    let put = Put::Letter {
        id: letter,
        text: "Số: 112/CAT-PA05",
        reading: sent.reading,
        scan: &json!({"low": [[0, 2]]}),
        signatures: &Value::Null,
    };
    let pieces = [
        Piece { id: id(ids), name: Some("cv.pdf"), file: Some((sent.blob, "application/pdf")), put },
        Piece { id: id(ids), name: Some("pl.xlsx"), file: Some((&table, "x/y")), put: Put::With(0) },
        Piece {
            id: id(ids),
            name: Some("x.docx"),
            file: Some((&broken, "x/y")),
            put: Put::Trouble("damaged"),
        },
    ];
    let origin = json!({"from": "a@b"});
    let arrival = Arrival {
        body,
        inlet: Inlet::Mail,
        key: sent.key,
        origin: &origin,
        pieces: &pieces,
        mark: sent.mark,
    };
    let done: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(1), tx => intake::take(tx, &Scope::system(), &arrival).await);
    done.unwrap()
}

both_engines! {
    async fn a_message_is_taken_once_and_its_parts_lie_where_they_belong(t: &TestDb) {
        let ids = TestIds::default();
        let here = body(&t.db, &ids, None).await;
        let (file, reading) = (blob("a"), reading());
        let sent = |key, mark| Sent { key, reading: &reading, blob: &file, mark };
        let done = send(t, &ids, here, sent("mail:1", Some((7, 1)))).await;
        let letter = done[0].1.unwrap();
        assert_eq!(done.iter().map(|d| d.0).collect::<Vec<_>>(), [ItemState::Taken, ItemState::Attached, ItemState::Trouble]);
        assert_eq!(send(t, &ids, here, sent("mail:1", Some((7, 1)))).await, []);
        let clerk = Scope::of(vec![(Role::Clerk, here)]);
        let mut sql = t.db.read().await.unwrap();
        let beside = intake::attachments(&mut sql, &clerk, letter).await.unwrap();
        assert_eq!(beside.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["pl.xlsx"]);
        let origin = intake::origin(&mut sql, &clerk, letter).await.unwrap();
        assert_eq!((origin.origin["from"].as_str(), origin.scan["low"][0][1].as_i64()), (Some("a@b"), Some(2)));
        let mark = intake::source(&mut sql, &Scope::system(), Inlet::Mail).await.unwrap().unwrap().mark;
        assert_eq!(mark, Some((7, 1)));
        assert_eq!(intake::open_troubles(&mut sql, &clerk).await.unwrap(), 1);
        assert_eq!(sql.count_for_test("select count(*) as n from letter").await.unwrap(), 1);
        drop(sql);
        // Under another number the same file is known again, and another file of the same paper is put beside it.
        let done = send(t, &ids, here, sent("mail:2", None)).await;
        assert_eq!(done[0], (ItemState::Duplicate, Some(letter)));
        let other = blob("d");
        let done = send(t, &ids, here, Sent { key: "mail:3", reading: &reading, blob: &other, mark: None }).await;
        assert_eq!(done[0], (ItemState::Duplicate, Some(letter)));
        let mut sql = t.db.read().await.unwrap();
        let beside = intake::attachments(&mut sql, &clerk, letter).await.unwrap();
        assert_eq!(beside.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["cv.pdf", "pl.xlsx"]);
    }

    async fn a_newer_check_of_signatures_takes_the_place_of_the_old_one(t: &TestDb) {
        let ids = TestIds::default();
        let here = body(&t.db, &ids, None).await;
        let (file, reading) = (blob("a"), reading());
        let letter = send(t, &ids, here, Sent { key: "k", reading: &reading, blob: &file, mark: None }).await[0].1.unwrap();
        let there = body(&t.db, &ids, None).await;
        let judged = |scope: Scope, found: Value| async move {
            let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx => {
                intake::vouched(tx, &scope, letter, &found).await
            });
            done
        };
        let clerk = || Scope::of(vec![(Role::Clerk, here)]);
        judged(clerk(), json!({"found": true, "list": []})).await.unwrap();
        let elsewhere = judged(Scope::of(vec![(Role::Clerk, there)]), json!({"found": true})).await;
        assert!(matches!(elsewhere, Err(StoreError::NotFound(_))), "{elsewhere:?}");
        assert!(judged(Scope::of(vec![(Role::Viewer, here)]), json!({"found": true})).await.is_err());
        let mut sql = t.db.read().await.unwrap();
        let kept = intake::origin(&mut sql, &clerk(), letter).await.unwrap();
        assert_eq!((kept.signatures, kept.scan["low"][0][1].as_i64()), (json!({"found": true, "list": []}), Some(2)));
    }

    async fn a_mended_text_has_no_doubtful_words_any_more(t: &TestDb) {
        let ids = TestIds::default();
        let here = body(&t.db, &ids, None).await;
        let (file, reading) = (blob("a"), reading());
        let letter = send(t, &ids, here, Sent { key: "k", reading: &reading, blob: &file, mark: None }).await[0].1.unwrap();
        let clerk = Scope::of(vec![(Role::Clerk, here)]);
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx => {
            letters::reread(tx, &clerk, letter, 1, Some("other"), &reading).await?;
            intake::mended(tx, letter).await
        });
        done.unwrap();
        let origin = intake::origin(&mut t.db.read().await.unwrap(), &clerk, letter).await.unwrap();
        assert_eq!((origin.scan["low"].as_array().map(Vec::len), origin.scan["mended"].as_bool()), (Some(0), Some(true)));
    }

    async fn what_came_is_its_bodys_alone_and_settled_by_those_who_prepare(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let (here, there) = (body(&t.db, &ids, Some(root)).await, body(&t.db, &ids, Some(root)).await);
        let (file, reading) = (blob("a"), reading());
        let letter = send(t, &ids, here, Sent { key: "k", reading: &reading, blob: &file, mark: Some((1, 1)) }).await[0].1.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let open = Filter { open: true, ..Filter::default() };
        let trouble = intake::list(&mut sql, &Scope::system(), &open, 10).await.unwrap().remove(0).id;
        for scope in [Scope::nothing(), Scope::of(vec![(Role::Viewer, here)]), Scope::of(vec![(Role::Head, there)])] {
            assert!(intake::list(&mut sql, &scope, &Filter::default(), 10).await.unwrap().is_empty());
            assert!(matches!(intake::get(&mut sql, &scope, trouble).await, Err(StoreError::NotFound(_))));
            assert!(intake::sources(&mut sql, &scope).await.unwrap().is_empty());
            assert!(intake::origin(&mut sql, &scope, letter).await.unwrap().is_empty());
            assert!(intake::attachments(&mut sql, &scope, letter).await.unwrap().is_empty());
            assert_eq!(intake::open_troubles(&mut sql, &scope).await.unwrap(), 0);
        }
        drop(sql);
        for (scope, may) in [(Scope::of(vec![(Role::Auditor, root)]), false), (Scope::of(vec![(Role::Clerk, here)]), true)] {
            let done: Result<(), StoreError> =
                store::write!(t.db, Actor::System, minute(3), tx => intake::settle(tx, &scope, trouble, None).await);
            assert_eq!(done.is_ok(), may);
        }
        let mut sql = t.db.read().await.unwrap();
        assert!(intake::list(&mut sql, &Scope::system(), &open, 10).await.unwrap().is_empty());
    }

    async fn a_way_in_that_fails_is_told_once_and_works_again(t: &TestDb) {
        let ids = TestIds::default();
        let here = body(&t.db, &ids, None).await;
        for at in 1..4 {
            let done: Result<(), StoreError> =
                store::write!(t.db, Actor::System, minute(at), tx => intake::wrong(tx, Inlet::Mail, here, "mail-line").await);
            done.unwrap();
        }
        let mut sql = t.db.read().await.unwrap();
        let failed = "select count(*) as n from audit_entry where action = 'inbox.failed'";
        assert_eq!(sql.count_for_test(failed).await.unwrap(), 1);
        let source = intake::source(&mut sql, &Scope::system(), Inlet::Mail).await.unwrap().unwrap();
        assert_eq!((source.trouble.as_deref(), source.trouble_since), (Some("mail-line"), Some(minute(1))));
        drop(sql);
        let done: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(5), tx => intake::checked(tx, Inlet::Mail, here).await);
        done.unwrap();
        let source = intake::source(&mut t.db.read().await.unwrap(), &Scope::system(), Inlet::Mail).await.unwrap().unwrap();
        assert_eq!((source.trouble, source.checked_at), (None, Some(minute(5))));
    }
}
