create table request (
  id text primary key,
  batch text not null,                         -- asked together: the same words to several bodies
  parent text references request (id),         -- the request that is passed on, if it is
  body text not null references body (id),     -- of whom it is asked
  body_name text not null,                     -- as it was called then
  asker_body text references body (id),        -- who asks; null: an authority outside the register
  asker_name text not null,                    -- as it was called then, or as it calls itself
  kind text not null,                          -- work, filter
  title text not null,
  folded text not null,                        -- for search
  text text not null,
  basis text not null,                         -- text or paper it rests on
  under_law boolean not null,                  -- the competent force asks under the law
  urgent boolean not null,
  due_at bigint not null,
  due_basis text,                              -- article of the clock; null: agreed
  letter text references letter (id),          -- the letter it was drafted from
  asked_at bigint not null,
  asked_by text references person (id),
  state text not null,                         -- domain::request::RequestState
  received_at bigint,
  received_by text references person (id),
  receipt text,                                -- the exact JSON that was receipted
  answered_at bigint,
  answered_by text references person (id),
  answer text not null default '',
  accepted_at bigint,                          -- who asked agreed with the answer
  ended_at bigint,                             -- when nothing was owed any more; null: open
  items bigint not null default 0,
  chased bigint not null default 0,            -- reminders sent
  chased_at bigint
);
create index request_body on request (body, due_at);
create index request_asker on request (asker_body, due_at);
create index request_parent on request (parent);
create index request_batch on request (batch);
create index request_open on request (body, ended_at, asked_at);

-- One entry of a filter list.
create table request_item (
  request text not null references request (id),
  place bigint not null,
  kind text not null,                          -- address, domain, url
  value text not null,
  state text not null default 'open',          -- open, done, impossible
  at bigint,                                   -- when that was said
  by_person text references person (id),
  reason text not null default '',
  primary key (request, place)
);

create table request_proof (
  id text primary key,
  request text not null references request (id),
  kind text not null,                          -- file, note, link
  text text not null,
  url text,
  sha256 text references blob (sha256),
  file_name text,
  at bigint not null,
  by_person text references person (id)
);
create index request_proof_request on request_proof (request, at);

-- What happened to a request, in order.
create table request_event (
  request text not null references request (id),
  n bigint not null,
  at bigint not null,
  kind text not null,                          -- asked, received, passed-on, item, done, partly, impossible, accepted, returned, withdrawn
  by_person text references person (id),
  text text not null default '',
  primary key (request, n)
);

-- Reminders that went out: each step once for one due time.
create table request_chase (
  request text not null references request (id),
  step text not null,                          -- domain::order::chase::Reminder
  due_at bigint not null,
  at bigint not null,
  primary key (request, step, due_at)
);

create table line (
  id text primary key,
  body text not null references body (id),     -- whose line: who reports
  served text references body (id),            -- the body it serves; null: several
  name text not null,
  folded text not null,
  sort_key text not null,
  kind text not null,                          -- domain::line::LineKind
  provider text not null default '',
  closed_at bigint,
  created_at bigint not null
);
create index line_body on line (body, sort_key);
create index line_served on line (served);

-- A stretch of reports that all said the same.
create table line_status (
  id text primary key,
  line text not null references line (id),
  state text not null,                         -- ok, degraded, down
  from_at bigint not null,
  seen_at bigint not null,                     -- the last of them
  by_person text references person (id),       -- who gave the last
  note text not null default ''
);
create index line_status_line on line_status (line, from_at);

create table outage (
  id text primary key,
  line text not null references line (id),
  from_at bigint not null,
  to_at bigint,                                -- null: it lasts
  cause text not null default '',
  by_person text references person (id),
  revision bigint not null default 0,
  created_at bigint not null
);
create index outage_line on outage (line, from_at);

create table outage_body (
  outage text not null references outage (id),
  body text not null references body (id),
  primary key (outage, body)
);
