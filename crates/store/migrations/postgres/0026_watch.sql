-- Sources of events, and alerts: what rules found in them.
create table event_source (
  id text primary key,
  body text not null references body (id),     -- never changes: what came in belongs to it
  system text references system (id),
  name text not null,
  sort_key text not null,
  kind text not null,                          -- domain::source::Kind: syslog, elastic, hec, otlp, lines
  digest text not null unique,                 -- SHA-256 of its token
  address text,                                -- of syslog: address or network it sends from
  zone text not null,                          -- of times that say none
  rate bigint not null,                        -- events a second it may send
  quiet_minutes bigint not null,               -- silent for longer is a trouble
  created_at bigint not null,
  closed_at bigint
);
create index event_source_body on event_source (body, closed_at);
create index event_source_system on event_source (system, closed_at);

create table event_source_count (
  source text primary key references event_source (id),
  received bigint not null default 0,
  kept bigint not null default 0,
  refused bigint not null default 0,           -- over its rate, or while the disk refused
  unparsed bigint not null default 0,
  skewed bigint not null default 0,            -- whose clock is off by more than five minutes
  first_at bigint,
  last_at bigint,
  samples text not null default '[]'           -- JSON list of lines nobody understood
);

-- Addresses that send and that no source names.
create table event_stranger (address text primary key, lines bigint not null, last_at bigint not null);

-- How far who reads the log has come.
create table event_follower (name text primary key, position bigint not null, at bigint not null);

create table alert (
  id text primary key,
  body text not null references body (id),
  system text references system (id),
  key text not null,                           -- what its findings have in common
  rule text not null,
  title text not null,
  about text not null,
  severity text not null,
  rank bigint not null,                        -- of the severity: 0 low … 3 critical
  why text not null,                           -- JSON list of domain::alert::Raised
  host text not null,
  account text not null,
  address text not null,
  first_at bigint not null,
  last_at bigint not null,
  raised_at bigint not null,
  events bigint not null,
  status text not null,
  owner text references person (id),
  owned_at bigint,                             -- when somebody first took it
  closed_at bigint
);
create index alert_body on alert (body, status, raised_at);
create index alert_status on alert (status, rank, raised_at);
create index alert_key on alert (key, status);
create index alert_host on alert (body, host, last_at);

-- The first events of an alert, and then some of those that follow.
create table alert_event (
  alert text not null references alert (id),
  seq bigint not null,
  at bigint not null,
  source text not null references event_source (id),
  position bigint not null,                    -- of its batch in the log
  line bigint not null,                        -- which of the batch
  because text not null,                       -- JSON list of domain::alert::Reason
  raw text not null,
  primary key (alert, seq)
);

create table alert_entry (
  alert text not null references alert (id),
  seq bigint not null,
  at bigint not null,
  what text not null,                          -- raised, worse, owned, comment, closed, false-positive, reopened
  person text references person (id),
  note text not null default '',
  primary key (alert, seq)
);

create table suppression (
  id text primary key,
  body text not null references body (id),
  rule text not null,                          -- empty: any
  title text not null,                         -- of the rule, for people
  field text not null,                         -- empty: whatever it was found in
  value text not null,
  reason text not null,
  owner text not null references person (id),
  created_at bigint not null,
  until_at bigint not null,
  lifted_at bigint,
  hits bigint not null default 0
);
create index suppression_body on suppression (body, until_at);
