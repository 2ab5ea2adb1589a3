//! Collectors: scripts that write what is on a machine into one small file, for machines without an agent. What they
//! write is read by [`crate::inventory`] as its own form.

/// For Linux and other Unix: POSIX shell.
const SHELL: &str = include_str!("canh-collect.sh");
/// For Windows: a batch file that is PowerShell below its first lines; started by a double click.
const WINDOWS: &str = include_str!("canh-collect.cmd");
/// Where the address of an upload link goes.
const PLACE: &str = "@URL@";

/// Which machines a collector is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collector {
    /// Linux and other Unix.
    Shell,
    /// Windows 7 and later.
    Windows,
}

impl Collector {
    /// Both.
    pub const ALL: [Collector; 2] = [Collector::Shell, Collector::Windows];

    /// What its file is called.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Collector::Shell => "canh-collect.sh",
            Collector::Windows => "canh-collect.cmd",
        }
    }

    /// The collector of that file name.
    #[must_use]
    pub fn named(file: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.file() == file)
    }

    /// The script; with the address of an upload link it sends what it wrote there. An address with anything but the
    /// characters of one is left out: it would be code.
    #[must_use]
    pub fn script(self, url: Option<&str>) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/%[]".contains(c);
        let url = url.filter(|u| u.starts_with("http") && u.chars().all(plain));
        match self {
            Collector::Shell => url.map_or_else(|| SHELL.to_owned(), |u| SHELL.replace(PLACE, u)),
            Collector::Windows => {
                let text = url.map_or_else(|| WINDOWS.to_owned(), |u| WINDOWS.replace(PLACE, u));
                // Batch files end their lines as Windows does.
                text.replace("\r\n", "\n").replace('\n', "\r\n")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_in_and_code_is_not() {
        let link = "https://canh.example.vn/inventory/Ab-1_";
        for it in Collector::ALL {
            assert!(it.script(Some(link)).contains(link));
            assert!(it.script(Some("https://x/'; rm -rf /; '")).contains(PLACE));
            assert_eq!(Collector::named(it.file()), Some(it));
        }
        assert!(Collector::Windows.script(None).lines().count() > 50);
        assert!(
            Collector::Windows.script(None).split('\n').filter(|l| !l.is_empty()).all(|l| l.ends_with('\r'))
        );
    }
}
