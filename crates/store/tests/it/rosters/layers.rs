//! Layers of the draft.

use super::*;

both_engines! {
    async fn a_layer_is_changed_where_it_stands_and_what_is_published_stays(t: &TestDb) {
        let s = Story::new(t).await;
        let layer = s.layer(&s.people[..1], DAY as u32);
        s.add(&layer).await.unwrap();
        let planner = s.planner();
        s.publish(&planner, 0, window(0, DAY), None).await.unwrap();
        let other = Layer { name: "Ca khác".into(), crews: vec![vec![s.people[1]]], ..layer.clone() };
        let change = async |who: &Scope, layer: &Layer| -> Result<(), StoreError> {
            store::write!(t.db, Actor::System, minute(1), tx => r::change_layer(tx, who, s.post, layer).await)
        };
        let viewer = scope(Role::Viewer, s.bodies[1]);
        assert!(matches!(change(&viewer, &other).await, Err(StoreError::NotFound(_))));
        refused(change(&planner, &Layer { crews: vec![], ..other.clone() }).await, "layer-bad");
        let unknown = Layer { id: Id::new(&s.ids as &dyn Ids), ..other.clone() };
        assert!(matches!(change(&planner, &unknown).await, Err(StoreError::NotFound("layer"))));
        change(&planner, &other).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(r::layers(&mut sql, &planner, s.post).await.unwrap(), [other]);
        drop(sql);
        assert_eq!(s.shifts(0, DAY).await, [(0, 0, DAY)], "published as it was");
        s.publish(&planner, 2, window(2, DAY), None).await.unwrap();
        assert_eq!(s.shifts(0, DAY).await.last().unwrap().0, 1);
    }
}
