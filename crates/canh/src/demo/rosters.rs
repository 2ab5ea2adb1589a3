//! Duty: a centre of three shifts and four crews, a response team of two, departments, a hospital with a gap, communes
//! that the centre watches for, providers with what they commit. The last days were lived: check-ins, hand-overs, and
//! one that is missing. Last year's Tết was lived before ([`tet`]).

mod tet;

use anyhow::{Context, Result};
use domain::{
    actor::Actor,
    body::BodyKind,
    id::{Id, kind},
    right::Right,
    roster::{
        CheckIn, Line, Post, Presence, Shift,
        check_in::Moment,
        pattern::{self, Cycle},
        rules::{Days, Layer, Person},
    },
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use store::{
    assignments::Tools,
    register::people,
    rosters::{self, NewAbsence, NewCommitment, NewPost, Way},
    sign_in,
};

use super::{
    cast::{Member, Player},
    order::{after, written},
    province::LEAD,
    test_calls::{self, Lived},
};
use crate::centre::Centre;

pub use self::tet::tet;

/// So many days were lived already.
const LIVED: i64 = 3;
/// As far ahead as a roster is published at once.
const AHEAD: i64 = 95;
/// Departments with a roster of their own.
const DEPARTMENTS: usize = 5;
/// Communes and wards that the province's centre watches for.
const COVERED: usize = 12;
/// What the shifts of the centre handed over.
const NOTES: [(&str, &[&str]); 3] = [
    ("Ca bình thường, đã kiểm tra kết nối với các đơn vị.", &[]),
    (
        "Có quét cổng từ nước ngoài vào Cổng thông tin tỉnh, đã chặn tại tường lửa.",
        &["Theo dõi tiếp địa chỉ đã chặn đến sáng", "Gọi lại Sở Y tế về bản vá máy chủ"],
    ),
    ("Không có sự cố.", &["Báo cáo nhanh 16:00 còn thiếu 2 đơn vị"]),
];

struct Scene<'a> {
    centre: &'a Centre,
    start: Timestamp,
    now: Timestamp,
    window: Window,
}

/// Makes the posts with their rosters and lives with them until `now`; returns the centre's post. `campaign`: the window of the order.
pub async fn live(
    centre: &Centre,
    members: &[Member],
    campaign: Option<Window>,
    now: Timestamp,
) -> Result<Id<kind::Post>> {
    let first = time::date(now).checked_sub(LIVED.days())?;
    let start = time::start_of(first);
    let last = first.checked_add(AHEAD.days())?;
    let scene = Scene { centre, start, now, window: Window { from: start, to: time::end_of(last) } };
    let lead = members.get(LEAD).context("the lead body")?;
    let watch =
        centre_of(&scene, lead, "Trực giám sát Trung tâm an ninh mạng tỉnh").await.context("the centre")?;
    scene.lived(watch, &lead.head, ZERO).await?;
    team(&scene, lead, members).await.context("the response team")?;
    let of_kind = |kind: BodyKind| members.iter().filter(move |m| m.place.kind == kind);
    for (n, member) in of_kind(BodyKind::Department).take(DEPARTMENTS).enumerate() {
        let post = pair(&scene, member, "Trực an ninh mạng", Presence::OnCall, false).await?;
        // The second one is silent: whoever took over last has not checked in.
        scene.lived(post, &member.head, if n == 1 { scene.since_change() } else { ZERO }).await?;
    }
    for member in of_kind(BodyKind::Hospital).take(1) {
        let post = pair(&scene, member, "Trực hệ thống bệnh án điện tử", Presence::OnSite, true).await?;
        scene.lived(post, &member.head, ZERO).await?;
        // Somebody is away tomorrow night, and nobody has taken their turn yet: a gap.
        let from = after(time::start_of(time::date(now).tomorrow()?), 19 * 60);
        let night = Window { from, to: after(from, 12 * 60) };
        away(&scene, member, post, night, now).await.context("who is away")?;
    }
    for member in communes(members) {
        let new = scene.post(member, "Trực an ninh mạng", Presence::Covered, Some(watch));
        scene.make(&lead.officer, &new).await?;
    }
    providers(&scene, lead, members, campaign).await.context("providers")?;
    Ok(watch)
}

