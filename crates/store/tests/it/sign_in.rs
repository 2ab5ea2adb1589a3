use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, Secrets, kind},
    right::{Right, Role},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError, args, both_engines,
    sign_in::{
        InstanceKey, accounts, digest, first,
        idempotency::{self, Begun},
        links::{self, Purpose},
        recovery, scope_of,
        sessions::{self, Care, Stage},
        text, tokens, tries,
    },
    testing::{TestDb, TestIds, TestSecrets, minute},
};

use crate::{NOBODY, body};

async fn person(
    t: &TestDb,
    ids: &TestIds,
    name: &'static str,
    bodies: &[Id<kind::Body>],
    roles: &[(Role, Id<kind::Body>)],
) -> Id<kind::Person> {
    let id = Id::new(ids as &dyn Ids);
    let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$3,$3,0)",
            args![id, name, domain::text::fold(name)],
        ).await?;
        for body in bodies {
            tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![id, *body]).await?;
        }
        for (role, body) in roles {
            tx.run_for_test(
                "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)",
                args![ids.next(), id, role.name(), *body],
            ).await?;
        }
        tx.record("person.created", format!("person:{id}"), None, &"test");
        Ok(())
    });
    made.unwrap();
    id
}

/// A root with one child, and a person with an account.
async fn ground(t: &TestDb, ids: &TestIds) -> (Id<kind::Body>, Id<kind::Body>, Id<kind::Person>) {
    let root = body(&t.db, ids, None).await;
    let child = body(&t.db, ids, Some(root)).await;
    let who = person(t, ids, "Trần Văn Bình", &[root], &[(Role::Coordinator, root)]).await;
    let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
        accounts::create(tx, &Scope::system(), who, "Binh.TV", &digest("CODE")).await
    });
    made.unwrap();
    (root, child, who)
}

fn secret(secrets: &TestSecrets) -> String {
    text(&secrets.bytes())
}

async fn begin(t: &TestDb, ids: &TestIds, who: Id<kind::Person>, secret: &str, stage: Stage, now: Timestamp) {
    let made: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), now, tx => {
        sessions::begin(tx, &sessions::New {
            id: Id::new(ids as &dyn Ids), digest: &digest(secret), person: who, stage,
            agent: "Chromium\u{7}", address: "10.0.0.1",
        }).await
    });
    made.unwrap();
}

async fn find(t: &TestDb, secret: &str, now: Timestamp) -> Option<sessions::Found> {
    sessions::find(&mut t.db.read().await.unwrap(), &digest(secret), now).await.unwrap()
}

fn seconds(at: Timestamp, more: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(more)).unwrap()
}

