-- Times are microseconds since 1970 (bigint), dates ISO text, ids UUID text, truth boolean, documents JSON text.

create table audit_head (
  id bigint primary key check (id = 1),
  size bigint not null,            -- entries in the log
  root bytea not null,              -- Merkle tree hash over them
  change_seq bigint not null       -- last change number given out
);
insert into audit_head (id, size, root, change_seq)
  values (1, 0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0);

create table audit_entry (
  seq bigint primary key,          -- 0-based leaf number
  at bigint not null,
  actor text not null,
  action text not null,
  subject text not null,
  body text,
  leaf bytea not null               -- the exact bytes hashed
);
create index audit_entry_subject on audit_entry (subject, seq);
create index audit_entry_body on audit_entry (body, seq);
create index audit_entry_actor on audit_entry (actor, seq);
create index audit_entry_at on audit_entry (at);

create table audit_hash (idx bigint primary key, hash bytea not null);

create table audit_checkpoint (size bigint primary key, at bigint not null, note text not null);

create table change (seq bigint primary key, at bigint not null, topic text not null, subject text not null, body text);

create table body (
  id text primary key,
  parent text references body (id),
  kind text not null,
  name text not null,              -- the official name now
  folded text not null,            -- every name and alias, folded, for search
  sort_key text collate "C" not null,
  code text,                       -- official code (e.g. 000.00.00.H00); unique where given
  closed_at bigint,                -- ended; kept for history
  created_at bigint not null
);
create unique index body_code on body (code) where code is not null;
create index body_parent on body (parent, sort_key);

-- Every pair (ancestor, descendant), each body being its own at depth 0.
create table body_closure (
  above text not null references body (id),
  below text not null references body (id),
  depth bigint not null,
  primary key (above, below)
);
create index body_closure_below on body_closure (below, above);

create table body_name (
  body text not null references body (id),
  place bigint not null,           -- order within the body: official names by time, then aliases
  text text not null,
  folded text not null,
  alias boolean not null,
  valid_from text,
  valid_until text,
  primary key (body, place)
);
create index body_name_folded on body_name (folded);

create table body_successor (
  body text not null references body (id),
  function text not null,
  successor text not null references body (id),
  valid_from text not null,
  primary key (body, function, valid_from)
);

create table person (
  id text primary key,
  name text not null,
  folded text not null,
  sort_key text collate "C" not null,
  title text,
  lang text not null default 'vi',
  closed_at bigint,
  created_at bigint not null
);

-- Where a person serves; one person may serve several bodies.
create table membership (
  person text not null references person (id),
  body text not null references body (id),
  position text,
  contact boolean not null default false,  -- the body's named contact (CONT)
  primary key (person, body)
);
create index membership_body on membership (body, person);

create table channel (
  id text primary key,
  person text not null references person (id),
  kind text not null,              -- email, phone, telegram, zalo, …
  address text not null,
  verified_at bigint,
  rank bigint not null default 0,
  created_at bigint not null
);
create unique index channel_address on channel (person, kind, address);

-- A code on its way to a channel that is to be verified; only its digest is kept.
create table channel_check (
  channel text primary key references channel (id),
  digest text not null,
  expires_at bigint not null,
  tries bigint not null default 0,
  sent_at bigint not null,
  sent bigint not null default 1,  -- codes sent since the count began
  counted_from bigint not null
);

-- A role over a subtree; `delegated_by` marks a delegation, which always has an end.
create table role_grant (
  id text primary key,
  person text not null references person (id),
  role text not null,
  body text not null references body (id),
  delegated_by text references person (id),
  from_at bigint,
  until_at bigint,
  revoked_at bigint,
  created_at bigint not null
);
create index role_grant_person on role_grant (person);
create index role_grant_body on role_grant (body);

create table fact (
  id text primary key,
  key text not null unique,
  kind text not null,
  body text not null references body (id),
  subject text not null,
  from_at bigint not null,
  to_at bigint not null,
  learnt_at bigint not null,
  source text not null,
  value text not null,
  superseded_by text
);
create index fact_subject on fact (subject, kind, learnt_at);
create index fact_body on fact (body, kind, learnt_at);

create table job (
  id text primary key,
  kind text not null,
  key text not null unique,
  due bigint not null,
  payload text not null,
  lease bigint not null default 0, -- nobody else may claim it before
  tries bigint not null default 0,
  last_error text,
  given_up boolean not null default false
);
create index job_due on job (given_up, due);

create table intent (
  id text primary key,
  key text not null unique,
  recipient text not null,         -- JSON of domain::intent::To
  template text not null,
  vars text not null,
  urgency text not null,
  not_before bigint not null,
  expires bigint not null,
  created_at bigint not null
);

create table delivery (
  id text primary key,
  intent text not null references intent (id),
  channel text not null,           -- kind of channel
  state text not null,             -- due, claimed, sent, acknowledged, failed
  due bigint not null,
  lease bigint not null default 0,
  tries bigint not null default 0,
  receipt text,
  why text,
  sent_at bigint,
  unique (intent, channel)
);
create index delivery_due on delivery (state, due);

create table blob (
  sha256 text primary key,
  len bigint not null,
  created_at bigint not null
);

-- Which bodies' records use a blob, under which name: the ground of every right to open it.
create table blob_use (
  sha256 text not null references blob (sha256),
  body text not null references body (id),
  subject text not null,
  name text not null,
  kind text not null,              -- sniffed content type
  created_at bigint not null,
  primary key (sha256, body, subject)
);

create table system (
  id text primary key,
  body text not null references body (id),
  operator text references body (id),
  name text not null,
  folded text not null,
  sort_key text collate "C" not null,
  level bigint,
  important boolean not null default false,
  personal_data boolean not null default false,
  national_platform boolean not null default false,
  note text,
  closed_at bigint,
  created_at bigint not null
);
create index system_body on system (body, sort_key);

create table host (
  id text primary key,
  system text not null references system (id),
  created_at bigint not null
);
create table host_name (host text not null references host (id), name text not null, primary key (host, name));
create index host_name_name on host_name (name);

create table setting (key text primary key, value text not null, at bigint not null);