const ZERO: SignedDuration = SignedDuration::ZERO;

/// Those that the province's centre watches for.
fn communes(members: &[Member]) -> impl Iterator<Item = &Member> {
    members.iter().filter(|m| matches!(m.place.kind, BodyKind::Commune | BodyKind::Ward)).take(COVERED)
}

/// The province's centre: three shifts a day, four crews, and the officer and the head behind them in turn.
async fn centre_of(scene: &Scene<'_>, lead: &Member, name: &str) -> Result<Id<kind::Post>> {
    let filter = people::Filter { body: Some(lead.body), ..Default::default() };
    let mut sql = scene.centre.db.read().await?;
    let all = people::list(&mut sql, &lead.officer.scope, &filter, None, 50).await?;
    drop(sql);
    let behind = [lead.officer.person, lead.head.person];
    let mut crews: Vec<Person> = Vec::new();
    for person in all.iter().map(|p| p.id).filter(|p| !behind.contains(p)) {
        // Auditors and viewers stand in the list, too.
        let scope = sign_in::scope_of(&mut scene.centre.db.read().await?, person, scene.start).await?;
        if crews.len() < 4 && scope.anywhere(Right::Answer) {
            crews.push(person);
        }
    }
    let check_in = CheckIn { at_start: true, at_end: true, every_minutes: Some(240), grace_minutes: 15 };
    let new = NewPost { backup: true, check_in, ..scene.post(lead, name, Presence::OnSite, None) };
    scene.make(&lead.officer, &new).await?;
    let three = pattern::three_shifts_four_crews(6 * 60);
    scene.layer(&lead.officer, new.id, "3 ca 4 kíp", Line::Primary, &ones(&crews), three).await?;
    let days = pattern::daily(2, 1, 6 * 60, 24 * 60).context("a cycle")?;
    scene.layer(&lead.officer, new.id, "Dự phòng", Line::Backup, &ones(&behind), days).await?;
    scene.publish(&lead.officer, new.id).await?;
    Ok(new.id)
}

/// The response team: two people at a time, a week each, from several bodies.
async fn team(scene: &Scene<'_>, lead: &Member, members: &[Member]) -> Result<()> {
    let departments = members.iter().filter(|m| m.place.kind == BodyKind::Department);
    let from: Vec<&Member> = departments.skip(DEPARTMENTS).take(6).collect();
    let people: Vec<Person> = from.iter().map(|m| m.officer.person).collect();
    let shared: Vec<_> = from.iter().map(|m| m.body).collect();
    let post = scene.post(lead, "Đội ứng cứu sự cố", Presence::OnCall, None);
    let new = NewPost { needed: 2, shared: &shared, ..post };
    scene.make(&lead.officer, &new).await?;
    let crews: Vec<Vec<Person>> = people.chunks_exact(2).map(<[_]>::to_vec).collect();
    let count = u16::try_from(crews.len())?;
    let weeks = pattern::turns(count, 7 * 24 * 60, 8 * 60).context("a cycle")?;
    // From a week before, so that the first morning has its team.
    let scene_before = scene.first().checked_sub(7.days())?;
    scene
        .layer_from(scene_before, &lead.officer, new.id, "Đội hai người", Line::Primary, &crews, weeks)
        .await?;
    scene.publish(&lead.officer, new.id).await?;
    scene.lived(new.id, &lead.head, ZERO).await
}

/// A body's head and officer in turn: a day each, or twelve hours each.
async fn pair(
    scene: &Scene<'_>,
    member: &Member,
    name: &str,
    presence: Presence,
    nights: bool,
) -> Result<Id<kind::Post>> {
    let new = scene.post(member, name, presence, None);
    scene.make(&member.head, &new).await?;
    let crews = ones(&[member.officer.person, member.head.person]);
    let cycle =
        if nights { pattern::turns(2, 12 * 60, 7 * 60) } else { pattern::daily(2, 1, 7 * 60, 24 * 60) };
    let before = scene.first().checked_sub(2.days())?;
    let cycle = cycle.context("a cycle")?;
    scene
        .layer_from(before, &member.head, new.id, "Hai người thay nhau", Line::Primary, &crews, cycle)
        .await?;
    scene.publish(&member.head, new.id).await?;
    Ok(new.id)
}

