//! Windows events in JSON: Winlogbeat, flat ones with a `Channel`, and what EVTX says in JSON.

use domain::event::{Column, Event, Kind, Shape};
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;

use crate::when;

/// Where shippers put the fields of an event before their names.
const PREFIXES: [&str; 8] = [
    "winlog.event_data.",
    "winlog.user_data.",
    "winlog.",
    "Event.EventData.",
    "Event.UserData.",
    "Event.System.",
    "EventData.",
    "System.",
];

/// The name by which rules speak of a value of EVTX.
pub fn name(path: &str) -> &str {
    if let Some(rest) = path.strip_prefix("Event.System.") {
        return match rest {
            "Provider.#attributes.Name" => "Provider_Name",
            "Provider.#attributes.Guid" => "Provider_Guid",
            "EventID.#text" => "EventID",
            "EventID.#attributes.Qualifiers" => "Qualifiers",
            "TimeCreated.#attributes.SystemTime" => "SystemTime",
            "Execution.#attributes.ProcessID" => "Execution_ProcessID",
            "Execution.#attributes.ThreadID" => "Execution_ThreadID",
            "Security.#attributes.UserID" => "UserID",
            "Correlation.#attributes.ActivityID" => "ActivityID",
            "Correlation.#attributes.RelatedActivityID" => "RelatedActivityID",
            rest => rest,
        };
    }
    // Data without names is one list.
    if matches!(path, "Event.EventData.Data.#text" | "Event.EventData.Data") {
        return "Data";
    }
    if let Some(rest) = path.strip_prefix("Event.EventData.") {
        return rest.strip_suffix(".#text").unwrap_or(rest);
    }
    if let Some(rest) = path.strip_prefix("Event.UserData.") {
        let rest = rest.strip_suffix(".#text").unwrap_or(rest);
        return rest.rsplit('.').next().unwrap_or(rest);
    }
    path
}

fn column(bare: &str) -> Option<Column> {
    Some(match bare {
        "Computer" | "computer_name" | "Hostname" => Column::Host,
        "Channel" | "channel" => Column::Channel,
        "EventID" | "event_id" => Column::Code,
        "Provider_Name" | "provider_name" | "ProviderName" => Column::Provider,
        "Image" | "NewProcessName" | "ProcessName" => Column::Process,
        "CommandLine" => Column::CommandLine,
        "ParentImage" | "ParentProcessName" => Column::Parent,
        "ProcessId" => Column::ProcessId,
        "User" | "SubjectUserName" => Column::User,
        "TargetUserName" => Column::UserTarget,
        "IpAddress" | "SourceIp" | "SourceAddress" | "ClientAddress" => Column::SourceIp,
        "IpPort" | "SourcePort" => Column::SourcePort,
        "DestinationIp" | "DestAddress" => Column::DestinationIp,
        "DestinationPort" | "DestPort" => Column::DestinationPort,
        "QueryName" => Column::Domain,
        "TargetFilename" => Column::File,
        "Hashes" => Column::Hash,
        "message" | "Message" => Column::Message,
        _ => return None,
    })
}

/// The rank of NXLog's time, which is that of its machine.
const LOCAL: u8 = 3;

/// Times in the order in which they are believed: when it happened before when it was written.
fn rank(bare: &str) -> Option<u8> {
    Some(match bare {
        "SystemTime" => 0,
        "UtcTime" => 1,
        "TimeCreated" => 2,
        "EventTime" => LOCAL,
        "@timestamp" => 4,
        "timestamp" => 5,
        _ => return None,
    })
}

/// What the names of an event's fields say of it.
#[derive(Debug)]
struct Meaning {
    shape: Shape,
    columns: Box<[(Column, u32)]>,
    /// Fields with a time, the most believed first.
    times: Box<[u32]>,
    /// Of these, such as a shipper writes by its own clock.
    local: Box<[u32]>,
}

/// The most shapes remembered: a source has some hundreds.
const SHAPES: usize = 4096;

/// Shapes of events seen before.
#[derive(Debug, Default)]
pub struct Shapes(FxHashMap<u64, Meaning>);

impl Shapes {
    /// Points the common columns at the fields; whether the event is of Windows, else nothing is done. `zone` is that of
    /// shippers' times without one; Windows' own are UTC's.
    pub fn columns(&mut self, event: &mut Event, zone: &TimeZone) -> bool {
        let hash = event.shape_hash();
        if !self.0.get(&hash).is_some_and(|known| known.shape.is_of(event)) {
            if self.0.len() >= SHAPES {
                self.0.clear();
            }
            self.0.insert(hash, Meaning::of(event));
        }
        let Some(meaning) = self.0.get(&hash) else { return false };
        let there = |event: &Event, number: u32| event.value(number).is_some_and(|v| v.kind != Kind::Null);
        let channel = |(column, number): &(Column, u32)| *column == Column::Channel && there(event, *number);
        if !meaning.columns.iter().any(channel) {
            return false;
        }
        event.set_source("windows", "");
        for (column, number) in &meaning.columns {
            if there(event, *number) {
                event.point(*column, *number);
            }
        }
        if let Some(number) = meaning.times.iter().copied().find(|number| there(event, *number)) {
            event.point(Column::Time, number);
            let own = meaning.local.contains(&number);
            let zone = if own { zone } else { &TimeZone::UTC };
            let at = event.value(number).and_then(|v| when::iso(v.text, zone));
            if let Some(at) = at {
                event.set_time(at);
            }
        }
        true
    }
}

impl Meaning {
    fn of(event: &Event) -> Meaning {
        let (mut columns, mut times) = (Vec::new(), Vec::new());
        for (number, (name, _)) in event.fields().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let bare = PREFIXES.iter().find_map(|p| name.strip_prefix(p)).unwrap_or(name);
            columns.extend(column(bare).map(|column| (column, number)));
            times.extend(rank(bare).map(|rank| (rank, number)));
        }
        times.sort_unstable();
        let local = times.iter().filter(|(rank, _)| *rank == LOCAL).map(|(_, number)| *number).collect();
        let times = times.into_iter().map(|(_, number)| number).collect();
        Meaning { shape: event.shape(), columns: columns.into(), times, local }
    }
}
