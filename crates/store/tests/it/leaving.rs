//! Who leaves can do nothing more.

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    right::{Right, Role},
};
use store::{
    StoreError, args, both_engines,
    register::people,
    sign_in::{
        accounts, digest, first,
        sessions::{self, Stage},
        tokens,
    },
    testing::{TestIds, minute},
};

use crate::{NOBODY, body};

both_engines! {
    async fn who_leaves_the_register_is_signed_out_and_stays_out(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let (who, chief): (Id<kind::Person>, Id<kind::Person>) = (Id::new(&ids as &dyn Ids), Id::new(&ids as &dyn Ids));
        let token: Id<kind::Token> = Id::new(&ids as &dyn Ids);
        let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            for (person, role) in [(who, "clerk"), (chief, "administrator")] {
                tx.run_for_test(
                    "insert into person (id, name, folded, sort_key, created_at) values ($1,'Bình','binh','binh',0)",
                    args![person],
                ).await?;
                tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![person, root]).await?;
                tx.run_for_test(
                    "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)",
                    args![ids.next(), person, role, root],
                ).await?;
            }
            accounts::create(tx, &Scope::system(), who, "binh", &digest("CODE")).await?;
            first::set_password(tx, who, "$phc", None).await?;
            sessions::begin(tx, &sessions::New {
                id: Id::new(&ids as &dyn Ids), digest: &digest("cookie"), person: who, stage: Stage::Full,
                agent: "x", address: "x",
            }).await?;
            tokens::create(tx, who, &tokens::New {
                id: token, digest: &digest("token"), name: "x", rights: &[Right::See], expires_at: minute(600),
            }).await
        });
        made.unwrap();
        let alive = async |at| {
            let mut sql = t.db.read().await.unwrap();
            (
                first::credentials(&mut sql, "binh", at).await.unwrap().is_some(),
                sessions::find(&mut sql, &digest("cookie"), at).await.unwrap().is_some(),
                tokens::find(&mut sql, &digest("token"), at).await.unwrap().is_some(),
            )
        };
        assert_eq!(alive(minute(1)).await, (true, true, true));
        let closed: Result<(), StoreError> = store::write!(t.db, Actor::Person(chief), minute(2), tx => {
            people::close(tx, &Scope::of(vec![(Role::Administrator, root)]), who).await
        });
        closed.unwrap();
        assert_eq!(alive(minute(3)).await, (false, false, false));
        // Not only because the person is closed: each of them has ended by itself.
        let mut sql = t.db.read().await.unwrap();
        for query in [
            "select count(*) as n from account where disabled_at is null or first_code_hash is not null",
            "select count(*) as n from session where revoked_at is null",
            "select count(*) as n from api_token where revoked_at is null",
        ] {
            assert_eq!(sql.count_for_test(query).await.unwrap(), 0, "{query}");
        }
        for action in ["account.disabled", "session.revoked", "token.revoked", "person.closed"] {
            let entries = store::audit::list::list(
                &mut sql,
                &Scope::system(),
                &store::audit::list::Filter { action: Some(action.into()), ..Default::default() },
                None,
                10,
            ).await.unwrap();
            assert_eq!(entries.len(), 1, "{action}");
        }
    }
}
