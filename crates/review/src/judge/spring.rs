//! Spring4Shell: under which circumstances it was first exploited. They are noted with the finding, never a condition of
//! it: other ways were found.

use domain::inventory::Inventory;

use super::{Because, Reason};

pub const CVE: &str = "CVE-2022-22965";

/// Java, Tomcat and how the application is packed, as far as the host's reports tell.
pub fn context(host: &Inventory) -> Because {
    let mut seen: Vec<String> = Vec::new();
    for package in &host.packages {
        let name = package.name.to_lowercase();
        let java = ["openjdk", "jdk", "jre", "temurin", "corretto"].iter().any(|w| name.contains(w));
        if java || name.contains("tomcat") {
            seen.push(format!("{} {}", package.name, package.version));
        }
        if package.path.as_deref().is_some_and(|path| path.contains(".war"))
            && !seen.iter().any(|s| s == "war")
        {
            seen.push("war".into());
        }
    }
    for service in &host.services {
        if service.product.as_deref().is_some_and(|p| p.to_lowercase().contains("tomcat")) {
            seen.push(format!("Tomcat :{}", service.port));
        }
    }
    seen.truncate(8);
    let text = if seen.is_empty() { "–".to_owned() } else { seen.join(", ") };
    Because::new(Reason::Context, [("context", text.as_str())])
}
