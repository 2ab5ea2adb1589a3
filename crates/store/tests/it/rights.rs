use domain::{
    actor::Scope,
    right::{Right, Role},
};
use store::{
    Query, both_engines,
    testing::{TestDb, TestIds},
};

use crate::body;

async fn seen(t: &TestDb, scope: &Scope, right: Right) -> usize {
    let mut query = Query::new("select id from body where");
    query.visible(scope, right, "body.id");
    query.rows(&mut t.db.read().await.unwrap()).await.unwrap().len()
}

both_engines! {
    async fn rights_reach_down_the_subtree_and_nowhere_else(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let left = body(&t.db, &ids, Some(root)).await;
        let right = body(&t.db, &ids, Some(root)).await;
        let leaf = body(&t.db, &ids, Some(left)).await;
        assert_eq!(seen(t, &Scope::of(vec![(Role::Viewer, root)]), Right::See).await, 4);
        assert_eq!(seen(t, &Scope::of(vec![(Role::Viewer, left)]), Right::See).await, 2);
        assert_eq!(seen(t, &Scope::of(vec![(Role::Viewer, leaf), (Role::Head, right)]), Right::See).await, 2);
        assert_eq!(seen(t, &Scope::of(vec![(Role::Viewer, leaf), (Role::Head, right)]), Right::Issue).await, 1);
        assert_eq!(seen(t, &Scope::nothing(), Right::See).await, 0);
        assert_eq!(seen(t, &Scope::system(), Right::Issue).await, 4);
    }
}
