//! Puts the province into the register: bodies, people with their channels and roles, systems.

use anyhow::Result;
use domain::{
    actor::{Actor, Scope},
    body::BodyKind,
    id::{Id, kind},
    person::{ChannelKind, Lang, Membership},
    right::Role,
    system::{Level, System},
};
use jiff::Timestamp;
use store::{
    StoreError,
    register::{bodies, channels, grants, people, systems},
    sign_in,
};

use super::province::{self, Dice, LEAD, Place};
use crate::centre::Centre;

/// A body of the province with the people who act for it.
pub struct Member {
    /// Its place in the list.
    pub place: Place,
    /// Its id.
    pub body: Id<kind::Body>,
    /// Its head.
    pub head: Player,
    /// Whoever does the work.
    pub officer: Player,
}

/// A person who acts in the demo, with what they may do.
#[derive(Clone)]
pub struct Player {
    /// Who.
    pub person: Id<kind::Person>,
    /// Over what.
    pub scope: Scope,
}

impl Player {
    /// For the audit log.
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person)
    }
}

/// The lead body's official code: papers that come by themselves are for it.
pub const LEAD_CODE: &str = "H99.13";

/// The codes of the demo's channel checks: nobody has to guess them.
const CODE: &str = "428173";

/// Makes everybody. The lead body and its administrator were founded before.
pub async fn assemble(
    centre: &Centre,
    admin: &Player,
    root: Id<kind::Body>,
    at: Timestamp,
    dice: &mut Dice,
) -> Result<Vec<Member>> {
    let mut members: Vec<Member> = Vec::new();
    for place in province::bodies() {
        let body = match place.parent.and_then(|p| members.get(p)) {
            None => {
                called(centre, admin, &place, root, at).await?;
                root
            }
            Some(parent) => add_body(centre, admin, &place, parent.body, at).await?,
        };
        let head =
            add_person(centre, admin, dice, &place, body, "Thủ trưởng", &[Role::Head], false, at).await?;
        let roles: &[Role] = match place.kind {
            BodyKind::Lead => &[Role::Coordinator],
            BodyKind::Department => &[Role::Coordinator, Role::Clerk],
            _ => &[Role::Clerk, Role::DutyOfficer],
        };
        let officer =
            add_person(centre, admin, dice, &place, body, "Cán bộ phụ trách an ninh mạng", roles, true, at)
                .await?;
        add_systems(centre, admin, &place, body, at).await?;
        members.push(Member { place, body, head, officer });
    }
    share_officers(centre, admin, &members, at).await?;
    for (role, position) in [
        (Role::DutyOfficer, "Trực ban"),
        (Role::DutyOfficer, "Trực ban"),
        (Role::Responder, "Đội ứng cứu sự cố"),
        (Role::Auditor, "Kiểm toán nội bộ"),
        (Role::Viewer, "Lãnh đạo phòng"),
    ] {
        if let Some(lead) = members.get(LEAD) {
            add_person(centre, admin, dice, &lead.place, lead.body, position, &[role], false, at).await?;
        }
    }
    Ok(members)
}

/// The lead body was founded by its name alone; papers need its abbreviation.
async fn called(
    centre: &Centre,
    admin: &Player,
    place: &Place,
    root: Id<kind::Body>,
    at: Timestamp,
) -> Result<()> {
    let change = bodies::Change {
        kind: place.kind,
        name: place.name.clone(),
        renamed_on: None,
        code: Some(LEAD_CODE.to_owned()),
        aliases: vec![place.alias.to_owned(), province::LEAD_SHORT.to_owned()],
    };
    let done: Result<bool, StoreError> = store::write!(centre.db, admin.actor(), at, tx => {
        bodies::update(tx, &admin.scope, root, &change).await
    });
    done?;
    Ok(())
}

async fn add_body(
    centre: &Centre,
    admin: &Player,
    place: &Place,
    parent: Id<kind::Body>,
    at: Timestamp,
) -> Result<Id<kind::Body>> {
    let id = Id::new(&*centre.ids);
    let short = place.name.replace("Ủy ban nhân dân", "UBND");
    let mut aliases: Vec<String> = Vec::new();
    if short != place.name {
        aliases.push(short);
    }
    if !place.alias.is_empty() {
        aliases.push(place.alias.to_owned());
    }
    let new = bodies::NewBody {
        id,
        parent: Some(parent),
        kind: place.kind,
        name: place.name.clone(),
        code: None,
        from: None,
        aliases,
    };
    let made: Result<(), StoreError> = store::write!(centre.db, admin.actor(), at, tx => {
        bodies::create(tx, &admin.scope, &new).await
    });
    made?;
    Ok(id)
}

