//! Tampering is found: on a live store and on an export, at random.

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    right::Role,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use store::{
    Db, StoreError, args,
    audit::{
        Entry, Head,
        checkpoint::{self, Keys, Signer},
        export, list, proof,
        verify::{self, Outside, Report},
    },
    both_engines,
    testing::{TestDb, TestIds, minute},
};

use crate::{NOBODY, body};

fn signer() -> Signer {
    Signer::from_seed("tinh.example/audit", &[7; 32]).unwrap()
}

fn keys() -> Keys {
    Keys::parse([signer().verifier_key()]).unwrap()
}

async fn log(db: &Db, entries: u64) {
    for n in 0..entries {
        let done: Result<(), StoreError> = store::write!(db, NOBODY, minute(n as i64), tx => {
            tx.record("test.done", format!("test:{n}"), None, &n);
            Ok(())
        });
        done.unwrap();
    }
}

async fn sign(db: &Db) -> Outside {
    let made: Result<_, StoreError> =
        store::write!(db, NOBODY, minute(500), tx => checkpoint::sign(tx, &signer()).await);
    Outside { from: "kept elsewhere".into(), note: made.unwrap().note }
}

async fn verified(db: &Db, outside: &[Outside]) -> Report {
    verify::live(&mut db.read().await.unwrap(), outside, &keys()).await.unwrap()
}

async fn exported(db: &Db) -> Vec<u8> {
    let mut sql = db.read().await.unwrap();
    let head = Head::load(&mut sql).await.unwrap();
    let now = signer().sign(head.size, &head.root).unwrap();
    let mut out = Vec::new();
    export::write(&mut sql, &mut out, Some(&now.note)).await.unwrap();
    out
}

