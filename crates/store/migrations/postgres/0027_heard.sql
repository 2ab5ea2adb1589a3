-- What each source was last heard, how much it sends by the hour, and what was last said about it.
create table source_health (
  source text primary key references event_source (id),
  heard_from bigint,                           -- the stretch that runs: its fact's key
  heard_to bigint,
  seen bigint not null default 0,              -- events counted into hours so far
  silent_at bigint,                            -- since when it is said to be silent; null = it is not
  low_at bigint,                               -- since when it is said to send too little
  looked_hour bigint                           -- the last hour that was held against what is usual
);
insert into source_health (source) select id from event_source;

create table source_hour (
  source text not null references event_source (id),
  hour bigint not null,                        -- its first moment
  events bigint not null,
  primary key (source, hour)
);
create index source_hour_hour on source_hour (hour);

-- Machines anti-malware spoke of, as they were named.
create table antimalware_contact (
  body text not null references body (id),     -- whose console it is
  look text not null,                          -- as host_key.look
  name text not null,
  source text not null references event_source (id),
  last_at bigint not null,
  primary key (body, look)
);
create index antimalware_contact_look on antimalware_contact (look);

create index fact_heard on fact (kind, subject, to_at) where kind = 'logs.heard';
