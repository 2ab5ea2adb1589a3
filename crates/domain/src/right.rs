//! Roles and what each may do. A role is held over a subtree of bodies; a right is asked for one body.

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($ty:ident { $($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)? } $what:literal) => {
        impl $ty {
            #[doc = concat!("Every ", $what, ", in order.")]
            pub const ALL: &'static [$ty] = &[$($ty::$variant),*];
            /// The stable name used in SQL, API and files.
            pub const fn name(self) -> &'static str { match self { $($ty::$variant => $name),* } }
            /// The value of that stable name.
            pub fn parse(name: &str) -> Option<Self> { match name { $($name => Some($ty::$variant),)* _ => None } }
        }
        impl std::fmt::Display for $ty {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.name()) }
        }
    };
}
pub(crate) use names;

/// A role, given to a person over a subtree of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sees the board and the bodies.
    Viewer,
    /// Văn thư: takes letters in, answers for the body, acknowledges when delegated.
    Clerk,
    /// Trực: watches, answers.
    DutyOfficer,
    /// Ứng cứu: handles alerts and incidents, answers.
    Responder,
    /// Điều phối: issues orders, reviews evidence.
    Coordinator,
    /// Thủ trưởng: acknowledges, issues, excuses.
    Head,
    /// Quản trị: bodies, people, accounts, settings.
    Administrator,
    /// Kiểm toán: reads everything, changes nothing.
    Auditor,
}
names!(Role {
    Viewer = "viewer", Clerk = "clerk", DutyOfficer = "duty-officer", Responder = "responder",
    Coordinator = "coordinator", Head = "head", Administrator = "administrator", Auditor = "auditor",
} "role");

/// A right, asked for one body at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// See bodies, campaigns, assignments, the board.
    See,
    /// See people's channels and the letters themselves.
    Read,
    /// Take letters in, correct readings, draft campaigns.
    Prepare,
    /// Issue, amend, cancel a campaign; pass an assignment on.
    Issue,
    /// Answer for a body: evidence, questions, reports.
    Answer,
    /// Acknowledge as the head of a body (LEAD).
    Acknowledge,
    /// Sign papers off in the name of a body: its head, or whoever the head delegated that to.
    Sign,
    /// Accept or return evidence, answer questions, excuse.
    Review,
    /// Change bodies, people, systems; import and export them.
    Register,
    /// Accounts, roles, tokens of others, settings.
    Administer,
    /// Read the audit log.
    Audit,
}
names!(Right {
    See = "see", Read = "read", Prepare = "prepare", Issue = "issue", Answer = "answer",
    Acknowledge = "acknowledge", Sign = "sign", Review = "review", Register = "register", Administer = "administer", Audit = "audit",
} "right");

impl Role {
    /// What the role may do within its subtree.
    pub const fn rights(self) -> &'static [Right] {
        use Right::*;
        match self {
            Role::Viewer => &[See],
            Role::Clerk => &[See, Read, Prepare, Answer],
            Role::DutyOfficer | Role::Responder => &[See, Read, Answer],
            Role::Coordinator => &[See, Read, Prepare, Issue, Answer, Review, Register],
            Role::Head => &[See, Read, Prepare, Issue, Answer, Acknowledge, Sign, Review],
            Role::Administrator => &[See, Read, Register, Administer, Audit],
            Role::Auditor => &[See, Read, Audit],
        }
    }
    /// Whether the role carries the right.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(*role));
        }
        for right in Right::ALL {
            assert_eq!(Right::parse(right.name()), Some(*right));
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_a_viewer_reads_no_letters() {
        for right in
            [Right::Prepare, Right::Issue, Right::Answer, Right::Review, Right::Register, Right::Administer]
        {
            assert!(!Role::Auditor.may(right));
        }
        assert_eq!(Role::Viewer.rights(), [Right::See]);
    }
}
