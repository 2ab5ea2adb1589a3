//! IIS: the W3C's extended format, whose `#Fields` line names the columns of what follows.

use domain::event::{Column, Event, Kind};

use crate::when;

/// The most columns of a line; IIS knows about thirty.
const COLUMNS: usize = 128;

/// The columns of the lines that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Iis {
    names: Vec<String>,
}

impl Iis {
    /// Reads a `#Fields` line.
    pub fn heading(text: &str) -> Option<Iis> {
        let names = text.strip_prefix("#Fields:")?.split_ascii_whitespace().take(COLUMNS).map(str::to_owned);
        let names: Vec<String> = names.collect();
        (!names.is_empty()).then_some(Iis { names })
    }

    /// Reads a line; false where it has not as many values as there are columns.
    pub fn read(&self, text: &str, event: &mut Event) -> bool {
        let values: Vec<&str> = text.split_ascii_whitespace().collect();
        if values.len() != self.names.len() {
            return false;
        }
        event.set_source("web", "access");
        let (mut date, mut time) = ("", "");
        for (name, value) in self.names.iter().zip(values) {
            match name.as_str() {
                "date" => date = value,
                "time" => time = value,
                _ => {}
            }
            if value == "-" {
                continue;
            }
            let kind = if name.starts_with("sc-") { Kind::Number } else { Kind::Text };
            let field = event.push(name, value, kind);
            let column = match name.as_str() {
                "c-ip" => Column::SourceIp,
                "cs-username" => Column::User,
                "cs-method" => Column::Method,
                "cs-uri-stem" => Column::Url,
                "sc-status" => Column::Status,
                "cs(User-Agent)" => {
                    // Blanks are written as plus signs; rules call it otherwise.
                    let field = event.push("c-useragent", &value.replace('+', " "), Kind::Text);
                    if let Some(field) = field {
                        event.point(Column::UserAgent, field);
                    }
                    continue;
                }
                "cs(Referer)" => {
                    let _ = event.push("cs-referer", value, Kind::Text);
                    continue;
                }
                "s-computername" => Column::Host,
                _ => continue,
            };
            if let Some(field) = field {
                event.point(column, field);
            }
        }
        if let Some(at) = when::iso(&format!("{date} {time}"), &jiff::tz::TimeZone::UTC) {
            event.set_time(at);
        }
        crate::message(text, event);
        true
    }
}
