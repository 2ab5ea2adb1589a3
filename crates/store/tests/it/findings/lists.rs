//! Lists of findings page by page, the sums beside them, and what a new update changes.

use super::*;

both_engines! {
    async fn every_filter_and_order_gives_every_finding_once_and_the_sums_agree(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let other = body(&t.db, &s.ids, None).await;
        s.advise_many().await;
        s.reports(s.body, 0..26, 2).await;
        s.reports(other, 26..34, 3).await;
        let warning = s.warn().await;
        s.judge(4).await;
        let everything = Filter { all: true, ..Filter::default() };
        let all = s.pages(&Scope::system(), &everything, Order::Due, 5).await;
        assert!(all.iter().filter(|f| f.state.is_open()).count() > findings::PAGE_MAX, "more than a page");
        let of = |warning| async move {
            let mut sql = t.db.read().await.unwrap();
            let it = findings::aside(&mut sql, &Scope::system(), s.body, warning, minute(6)).await.unwrap();
            (it.worked_around, it.excused)
        };
        assert_eq!(of(None).await, (0, 0));
        // One is let be, one worked around; then all of them are overdue but these.
        let open: Vec<_> = all.iter().filter(|f| f.state.is_open() && f.body == s.body).collect();
        let (first, second) = ((open[0].host, open[0].flaw.clone()), (open[9].host, open[9].flaw.clone()));
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(5), tx => {
            findings::excuse(tx, &Scope::system(), first.0, &first.1, minute(200_000), "Chờ hãng").await?;
            findings::work_around(tx, &Scope::system(), second.0, &second.1, "Đã tắt dịch vụ", None).await
        });
        done.unwrap();

        assert_eq!(of(None).await, (1, 1));
        let mine = Scope::of(vec![(Role::Coordinator, other)]);
        let fix = open[3].fix.clone();
        let text = |t: &str| Filter { text: Some(t.into()), ..Filter::default() };
        let filters = [
            Filter::default(),
            everything.clone(),
            Filter { severity: Some(domain::flaw::Grade::High), ..Filter::default() },
            Filter { state: Some(State::Fixed), ..Filter::default() },
            Filter { state: Some(State::Affected), ..Filter::default() },
            Filter { body: Some(other), ..Filter::default() },
            Filter { warning: Some(warning), ..Filter::default() },
            Filter { warning: Some(warning), all: true, ..Filter::default() },
            Filter { overdue: true, ..Filter::default() },
            Filter { flaw: Some("CVE-2099-7004".into()), ..Filter::default() },
            Filter { fix: fix.clone(), ..Filter::default() },
            Filter { fix: fix.clone(), all: true, ..Filter::default() },
            Filter { text: Some("tram-1".into()), ..Filter::default() },
            Filter { text: Some("CVE-2099-701".into()), ..Filter::default() },
            Filter { text: Some("không có".into()), ..Filter::default() },
            // Flaws are called so and machines, too: everything is looked through.
            Filter { text: Some("-2".into()), ..Filter::default() },
            Filter { host: Some(first.0), ..Filter::default() },
            // A text beside what chooses the way already may still be of a machine or of a flaw.
            Filter { flaw: Some("CVE-2099-7004".into()), ..text("tram-1") },
            Filter { flaw: Some("CVE-2099-7004".into()), ..text("CVE-2099") },
            Filter { host: Some(first.0), ..text("CVE-2099-701") },
            Filter { host: Some(first.0), ..text("tram") },
            Filter { warning: Some(warning), ..text("tram-1") },
            Filter { body: Some(other), ..text("CVE-2099-701") },
            Filter { fix: fix.clone(), ..text("tram-1") },
            Filter { overdue: true, ..text("tram-1") },
        ];
        let at = 100_000;
        let (system, named) = (Scope::system(), [CVE, "CVE-2099-7777"]);
        let all = s.pages(&system, &everything, Order::Due, at).await;
        for filter in &filters {
            let late = |f: &findings::Finding| {
                f.state.is_open() && f.workaround.is_none() && f.due_at.is_some_and(|d| d <= minute(at))
                    && f.excused.as_ref().is_none_or(|(until, _)| *until <= minute(at))
            };
            let fits = |f: &&findings::Finding| {
                filter.state.map_or(filter.all || f.state.is_open(), |state| f.state == state)
                    && filter.severity.is_none_or(|g| f.severity == g)
                    && filter.body.is_none_or(|b| f.body == b)
                    && filter.host.is_none_or(|h| f.host == h)
                    && filter.flaw.as_ref().is_none_or(|x| f.flaw == *x)
                    && filter.fix.as_ref().is_none_or(|x| f.fix.as_ref() == Some(x) && f.workaround.is_none())
                    && filter.warning.is_none_or(|_| named.contains(&f.flaw.as_str()))
                    && (!filter.overdue || late(f))
                    && filter.text.as_ref().is_none_or(|t| f.flaw.contains(t.as_str()) || f.host_name.contains(t.as_str()))
            };
            for scope in [&system, &mine] {
                let seen = |f: &&findings::Finding| std::ptr::eq(scope, &system) || f.body == other;
                let wanted: Vec<_> = all.iter().filter(fits).filter(seen).collect();
                for order in [Order::Due, Order::Severity, Order::Host, Order::Newest] {
                    let mut found = s.pages(scope, filter, order, at).await;
                    if order == Order::Due {
                        assert!(found.is_sorted_by_key(|f| (!f.state.is_open(), f.due_at.is_none(), f.due_at)), "{filter:?}");
                    }
                    found.sort_by_key(|f| (f.host, f.flaw.clone()));
                    let mut wanted = wanted.clone();
                    wanted.sort_by_key(|f| (f.host, f.flaw.clone()));
                    assert!(found.iter().eq(wanted), "{filter:?} {order:?}");
                }
                let sum = findings::sum(&mut t.db.read().await.unwrap(), scope, filter, minute(at)).await.unwrap();
                let hosts: std::collections::BTreeSet<_> = wanted.iter().map(|f| f.host).collect();
                let overdue = wanted.iter().filter(|f| late(f)).count();
                assert_eq!((sum.findings as usize, sum.hosts as usize, sum.more), (wanted.len(), hosts.len(), false), "{filter:?}");
                assert!(sum.overdue.is_none_or(|n| n as usize == overdue), "{filter:?} {sum:?} {overdue}");
            }
        }
    }

    async fn a_new_update_that_takes_the_place_of_others_changes_what_to_do_and_nothing_else(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.advise("10.0.19045.4000", 1).await;
        s.report("may01", Some(3803), 2).await;
        s.report("may02", Some(3804), 2).await;
        s.judge(3).await;
        s.advise_many().await;
        s.judge(4).await;
        let before = s.all().await;
        assert!(before.iter().all(|f| f.fix.as_deref() == Some("KB5099012")), "the newest contains them all");
        let text = "CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild\n\
            CVE-2099-8000,5099100,Windows 10 Version 22H2 for x64-based Systems,Important,2099-02-12,Lỗi,10.0.19045.5000\n";
        let read = advisory::read("moi.csv", text.as_bytes()).unwrap();
        let file = FileRead { name: "moi.csv", sha256: "z", read: Some(&read) };
        let done: Result<_, StoreError> = store::write!(s.db, NOBODY, minute(5), tx => {
            advisories::take(tx, s.feed, std::slice::from_ref(&file)).await
        });
        done.unwrap();
        let judged = s.judge(6).await;
        assert_eq!((judged.hosts, judged.found), (2, 2));
        let mut after = s.all().await;
        assert!(after.iter().all(|f| f.fix.as_deref() == Some("KB5099100")));
        after.retain(|f| f.flaw != "CVE-2099-8000");
        after.iter_mut().for_each(|f| f.fix = Some("KB5099012".into()));
        assert_eq!(after, before);
        let mut sql = t.db.read().await.unwrap();
        let (fixes, _) = findings::fixes(&mut sql, &Scope::system(), None, None, 0).await.unwrap();
        assert_eq!((fixes.len(), fixes[0].hosts, fixes[0].closes), (1, 2, after.len() as u32 + 2));
    }
}
