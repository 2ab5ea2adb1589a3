-- Hosts belong to a body, with or without a system; what reports say of them is kept report by report and together.
create table host_kept as select h.id, s.body, h.system, h.created_at from host h join system s on s.id = h.system;
create table host_name_kept as select host, name from host_name;
drop table host_name;
drop table host;
create table host (
  id text primary key,
  body text not null references body (id),
  system text references system (id),
  name text not null,
  sort_key text collate "C" not null,
  search text not null,                        -- folded: names, addresses, numbers, OS, who is in charge
  kind text,                                   -- null = nobody said
  in_charge text,
  note text,
  source text not null,                        -- hand, list, report
  os text,                                     -- as reported
  family text,
  build text,                                  -- running build of Windows, release of others
  first_seen bigint,
  last_seen bigint,                            -- when the newest report was taken, or came in if it does not say
  seen_told boolean not null default false,    -- whether the report itself says when it was taken
  reports bigint not null default 0,           -- that stand, not superseded
  packages bigint not null default 0,
  updates bigint not null default 0,
  disagreements bigint not null default 0,
  odd bigint not null default 0,               -- files of its reports with something not understood
  revision bigint not null default 0,          -- number of the audit entry of the last change of its inventory
  created_at bigint not null,
  closed_at bigint
);
create index host_body on host (body, sort_key, id);
create index host_system on host (system);
create index host_order on host (sort_key, id);
create index host_revision on host (revision, id);
create index host_seen on host (last_seen);
create table host_key (
  host text not null references host (id),
  kind text not null,
  value text not null,
  look text not null,                          -- a name without its domain
  told boolean not null default false,         -- said by a person, not only by a report
  primary key (host, kind, value)
);
create index host_key_look on host_key (look, kind);
insert into host (id, body, system, name, sort_key, search, source, created_at)
  select k.id, k.body, k.system, coalesce((select min(n.name) from host_name_kept n where n.host = k.id), k.id),
    coalesce((select min(n.name) from host_name_kept n where n.host = k.id), k.id),
    coalesce((select min(n.name) from host_name_kept n where n.host = k.id), k.id), 'hand', k.created_at
  from host_kept k;
insert into host_key (host, kind, value, look, told)
  select host, case when (name like '%:%' or name !~ '[^0-9.]') then 'address' else 'name' end, name,
    case when (name like '%:%' or name !~ '[^0-9.]') or position('.' in name) = 0 then name else substr(name, 1, position('.' in name) - 1) end, true
  from host_name_kept where host in (select id from host);
drop table host_name_kept;
drop table host_kept;

-- The merged inventory of a host: one document, compressed.
create table host_inventory (
  host text primary key references host (id),
  doc bytea not null
);
create table inventory_link (
  id text primary key,
  body text not null references body (id),
  name text not null,
  created_by text not null references person (id),
  created_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint,
  files bigint not null default 0,             -- that came in by it
  bytes bigint not null default 0,
  last_at bigint
);
create index inventory_link_body on inventory_link (body, created_at);
create table inventory_file (
  id text primary key,
  body text not null references body (id),
  digest text not null,                        -- of its bytes: the same file is taken once
  sha256 text references blob (sha256),        -- null where it was refused, and not kept
  name text not null,
  len bigint not null,
  kind text,                                   -- what wrote it
  refused text,                                -- why it was not read
  via text not null,                           -- page, api, link, command, agent
  by_actor text not null,
  link text references inventory_link (id),
  received_at bigint not null,
  hosts bigint not null default 0,
  odd text not null default '[]',              -- what in it was not understood
  odd_count bigint not null default 0
);
create unique index inventory_file_once on inventory_file (body, digest);
create index inventory_file_received on inventory_file (body, received_at);
create table inventory_report (
  id text primary key,
  file text not null references inventory_file (id),
  place bigint not null,                       -- in the file
  body text not null references body (id),
  host text references host (id),              -- null: not settled yet whose it is
  state text not null,                         -- waiting, unclear, live, superseded, dropped
  candidates text,                             -- of an unclear one: ids of hosts, JSON
  name text,                                   -- what the host calls itself
  tool text not null,
  taken_at bigint,
  received_at bigint not null,
  doc bytea not null                       -- what it says, compressed
);
create unique index inventory_report_place on inventory_report (file, place);
create index inventory_report_host on inventory_report (host, state);
create index inventory_report_open on inventory_report (body, state);
