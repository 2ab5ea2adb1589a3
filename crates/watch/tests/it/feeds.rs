//! Feeds that come packed: an archive is a folder, only what changed in it is written, and half of one takes nothing away.

use std::{fs, io::Write, path::Path, sync::Arc};

use domain::{
    actor::{Actor, Scope},
    feed::{Place, Signed, Trouble},
    id::{Id, Ids, kind},
};
use send::{Fetcher, HttpConfig};
use store::{
    StoreError,
    advisories::{self, NewFeed},
    blobs::Blobs,
    both_engines,
    testing::{TestDb, TestIds, minute},
};
use watch::feeds::{Came, Feeds};

/// Made for this test by GnuPG 2.2.40.
const KEY: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawMUTxYJKwYBBAHaRw8BAQdAPFx2isDfMLj6rGZwuqZ/Mn1YcbzaFjBzWbQU
P+dCZsK0J0LDqm4gcGjDoXQgaMOgbmggPHBoYXQtaGFuaEBleGFtcGxlLnZuPoiQ
BBMWCAA4FiEEvT7WH462kadaF2Qk7sYzcdNcDKkFAmsDFE8CGwMFCwkIBwIGFQoJ
CAsCBBYCAwECHgECF4AACgkQ7sYzcdNcDKnd+QD/TtZlFqgzEYSmNhB452lpX6Wp
A1nq5pTqIlaxb1Bns0EA+QHQOeCE7XwWl/UQpAj19dsFRTDBwKHkGA5eOdQADpYA
=D8Je
-----END PGP PUBLIC KEY BLOCK-----\n";
const SIGNED: &str = r#"{"id":"GHSA-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0"}]}]}]}"#;
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----

iIsEABYIADMWIQS9PtYfjraRp1oXZCTuxjNx01wMqQUCawMdqxUccGhhdC1oYW5o
QGV4YW1wbGUudm4ACgkQ7sYzcdNcDKktMwD+P1u9hN1EJB7hIz1n89JHOwd2C/6e
2O01WKxrjFclyOwBAL12XagS1KcZ00MD3NzZ4hC0iIUN4+TWfUy63jXujZoI
=tsaz
-----END PGP SIGNATURE-----\n";

/// Each a flaw with the version that mends it.
fn zip(to: &Path, flaws: &[(&str, &str)]) {
    let mut zip = zip::ZipWriter::new(fs::File::create(to).unwrap());
    for (id, fixed) in flaws {
        zip.start_file(format!("osv/{id}.json"), zip::write::SimpleFileOptions::default()).unwrap();
        write!(
            zip,
            r#"{{"id":"{id}","affected":[{{"package":{{"ecosystem":"npm","name":"a"}},"ranges":[{{"type":"SEMVER",
               "events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
        )
        .unwrap();
    }
    zip.finish().unwrap();
}

struct Story {
    feeds: Feeds,
    id: Id<kind::Feed>,
    now: i64,
}

impl Story {
    async fn of(t: &TestDb, place: &Path) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(TestIds::default());
        let feeds = Feeds {
            db: t.db.clone(),
            blobs: Blobs::open_dir(&t.dir.path().join("blobs")).await.unwrap(),
            fetcher: Fetcher::new(&HttpConfig::default(), []).unwrap(),
            ids: ids.clone(),
        };
        let id = Id::new(&*ids);
        let place = place.to_str().unwrap();
        let new = NewFeed { id, name: "F", kind: Place::Directory, place, signed: Signed::No };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            advisories::add(tx, &Scope::system(), &new).await
        });
        done.unwrap();
        Self { feeds, id, now: 0 }
    }

    /// Reads it; what was added, changed, removed.
    async fn read(&mut self, t: &TestDb) -> ((u32, u32, u32), Came) {
        self.now += 1;
        let scope = Scope::system();
        let feed = advisories::feed(&mut t.db.read().await.unwrap(), &scope, self.id).await.unwrap();
        let came = self.feeds.read(&feed, minute(self.now)).await.unwrap();
        ((came.taken.added, came.taken.changed, came.taken.removed), came)
    }
}

