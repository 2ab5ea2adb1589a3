use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    order::{Change, LetterState, Paper},
    right::Role,
};
use serde_json::{Value, json};
use store::{
    StoreError, both_engines, letters,
    letters::{Filter, NewLetter},
    testing::{TestDb, TestIds, minute},
};

use crate::body;

type Letter = Id<kind::Letter>;

pub fn reading() -> Value {
    json!({
        "number": "112", "symbol": "CAT-PA05", "date": "2027-01-12", "issuer": "Công an tỉnh", "subject": "bảo đảm an ninh mạng dịp Tết",
        "to": ["Các sở, ban, ngành"], "occasions": ["tet-2027"], "duties": [{"path": "1", "codes": ["DUTY"]}],
        "basis": [{"reference": "4/BCA-A05"}], "items": [{"path": "1", "text": "Trực 24/7"}], "spans": {}
    })
}

pub async fn add(
    t: &TestDb,
    ids: &TestIds,
    scope: &Scope,
    body: Id<kind::Body>,
    reading: &Value,
) -> Result<Letter, StoreError> {
    let id = Id::new(ids as &dyn Ids);
    let new = NewLetter { id, body, source: "paste", file: None, text: "Số: 112/CAT-PA05", reading };
    store::write!(t.db, Actor::System, minute(1), tx => {
        letters::add(tx, scope, &new).await?;
        Ok::<_, StoreError>(id)
    })
}

pub async fn confirm(t: &TestDb, scope: &Scope, id: Letter) {
    let version = get(t, scope, id).await.version;
    let done: Result<(), StoreError> =
        store::write!(t.db, Actor::System, minute(2), tx => letters::confirm(tx, scope, id, version).await);
    done.unwrap();
}

async fn edit(
    t: &TestDb,
    scope: &Scope,
    id: Letter,
    version: i64,
    changes: &[Change],
) -> Result<(), StoreError> {
    store::write!(t.db, Actor::System, minute(2), tx => letters::edit(tx, scope, id, version, changes).await)
}

async fn get(t: &TestDb, scope: &Scope, id: Letter) -> letters::Letter {
    letters::get(&mut t.db.read().await.unwrap(), scope, id).await.unwrap()
}

fn set(pointer: &str, value: &str) -> [Change; 1] {
    [Change::Set { pointer: pointer.into(), value: json!(value) }]
}

