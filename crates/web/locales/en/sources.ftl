## source: where events come from
source-title = Log sources
source-lead = Who may send logs, for which body and system, and what came
source-name = Name
source-name-hint = For example: the department's web server
source-kind = How it sends
source-kind-syslog = Syslog (UDP, TCP, TLS)
source-kind-elastic = Elasticsearch _bulk (Winlogbeat, Filebeat, Fluent Bit, Vector)
source-kind-hec = Splunk HEC
source-kind-otlp = OpenTelemetry (OTLP/HTTP)
source-kind-lines = Lines or JSON over HTTP
source-system = System
source-no-system = Of no system
source-address = Sends from
source-address-hint = An IP address or network, such as 10.0.0.0/24. Needed for syslog
source-zone = Zone of times that name none
source-rate = Events a second
source-quiet = Minutes of silence that are a trouble
source-new = Add a source
source-make = Add
source-none = No sources yet
source-none-text = Add one for each system; its page has the configuration for whatever sends.
source-state = State
source-silent = Silent
source-speaking = Sending
source-never = Never sent
source-last = Last
source-received = Received
source-kept = Kept
source-refused = Refused
source-unparsed = Not understood
source-skewed = Clock off
source-strangers = Unknown addresses that send syslog
source-strangers-text = No source has these addresses, so their lines are not kept.
source-stranger-lines = Lines
source-token = The source's token
source-token-text = Shown this once. Copy it to the sender now.
source-new-token = New token
source-new-token-text = The old one ends at once.
source-close = Close the source
source-close-text = What it sends from then on is refused; what was kept stays.
source-closed = The source is closed
source-setup = Setting the sender up
source-setup-text = Paste it there; put the source's token in place of TOKEN.
source-samples = Lines not understood
source-samples-text = They are kept. The newest twenty, to write a parser by.
source-numbers = What came
source-hours = Events by the hour, the last two days
source-usual = The last hour usually has { $n } events (learned from the same hour of days of the same kind).
source-usual-learning = Not enough days yet to know how many events this hour usually has.
source-low = Much less than usual

## heard: systems heard, logs kept, machines in contact (MON, LOGS, AVC)
heard-title = System by system
heard-lead = Every minute: logs came, it was silent, or nothing is known since the system has no source
heard-kept-title = How long the logs of each system are kept
heard-kept-lead = From the oldest event kept until now, against the days its level asks
heard-minutes = Heard { $heard } of { $all } minutes; silent { $silent }; not known { $unknown }
heard-days = Kept { $days } of { $need } days (level { $level }), since { $since }
heard-no-source = Not known: no source of logs
heard-no-source-text = This system sends no logs, so nobody knows how it is.
heard-no-level = Not known: no level
heard-now = Heard now
heard-silent = Silent now
heard-whole = Heard throughout
heard-gaps = Silent at times
heard-gaps-list = When it was silent, newest first
heard-kept = Kept long enough
heard-short = Not long enough
heard-hosts-title = Machine by machine
heard-hosts-lead = When anti-malware last spoke of a machine; those out of contact first
heard-host = Machine
heard-host-last = Last time
heard-host-contact = In contact
heard-host-lost = Out of contact
heard-host-never = Never spoken of
heard-host-unregistered = In no register
heard-more = { $n ->
    [one] One more machine is not listed here
   *[other] { $n } more machines are not listed here
}

## evidence: MON, LOGS and AVC
evidence-fact-logs-heard = Logs came in
evidence-source-logs = Source of logs
evidence-mon-unknown = No data about monitoring
evidence-mon-no-system = No system is registered
evidence-mon-no-source = No system sends logs: judged by the evidence handed in
evidence-mon-ahead = The window has not begun; { $handled } of { $all } systems are heard now
evidence-mon-now = { $handled } of { $all } systems are heard now
evidence-mon-silent = A system has been silent for longer than allowed
evidence-mon-waiting = An alert has waited for longer than allowed
evidence-mon-gaps = At times a system was silent; heard { $handled } of { $all } minutes
evidence-mon-late = An alert was taken too late
evidence-mon-unsourced = A system sends no logs, so nothing is known of it; heard { $handled } of { $all }
evidence-mon-heard = Every system has been heard until now
evidence-mon-whole = Every system was heard through all { $all } minutes, and alerts were taken in time
evidence-logs-unknown = No data about how long logs are kept
evidence-logs-kept = The logs of all { $all } systems are kept as long as their level asks
evidence-logs-short = Logs of a system are not kept as long as its level asks; { $handled } of { $all } systems are
evidence-logs-unsourced = A system sends no logs or has no level, so nothing is known of it
evidence-avc-unknown = No data about anti-malware
evidence-avc-no-console = No log of anti-malware speaks of a machine: judged by the evidence handed in
evidence-avc-no-host = Anti-malware speaks of machines that are in no register; none is registered
evidence-avc-lost = Anti-malware has lost contact with machines; { $handled } of { $all } are in contact
evidence-avc-contact = All { $all } machines are in contact with anti-malware
evidence-avc-unregistered = Anti-malware speaks of machines that are in no register

## error: sources
error-source-address = Type an IP address or network, such as 10.0.0.7 or 10.0.0.0/24
error-source-taken = Another source has this address
error-source-zone = There is no such zone. For example: Asia/Ho_Chi_Minh
error-source-rate = Type a number from 1 to 100000
error-source-quiet = Type minutes from 1 to 10080
error-source-system = This system does not belong to the body chosen
error-sources-many = The body has too many sources

## retention: how long events are kept; hold: what is kept beyond that
retention-title = Retention
retention-lead = How long each body's logs are kept, and what is held although its term is over
retention-terms = Terms by body
retention-term = Term
retention-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
retention-for-good = Never deleted
retention-level = By its system of level { $n }, the highest of the body
retention-unclassified = { $n ->
    [one] { $n } system is not classified
   *[other] { $n } systems are not classified
}
retention-no-system = No system is registered
retention-oldest = Oldest event there is
retention-nothing = No event yet
hold-title = Held
hold-none = Nothing is held beyond its term.
hold-new = Hold logs
hold-period = Events of the days
hold-from = From
hold-to = To the end of
hold-reason = Reason
hold-reason-hint = For example: the incident of 20/11 is investigated
hold-owner = Who answers for it
hold-until = Held until the end of
hold-until-hint = 3 years at most; for longer, look again and hold again
hold-make = Hold
hold-made = The logs of those days are held
hold-lift = Release
hold-lifted = Released; their term is as it would be
error-hold-day = Choose a day
error-hold-period = The last day must not be before the first
error-hold-until = Choose a day from today to 3 years from now
