//! Windows events in JSON: Winlogbeat, flat ones with a `Channel`, and what EVTX says in JSON.

use domain::event::{Column, Event, Kind};

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

/// Times in the order in which they are believed: when it happened before when it was written.
fn rank(bare: &str) -> Option<u8> {
    Some(match bare {
        "SystemTime" => 0,
        "UtcTime" => 1,
        "TimeCreated" => 2,
        "EventTime" => 3,
        "@timestamp" => 4,
        "timestamp" => 5,
        _ => return None,
    })
}

/// Points the common columns at the fields; whether the event is of Windows, else nothing is done.
pub fn columns(event: &mut Event) -> bool {
    let mut points: [Option<u32>; Column::ALL.len()] = [None; Column::ALL.len()];
    let mut time: Option<(u8, u32)> = None;
    for (number, (name, value)) in event.fields().enumerate() {
        if value.kind == Kind::Null {
            continue;
        }
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let bare = if name.contains('.') {
            PREFIXES.iter().find_map(|p| name.strip_prefix(p)).map_or(name, |rest| rest)
        } else {
            name
        };
        if let Some(slot) = column(bare).and_then(|c| points.get_mut(c as usize))
            && slot.is_none()
        {
            *slot = Some(number);
        }
        if let Some(rank) = rank(bare)
            && time.is_none_or(|(best, _)| rank < best)
        {
            time = Some((rank, number));
        }
    }
    if points.get(Column::Channel as usize).is_none_or(Option::is_none) {
        return false;
    }
    event.set_source("windows", "");
    for (column, number) in Column::ALL.into_iter().zip(points) {
        if let Some(number) = number {
            event.point(column, number);
        }
    }
    if let Some((_, number)) = time {
        event.point(Column::Time, number);
        let at = event.value(number).and_then(|v| when::iso(v.text, &jiff::tz::TimeZone::UTC));
        if let Some(at) = at {
            event.set_time(at);
        }
    }
    true
}
