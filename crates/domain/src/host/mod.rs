//! Hosts: servers, workstations, devices of a body, and which of them a report speaks of.

mod key;
mod whose;

use serde::{Deserialize, Serialize};

use crate::{
    id::{Id, kind},
    inventory::{Family, Os},
    right::names,
};

pub use key::{Key, KeyKind, keys};
pub use whose::{Whose, whose};

/// A host of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its id.
    pub id: Id<kind::Host>,
    /// Whose it is.
    pub body: Id<kind::Body>,
    /// The system it serves, if it is known to serve one.
    pub system: Option<Id<kind::System>>,
    /// Host names and addresses it is known by; the first is what it is called.
    pub names: Vec<String>,
    /// What kind of machine; `None` = nobody said.
    pub kind: Option<HostKind>,
    /// Who is in charge of it, in words.
    pub in_charge: Option<String>,
    /// Remarks.
    pub note: Option<String>,
}

/// Kinds of hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostKind {
    /// Máy chủ.
    Server,
    /// Máy trạm.
    Workstation,
    /// Routers, switches, firewalls.
    Network,
    /// Storage boxes (NAS).
    Storage,
    /// Cameras and their recorders.
    Camera,
    /// Printers and scanners.
    Printer,
    /// Anything else.
    Other,
}
names!(HostKind {
    Server = "server", Workstation = "workstation", Network = "network", Storage = "storage",
    Camera = "camera", Printer = "printer", Other = "other",
} "kind of host");

/// The kind that follows from the operating system: Windows says it; others do not, and nothing is guessed.
#[must_use]
pub fn kind_of(os: &Os) -> Option<HostKind> {
    if os.family != Family::Windows {
        return None;
    }
    let says = |word: &str| {
        [Some(os.name.as_str()), os.edition.as_deref(), os.product.as_deref()]
            .into_iter()
            .flatten()
            .any(|t| t.contains(word))
    };
    if says("Server") {
        return Some(HostKind::Server);
    }
    says("Windows").then_some(HostKind::Workstation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_says_what_it_is_and_linux_does_not() {
        let os = |family, name: &str| Os { family, name: name.into(), ..Os::default() };
        let windows = |name| kind_of(&os(Family::Windows, name));
        assert_eq!(windows("Microsoft Windows Server 2019 Standard"), Some(HostKind::Server));
        assert_eq!(windows("Microsoft Windows 10 Pro"), Some(HostKind::Workstation));
        assert_eq!(windows(""), None);
        assert_eq!(kind_of(&os(Family::Linux, "Ubuntu Server")), None);
    }
}