both_engines! {
    async fn an_untouched_log_verifies_live_and_exported(t: &TestDb) {
        assert!(verified(&t.db, &[]).await.is_good());
        log(&t.db, 5).await;
        let outside = sign(&t.db).await;
        log(&t.db, 6).await;
        let report = verified(&t.db, std::slice::from_ref(&outside)).await;
        assert_eq!(report.faults, []);
        assert_eq!((report.size, report.checkpoints), (12, 2));
        let file = exported(&t.db).await;
        let report = export::verify(&file[..], &[outside], &keys()).unwrap();
        assert_eq!(report.faults, []);
        assert_eq!((report.size, report.checkpoints), (12, 2));
    }

    async fn an_entry_is_proved_by_itself(t: &TestDb) {
        log(&t.db, 9).await;
        assert!(matches!(proof::of(&mut t.db.read().await.unwrap(), 3).await, Err(StoreError::Refused("not-yet-signed"))));
        sign(&t.db).await;
        let mut sql = t.db.read().await.unwrap();
        for seq in 0..9 {
            let entry = list::get(&mut sql, &Scope::system(), seq).await.unwrap();
            assert_eq!(entry.leaf_hash, entry.entry.leaf_hash());
            let text = proof::of(&mut sql, seq).await.unwrap();
            let (at, signed) = proof::check(&text, &entry.entry.leaf(), &keys()).unwrap();
            assert_eq!((at, signed.size), (seq, 9));
            let other = Entry { subject: "test:other".into(), ..entry.entry };
            assert_eq!(proof::check(&text, &other.leaf(), &keys()), None);
        }
    }

    async fn an_auditor_sees_only_the_own_subtree(t: &TestDb) {
        let ids = TestIds::default();
        let top = body(&t.db, &ids, None).await;
        let (mine, other) = (body(&t.db, &ids, Some(top)).await, body(&t.db, &ids, Some(top)).await);
        log(&t.db, 2).await;
        let mut sql = t.db.read().await.unwrap();
        let seen = async |sql: &mut store::Sql, role, at, filter: &list::Filter, before| {
            let scope = Scope::of(vec![(role, at)]);
            let found = list::list(sql, &scope, filter, before, 50).await.unwrap();
            found.into_iter().map(|l| l.entry.seq).collect::<Vec<_>>()
        };
        let all = list::Filter::default();
        assert_eq!(seen(&mut sql, Role::Auditor, top, &all, None).await, [4, 3, 2, 1, 0]);
        assert_eq!(seen(&mut sql, Role::Auditor, top, &all, Some(3)).await, [2, 1, 0]);
        assert_eq!(seen(&mut sql, Role::Auditor, mine, &all, None).await, [1]);
        assert_eq!(seen(&mut sql, Role::Viewer, top, &all, None).await, [] as [u64; 0]);
        assert!(list::get(&mut sql, &Scope::of(vec![(Role::Auditor, mine)]), 2).await.is_err());
        assert!(list::may_audit_all(&mut sql, &Scope::of(vec![(Role::Auditor, top)])).await.unwrap());
        assert!(!list::may_audit_all(&mut sql, &Scope::of(vec![(Role::Auditor, mine)])).await.unwrap());
        let by = |action: &str| list::Filter { action: Some(action.into()), ..list::Filter::default() };
        assert_eq!(seen(&mut sql, Role::Auditor, top, &by("test"), None).await, [4, 3]);
        assert_eq!(seen(&mut sql, Role::Auditor, top, &by("body.created"), None).await, [2, 1, 0]);
        assert_eq!(seen(&mut sql, Role::Auditor, top, &by("tes"), None).await, [] as [u64; 0]);
        let of = list::Filter { body: Some(other), ..list::Filter::default() };
        assert_eq!(seen(&mut sql, Role::Auditor, top, &of, None).await, [2]);
        let subject = list::Filter { subject: Some(format!("body:{mine}")), ..list::Filter::default() };
        assert_eq!(seen(&mut sql, Role::Auditor, top, &subject, None).await, [1]);
        let times = list::Filter { from: Some(minute(1)), until: Some(minute(2)), ..list::Filter::default() };
        assert_eq!(seen(&mut sql, Role::Auditor, top, &times, None).await, [4]);
    }

    async fn a_person_is_found_however_they_acted(t: &TestDb) {
        let ids = TestIds::default();
        let person: Id<kind::Person> = Id::new(&ids as &dyn Ids);
        let other: Id<kind::Person> = Id::new(&ids as &dyn Ids);
        for actor in [Actor::Person(person), Actor::Token(Id::new(&ids), person), Actor::Person(other), Actor::System] {
            let done: Result<(), StoreError> = store::write!(t.db, actor, minute(1), tx => {
                tx.record("test.done", "test:1", None, &1);
                Ok(())
            });
            done.unwrap();
        }
        let filter = list::Filter { actor: Some(person), ..list::Filter::default() };
        let found = list::list(&mut t.db.read().await.unwrap(), &Scope::system(), &filter, None, 9).await.unwrap();
        assert_eq!(found.iter().map(|l| l.entry.seq).collect::<Vec<_>>(), [1, 0]);
    }
}

/// What somebody with the database in hand may do.
#[derive(Debug, Clone)]
enum Tamper {
    /// Flip one bit of an entry's bytes.
    Leaf(u64, usize, u8),
    /// Change one searchable column.
    Column(u64, u8),
    /// Flip one bit of a stored hash.
    Hash(u64, usize, u8),
    /// Remove the last entries, their hashes, and set the head back to match.
    Cut(u64),
    /// Remove the last entries only.
    CutBare(u64),
    /// Swap two entries' bytes and columns, and their leaf hashes.
    Swap(u64, u64),
    /// Write the whole log anew from some entry on, consistently.
    Rebuild(u64),
    /// Flip one bit of the head's root.
    Head(usize, u8),
}

fn tamper() -> impl Strategy<Value = Tamper> {
    let (n, at, bit) = (any::<u64>(), any::<usize>(), 0..8_u8);
    prop_oneof![
        (n, at, bit.clone()).prop_map(|(n, at, bit)| Tamper::Leaf(n, at, bit)),
        (n, 0..5_u8).prop_map(|(n, c)| Tamper::Column(n, c)),
        (n, at, bit.clone()).prop_map(|(n, at, bit)| Tamper::Hash(n, at, bit)),
        n.prop_map(Tamper::Cut),
        n.prop_map(Tamper::CutBare),
        (n, n).prop_map(|(a, b)| Tamper::Swap(a, b)),
        n.prop_map(Tamper::Rebuild),
        (at, bit).prop_map(|(at, bit)| Tamper::Head(at, bit)),
    ]
}

