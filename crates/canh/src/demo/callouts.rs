//! Call-outs: two policies, monitors with their signs of life, one that fell silent yesterday, the drill before the
//! session that is watched now, test calls that were answered and one that was not, and an outside system's report.

use anyhow::{Context, Result};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    paging::{About, Hours, Policy, Rule, Severity, Step, Target, outside::Tongue},
    time,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use store::{
    assignments::Tools,
    callouts::{self, Act, Became, Filter, NewInlet, NewMonitor, NewPolicy, Side},
    rosters,
    sign_in::{self, InstanceKey},
};

use super::{
    cast::{Member, Player},
    order::{after, written},
};
use crate::centre::Centre;

/// A monitor: its name, minutes between signs of life, minutes allowed on top, how bad its silence is.
const MONITORS: [(&str, u32, u32, Severity); 4] = [
    ("Sao lưu đêm Cổng thông tin điện tử", 24 * 60, 120, Severity::Medium),
    ("Tường lửa trung tâm dữ liệu gửi nhật ký", 24 * 60, 60, Severity::High),
    ("Cảm biến mạng nội bộ Công an tỉnh", 24 * 60, 60, Severity::High),
    ("Hệ thống một cửa điện tử", 24 * 60, 60, Severity::Critical),
];
/// The one that fell silent and was mended.
const SILENT: usize = 1;
/// It was silent so long ago, for so many minutes.
const AGO: i64 = 20 * 60;
const MENDED: i64 = 34;
/// An outside system reported something so many minutes ago.
const REPORTED: i64 = 31 * 60;
/// So many hours ago those on duty at the centre were called, and whether they answered.
const CALLED: [(i64, bool); 4] = [(45, true), (29, false), (13, true), (5, true)];
/// The drill was so many days ago, at that hour; of those called one never answered.
const DRILL: (i32, i64) = (3, 9);
const SILENT_IN_DRILL: usize = 2;

struct Scene<'a> {
    centre: &'a Centre,
    officer: &'a Player,
    lead: &'a Member,
}

/// Plays it until `now`. `watch`: the post of the province's centre.
pub async fn live(centre: &Centre, lead: &Member, watch: Id<kind::Post>, now: Timestamp) -> Result<()> {
    let scene = Scene { centre, officer: &lead.officer, lead };
    let begun = now.checked_sub(SignedDuration::from_hours(70))?;
    scene.policies(begun).await.context("policies")?;
    scene.monitors(begun, now).await.context("monitors")?;
    scene.reports(begun, now).await.context("an outside system")?;
    let day = time::start_of(time::date(now).checked_sub(DRILL.0.days())?);
    scene
        .calls(watch, true, after(day, DRILL.1 * 60), |n| n != SILENT_IN_DRILL)
        .await
        .context("the drill")?;
    for (hours, answered) in CALLED {
        let at = now.checked_sub(SignedDuration::from_hours(hours))?;
        scene.calls(watch, false, at, |_| answered).await.context("a test call")?;
    }
    Ok(())
}

