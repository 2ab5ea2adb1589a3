use std::{collections::BTreeMap, path::Path, sync::Arc};

use domain::{
    actor::Actor,
    id::{Id, Ids},
    intent::{Intent, To, Urgency},
};
use store::{
    Db, StoreError,
    audit::{
        checkpoint::{self, Checkpoint, Keys, Signer},
        verify,
    },
    intents,
    testing::{TestIds, minute, sqlite},
};
use watch::{
    checkpoint::{Checkpoints, KIND, run},
    engine::Engine,
};

use crate::{body, outbox, person};

async fn wish(db: &Db, ids: &dyn Ids, to: To, urgency: Urgency) {
    let intent = Intent {
        id: Id::new(ids),
        key: format!("test:{}", ids.next()),
        to,
        template: "password-changed".into(),
        vars: BTreeMap::from([
            ("person".into(), "Nguyễn Văn A".into()),
            ("at".into(), "08:00 20/01/2027".into()),
            ("link".into(), "https://canh.tinh.example/account".into()),
        ]),
        urgency,
        not_before: minute(1),
        expires: minute(999),
    };
    let delivery = Id::new(ids);
    let made: Result<bool, StoreError> = store::write!(db, Actor::System, minute(0), tx => {
        tx.record("test.wished", "test:1", None, &1);
        intents::make(tx, &intent, &[(delivery, "email")]).await
    });
    assert!(made.unwrap());
}

fn letters(dir: &Path) -> Vec<String> {
    let mut all: Vec<String> = std::fs::read_dir(dir)
        .map(|files| files.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect())
        .unwrap_or_default();
    all.sort();
    all
}

fn to(letters: &[String]) -> Vec<String> {
    let mut to: Vec<String> = letters
        .iter()
        .map(|l| l.lines().find(|l| l.starts_with("To: ")).unwrap().rsplit('<').next().unwrap().to_owned())
        .collect();
    to.sort();
    to
}

#[tokio::test]
async fn each_recipient_is_whoever_is_in_charge_now() {
    let (t, ids) = (sqlite().await, TestIds::default());
    let mail = t.dir.path().join("mail");
    let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, &mail));
    let (one, two, three) = (body(&t.db, &ids).await, body(&t.db, &ids).await, body(&t.db, &ids).await);
    let a = person(
        &t.db,
        &ids,
        one,
        "en",
        true,
        &[("slow@a.example", true, 2), ("first@a.example", true, 1), ("new@a.example", false, 0)],
    )
    .await;
    person(&t.db, &ids, one, "vi", false, &[("b@b.example", true, 0)]).await;
    person(&t.db, &ids, two, "vi", false, &[("c@c.example", true, 0)]).await;
    person(&t.db, &ids, three, "vi", true, &[("d@d.example", false, 0)]).await;

    wish(&t.db, &ids, To::Person(a), Urgency::Normal).await;
    assert_eq!(engine.run_due(minute(1)).await.unwrap(), (0, 1));
    let first = letters(&mail);
    assert_eq!(to(&first), ["first@a.example>"]);
    assert!(first[0].contains("Content-Language: en") || first[0].contains("password"), "{}", first[0]);

    wish(&t.db, &ids, To::Person(a), Urgency::Urgent).await;
    wish(&t.db, &ids, To::Body(one), Urgency::Normal).await;
    wish(&t.db, &ids, To::Body(two), Urgency::Normal).await;
    wish(&t.db, &ids, To::Email("bare@e.example".into()), Urgency::Normal).await;
    wish(&t.db, &ids, To::Body(three), Urgency::Normal).await;
    assert_eq!(engine.run_due(minute(2)).await.unwrap(), (0, 6), "each address is a message of its own");
    let all: Vec<String> =
        to(&letters(&mail)).iter().map(|a| a.trim_end_matches('>').replace("To: ", "")).collect();
    let wanted = [
        "bare@e.example",
        "c@c.example",
        "first@a.example",
        "first@a.example",
        "first@a.example",
        "slow@a.example",
    ];
    assert_eq!(all, wanted);
    let mut sql = t.db.read().await.unwrap();
    let counts = intents::counts(&mut sql).await.unwrap();
    assert_eq!(
        counts,
        [("failed".to_owned(), 1), ("sent".to_owned(), 6)],
        "nobody to send to is a visible failure"
    );
    let why = sql.count_for_test("select count(*) as n from delivery where why = 'no-address'").await;
    assert_eq!(why.unwrap(), 1);
}