/// Both people of a pair are away, as is told at `at`.
async fn away(
    scene: &Scene<'_>,
    member: &Member,
    post: Id<kind::Post>,
    span: Window,
    at: Timestamp,
) -> Result<()> {
    for person in [member.officer.person, member.head.person] {
        let new = NewAbsence {
            id: Id::new(&*scene.centre.ids),
            person,
            post,
            span,
            why: "Đi công tác, chưa có người thay",
        };
        let pack = scene.centre.legal.on(time::date(at));
        let head = &member.head;
        written(store::write!(scene.centre.db, head.actor(), at, tx => {
            rosters::be_absent(tx, &head.scope, pack, &new).await
        }))?;
    }
    Ok(())
}

/// Providers: one with its roster beside ours and a licence that ends soon, one whose licence ends within the window.
async fn providers(
    scene: &Scene<'_>,
    lead: &Member,
    members: &[Member],
    campaign: Option<Window>,
) -> Result<()> {
    let window = campaign.filter(|w| scene.now < w.to).unwrap_or(scene.window);
    let last = time::last_day(window);
    let kinds = [(BodyKind::SecurityProvider, 4, 12), (BodyKind::Platform, 2, -3)];
    for (n, (of, people, days)) in kinds.into_iter().enumerate() {
        let Some(member) = members.iter().find(|m| m.place.kind == of) else { continue };
        let at = after(scene.start, 60);
        let new = NewCommitment {
            id: Id::new(&*scene.centre.ids),
            provider: member.body,
            body: lead.body,
            contract: "Hợp đồng dịch vụ giám sát an ninh mạng số 18/2026/HĐ-DV",
            people,
            licence: "Giấy phép kinh doanh sản phẩm, dịch vụ an ninh mạng",
            licence_to: Some(last.checked_add(i64::from(days).days())?),
            window,
        };
        let tools = scene.tools(at);
        let officer = &member.officer;
        written(store::write!(scene.centre.db, officer.actor(), at, tx => {
            rosters::commit(tx, &officer.scope, &tools, &new).await
        }))?;
        if n == 0 {
            let post =
                pair(scene, member, "Trung tâm giám sát của nhà cung cấp", Presence::OnSite, true).await?;
            scene.lived(post, &member.head, ZERO).await?;
        }
    }
    Ok(())
}

fn ones(people: &[Person]) -> Vec<Vec<Person>> {
    people.iter().map(|p| vec![*p]).collect()
}

