use std::{fs, path::Path};

use domain::intake::ItemState;
use store::testing::{minute, sqlite};
use watch::inbox::Folder;

use super::{LETTER, all_letters, bomb, inbox, items, numbered, states};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .flatten()
        .filter(|e| e.file_type().unwrap().is_file())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_whole_file_becomes_a_letter_and_is_moved() {
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let dir = tempfile::tempdir().unwrap();
    let mut folder = Folder::at(dir.path());
    fs::write(dir.path().join("cv 112.txt"), LETTER).unwrap();
    fs::write(dir.path().join(".hidden.txt"), LETTER).unwrap();
    fs::write(dir.path().join("half.pdf.part"), LETTER).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.txt")).unwrap();
    assert_eq!(folder.round(&inbox, minute(1)).await.unwrap(), 0, "first seen, may still be written to");
    fs::write(dir.path().join("cv 112.txt"), format!("{LETTER} ")).unwrap();
    assert_eq!(folder.round(&inbox, minute(1)).await.unwrap(), 0, "it was written to");
    assert_eq!(folder.round(&inbox, minute(1)).await.unwrap(), 1);
    assert_eq!(folder.round(&inbox, minute(1)).await.unwrap(), 0);
    let letters = all_letters(&t.db).await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].source.as_str(), letters[0].number.as_deref()), ("folder", Some("112")));
    assert_eq!(letters[0].state.name(), "read");
    let done = names(&dir.path().join("done"));
    assert!(done.len() == 1 && done[0].starts_with("cv 112.") && done[0].ends_with(".txt"), "{done:?}");
    assert_eq!(names(dir.path()), [".hidden.txt", "half.pdf.part"]);
    let sql = "select count(*) as n from audit_entry where action = 'letter.received' and actor = 'system'";
    assert_eq!(t.db.read().await.unwrap().count_for_test(sql).await.unwrap(), 1);
}

#[tokio::test]
async fn the_same_paper_again_is_linked_and_not_doubled() {
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let dir = tempfile::tempdir().unwrap();
    let mut folder = Folder::at(dir.path());
    for (name, text) in
        [("a.txt", LETTER.to_owned()), ("b.txt", LETTER.to_owned()), ("c.txt", format!("{LETTER}\n"))]
    {
        fs::write(dir.path().join(name), text).unwrap();
    }
    folder.round(&inbox, minute(1)).await.unwrap();
    assert_eq!(folder.round(&inbox, minute(1)).await.unwrap(), 3);
    let items = items(&t.db).await;
    assert_eq!(
        states(&items).iter().map(|s| s.0).collect::<Vec<_>>(),
        [ItemState::Taken, ItemState::Duplicate, ItemState::Duplicate]
    );
    assert!(items.iter().all(|i| i.letter == items[0].letter && i.letter.is_some()));
    assert_eq!(all_letters(&t.db).await.len(), 1);
    // The one with other bytes is put beside the letter, so that nobody has to believe that it is the same.
    let mut sql = t.db.read().await.unwrap();
    let beside =
        store::intake::attachments(&mut sql, &domain::actor::Scope::system(), items[0].letter.unwrap())
            .await
            .unwrap();
    assert_eq!(beside.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["c.txt"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_with_its_reason_and_not_tried_again() {
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let dir = tempfile::tempdir().unwrap();
    let mut folder = Folder::at(dir.path());
    fs::write(dir.path().join("bomb.docx"), bomb()).unwrap();
    fs::write(dir.path().join("broken.pdf"), "%PDF-1.7\nnothing more").unwrap();
    fs::write(dir.path().join("run.exe"), b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0").unwrap();
    fs::write(dir.path().join("table.xlsx"), b"PK\x03\x04 xl/workbook.xml").unwrap();
    fs::File::create(dir.path().join("large.pdf")).unwrap().set_len(30_000_000).unwrap();
    folder.round(&inbox, minute(1)).await.unwrap();
    assert_eq!(folder.round(&inbox, minute(1)).await.unwrap(), 5);
    let items = items(&t.db).await;
    let mut found: Vec<_> = items
        .iter()
        .map(|i| (i.name.as_deref().unwrap(), i.reason.as_deref().unwrap(), i.sha256.is_some()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("bomb.docx", "too-much", true),
            ("broken.pdf", "damaged", true),
            ("large.pdf", "too-large", false),
            ("run.exe", "active", false),
            ("table.xlsx", "not-a-paper", true),
        ]
    );
    assert_eq!(names(&dir.path().join("refused")).len(), 5);
    assert!(all_letters(&t.db).await.is_empty());
    folder.round(&inbox, minute(2)).await.unwrap();
    assert_eq!(folder.round(&inbox, minute(2)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_secret_paper_is_turned_away_and_only_that_it_came_is_told() {
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let dir = tempfile::tempdir().unwrap();
    let mut folder = Folder::at(dir.path());
    fs::write(dir.path().join("ke hoach K9.txt"), format!("TUYỆT MẬT\n{LETTER}")).unwrap();
    folder.round(&inbox, minute(1)).await.unwrap();
    assert_eq!(folder.round(&inbox, minute(1)).await.unwrap(), 1);
    let items = items(&t.db).await;
    assert_eq!(states(&items), [(ItemState::Secret, None)]);
    assert!(items[0].name.is_none() && items[0].sha256.is_none() && items[0].origin == serde_json::json!({}));
    assert!(all_letters(&t.db).await.is_empty());
    assert_eq!(fs::read_dir(t.dir.path().join("blobs")).unwrap().count(), 0);
    let sql = "select count(*) as n from audit_entry where action = 'letter.refused-secret'";
    assert_eq!(t.db.read().await.unwrap().count_for_test(sql).await.unwrap(), 1);
    assert_eq!(names(&dir.path().join("refused")).len(), 1, "the file itself is its owner's to deal with");
}

/// Cut off at every point where the work waits for something, then begun anew as after a start: nothing lost, nothing
/// doubled.
#[tokio::test]
async fn killed_anywhere_it_neither_loses_nor_doubles() {
    let t = sqlite().await;
    let inbox = inbox(&t).await;
    let dir = tempfile::tempdir().unwrap();
    for number in 1..=3 {
        fs::write(dir.path().join(format!("{number}.txt")), numbered(number)).unwrap();
    }
    let mut cuts = 0;
    for steps in 0.. {
        let mut folder = Folder::at(dir.path());
        folder.round(&inbox, minute(1)).await.unwrap();
        let round = folder.round(&inbox, minute(1));
        let Some(result) = cut_after(round, steps).await else {
            cuts += 1;
            continue;
        };
        result.unwrap();
        if names(dir.path()).is_empty() {
            break;
        }
    }
    assert!(cuts > 3, "{cuts}");
    assert_eq!(all_letters(&t.db).await.len(), 3);
    assert_eq!(states(&items(&t.db).await), [(ItemState::Taken, None); 3]);
    assert_eq!(names(&dir.path().join("done")).len(), 3);
}

/// Drops the future after it was polled so often, as a kill would; `None` then.
async fn cut_after<T>(work: impl Future<Output = T>, steps: usize) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut polls = 0;
    std::future::poll_fn(|context| {
        if let std::task::Poll::Ready(value) = work.as_mut().poll(context) {
            return std::task::Poll::Ready(Some(value));
        }
        polls += 1;
        if polls > steps { std::task::Poll::Ready(None) } else { std::task::Poll::Pending }
    })
    .await
}