#[allow(clippy::too_many_arguments, reason = "one line of a table, written out")]
async fn add_person(
    centre: &Centre,
    admin: &Player,
    dice: &mut Dice,
    place: &Place,
    body: Id<kind::Body>,
    position: &str,
    roles: &[Role],
    contact: bool,
    at: Timestamp,
) -> Result<Player> {
    let person = Id::new(&*centre.ids);
    let new = people::NewPerson {
        id: person,
        name: dice.name(),
        title: None,
        lang: Lang::Vi,
        memberships: vec![Membership { body, position: Some(position.to_owned()), contact }],
    };
    let n = dice.below(90_000_000) + 10_000_000;
    let local = if contact { "anm" } else { "lanhdao" };
    let (email, phone) = (Id::new(&*centre.ids), Id::new(&*centre.ids));
    // A few never gave a second channel, and a few never confirmed theirs: the board shows it.
    let (second, confirmed) = (!contact || dice.chance(90), !contact || dice.chance(88));
    let mut scope = Vec::new();
    let made: Result<(), StoreError> = store::write!(centre.db, admin.actor(), at, tx => {
        people::create(tx, &admin.scope, &new).await?;
        for role in roles {
            let grant = grants::NewGrant { id: Id::new(&*centre.ids), person, role: *role, body, from: None, until: None };
            grants::give(tx, &admin.scope, &grant).await?;
        }
        let digest = sign_in::digest(CODE);
        let address = format!("{local}.{:04}@{}.songtra.example.vn", n % 10_000, place.slug);
        let new = channels::NewChannel { id: email, person, kind: ChannelKind::Email, address, rank: 0 };
        channels::add(tx, &admin.scope, &new).await?;
        if confirmed {
            channels::start_check(tx, &admin.scope, email, &digest).await?;
            channels::verify(tx, &admin.scope, email, &digest).await?;
        }
        if second {
            let address = format!("09{n}");
            let new = channels::NewChannel { id: phone, person, kind: ChannelKind::Phone, address, rank: 1 };
            channels::add(tx, &admin.scope, &new).await?;
            if channels::attest(tx, &admin.scope, phone).await.is_err() {
                channels::start_check(tx, &admin.scope, phone, &digest).await?;
                channels::verify(tx, &admin.scope, phone, &digest).await?;
            }
        }
        Ok(())
    });
    made?;
    scope.extend(roles.iter().map(|role| (*role, body)));
    Ok(Player { person, scope: Scope::of(scope) })
}

async fn add_systems(
    centre: &Centre,
    admin: &Player,
    place: &Place,
    body: Id<kind::Body>,
    at: Timestamp,
) -> Result<()> {
    for (name, level, important, personal_data, national_platform) in province::systems(place.kind) {
        let system = System {
            id: Id::new(&*centre.ids),
            body,
            operator: None,
            name: (*name).to_owned(),
            level: Level::new(*level),
            important: *important,
            personal_data: *personal_data,
            national_platform: *national_platform,
        };
        let made: Result<(), StoreError> = store::write!(centre.db, admin.actor(), at, tx => {
            systems::create(tx, &admin.scope, &system, None).await
        });
        made?;
    }
    Ok(())
}

/// Two neighbouring communes share one officer, as small ones do.
async fn share_officers(centre: &Centre, admin: &Player, members: &[Member], at: Timestamp) -> Result<()> {
    let communes: Vec<&Member> = members.iter().filter(|m| m.place.kind == BodyKind::Commune).collect();
    for pair in communes.chunks(6) {
        let [one, other, ..] = pair else { continue };
        let membership =
            Membership { body: other.body, position: Some("Kiêm nhiệm".to_owned()), contact: false };
        let grant = grants::NewGrant {
            id: Id::new(&*centre.ids),
            person: one.officer.person,
            role: Role::Clerk,
            body: other.body,
            from: None,
            until: None,
        };
        let made: Result<(), StoreError> = store::write!(centre.db, admin.actor(), at, tx => {
            people::serve(tx, &admin.scope, one.officer.person, &membership).await?;
            grants::give(tx, &admin.scope, &grant).await
        });
        made?;
    }
    Ok(())
}
