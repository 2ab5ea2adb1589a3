//! What mails about a request carry: a link of one's own for whoever may answer, the page for everybody else.

use domain::intent::To;
use store::sign_in::links;

use super::*;

impl Story<'_> {
    /// A contact of that body with an address that works.
    async fn contact(&self, name: &'static str, role: Role, body: BodyId) -> (Who, String) {
        let who = self.person(name, role, body).await;
        let (person, channel) =
            (who.actor.person().unwrap(), Id::<kind::Channel>::new(&self.ids as &dyn Ids));
        let mut tx = self.t.db.begin_quiet(minute(0)).await.unwrap();
        for (sql, args) in [
            ("insert into membership (person, body, contact) values ($1,$2,true)", args![person, body]),
            (
                "insert into channel (id, person, kind, address, rank, verified_at, created_at)
                 values ($1,$2,'email',$3,0,0,0)",
                args![channel, person, format!("{person}@example.gov.vn")],
            ),
        ] {
            tx.run_for_test(sql, args).await.unwrap();
        }
        tx.commit().await.unwrap();
        (who, person.to_string())
    }

    /// Everything that goes out now: template, to whom, its link.
    async fn letters(&self, at: i64) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        while let Some(c) = intents::claim(&self.t.db, minute(at)).await.unwrap() {
            let to = match &c.intent.to {
                To::Person(person) => person.to_string(),
                To::Body(body) => format!("body {body}"),
                To::Email(address) => address.clone(),
                other => panic!("nobody a request is told to: {other:?}"),
            };
            found.push((c.intent.template.clone(), to, c.intent.vars["link"].clone()));
            let sent = domain::intent::Delivery::Sent { receipt: "ok".into() };
            intents::settle(&self.t.db, minute(at), &c, &sent).await.unwrap();
        }
        found.sort();
        found
    }
}

fn link_of(address: &str) -> Id<kind::Link> {
    let token = address.strip_prefix("https://canh.test/l/").unwrap();
    links::read_token(&InstanceKey::new([1; 32]), token).unwrap()
}

both_engines! {
    async fn whoever_may_answer_gets_a_link_of_their_own(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let (clerk, to_clerk) = s.contact("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let (_, to_viewer) = s.contact("Người xem", Role::Viewer, s.w.bodies[0]).await;
        let new = s.work(&s.w.bodies[..1]);
        let id = s.ask(&above, &new, 0).await.unwrap()[0];
        let sent = s.letters(1).await;
        let of = |who: &str| sent.iter().find(|(_, to, _)| to == who).map(|(_, _, link)| link.clone()).unwrap();
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert_eq!(of(&to_viewer), format!("https://canh.test/requests/{id}"), "who may not answer gets the page");
        let link = link_of(&of(&to_clerk));
        let found = async || links::find(&mut t.db.read().await.unwrap(), link).await.unwrap().unwrap();
        let made = found().await;
        assert_eq!((made.purpose, r::of_link(&made)), (links::Purpose::Request, Some(id)));
        assert_eq!(made.person, clerk.actor.person().unwrap());
        assert!(made.expires_at > minute(DUE), "what is overdue is still owed");
        let scope = links::scope(&mut t.db.read().await.unwrap(), &made, minute(1)).await.unwrap();
        assert!(scope.anywhere(domain::right::Right::Answer) && !scope.anywhere(domain::right::Right::Issue));
        // Every reminder brings one of its own; withdrawn, none is good for anything.
        let tools = s.tools();
        let done: Result<Option<Timestamp>, StoreError> = store::write!(t.db, Actor::System, minute(DUE - 60), tx => {
            let next = r::chase::run(tx, &tools, id).await?;
            tx.unchanged();
            Ok(next)
        });
        done.unwrap();
        let again = s.letters(DUE - 59).await;
        assert!(again.iter().any(|(_, to, url)| *to == to_clerk && link_of(url) != link), "{again:?}");
        s.withdraw(&above, id, DUE).await.unwrap();
        assert!(!found().await.open(minute(DUE)), "taken back");
    }

    async fn a_body_nobody_of_whom_can_be_reached_is_told_as_such(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let id = s.ask(&above, &s.work(&s.w.bodies[..1]), 0).await.unwrap()[0];
        let page = format!("https://canh.test/requests/{id}");
        let to = format!("body {}", s.w.bodies[0]);
        assert_eq!(s.letters(1).await, [("request-asked".to_owned(), to, page)]);
    }
}
