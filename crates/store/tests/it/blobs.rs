use domain::{
    actor::Scope,
    id::{Ids, Uuid},
    right::Role,
};
use store::{
    StoreError,
    blobs::{self, Blobs},
    both_engines,
    testing::{TestIds, minute},
};
use tokio::io::AsyncReadExt;

use crate::{NOBODY, body};

both_engines! {
    async fn a_file_opens_only_for_those_who_may_read_its_body(t: &TestDb) {
        let ids = TestIds::default();
        let (ours, theirs) = (body(&t.db, &ids, None).await, body(&t.db, &ids, None).await);
        let files = Blobs::open_dir(&t.dir.path().join("blobs")).await.unwrap();
        let blob = files.put(ids.next(), &b"xin chao"[..], 100).await.unwrap();
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(1), tx => {
            tx.record("file.attached", "task:t", Some(ours), &blob.sha256);
            blobs::attach(tx, &blob, ours, "task:t", "a.txt", "text/plain").await
        });
        done.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let (mut file, used) = files.open(&mut sql, &Scope::of(vec![(Role::Clerk, ours)]), &blob.sha256).await.unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), used.name.as_str(), used.len), ("xin chao", "a.txt", 8));
        let stranger = Scope::of(vec![(Role::Head, theirs)]);
        assert!(matches!(files.open(&mut sql, &stranger, &blob.sha256).await, Err(StoreError::NotFound(_))));
        let viewer = Scope::of(vec![(Role::Viewer, ours)]);
        assert!(matches!(files.open(&mut sql, &viewer, &blob.sha256).await, Err(StoreError::NotFound(_))));
    }
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files = Blobs::open_dir(dir.path()).await.unwrap();
    let refused = files.put(Uuid::from_u128(1), &[0_u8; 11][..], 10).await;
    assert!(matches!(refused, Err(StoreError::Refused("too-large"))));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    let kept = files.put(Uuid::from_u128(2), &[0_u8; 10][..], 10).await.unwrap();
    assert_eq!(kept.len, 10);
    assert!(files.path(&kept.sha256).exists());
}

fn aged(path: &std::path::Path, days: i64) {
    let at = minute(-days * 24 * 60);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(at.into()).unwrap();
}

both_engines! {
    async fn what_nothing_refers_to_goes_after_its_time(t: &TestDb) {
        let ids = TestIds::default();
        let ours = body(&t.db, &ids, None).await;
        let root = t.dir.path().join("blobs");
        let files = Blobs::open_dir(&root).await.unwrap();
        let put = async |text: &'static str, days: i64| {
            let blob = files.put(ids.next(), text.as_bytes(), 100).await.unwrap();
            aged(&files.path(&blob.sha256), days);
            blob
        };
        let (used, refused, young, forgotten) = (put("used", 90).await, put("refused", 8).await, put("young", 6).await, put("forgotten", 9).await);
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(-30 * 24 * 60), tx => {
            tx.record("file.attached", "task:t", Some(ours), &used.sha256);
            tx.run_for_test("insert into blob (sha256, len, created_at) values ($1, 9, 0)", store::args![&forgotten.sha256]).await?;
            blobs::attach(tx, &used, ours, "task:t", "a.txt", "text/plain").await
        });
        done.unwrap();
        for name in ["cut-off.part", "arriving.part"] {
            std::fs::write(root.join(name), "x").unwrap();
        }
        aged(&root.join("cut-off.part"), 8);
        aged(&root.join("arriving.part"), 0);
        assert_eq!(files.sweep(&t.db, minute(0)).await.unwrap(), 3);
        let there = |blob: &blobs::Blob| files.path(&blob.sha256).exists();
        assert!(there(&used) && there(&young) && root.join("arriving.part").exists());
        assert!(!there(&refused) && !there(&forgotten) && !root.join("cut-off.part").exists());
        assert_eq!(blobs::digests(&mut t.db.read().await.unwrap()).await.unwrap(), std::slice::from_ref(&used.sha256));
        // The same bytes once more are young again.
        let again = files.put(ids.next(), &b"young"[..], 100).await.unwrap();
        aged(&files.path(&again.sha256), 1);
        assert_eq!(files.sweep(&t.db, minute(2 * 24 * 60)).await.unwrap(), 0);
        assert_eq!(files.sweep(&t.db, minute(9 * 24 * 60)).await.unwrap(), 2);
        assert!(there(&used) && !there(&young));
    }
}
