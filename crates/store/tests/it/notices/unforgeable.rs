//! One receipt of one person, whatever is pressed at once.

use super::*;

both_engines! {
    async fn pressed_in_two_windows_at_once_it_is_one_receipt(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(1, quiz()).await;
        let one = s.recipients(id).await[0].id;
        let (a, b, c) = tokio::join!(s.open(one, 3), s.open(one, 3), s.open(one, 3));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        let (a, b, c) = tokio::join!(s.commit(one, 4), s.commit(one, 4), s.commit(one, 5));
        let receipts = [a.unwrap(), b.unwrap(), c.unwrap()];
        assert!(receipts.iter().all(|r| *r == receipts[0]), "{receipts:?}");
        // The same attempt sent from both windows is one attempt.
        let (a, b) = tokio::join!(s.answer(one, 0, &[1; 5]), s.answer(one, 0, &[2; 5]));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert_eq!(s.mine(one).await.attempts, 1);
        let rates = s.rates(id).await;
        assert_eq!((rates.opened, rates.committed), (1, 1));
        assert_eq!(s.count("select count(*) as n from audit_entry where action = 'notice.committed'").await, 1);
        assert_eq!(s.count("select count(*) as n from audit_entry where action = 'notice.quiz'").await, 1);
    }
}
