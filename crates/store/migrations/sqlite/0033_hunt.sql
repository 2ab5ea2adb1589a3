-- Searches somebody saved for their body, and hunts with their runs.
create table saved_search (
  id text primary key,
  body text not null references body (id),
  name text not null,
  sort_key text not null,
  query text not null,
  span text not null,                          -- as /logs takes it
  person text references person (id),
  created_at bigint not null
);
create index saved_search_body on saved_search (body, sort_key);

create table hunt (
  id text primary key,
  body text not null references body (id),     -- its events and those of all below it are looked at
  title text not null,
  hypothesis text not null,
  scope text not null,                         -- which systems and people are meant, in words
  how text not null,                           -- domain::hunt::How
  query text not null,                         -- of the search box, or the rule's text
  list text references indicator_list (id),
  days bigint not null,                        -- how far back
  every_days bigint,                           -- repeated so often
  next_at bigint,                              -- when it runs next by itself
  outcome text,                                -- domain::hunt::Outcome, once concluded
  conclusion text not null default '',
  concluded_by text references person (id),
  concluded_at bigint,
  created_by text references person (id),
  created_at bigint not null,
  closed_at bigint
);
create index hunt_body on hunt (body, closed_at, created_at);
create index hunt_next on hunt (next_at);
create index hunt_concluded on hunt (concluded_at);

create table hunt_run (
  id text primary key,
  hunt text not null references hunt (id),
  standing text not null,                      -- domain::hunt::Standing
  asked_by text references person (id),        -- null: by its schedule
  from_at bigint not null,
  to_at bigint not null,
  done_to bigint not null,                     -- looked at from there to to_at: it goes back in time
  lease bigint not null,                       -- whoever looks holds it until then
  looked_at bigint not null,
  hits bigint not null,
  fault text not null,                         -- why it failed
  created_at bigint not null,
  ended_at bigint
);
create index hunt_run_hunt on hunt_run (hunt, created_at);
create index hunt_run_standing on hunt_run (standing, lease);

-- Whose events a run had before it.
create table hunt_reach (
  run text not null references hunt_run (id),
  body text not null references body (id),
  events bigint not null,
  primary key (run, body)
);
create index hunt_reach_body on hunt_reach (body);

create table hunt_hit (
  run text not null references hunt_run (id),
  seq bigint not null,
  at bigint not null,
  body text not null references body (id),
  position bigint not null,                    -- of its batch in the log
  line bigint not null,                        -- which of the batch
  host text not null,
  because text not null,                       -- JSON list of domain::alert::Reason
  raw text not null,
  primary key (run, seq)
);