fn flip(bytes: &mut [u8], at: usize, bit: u8) {
    let at = at % bytes.len();
    bytes[at] ^= 1 << bit;
}

/// A log consistent in itself, made by whoever holds the machine: its first `kept` entries as they were, then others.
async fn forged(kept: u64, others: u64) -> TestDb {
    let t = store::testing::sqlite().await;
    log(&t.db, kept).await;
    for n in kept..kept + others {
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(n as i64), tx => {
            tx.record("test.forged", format!("test:{n}"), None, &n);
            Ok(())
        });
        done.unwrap();
    }
    t
}

/// Tampers with the store by plain SQL. The log holds `size` entries, the last of them the signing of the others.
async fn apply(t: &TestDb, size: u64, tamper: &Tamper) {
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    let seq = |n: u64| (n % size) as i64;
    match *tamper {
        Tamper::Leaf(n, at, bit) => {
            let mut leaf = tx
                .bytes_for_test("select leaf as b from audit_entry where seq = $1", args![seq(n)])
                .await
                .unwrap();
            flip(&mut leaf, at, bit);
            tx.run_for_test("update audit_entry set leaf = $1 where seq = $2", args![leaf, seq(n)])
                .await
                .unwrap();
        }
        Tamper::Column(n, column) => {
            let sql = [
                "update audit_entry set at = at + 1 where seq = $1",
                "update audit_entry set actor = 'person:x' where seq = $1",
                "update audit_entry set action = 'a.b' where seq = $1",
                "update audit_entry set subject = subject || 'x' where seq = $1",
                "update audit_entry set body = 'x' where seq = $1",
            ][usize::from(column)];
            tx.run_for_test(sql, args![seq(n)]).await.unwrap();
        }
        Tamper::Hash(n, at, bit) => {
            let count = tx.count_for_test("select count(*) as n from audit_hash").await.unwrap();
            let idx = (n % count as u64) as i64;
            let mut hash = tx
                .bytes_for_test("select hash as b from audit_hash where idx = $1", args![idx])
                .await
                .unwrap();
            flip(&mut hash, at, bit);
            tx.run_for_test("update audit_hash set hash = $1 where idx = $2", args![hash, idx])
                .await
                .unwrap();
        }
        Tamper::Cut(n) => {
            // At least one entry that was signed goes.
            let keep = n % (size - 1);
            let smaller = forged(keep, 0).await;
            replace(&mut tx, &smaller).await;
        }
        Tamper::CutBare(n) => {
            tx.run_for_test("delete from audit_entry where seq >= $1", args![seq(n)]).await.unwrap();
        }
        Tamper::Swap(a, b) => {
            let (a, b) = (seq(a), seq(b));
            let b = if a == b { (a + 1) % size as i64 } else { b };
            for sql in [
                "update audit_entry set seq = -1 where seq = $1",
                "update audit_entry set seq = $1 where seq = $2",
                "update audit_entry set seq = $2 where seq = -1 and $1 = $1",
            ] {
                let args = if sql.contains("$2") { args![a, b] } else { args![a] };
                tx.run_for_test(sql, args).await.unwrap();
            }
        }
        Tamper::Rebuild(n) => {
            let from = n % (size - 1);
            replace(&mut tx, &forged(from, size - from).await).await;
        }
        Tamper::Head(at, bit) => {
            let mut root = tx.bytes_for_test("select root as b from audit_head", vec![]).await.unwrap();
            flip(&mut root, at, bit);
            tx.run_for_test("update audit_head set root = $1", args![root]).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

/// Puts another log in place of this one: entries, hashes, head; and takes the stored checkpoints away.
async fn replace(tx: &mut store::Tx, other: &TestDb) {
    for sql in ["delete from audit_entry", "delete from audit_hash", "delete from audit_checkpoint"] {
        tx.run_for_test(sql, vec![]).await.unwrap();
    }
    let mut theirs = other.db.read().await.unwrap();
    let head = Head::load(&mut theirs).await.unwrap();
    for seq in 0..head.size {
        let e = list::get(&mut theirs, &Scope::system(), seq).await.unwrap().entry;
        tx.run_for_test(
            "insert into audit_entry (seq, at, actor, action, subject, body, leaf) values ($1,$2,$3,$4,$5,$6,$7)",
            args![seq as i64, e.at, &e.actor, &e.action, &e.subject, e.body, e.leaf()],
        )
        .await
        .unwrap();
    }
    let hashes = theirs.count_for_test("select count(*) as n from audit_hash").await.unwrap();
    for idx in 0..hashes {
        let hash = theirs
            .bytes_for_test("select hash as b from audit_hash where idx = $1", args![idx])
            .await
            .unwrap();
        tx.run_for_test("insert into audit_hash (idx, hash) values ($1, $2)", args![idx, hash])
            .await
            .unwrap();
    }
    tx.run_for_test(
        "update audit_head set size = $1, root = $2",
        args![head.size as i64, head.root.to_vec()],
    )
    .await
    .unwrap();
}

fn runner(cases: u32) -> (tokio::runtime::Runtime, TestRunner) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    (runtime, TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() }))
}

