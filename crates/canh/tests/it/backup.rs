use std::{fs, path::Path};

use domain::{
    actor::Actor,
    id::{Id, Uuid},
};
use store::{Db, StoreError, args, audit::Head, blobs};

use crate::{Server, bad, canh, good, served};

/// Stores a file and names it in a record, as an upload does.
async fn upload(data: &Path, bytes: &[u8]) -> String {
    let db = Db::open_sqlite(&data.join("canh.sqlite")).await.unwrap();
    let store = blobs::Blobs::open_dir(&data.join("blobs")).await.unwrap();
    let blob = store.put(Uuid::from_u128(1), bytes, 1 << 20).await.unwrap();
    let now = store::testing::minute(0);
    let done: Result<(), StoreError> = store::write!(db, Actor::System, now, tx => {
        tx.record("test.uploaded", "test:1", None, &1);
        tx.run_for_test(
            "insert into blob (sha256, len, created_at) values ($1, $2, 0)",
            args![&blob.sha256, blob.len as i64],
        ).await.map(|_| ())
    });
    done.unwrap();
    db.close().await;
    let _ = Id::<domain::id::kind::Job>::from_uuid(Uuid::nil());
    blob.sha256
}

async fn head(data: &Path) -> Head {
    let db = Db::open_sqlite(&data.join("canh.sqlite")).await.unwrap();
    let head = Head::load(&mut db.read().await.unwrap()).await.unwrap();
    db.close().await;
    head
}

#[tokio::test]
async fn a_backup_made_while_serving_comes_back_whole() {
    let (dir, data) = served();
    let sha256 = upload(&data, b"bang chung").await;
    let server = Server::start(&data);
    let file = dir.path().join("b.tar.zst");
    let said = good(canh(&data).arg("backup").arg(&file));
    assert!(said.contains("checked"), "{said}");
    assert!(bad(canh(&data).arg("backup").arg(&file)).contains("already"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds keys");
    assert!(server.stop());
    let beside: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "nothing is left over: {beside:?}");

    let back = dir.path().join("back");
    assert!(good(canh(&back).arg("restore").arg(&file)).contains("checked"));
    assert_eq!(head(&back).await, head(&data).await);
    let (first, rest) = sha256.split_at(2);
    assert_eq!(fs::read(back.join("blobs").join(first).join(rest)).unwrap(), b"bang chung");
    assert_eq!(fs::read(back.join("instance.key")).unwrap(), fs::read(data.join("instance.key")).unwrap());
    good(canh(&back).args(["audit", "verify"]));
    assert!(Server::start(&back).stop());
    assert!(bad(canh(&back).arg("restore").arg(&file)).contains("not empty"));
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let (dir, data) = served();
    let sha256 = upload(&data, &[7; 4096]).await;
    let file = dir.path().join("b.tar.zst");
    good(canh(&data).arg("backup").arg(&file));
    let whole = fs::read(&file).unwrap();
    let plain = zstd::decode_all(&whole[..]).unwrap();
    let bad_file = dir.path().join("bad.tar.zst");
    let back = dir.path().join("back");
    let len = whole.len();
    for (n, damage) in [len / 4, len / 2, len - 20].into_iter().enumerate() {
        // Some bits mean nothing to whoever unpacks.
        let matters =
            |bytes: &Vec<u8>| zstd::decode_all(&bytes[..]).map_or(true, |unpacked| unpacked != plain);
        let other = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            bytes
        };
        fs::write(&bad_file, (damage..len).map(other).find(matters).unwrap()).unwrap();
        let sai = bad(canh(&back).args(["--lang", "vi", "restore"]).arg(&bad_file));
        assert!(sai.contains("chưa có gì được đặt vào chỗ: "), "{sai}");
        fs::write(&bad_file, &whole[..damage]).unwrap();
        bad(canh(&back).arg("restore").arg(&bad_file));
        assert!(!back.exists() && !dir.path().join(".back.restoring").exists(), "{n}");
    }
    // A file that is gone from the data folder is noticed when the backup is made, not when it is needed.
    let (first, rest) = sha256.split_at(2);
    fs::remove_file(data.join("blobs").join(first).join(rest)).unwrap();
    assert!(bad(canh(&data).arg("backup").arg(dir.path().join("c.tar.zst"))).contains("missing"));
}
