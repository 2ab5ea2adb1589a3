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