#[test]
fn every_tampering_with_a_store_is_found() {
    let (runtime, mut runner) = runner(60);
    runner
        .run(&(1..40_u64, tamper()), |(entries, tamper)| {
            runtime.block_on(async {
                let t = store::testing::sqlite().await;
                log(&t.db, entries).await;
                let outside = sign(&t.db).await;
                let before = verified(&t.db, std::slice::from_ref(&outside)).await;
                if !before.is_good() {
                    return Err(TestCaseError::fail(format!("untouched: {:?}", before.faults)));
                }
                apply(&t, entries + 1, &tamper).await;
                let after = verified(&t.db, &[outside]).await;
                if after.is_good() {
                    return Err(TestCaseError::fail(format!("not found: {tamper:?}")));
                }
                Ok(())
            })
        })
        .unwrap();
}

#[test]
fn every_tampering_with_an_export_is_found() {
    let (runtime, mut runner) = runner(300);
    let files: Vec<Vec<u8>> = [1, 2, 3, 8, 21]
        .into_iter()
        .map(|n| {
            runtime.block_on(async {
                let t = store::testing::sqlite().await;
                log(&t.db, n).await;
                exported(&t.db).await
            })
        })
        .collect();
    let forged = runtime.block_on(async { exported(&forged(0, 30).await.db).await });
    let forged: Vec<&[u8]> = forged.split_inclusive(|b| *b == b'\n').collect();
    for file in &files {
        assert!(export::verify(&file[..], &[], &keys()).unwrap().is_good());
    }
    let what = (0..files.len(), 0..5_u8, any::<(usize, usize)>(), 0..8_u8);
    runner
        .run(&what, |(which, how, (a, b), bit)| {
            let whole = &files[which];
            let mut lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
            let entries = lines.len() - 1;
            let file = match how {
                0 => {
                    let mut file = whole.clone();
                    flip(&mut file, a, bit);
                    file
                }
                1 => {
                    lines.truncate(1 + a % entries);
                    lines.concat()
                }
                2 if entries > 1 => {
                    let (a, b) = (a % entries, b % entries);
                    let b = if a == b { (a + 1) % entries } else { b };
                    lines.swap(1 + a, 1 + b);
                    lines.concat()
                }
                // Rebuilt from some entry on, under the old header.
                3 => {
                    let from = a % entries;
                    lines[1 + from..].copy_from_slice(&forged[1 + from..=entries]);
                    lines.concat()
                }
                // Cut inside a line.
                _ => whole[..a % (whole.len() - 1)].to_vec(),
            };
            match export::verify(&file[..], &[], &keys()) {
                Ok(report) if report.is_good() => {
                    Err(TestCaseError::fail(format!("not found: {how} {a} {b} {bit}")))
                }
                _ => Ok(()),
            }
        })
        .unwrap();
}