both_engines! {
    async fn a_letter_is_read_corrected_confirmed_and_filed(t: &TestDb) {
        let ids = TestIds::default();
        let here = body(&t.db, &ids, None).await;
        let clerk = Scope::of(vec![(Role::Clerk, here)]);
        let id = add(t, &ids, &clerk, here, &reading()).await.unwrap();
        assert!(matches!(edit(t, &clerk, id, 7, &set("/number", "9")).await, Err(StoreError::Stale)));
        assert!(matches!(edit(t, &clerk, id, 1, &set("/date", "9")).await, Err(StoreError::Refused("letter-field"))));
        edit(t, &clerk, id, 1, &set("/number", "113")).await.unwrap();
        let letter = get(t, &clerk, id).await;
        assert_eq!((letter.row.number.as_deref(), letter.version), (Some("113"), 2));
        assert_eq!(letter.reading["number"], "112", "what the reader read stays");
        assert!(letter.edits.contains_key("/number"));
        let mut again = reading();
        again["number"] = json!("111");
        again["place"] = json!("Sông Trà");
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(3), tx =>
            letters::reread(tx, &clerk, id, 2, Some("other"), &again).await);
        done.unwrap();
        let letter = get(t, &clerk, id).await;
        assert_eq!((letter.corrected["number"].as_str(), letter.corrected["place"].as_str(), letter.text.as_str()), (Some("113"), Some("Sông Trà"), "other"));
        confirm(t, &clerk, id).await;
        assert_eq!(get(t, &clerk, id).await.row.state, LetterState::Confirmed);
        edit(t, &clerk, id, 4, &set("/number", "114")).await.unwrap();
        let letter = get(t, &clerk, id).await;
        assert_eq!((letter.row.state, letter.confirmed_at), (LetterState::Read, None), "a change must be confirmed again");
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(4), tx => letters::file(tx, &clerk, id, 5).await);
        done.unwrap();
        assert!(matches!(edit(t, &clerk, id, 6, &set("/number", "9")).await, Err(StoreError::Refused("letter-settled"))));
    }

    async fn letters_are_their_readers_alone(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let (here, there) = (body(&t.db, &ids, Some(root)).await, body(&t.db, &ids, Some(root)).await);
        let clerk = Scope::of(vec![(Role::Clerk, here)]);
        let id = add(t, &ids, &clerk, here, &reading()).await.unwrap();
        assert!(matches!(add(t, &ids, &clerk, there, &reading()).await, Err(StoreError::NotFound(_))));
        let mut sql = t.db.read().await.unwrap();
        for scope in [Scope::nothing(), Scope::of(vec![(Role::Viewer, here)]), Scope::of(vec![(Role::Head, there)])] {
            assert!(matches!(letters::get(&mut sql, &scope, id).await, Err(StoreError::NotFound(_))));
            assert!(letters::list(&mut sql, &scope, &Filter::default(), 10).await.unwrap().is_empty());
        }
        drop(sql);
        let auditor = Scope::of(vec![(Role::Auditor, root)]);
        assert!(matches!(edit(t, &auditor, id, 1, &set("/number", "9")).await, Err(StoreError::NotFound(_))));
    }

    async fn letters_are_found_paged_and_their_doubles_pointed_out(t: &TestDb) {
        let ids = TestIds::default();
        let here = body(&t.db, &ids, None).await;
        let clerk = Scope::of(vec![(Role::Clerk, here)]);
        let first = add(t, &ids, &clerk, here, &reading()).await.unwrap();
        let mut other = reading();
        other["number"] = json!("5");
        other["subject"] = json!("giỗ tổ 100%");
        let second = add(t, &ids, &clerk, here, &other).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let q = |q| Filter { q, ..Filter::default() };
        let found = letters::list(&mut sql, &clerk, &q("an ninh mang"), 10).await.unwrap();
        assert_eq!(found.iter().map(|l| l.id).collect::<Vec<_>>(), [first]);
        assert_eq!(letters::list(&mut sql, &clerk, &q("100%"), 10).await.unwrap().len(), 1);
        assert_eq!(letters::list(&mut sql, &clerk, &q("%"), 10).await.unwrap().len(), 1);
        let page = letters::list(&mut sql, &clerk, &Filter::default(), 1).await.unwrap();
        assert_eq!(page[0].id, second);
        let after = Some((page[0].received_at, page[0].id));
        let page = letters::list(&mut sql, &clerk, &Filter { after, ..Filter::default() }, 1).await.unwrap();
        assert_eq!(page[0].id, first);
        let paper = Paper::of(&reading()).unwrap();
        let same = letters::duplicates(&mut sql, &clerk, here, None, &paper).await.unwrap();
        assert_eq!(same.iter().map(|l| l.id).collect::<Vec<_>>(), [first]);
    }

    async fn a_letter_finds_its_parent_and_never_goes_in_a_circle(t: &TestDb) {
        let ids = TestIds::default();
        let here = body(&t.db, &ids, None).await;
        let clerk = Scope::of(vec![(Role::Clerk, here)]);
        let mut above = reading();
        above["number"] = json!("4");
        above["symbol"] = json!("BCA-A05");
        let parent = add(t, &ids, &clerk, here, &above).await.unwrap();
        let child = add(t, &ids, &clerk, here, &reading()).await.unwrap();
        let letter = get(t, &clerk, child).await;
        let named = letters::named_by(&mut t.db.read().await.unwrap(), &clerk, &letter).await.unwrap();
        assert_eq!(named.iter().map(|l| l.id).collect::<Vec<_>>(), [parent]);
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx => letters::link(tx, &clerk, child, 1, Some(parent)).await);
        done.unwrap();
        let circle: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx => letters::link(tx, &clerk, parent, 1, Some(child)).await);
        assert!(matches!(circle, Err(StoreError::Refused("letter-circle"))));
        let below = letters::below(&mut t.db.read().await.unwrap(), &clerk, parent).await.unwrap();
        assert_eq!(below.len(), 1);
    }
}
