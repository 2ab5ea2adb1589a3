//! Imported rules, and rules that are switched off, on both engines.

use std::collections::BTreeSet;

use domain::{
    actor::{Actor, Scope},
    alert::RuleFile,
    right::Role,
};
use store::{
    StoreError, both_engines, rules,
    testing::{TestDb, TestIds, minute},
};

fn file(id: &str, text: &str) -> RuleFile {
    RuleFile { id: id.into(), name: format!("sigma.zip!/rules/{id}.yml"), text: text.into() }
}

async fn import(t: &TestDb, scope: &Scope, files: &[RuleFile], gone: &[&str]) -> Result<(), StoreError> {
    let gone: BTreeSet<String> = gone.iter().map(|id| (*id).to_owned()).collect();
    store::write!(t.db, Actor::System, minute(1), tx => rules::import(tx, scope, files, &gone).await)
}

async fn switch(t: &TestDb, scope: &Scope, rule: &str, off: Option<&str>) -> Result<(), StoreError> {
    store::write!(t.db, Actor::System, minute(2), tx => rules::switch(tx, scope, rule, off).await)
}

async fn held(t: &TestDb, scope: &Scope) -> (Vec<RuleFile>, Vec<(String, String)>) {
    let mut sql = t.db.read().await.unwrap();
    let off = rules::off(&mut sql, scope).await.unwrap();
    (rules::files(&mut sql, scope).await.unwrap(), off.into_iter().map(|o| (o.rule, o.reason)).collect())
}

both_engines! {
    async fn a_rule_that_comes_again_takes_its_own_place_and_stays_off(t: &TestDb) {
        let all = Scope::system();
        import(t, &all, &[file("a", "title: A\nauthor: Ai đó"), file("b", "title: B")], &[]).await.unwrap();
        switch(t, &all, "a", Some(" ồn ")).await.unwrap();
        import(t, &all, &[file("a", "title: A2")], &["b"]).await.unwrap();
        let stamp = async || rules::stamp(&mut t.db.read().await.unwrap()).await.unwrap();
        assert_eq!(stamp().await, (1, Some(minute(1))));
        let off = vec![("a".to_owned(), "ồn".to_owned())];
        assert_eq!(held(t, &all).await, (vec![file("a", "title: A2")], off));
        switch(t, &all, "a", None).await.unwrap();
        assert_eq!(held(t, &all).await.1, []);
        assert!(matches!(switch(t, &all, "a", Some(" ")).await, Err(StoreError::Refused("text-empty"))));
        let long = file("c", &"x".repeat(rules::TEXT_MAX + 1));
        assert!(matches!(import(t, &all, &[long], &[]).await, Err(StoreError::Refused("rules-long"))));
    }

    async fn only_who_administers_everything_changes_rules(t: &TestDb) {
        let ids = TestIds::default();
        let root = crate::body(&t.db, &ids, None).await;
        let own = crate::body(&t.db, &ids, Some(root)).await;
        import(t, &Scope::system(), &[file("a", "title: A")], &[]).await.unwrap();
        for (scope, sees, changes) in [
            (Scope::of(vec![]), false, false),
            (Scope::of(vec![(Role::Viewer, own)]), true, false),
            (Scope::of(vec![(Role::Administrator, own)]), true, false),
            (Scope::of(vec![(Role::Administrator, root)]), true, true),
        ] {
            assert_eq!(held(t, &scope).await.0.len(), usize::from(sees), "{scope:?}");
            assert_eq!(import(t, &scope, &[file("a", "title: A")], &[]).await.is_ok(), changes, "{scope:?}");
            assert_eq!(switch(t, &scope, "a", Some("ồn")).await.is_ok(), changes, "{scope:?}");
        }
    }
}