both_engines! {
async fn an_archive_is_a_folder_of_files(t: &TestDb) {
    let dir = tempfile::tempdir().unwrap();
    let all = dir.path().join("all.zip");
    zip(&all, &[("GHSA-1", "1.0"), ("GHSA-2", "2.0"), ("GHSA-3", "3.0")]);
    let mut story = Story::of(t, dir.path()).await;
    assert_eq!(story.read(t).await.0, (3, 0, 0));
    assert_eq!(story.read(t).await.0, (0, 0, 0), "unchanged");
    zip(&all, &[("GHSA-1", "1.0"), ("GHSA-2", "2.1"), ("GHSA-4", "4.0")]);
    assert_eq!(story.read(t).await.0, (1, 1, 1));
    // Half of it arrived: what was known stands.
    let whole = fs::read(&all).unwrap();
    fs::write(&all, &whole[..whole.len() / 2]).unwrap();
    let (taken, came) = story.read(t).await;
    assert_eq!((taken, came.trouble.map(|(why, _)| why)), ((0, 0, 0), Some(Trouble::Broken)));
    fs::write(&all, &whole).unwrap();
    assert_eq!(story.read(t).await.0, (0, 0, 0));
    fs::remove_file(&all).unwrap();
    fs::write(dir.path().join("kev.json"), r#"{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2099-1"}]}"#).unwrap();
    let (taken, came) = story.read(t).await;
    assert_eq!((taken, came.taken.signals), ((0, 0, 3), 1), "the archive is gone, and what it held");
}

async fn what_is_made_to_hurt_is_said_and_costs_nothing_else(t: &TestDb) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    zip(&at("tot.zip"), &[("GHSA-1", "1.0")]);
    // A document of a gigabyte, XML that swells, JSON without end, a wrong encoding.
    fs::File::create(at("lon.json")).unwrap().set_len(1 << 30).unwrap();
    let entities: String = (1..20).map(|n| format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(20))).collect();
    fs::write(at("cuoi.xml"), format!("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a0 \"ha\">{entities}]><cvrf:cvrfdoc>&a19;</cvrf:cvrfdoc>")).unwrap();
    fs::write(at("sau.json"), "{\"id\":\"A\",\"affected\":".to_owned() + &"[".repeat(200_000)).unwrap();
    fs::write(at("utf16.json"), b"\xff\xfe{\x00\"\x00i\x00").unwrap();
    let mut story = Story::of(t, dir.path()).await;
    let (taken, came) = story.read(t).await;
    assert_eq!(taken, (1, 0, 0), "what is good is taken");
    assert!(came.trouble.is_some(), "the first that is wrong is named");
    fs::remove_file(at("cuoi.xml")).unwrap();
    let (_, came) = story.read(t).await;
    let large = Some((Trouble::TooLarge, "lon.json".to_owned()));
    assert_eq!(came.trouble, large, "a gigabyte is not even read");
    fs::remove_file(at("lon.json")).unwrap();
    assert!(story.read(t).await.1.trouble.is_some());
    for name in ["sau.json", "utf16.json"] {
        fs::remove_file(at(name)).unwrap();
    }
    assert_eq!(story.read(t).await.1.trouble, None);
}

async fn with_a_key_only_what_it_signed_is_taken(t: &TestDb) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("a.json"), SIGNED).unwrap();
    fs::write(at("a.json.sha256"), "0").unwrap();
    let mut story = Story::of(t, dir.path()).await;
    let trust = async |key: &str| {
        let done: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            advisories::trust(tx, &Scope::system(), story.id, key).await
        });
        done
    };
    assert!(matches!(trust("khóa").await, Err(StoreError::Refused("feed-key"))));
    assert_eq!(trust(KEY).await.unwrap(), ["BD3ED61F8EB691A75A176424EEC63371D35C0CA9"]);
    let (taken, came) = story.read(t).await;
    assert_eq!((taken, came.trouble), ((0, 0, 0), Some((Trouble::Unsigned, "a.json".into()))), "no signature");
    fs::write(at("a.json.asc"), SIGNATURE).unwrap();
    fs::write(at("b.json"), SIGNED.replace("1.0", "2.0")).unwrap();
    fs::write(at("b.json.asc"), SIGNATURE).unwrap();
    let (taken, came) = story.read(t).await;
    assert_eq!((taken, came.trouble), ((1, 0, 0), Some((Trouble::Unsigned, "b.json".into()))), "of another file");
    // Changed behind its signature: what was known stands.
    fs::remove_file(at("b.json")).unwrap();
    fs::write(at("a.json"), SIGNED.replace("1.0", "3.0")).unwrap();
    assert_eq!(story.read(t).await.0, (0, 0, 0));
    // Who signed an archive signed what is in it; this one nobody did.
    fs::write(at("a.json"), SIGNED).unwrap();
    zip(&at("all.zip"), &[("GHSA-9", "1.0")]);
    fs::write(at("all.zip.asc"), SIGNATURE).unwrap();
    let (taken, came) = story.read(t).await;
    assert_eq!((taken, came.trouble), ((0, 0, 0), Some((Trouble::Unsigned, "all.zip".into()))));
    fs::remove_file(at("all.zip")).unwrap();
    assert_eq!(story.read(t).await.1.trouble, None);
}
}