impl Scene<'_> {
    fn tools(&self, at: Timestamp) -> Tools<'_> {
        let pack = self.centre.legal.on(time::date(at));
        Tools { ids: &*self.centre.ids, base: "http://localhost", pack }
    }
    /// How long ago the last shift of a day began, and a little more: whoever had the one before checked out.
    fn since_change(&self) -> SignedDuration {
        let today = after(time::start_of(time::date(self.now)), 7 * 60);
        let change = if today <= self.now { today } else { after(today, -24 * 60) };
        self.now.duration_since(after(change, -3))
    }
    fn first(&self) -> jiff::civil::Date {
        time::date(self.start)
    }
    fn post<'n>(
        &self,
        member: &Member,
        name: &'n str,
        presence: Presence,
        covered_by: Option<Id<kind::Post>>,
    ) -> NewPost<'n> {
        NewPost {
            id: Id::new(&*self.centre.ids),
            body: member.body,
            name,
            presence,
            covered_by,
            needed: 1,
            backup: false,
            check_in: CheckIn::default(),
            shared: &[],
        }
    }
    async fn make(&self, who: &Player, new: &NewPost<'_>) -> Result<()> {
        written(store::write!(self.centre.db, who.actor(), self.start, tx => {
            rosters::create(tx, &who.scope, new).await
        }))
    }
    async fn layer(
        &self,
        who: &Player,
        post: Id<kind::Post>,
        name: &str,
        line: Line,
        crews: &[Vec<Person>],
        cycle: Cycle,
    ) -> Result<()> {
        let first = self.first().checked_sub(1.days())?;
        self.layer_from(first, who, post, name, line, crews, cycle).await
    }
    #[allow(clippy::too_many_arguments, reason = "a layer, written out")]
    async fn layer_from(
        &self,
        first: jiff::civil::Date,
        who: &Player,
        post: Id<kind::Post>,
        name: &str,
        line: Line,
        crews: &[Vec<Person>],
        (cycle_days, slots): Cycle,
    ) -> Result<()> {
        let layer = Layer {
            id: Id::new(&*self.centre.ids),
            name: name.to_owned(),
            line,
            rank: 0,
            days: Days::All,
            first,
            last: None,
            cycle_days,
            crews: crews.to_vec(),
            slots,
        };
        written(store::write!(self.centre.db, who.actor(), self.start, tx => {
            rosters::add_layer(tx, &who.scope, post, &layer).await
        }))
    }
    async fn publish(&self, who: &Player, post: Id<kind::Post>) -> Result<()> {
        let tools = self.tools(self.start);
        written(store::write!(self.centre.db, who.actor(), self.start, tx => {
            rosters::publish(tx, &who.scope, &tools, post, self.window, None).await.map(|_| ())
        }))
    }

    /// Everybody on duty at a post was called and checked in until now, or until so long before.
    async fn lived(&self, post: Id<kind::Post>, head: &Player, silent: SignedDuration) -> Result<()> {
        let until = self.now.checked_sub(silent)?;
        let (of, shifts) = self.past(post, head).await?;
        let lived = Lived { post: &of, shifts: &shifts, since: self.start, until, now: self.now };
        test_calls::of_shifts(self.centre, &lived).await.context("test calls")?;
        self.checked_in(&of, &shifts, Window { from: until, to: Timestamp::MAX }).await
    }

    /// A post and its shifts until now.
    async fn past(&self, post: Id<kind::Post>, head: &Player) -> Result<(Post, Vec<Shift>)> {
        let mut sql = self.centre.db.read().await?;
        let of = rosters::shown(&mut sql, &head.scope, post).await?.post;
        let past = Window { from: self.start, to: self.now };
        let shifts = rosters::shifts(&mut sql, &head.scope, post, past).await?;
        Ok((of, shifts))
    }

    /// Everybody checked in but while they were `silent`; ends of shifts are handed over.
    async fn checked_in(&self, of: &Post, shifts: &[Shift], silent: Window) -> Result<()> {
        let post = of.id;
        let mut acts: Vec<(Timestamp, Person, Moment)> = Vec::new();
        for shift in shifts.iter().filter(|s| s.line == Line::Primary) {
            let owed = domain::roster::check_in::owed(shift, of.check_in);
            acts.extend(owed.into_iter().map(|o| (o.due, o.person, o.moment)));
        }
        acts.sort_by_key(|(due, ..)| *due);
        let mut notes = NOTES.iter().cycle();
        for (due, person, moment) in acts {
            // An end is said a little before, a start a little after.
            let at = after(due, if moment == Moment::End { -4 } else { 3 });
            if silent.contains(at) || at > self.now || at < self.start {
                continue;
            }
            let scope = sign_in::scope_of(&mut self.centre.db.read().await?, person, at).await?;
            let (tools, actor) = (self.tools(at), Actor::Person(person));
            let hands_over = moment == Moment::End && of.backup;
            let (note, items) =
                if hands_over { notes.next().copied().unwrap_or_default() } else { Default::default() };
            let items: Vec<String> = items.iter().map(|i| (*i).to_owned()).collect();
            let left = rosters::hand_overs(&mut self.centre.db.read().await?, &scope, post, 1).await?;
            let left = left.iter().find(|h| h.accepted_at.is_none() && h.giver.0 != person);
            written(store::write!(self.centre.db, actor, at, tx => {
                if hands_over {
                    rosters::hand_over(tx, &scope, &tools, post, Way::Page, note, &items).await.map(|_| ())
                } else if let Some(left) = left {
                    rosters::accept(tx, &scope, &tools, left.id, Way::Page).await.map(|_| ())
                } else {
                    rosters::check_in(tx, &scope, &tools, post, Way::Page, "").await.map(|_| ())
                }
            }))?;
        }
        Ok(())
    }
}