impl Scene<'_> {
    fn tools(&self, at: Timestamp) -> Tools<'_> {
        Tools { ids: &*self.centre.ids, base: "http://localhost", pack: self.centre.legal.on(time::date(at)) }
    }

    async fn policies(&self, at: Timestamp) -> Result<()> {
        let step = |after_minutes, only, targets| Step { after_minutes, only, targets };
        let night = Policy {
            name: "Mất tín hiệu: gọi người trực, rồi thủ trưởng".into(),
            steps: vec![
                step(0, Hours::Always, vec![Target::OnDuty(None)]),
                step(5, Hours::Always, vec![Target::Deputy(None)]),
                step(10, Hours::Off, vec![Target::Head]),
                step(15, Hours::Always, vec![Target::Head]),
            ],
            repeats: 2,
            pause_minutes: 20,
            lapse_minutes: Some(60),
        };
        let grave = Policy {
            name: "Việc nghiêm trọng: gọi đồng thời người trực và thủ trưởng".into(),
            steps: vec![
                step(0, Hours::Always, vec![Target::OnDuty(None), Target::Head]),
                step(5, Hours::Always, vec![Target::Above]),
            ],
            repeats: 3,
            pause_minutes: 10,
            lapse_minutes: Some(30),
        };
        let rules = [
            Rule { about: vec![About::Monitor], from: Severity::Low, policy: night },
            Rule { about: vec![About::Monitor, About::CheckIn], from: Severity::Critical, policy: grave },
        ];
        for rule in rules {
            let new = NewPolicy { id: Id::new(&*self.centre.ids), body: self.lead.body, rule };
            written(store::write!(self.centre.db, self.officer.actor(), at, tx => {
                callouts::create(tx, &self.officer.scope, &new).await
            }))?;
        }
        Ok(())
    }

    async fn monitors(&self, begun: Timestamp, now: Timestamp) -> Result<()> {
        for (n, (name, every_minutes, grace_minutes, severity)) in MONITORS.into_iter().enumerate() {
            // The addresses are nobody's: the demo's monitors were heard, and nothing calls them from outside.
            let secret = sign_in::text(&self.centre.secrets.bytes());
            let new = NewMonitor {
                id: Id::new(&*self.centre.ids),
                body: self.lead.body,
                name: name.to_owned(),
                digest: sign_in::digest(&secret),
                every_minutes,
                grace_minutes,
                severity,
            };
            written(store::write!(self.centre.db, self.officer.actor(), begun, tx => {
                callouts::make_monitor(tx, &self.officer.scope, &new).await
            }))?;
            if n == SILENT {
                let wait = i64::from(every_minutes + grace_minutes);
                let silent = after(now, -AGO);
                self.beat(&secret, after(silent, -wait)).await?;
                self.silence(silent).await.context("a silence")?;
                self.beat(&secret, after(silent, MENDED)).await?;
            }
            self.beat(&secret, after(now, -3 - 4 * i64::try_from(n)?)).await?;
        }
        Ok(())
    }

    /// The data centre's Alertmanager reported something yesterday; somebody took it, and it was over.
    async fn reports(&self, begun: Timestamp, now: Timestamp) -> Result<()> {
        let (officer, secrets) = (self.officer, &*self.centre.secrets);
        let key = InstanceKey::new(self.centre.data.instance_key(secrets)?);
        // Nobody has the address: the demo reports as the officer's own program would.
        let new = NewInlet {
            id: Id::new(&*self.centre.ids),
            body: self.lead.body,
            name: "Alertmanager trung tâm dữ liệu".into(),
            tongue: Tongue::Alertmanager,
            digest: sign_in::digest(&sign_in::text(&secrets.bytes())),
            secret: String::new(),
            severity: Severity::High,
        };
        written(store::write!(self.centre.db, officer.actor(), begun, tx => {
            callouts::make_inlet(tx, &officer.scope, &key, secrets, &new).await
        }))?;
        let report = async |status: &str, at: Timestamp| {
            let body = json!({
                "version": "4", "groupKey": "{}:{alertname=\"DiskWillFill\"}", "status": status, "truncatedAlerts": 0,
                "alerts": [{
                    "status": status, "labels": { "alertname": "DiskWillFill", "severity": "warning" },
                    "annotations": { "summary": "Ổ đĩa máy chủ một cửa điện tử sẽ đầy trong 4 giờ" },
                }],
            });
            let tools = self.tools(at);
            let (db, scope, body) = (&self.centre.db, &officer.scope, body.to_string());
            callouts::report_of(db, scope, officer.actor(), &tools, at, new.id, &body).await
        };
        let at = after(now, -REPORTED);
        if let Became::Raised(id) = report("firing", at).await? {
            self.call(id, at).await?;
            self.act(id, officer.person, &Act::Acknowledge, after(at, 3)).await?;
            let said = "Đã dọn nhật ký cũ, đang mở rộng phân vùng.";
            self.act(id, officer.person, &Act::Progress(said.into()), after(at, 20)).await?;
        }
        report("resolved", after(at, 41)).await?;
        Ok(())
    }

    async fn beat(&self, secret: &str, at: Timestamp) -> Result<()> {
        Ok(callouts::beat(&self.centre.db, &self.tools(at), at, secret).await?)
    }

    /// Somebody is called for a monitor that is silent, and takes it.
    async fn silence(&self, at: Timestamp) -> Result<()> {
        let tools = self.tools(at);
        written(store::write!(self.centre.db, Actor::System, at, tx => {
            callouts::look(tx, &tools).await.map(|_| ())
        }))?;
        for id in self.raised(at).await? {
            self.call(id, at).await?;
            let person = self.officer.person;
            let took = after(at, 6);
            self.act(id, person, &Act::Acknowledge, took).await?;
            let said = "Tường lửa khởi động lại sau khi cập nhật, đang kiểm tra dịch vụ gửi nhật ký.";
            self.act(id, person, &Act::Progress(said.into()), after(at, 15)).await?;
        }
        Ok(())
    }

    /// Whoever was on duty at the centre then is called, or everybody on its roster: who answers, by their place in line.
    async fn calls(
        &self,
        post: Id<kind::Post>,
        drill: bool,
        at: Timestamp,
        answers: impl Fn(usize) -> bool,
    ) -> Result<()> {
        let (tools, officer) = (self.tools(at), self.officer);
        written(store::write!(self.centre.db, officer.actor(), at, tx => {
            rosters::try_out(tx, &officer.scope, &tools, post, drill).await.map(|_| ())
        }))?;
        for (n, id) in self.raised(at).await?.into_iter().enumerate() {
            self.call(id, at).await?;
            let of = callouts::get(&mut self.centre.db.read().await?, &Scope::system(), None, id).await?;
            match of.callout.person.filter(|_| answers(n)) {
                Some(person) => {
                    self.act(id, person, &Act::Acknowledge, after(at, 2 + i64::try_from(n)?)).await?;
                }
                // Nobody answers until its steps are through.
                None => self.call(id, after(at, 20)).await?,
            }
        }
        Ok(())
    }

    /// What was raised just then: the call of a shift that began a while ago may be open beside it.
    async fn raised(&self, at: Timestamp) -> Result<Vec<Id<kind::Callout>>> {
        let filter = Filter { side: Side::Open, body: Some(self.lead.body) };
        let mut sql = self.centre.db.read().await?;
        let found = callouts::list(&mut sql, &Scope::system(), None, filter, None, 50).await?;
        let then = |s: &callouts::Shown| s.callout.at.as_microsecond() == at.as_microsecond();
        Ok(found.into_iter().filter(then).map(|s| s.callout.id).collect())
    }

    async fn call(&self, id: Id<kind::Callout>, at: Timestamp) -> Result<()> {
        let (tools, secrets) = (self.tools(at), &*self.centre.secrets);
        written(store::write!(self.centre.db, Actor::System, at, tx => {
            callouts::step(tx, &tools, secrets, id).await.map(|_| ())
        }))
    }

    async fn act(
        &self,
        id: Id<kind::Callout>,
        person: Id<kind::Person>,
        act: &Act,
        at: Timestamp,
    ) -> Result<()> {
        let scope = sign_in::scope_of(&mut self.centre.db.read().await?, person, at).await?;
        let tools = self.tools(at);
        written(store::write!(self.centre.db, Actor::Person(person), at, tx => {
            callouts::act(tx, &scope, &tools, id, act, "page").await.map(|_| ())
        }))
    }
}
