-- How long events are kept: what a hold keeps beyond its term, and since when events of each source are there.
create table legal_hold (
  id text primary key,
  body text not null references body (id),
  from_at bigint not null,                     -- of events that came or happened since then
  to_at bigint not null,                       -- and up to then
  reason text not null,
  owner text not null references person (id),
  created_at bigint not null,
  until_at bigint not null,                    -- after it terms are as they would be
  lifted_at bigint,
  lifted_by text references person (id)
);
create index legal_hold_body on legal_hold (body, until_at);

-- Written by whoever keeps the table of events; a source without a row was not looked for yet.
create table event_held (
  source text primary key references event_source (id),
  oldest_at bigint,                            -- when the oldest event that is there came; null = none is
  looked_at bigint not null
);
