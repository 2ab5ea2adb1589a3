//! Tables of shifts: what goes out comes back in as it was.

use domain::{
    person::Lang,
    register::{SHIFT_COLUMNS, headings, read_shifts, shift_cells},
};
use store::register::{export, import};

use super::*;

both_engines! {
    async fn what_goes_out_as_a_table_comes_back_in_as_the_same_roster(t: &TestDb) {
        let s = Story::new(t).await;
        let (who, span) = (s.planner(), window(0, 2 * DAY));
        let layers = [
            s.layer(&s.people[..2], 8 * 60),
            Layer { line: Line::Backup, ..s.layer(&s.people[2..3], 24 * 60) },
        ];
        for layer in &layers {
            s.add(layer).await.unwrap();
        }
        s.publish(&who, 0, span, None).await.unwrap();
        let out = async || {
            let mut sql = t.db.read().await.unwrap();
            export::shifts(&mut sql, &who, s.bodies[1], None, span).await.unwrap()
        };
        let before = out().await;
        assert_eq!(before.len(), 6 + 2);
        let mut rows = Vec::new();
        for lang in [Lang::Vi, Lang::En] {
            let head = headings(SHIFT_COLUMNS, lang).into_iter().map(str::to_owned).collect();
            let cells = before.iter().map(|r| shift_cells(r, lang));
            let lines: Vec<_> = (1..).zip(std::iter::once(head).chain(cells)).collect();
            let read = read_shifts(&lines);
            assert_eq!((read.problems.len(), read.ignored.len()), (0, 0));
            rows = read.rows;
            assert!(rows.iter().map(|(_, r)| r).eq(&before), "{lang:?}");
        }

        // All bodies of these tests have one name: theirs is the top of the import.
        for (_, row) in &mut rows {
            row.body = None;
        }
        // Nothing of the old draft is left: the table alone makes the roster.
        let taken: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            for layer in &layers {
                r::retire_layer(tx, &who, s.post, layer.id).await?;
            }
            let report = import::shifts(tx, &who, s.bodies[1], &rows, &s.ids).await?;
            assert_eq!((report.problems.len(), report.lines.len()), (0, 8));
            Ok(())
        });
        taken.unwrap();
        assert_eq!(out().await, before, "what was published stands until the next publication");
        s.publish(&who, 0, span, None).await.unwrap();
        assert_eq!(out().await, before);
    }

    async fn a_table_is_for_those_who_plan_the_post_and_every_fault_names_its_row(t: &TestDb) {
        let s = Story::new(t).await;
        let row = |post: &str, person: &str| domain::register::ShiftRow {
            post: post.into(),
            from: "2027-01-20T07:00".parse().unwrap(),
            to: "2027-01-20T19:00".parse().unwrap(),
            person: person.into(),
            line: Line::Primary,
            email: None,
            body: None,
            body_code: None,
        };
        let rows = [
            (2, row("Trực giám sát", "Người 0")),
            (3, row("Trực lạ", "Người 1")),
            (4, row("Trực giám sát", "Ai đó")),
            (5, row("Trực giám sát", "Người 0")),
        ];
        let mut tx = t.db.begin(Actor::System, minute(0)).await.unwrap();
        let report = import::shifts(&mut tx, &s.planner(), s.bodies[1], &rows, &s.ids).await.unwrap();
        tx.rollback().await;
        let told: Vec<_> = report.problems.iter().map(|p| (p.row, p.code)).collect();
        assert_eq!(told, [(3, "import-post-unknown"), (4, "import-person-unknown"), (5, "import-twice")]);
        let other = scope(Role::Coordinator, s.bodies[2]);
        let mut tx = t.db.begin(Actor::System, minute(0)).await.unwrap();
        let report = import::shifts(&mut tx, &other, s.bodies[1], &rows[..1], &s.ids).await.unwrap();
        tx.rollback().await;
        assert_eq!(report.problems.len(), 1, "a neighbour has no such post");
    }
}
