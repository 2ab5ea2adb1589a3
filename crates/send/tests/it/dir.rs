//! `DirChannel` on a real folder.

use std::{fs, path::Path};

use send::{Channel, DirChannel, Outcome};
use tempfile::TempDir;

use crate::{MAX_BYTES, message, sender};

fn names(dir: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_message_is_one_private_file_however_often_it_is_sent() {
    let root = TempDir::new().unwrap();
    let dir = root.path().join("data/outbox");
    let channel = DirChannel::new(&dir, &sender(), MAX_BYTES).unwrap();
    assert_eq!((channel.kind(), channel.dir()), ("email", dir.as_path()));
    channel.check().await.unwrap();
    let mail = message("0190f3c2", "on@xa.example");
    let Outcome::Receipt { provider_id: name } = channel.send(&mail).await else { panic!() };
    let first = fs::read(dir.join(&name)).unwrap();
    assert_eq!(channel.send(&mail).await, Outcome::Receipt { provider_id: name.clone() });
    assert_eq!(fs::read(dir.join(&name)).unwrap(), first);
    assert_eq!(names(&dir), [name.as_str()]);
    assert!(name.starts_with("0190f3c2.") && name.ends_with(".eml"));
    assert!(first.starts_with(b"Date: Fri, 05 Feb 2027 01:02:03 +0000\r\n"));
    channel.send(&message("0190f3c2", "other@xa.example")).await;
    assert_eq!(names(&dir).len(), 2, "the same intent to somebody else is another file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&dir.join(&name))), (0o700, 0o600));
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_means_later_and_a_bad_message_never() {
    let root = TempDir::new().unwrap();
    let file = root.path().join("outbox");
    fs::write(&file, "in the way").unwrap();
    let channel = DirChannel::new(&file, &sender(), MAX_BYTES).unwrap();
    assert!(matches!(channel.send(&message("i1", "on@xa.example")).await, Outcome::RetryAfter { .. }));
    assert!(channel.check().await.is_err());
    for id in ["", "../../etc/x", "a.b", "a b"] {
        assert!(
            matches!(channel.send(&message(id, "on@xa.example")).await, Outcome::Refused { .. }),
            "{id:?}"
        );
    }
}