both_engines! {
    async fn from_first_code_to_password_and_second_factor(t: &TestDb) {
        let ids = TestIds::default();
        let (_, _, who) = ground(t, &ids).await;
        let mut sql = t.db.read().await.unwrap();
        let c = first::credentials(&mut sql, " BINH.tv ", minute(1)).await.unwrap().unwrap();
        assert_eq!((c.person, c.first_code.as_deref(), c.totp), (who, Some(digest("CODE").as_str()), false));
        assert_eq!(first::credentials(&mut sql, "nobody", minute(1)).await.unwrap(), None);
        let late = minute(0).checked_add(accounts::FIRST_CODE).unwrap();
        assert_eq!(first::credentials(&mut sql, "binh.tv", late).await.unwrap().unwrap().first_code, None);
        drop(sql);

        let set: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(1), tx => {
            first::set_password(tx, who, "$argon2id$…", None).await?;
            first::offer_totp(tx, who, b"sealed").await?;
            assert!(!first::totp(tx, who).await?.unwrap().confirmed);
            assert!(first::use_step(tx, who, 100).await?);
            assert!(!first::use_step(tx, who, 100).await?);
            assert!(!first::use_step(tx, who, 99).await?);
            assert!(first::use_step(tx, who, 101).await?);
            recovery::replace(tx, who, &[digest("R1"), digest("R2")]).await?;
            assert!(recovery::spend(tx, who, &digest("R1")).await?);
            assert!(!recovery::spend(tx, who, &digest("R1")).await?);
            assert!(!recovery::spend(tx, who, &digest("R9")).await?);
            assert_eq!(recovery::left(tx, who).await?, 1);
            assert!(matches!(first::offer_totp(tx, who, b"other").await, Err(StoreError::Refused("second-factor-set"))));
            Ok(())
        });
        set.unwrap();
        let c = first::credentials(&mut t.db.read().await.unwrap(), "binh.tv", minute(2)).await.unwrap().unwrap();
        assert_eq!((c.first_code, c.totp, c.password_hash.is_some()), (None, true, true));
    }

    async fn an_administrator_reaches_only_people_whose_every_body_is_theirs(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let child = body(&t.db, &ids, Some(root)).await;
        let own = person(t, &ids, "An", &[child], &[(Role::Viewer, child)]).await;
        let shared = person(t, &ids, "Bình", &[child, root], &[]).await;
        let mighty = person(t, &ids, "Cúc", &[child], &[(Role::Head, root)]).await;
        let below = Scope::of(vec![(Role::Administrator, child)]);
        let above = Scope::of(vec![(Role::Administrator, root)]);
        let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            for (who, login) in [(own, "an1"), (shared, "binh"), (mighty, "cuc")] {
                accounts::create(tx, &above, who, login, "d").await?;
            }
            for who in [shared, mighty] {
                assert!(matches!(accounts::reset_totp(tx, &below, who).await, Err(StoreError::NotFound(_))));
                assert!(matches!(accounts::new_first_code(tx, &below, who, "x").await, Err(StoreError::NotFound(_))));
                assert!(matches!(accounts::enable(tx, &below, who, false).await, Err(StoreError::NotFound(_))));
            }
            accounts::new_first_code(tx, &below, own, "x").await?;
            Ok(())
        });
        made.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let names = |list: Vec<accounts::Account>| list.into_iter().map(|a| a.login).collect::<Vec<_>>();
        assert_eq!(names(accounts::list(&mut sql, &below, None, None, 50).await.unwrap()), ["an1"]);
        let all = accounts::list(&mut sql, &above, None, None, 2).await.unwrap();
        let rest = accounts::list(&mut sql, &above, None, Some(all[1].cursor()), 2).await.unwrap();
        assert_eq!((names(all), names(rest)), (vec!["an1".into(), "binh".into()], vec!["cuc".into()]));
        assert_eq!(names(accounts::list(&mut sql, &above, Some("cúc"), None, 9).await.unwrap()), ["cuc"]);
        assert!(accounts::list(&mut sql, &Scope::of(vec![(Role::Head, root)]), None, None, 9).await.unwrap().is_empty());
    }

    async fn bad_and_taken_logins_are_refused(t: &TestDb) {
        let ids = TestIds::default();
        let (root, _, who) = ground(t, &ids).await;
        let other = person(t, &ids, "Khác", &[root], &[]).await;
        let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            for bad in ["ab", "a b c", "<script>", "a/b/c", ""] {
                assert!(matches!(accounts::create(tx, &Scope::system(), other, bad, "d").await, Err(StoreError::Refused("login-form"))), "{bad}");
            }
            assert!(matches!(accounts::create(tx, &Scope::system(), other, "BINH.TV", "d").await, Err(StoreError::Refused("login-taken"))));
            assert!(matches!(accounts::create(tx, &Scope::system(), who, "binh2", "d").await, Err(StoreError::Refused("account-exists"))));
            accounts::create(tx, &Scope::system(), other, "khac", "d").await?;
            Ok(())
        });
        made.unwrap();
        let own: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(1), tx => {
            accounts::enable(tx, &Scope::system(), who, false).await
        });
        assert!(matches!(own, Err(StoreError::Refused("own-account"))));
    }

    async fn a_session_ends_when_idle_when_old_and_when_its_account_is_disabled(t: &TestDb) {
        let (ids, secrets) = (TestIds::default(), TestSecrets::default());
        let (_, _, who) = ground(t, &ids).await;
        let cookie = secret(&secrets);
        begin(t, &ids, who, &cookie, Stage::Full, minute(0)).await;
        assert!(find(t, &cookie, minute(29)).await.is_some());
        assert!(find(t, &cookie, minute(30)).await.is_none());
        assert!(find(t, &secret(&secrets), minute(1)).await.is_none());
        // Seen every ten minutes it lives on, but not past twelve hours.
        let mut cookie = cookie;
        for n in (10..720).step_by(10) {
            let found = find(t, &cookie, minute(n)).await.unwrap();
            let fresh = secret(&secrets);
            if sessions::keep(&t.db, &found, &digest(&fresh), minute(n)).await.unwrap() {
                cookie = fresh;
            }
        }
        assert!(find(t, &cookie, minute(719)).await.is_some());
        assert!(find(t, &cookie, minute(720)).await.is_none());

        let cookie = secret(&secrets);
        begin(t, &ids, who, &cookie, Stage::Full, minute(800)).await;
        let off: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(801), tx => {
            accounts::enable(tx, &Scope::system(), who, false).await
        });
        off.unwrap();
        assert!(find(t, &cookie, minute(801)).await.is_none());
        assert_eq!(first::credentials(&mut t.db.read().await.unwrap(), "binh.tv", minute(801)).await.unwrap(), None);
    }

    async fn a_rotated_secret_overlaps_and_a_copied_one_ends_the_session(t: &TestDb) {
        let (ids, secrets) = (TestIds::default(), TestSecrets::default());
        let (_, _, who) = ground(t, &ids).await;
        let (one, two, three) = (secret(&secrets), secret(&secrets), secret(&secrets));
        begin(t, &ids, who, &one, Stage::Full, minute(0)).await;
        let found = find(t, &one, minute(15)).await.unwrap();
        assert_eq!(found.care, Care::Rotate);
        assert_eq!(found.session.agent, "Chromium");
        // Two requests at once: one rotates.
        assert!(sessions::keep(&t.db, &found, &digest(&two), minute(15)).await.unwrap());
        assert!(!sessions::keep(&t.db, &found, &digest(&three), minute(15)).await.unwrap());
        // The answer was lost: the old secret is still good, and gets another after a while.
        assert_eq!(find(t, &one, minute(15)).await.unwrap().care, Care::None);
        let lost = find(t, &one, minute(17)).await.unwrap();
        assert_eq!(lost.care, Care::Rotate);
        assert!(sessions::keep(&t.db, &lost, &digest(&three), minute(17)).await.unwrap());
        assert!(find(t, &two, minute(17)).await.is_none());
        // The new one arrives: the old one has a minute left, then it is a copy.
        let seen = find(t, &three, minute(18)).await.unwrap();
        assert_eq!(seen.care, Care::Touch);
        sessions::keep(&t.db, &seen, "", minute(18)).await.unwrap();
        assert_eq!(find(t, &one, seconds(minute(18), 59)).await.unwrap().care, Care::None);
        let copied = find(t, &one, seconds(minute(18), 61)).await.unwrap();
        assert_eq!(copied.care, Care::Replayed);
        sessions::keep(&t.db, &copied, "", minute(20)).await.unwrap();
        assert!(find(t, &three, minute(20)).await.is_none());
    }

    async fn half_a_sign_in_is_no_session_and_ends_after_wrong_codes(t: &TestDb) {
        let (ids, secrets) = (TestIds::default(), TestSecrets::default());
        let (_, _, who) = ground(t, &ids).await;
        let (half, full, other) = (secret(&secrets), secret(&secrets), secret(&secrets));
        begin(t, &ids, who, &half, Stage::Second, minute(0)).await;
        begin(t, &ids, who, &other, Stage::Second, minute(0)).await;
        assert!(sessions::list(&mut t.db.read().await.unwrap(), who, minute(1)).await.unwrap().is_empty());
        let session = find(t, &half, minute(1)).await.unwrap().session;
        let up: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(1), tx => {
            sessions::promote(tx, &session, &digest(&full), Stage::Full).await
        });
        up.unwrap();
        assert!(find(t, &half, minute(1)).await.is_none());
        assert_eq!(find(t, &full, minute(1)).await.unwrap().session.stage, Stage::Full);
        let again: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(1), tx => {
            sessions::promote(tx, &session, &digest("x"), Stage::Full).await
        });
        assert!(matches!(again, Err(StoreError::NotFound(_))));

        let session = find(t, &other, minute(1)).await.unwrap().session;
        for n in 1..=sessions::TRIES_MAX {
            let alive: Result<bool, StoreError> = store::write!(t.db, Actor::Nobody, minute(1), tx => {
                tx.record("test", "test", None, &());
                sessions::wrong(tx, session.id).await
            });
            assert_eq!(alive.unwrap(), n < sessions::TRIES_MAX);
        }
        assert!(find(t, &other, minute(1)).await.is_none());
        // Somebody else's session is not there to be ended.
        let list = sessions::list(&mut t.db.read().await.unwrap(), who, minute(1)).await.unwrap();
        let foreign: Result<(), StoreError> = store::write!(t.db, Actor::Nobody, minute(2), tx => {
            sessions::revoke(tx, Id::new(&ids as &dyn Ids), list[0].id).await
        });
        assert!(matches!(foreign, Err(StoreError::NotFound(_))));
    }

    async fn waits_belong_to_a_pair_and_are_forgotten(t: &TestDb) {
        let (here, there) = (tries::Key::new(&["binh", "10.0.0.1"], 2), tries::Key::new(&["binh", "10.0.0.2"], 2));
        for n in 1..=4 {
            let most: Result<u32, StoreError> = store::write!(t.db, Actor::Nobody, minute(0), tx => {
                tx.record("session.refused", "account:unknown", None, &());
                tries::failed(tx, std::slice::from_ref(&here)).await
            });
            assert_eq!(most.unwrap(), n);
        }
        let mut sql = t.db.read().await.unwrap();
        let until = tries::blocked(&mut sql, std::slice::from_ref(&here), minute(0)).await.unwrap();
        assert_eq!(until, Some(seconds(minute(0), 4)));
        assert_eq!(tries::blocked(&mut sql, std::slice::from_ref(&there), minute(0)).await.unwrap(), None);
        assert_eq!(tries::blocked(&mut sql, &[there.clone(), here.clone()], minute(0)).await.unwrap(), until);
        assert_eq!(tries::blocked(&mut sql, std::slice::from_ref(&here), minute(1)).await.unwrap(), None);
        drop(sql);
        let most: Result<u32, StoreError> = store::write!(t.db, Actor::Nobody, minute(25 * 60), tx => {
            tx.record("session.refused", "account:unknown", None, &());
            tries::failed(tx, &[here.clone(), there.clone()]).await
        });
        assert_eq!(most.unwrap(), 1);
        let clear: Result<(), StoreError> = store::write!(t.db, Actor::Nobody, minute(25 * 60), tx => {
            tx.record("test", "test", None, &());
            tries::cleared(tx, &[here.clone(), there.clone()]).await
        });
        clear.unwrap();
        assert_eq!(t.db.read().await.unwrap().count_for_test("select count(*) as n from sign_in_try").await.unwrap(), 0);
    }

    async fn a_token_never_does_more_than_its_person_and_ends(t: &TestDb) {
        let (ids, secrets) = (TestIds::default(), TestSecrets::default());
        let (root, _, who) = ground(t, &ids).await;
        let made = secret(&secrets);
        let new = |rights: &'static [Right], days: i64| (rights, minute(days * 24 * 60));
        for (rights, expires_at, name, why) in [
            (&[][..], minute(9), "máy", "token-rights"), (&[Right::See], minute(0), "máy", "token-expiry"),
            (&[Right::See], new(&[], 367).1, "máy", "token-expiry"), (&[Right::See], minute(9), "  ", "token-name"),
        ] {
            let bad: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(0), tx => {
                tokens::create(tx, who, &tokens::New { id: Id::new(&ids as &dyn Ids), digest: "d", name, rights, expires_at }).await
            });
            assert!(matches!(bad, Err(StoreError::Refused(w)) if w == why), "{why}");
        }
        let (rights, expires_at) = new(&[Right::See, Right::Administer], 30);
        let id = Id::new(&ids as &dyn Ids);
        let good: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(0), tx => {
            tokens::create(tx, who, &tokens::New { id, digest: &digest(&made), name: "máy", rights, expires_at }).await
        });
        good.unwrap();
        let bearer = tokens::find(&mut t.db.read().await.unwrap(), &digest(&made), minute(1)).await.unwrap().unwrap();
        assert_eq!(bearer.scope.tops(Right::See), Some(vec![root]));
        assert_eq!(bearer.scope.tops(Right::Administer), Some(vec![]));
        assert_eq!(bearer.scope.tops(Right::Issue), Some(vec![]));
        tokens::touch(&t.db, &bearer.token, minute(1)).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(tokens::list(&mut sql, who, minute(1)).await.unwrap()[0].used_at, Some(minute(1)));
        assert_eq!(tokens::find(&mut sql, &digest(&made), expires_at).await.unwrap(), None);
        drop(sql);
        let foreign: Result<(), StoreError> = store::write!(t.db, Actor::Nobody, minute(2), tx => {
            tokens::revoke(tx, Id::new(&ids as &dyn Ids), id).await
        });
        assert!(matches!(foreign, Err(StoreError::NotFound(_))));
        let gone: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(2), tx => tokens::revoke(tx, who, id).await);
        gone.unwrap();
        assert_eq!(tokens::find(&mut t.db.read().await.unwrap(), &digest(&made), minute(2)).await.unwrap(), None);
    }

    async fn a_link_is_used_once_by_its_act_and_never_by_looking(t: &TestDb) {
        let ids = TestIds::default();
        let (root, _, who) = ground(t, &ids).await;
        let key = InstanceKey::new([9; 32]);
        let (a, b, c): (Id<kind::Link>, Id<kind::Link>, Id<kind::Link>) =
            (Id::new(&ids as &dyn Ids), Id::new(&ids as &dyn Ids), Id::new(&ids as &dyn Ids));
        let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            for (id, subject) in [(a, "assignment:1"), (b, "assignment:2"), (c, "assignment:2")] {
                links::create(tx, id, who, Purpose::Acknowledge, subject, minute(60)).await?;
            }
            Ok(())
        });
        made.unwrap();
        assert_eq!(links::read_token(&key, &links::token(&key, a)), Some(a));
        for _ in 0..3 {
            let link = links::find(&mut t.db.read().await.unwrap(), a).await.unwrap().unwrap();
            links::opened(&t.db, &link, minute(1)).await.unwrap();
            assert!(link.open(minute(1)) && !link.open(minute(60)));
        }
        let link = links::find(&mut t.db.read().await.unwrap(), a).await.unwrap().unwrap();
        let scope = links::scope(&mut t.db.read().await.unwrap(), &link, minute(1)).await.unwrap();
        assert_eq!((scope.tops(Right::See), scope.tops(Right::Issue)), (Some(vec![root]), Some(vec![])));
        for (id, at, why) in [(a, 2, ""), (a, 3, "link-used"), (b, 60, "link-ended")] {
            let used: Result<links::Link, StoreError> =
                store::write!(t.db, Actor::Link(id, who), minute(at), tx => links::use_up(tx, id).await);
            match used {
                Ok(link) => assert_eq!((why, link.used_at), ("", Some(minute(2)))),
                Err(StoreError::Refused(w)) => assert_eq!(w, why),
                Err(e) => panic!("{e}"),
            }
        }
        let back: Result<u64, StoreError> = store::write!(t.db, NOBODY, minute(3), tx => links::revoke_on(tx, "assignment:2").await);
        assert_eq!(back.unwrap(), 2);
        assert!(!links::find(&mut t.db.read().await.unwrap(), c).await.unwrap().unwrap().open(minute(4)));
    }

    async fn what_ended_long_ago_is_cleared_away(t: &TestDb) {
        let (ids, secrets) = (TestIds::default(), TestSecrets::default());
        let (_, _, who) = ground(t, &ids).await;
        begin(t, &ids, who, &secret(&secrets), Stage::Full, minute(0)).await;
        idempotency::begin(&t.db, who, "k", "d", minute(0)).await.unwrap();
        assert_eq!(store::sign_in::purge(&t.db, minute(60)).await.unwrap(), 0);
        assert_eq!(store::sign_in::purge(&t.db, minute(25 * 60)).await.unwrap(), 1);
        assert_eq!(store::sign_in::purge(&t.db, minute(91 * 24 * 60)).await.unwrap(), 1);
    }

    async fn delegations_count_only_in_their_time(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let who = person(t, &ids, "Dũng", &[root], &[]).await;
        // A delegation reaches no further than what its giver holds.
        let giver = person(t, &ids, "Hà", &[root], &[(Role::Head, root)]).await;
        let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            tx.run_for_test(
                "insert into role_grant (id, person, role, body, delegated_by, from_at, until_at, created_at) values ($1,$2,'head',$3,$6,$4,$5,0)",
                args![ids.next(), who, root, minute(10), minute(20), giver],
            ).await?;
            tx.record("test", "test", None, &());
            Ok(())
        });
        made.unwrap();
        let mut sql = t.db.read().await.unwrap();
        for (at, held) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(scope_of(&mut sql, who, minute(at)).await.unwrap().anywhere(Right::Acknowledge), held, "{at}");
        }
    }

    async fn a_repeated_request_is_answered_and_not_repeated(t: &TestDb) {
        let ids = TestIds::default();
        let (a, b): (Id<kind::Person>, Id<kind::Person>) = (Id::new(&ids as &dyn Ids), Id::new(&ids as &dyn Ids));
        let begin = async |who, digest: &str, at| idempotency::begin(&t.db, who, "k", digest, at).await.unwrap();
        assert_eq!(begin(a, "d", minute(0)).await, Begun::Run);
        assert_eq!(begin(a, "d", minute(0)).await, Begun::Running);
        assert_eq!(begin(b, "d", minute(0)).await, Begun::Run);
        idempotency::finish(&t.db, a, "k", 201, Some("{}"), minute(1)).await.unwrap();
        assert_eq!(begin(a, "d", minute(2)).await, Begun::Answer { status: 201, response: "{}".into() });
        assert_eq!(begin(a, "e", minute(2)).await, Begun::Other);
        idempotency::forget(&t.db, a, "k", minute(2)).await.unwrap();
        assert_eq!(begin(a, "e", minute(2)).await, Begun::Other);
        idempotency::forget(&t.db, b, "k", minute(2)).await.unwrap();
        assert_eq!(begin(b, "e", minute(2)).await, Begun::Run);
        assert_eq!(begin(a, "e", minute(25 * 60)).await, Begun::Run);
        idempotency::finish(&t.db, a, "k", 201, None, minute(25 * 60)).await.unwrap();
        assert_eq!(begin(a, "e", minute(26 * 60)).await, Begun::Told);
        assert_eq!(begin(a, "d", minute(26 * 60)).await, Begun::Other);
    }
}