#[tokio::test]
async fn a_checkpoint_is_signed_once_a_day_filed_and_mailed_with_its_note() {
    let (t, ids) = (sqlite().await, TestIds::default());
    body(&t.db, &ids).await;
    let signer = Signer::from_seed("tinh.example/audit", &[3; 32]).unwrap();
    let keys = Keys::parse([signer.verifier_key()]).unwrap();
    let (mail, dir) = (t.dir.path().join("mail"), t.dir.path().join("checkpoints"));
    let to = Arc::new(Checkpoints { signer, dir: dir.clone(), superior: Some("tren@bo.example".into()) });
    let (db, source): (Db, Arc<dyn Ids>) = (t.db.clone(), Arc::new(TestIds::default()));
    let engine = Engine::new(t.db.clone())
        .job(KIND, move |_, now| run(db.clone(), source.clone(), to.clone(), now))
        .outbox(outbox(&t.db, &mail));
    let first = watch::checkpoint::first(&t.db, minute(0)).await.unwrap();
    assert_eq!(first, minute(0), "never signed yet: at once");
    engine.schedule(&ids as &dyn Ids, minute(0), KIND, first).await.unwrap();
    assert_eq!(engine.run_due(minute(0)).await.unwrap(), (1, 1));
    // The same day again, as after a crash between signing and the file.
    std::fs::remove_dir_all(&dir).unwrap();
    engine.schedule(&ids as &dyn Ids, minute(1), KIND, minute(1)).await.unwrap();
    assert_eq!(engine.run_due(minute(1)).await.unwrap(), (1, 0));

    let files: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let note = std::fs::read_to_string(&files[0]).unwrap();
    let signed = Checkpoint::open(&note, &keys).unwrap();
    assert_eq!(signed.size, 1);
    let mail = letters(&mail).pop().unwrap();
    assert!(mail.contains("canh-2027-01-20-1.checkpoint"));
    let mut sql = t.db.read().await.unwrap();
    assert_eq!(checkpoint::all(&mut sql).await.unwrap().len(), 1);
    let outside = verify::Outside { from: "file".into(), note };
    let report = verify::live(&mut sql, &[outside], &keys).await.unwrap();
    assert_eq!((report.faults, report.checkpoints), (vec![], 2));
    drop(sql);
    // The next night.
    assert_eq!(engine.run_due(minute(24 * 60)).await.unwrap(), (1, 1));
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 2);
}

#[tokio::test]
async fn housekeeping_clears_away_what_ended_and_files_nobody_kept() {
    let t = sqlite().await;
    let blobs = store::blobs::Blobs::open_dir(&t.dir.path().join("blobs")).await.unwrap();
    let ids = TestIds::default();
    let left = blobs.put(ids.next(), &b"left"[..], 10).await.unwrap();
    let file = std::fs::File::options().write(true).open(blobs.path(&left.sha256)).unwrap();
    file.set_modified(minute(-8 * 24 * 60).into()).unwrap();
    let who = Id::new(&ids);
    store::sign_in::idempotency::begin(&t.db, who, "k", "d", minute(-25 * 60)).await.unwrap();
    watch::housekeeping::run(t.db.clone(), blobs.clone(), minute(0)).await.unwrap();
    let mut sql = t.db.read().await.unwrap();
    assert_eq!(sql.count_for_test("select count(*) as n from idempotency").await.unwrap(), 0);
    assert!(!blobs.path(&left.sha256).exists());
}
