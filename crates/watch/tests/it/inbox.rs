//! Papers in by themselves, through a real folder and a real mail server.

mod folder;
mod mail;

use std::sync::Arc;

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids},
    intake::ItemState,
};
use letter::{Lexicon, Reader};
use store::{
    Db, StoreError, args,
    blobs::Blobs,
    intake::{self, Item},
    letters::{self, LetterRow},
    testing::{TestDb, TestIds, minute},
};
use watch::inbox::Inbox;

pub const LETTER: &str = "CÔNG AN TỈNH SÔNG TRÀ\nSố: 112/CAT-PA05\nV/v bảo đảm an ninh mạng dịp Tết Nguyên đán Đinh Mùi 2027\n\nSông Trà, ngày 12 tháng 01 năm 2027\n\nKính gửi:\n- Các sở, ban, ngành;\n- UBND các xã, phường.\n\nCông an tỉnh đề nghị:\n\n1. Phân công lực lượng trực giám sát, ứng cứu sự cố 24/7.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nGIÁM ĐỐC\n\nTrần Văn Bình\n";

/// The same letter with another number.
pub fn numbered(number: u32) -> String {
    LETTER.replace("112/", &format!("{number}/"))
}

/// A body with the code `000.10`, and an inbox for it.
pub async fn inbox(t: &TestDb) -> Inbox {
    // Ids of their own, so that a second process over the same records does not make the first one's again.
    let ids: Arc<dyn Ids> = Arc::new(TestIds::default());
    let body: Id<domain::id::kind::Body> = Id::new(&*ids);
    let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into body (id, kind, code, name, folded, sort_key, created_at) values ($1,'lead','000.10','Công an tỉnh','x','x',0)",
            args![body],
        ).await?;
        tx.run_for_test("insert into body_closure (above, below, depth) values ($1, $1, 0)", args![body]).await?;
        tx.record("body.created", format!("body:{body}"), Some(body), &"test");
        Ok(())
    });
    made.unwrap();
    Inbox {
        db: t.db.clone(),
        blobs: Blobs::open_dir(&t.dir.path().join("blobs")).await.unwrap(),
        worker: sandbox::Worker::new(env!("CARGO_BIN_EXE_watch-worker"), ["worker", "paper"], 2),
        roots: paper::signature::Roots::default(),
        reader: Arc::new(Reader::new(&Lexicon::builtin())),
        ids,
        body: "000.10".into(),
        folder: None,
        mail: None,
    }
}

pub async fn items(db: &Db) -> Vec<Item> {
    let mut sql = db.read().await.unwrap();
    let mut items = intake::list(&mut sql, &Scope::system(), &intake::Filter::default(), 500).await.unwrap();
    items.reverse();
    items
}

pub async fn all_letters(db: &Db) -> Vec<LetterRow> {
    let mut sql = db.read().await.unwrap();
    letters::list(&mut sql, &Scope::system(), &letters::Filter::default(), 500).await.unwrap()
}

pub fn states(items: &[Item]) -> Vec<(ItemState, Option<&str>)> {
    items.iter().map(|i| (i.state, i.reason.as_deref())).collect()
}

/// A Word file whose text unpacks to more than anything real.
pub fn bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["[Content_Types].xml", "word/document.xml"] {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name, options).unwrap();
        let chunk = vec![b' '; 1 << 20];
        for _ in 0..40 {
            std::io::Write::write_all(&mut zip, &chunk).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}
