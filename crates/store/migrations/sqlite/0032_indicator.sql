-- Lists of indicators. What is in one lies in files, a line each (domain::indicator::line): millions are no rows.
create table indicator_list (
  id text primary key,
  body text not null references body (id),
  name text not null,
  sort_key text not null,
  origin text not null,                        -- where it is from, in words
  letter text references letter (id),
  tlp text not null,                           -- domain::indicator::Tlp
  confidence bigint not null,                  -- 0 to 100
  valid_from bigint not null,
  valid_until bigint,
  version bigint not null,                     -- moves with what is in it
  entries bigint not null,                     -- taken in by the parts that are in force
  created_by text references person (id),      -- null: by a command on the machine
  created_at bigint not null,
  closed_at bigint
);
create index indicator_list_body on indicator_list (body, closed_at);

create table indicator_part (
  list text not null references indicator_list (id),
  seq bigint not null,
  sha256 text not null references blob (sha256),
  name text not null,                          -- of the file; empty of what was typed
  shape text not null,                         -- text, table, misp, stix
  kinds text not null,                         -- JSON: how many of each kind
  taken bigint not null,
  merged bigint not null,
  passed bigint not null,
  faults bigint not null,
  problems text not null,                      -- JSON list: place, text, why
  person text references person (id),
  at bigint not null,
  replaced_at bigint,
  primary key (list, seq)
);

-- Taken out again by a person.
create table indicator_gone (
  list text not null references indicator_list (id),
  kind text not null,
  value text not null,
  reason text not null,
  person text references person (id),
  at bigint not null,
  primary key (list, kind, value)
);
