create table account (
  person text primary key references person (id),
  login text not null unique,                  -- folded user name
  password_hash text,                          -- argon2id PHC string; null until the first sign-in
  first_code_hash text,                        -- digest of the first-login code
  first_code_expires bigint,
  totp_secret blob,                            -- sealed with the instance key
  totp_confirmed_at bigint,
  totp_last_step bigint,                       -- a code is good once
  failures bigint not null default 0,
  locked_until bigint,
  password_changed_at bigint,
  disabled_at bigint,
  created_at bigint not null
);

create table recovery_code (
  person text not null references person (id),
  hash text not null,
  used_at bigint,
  primary key (person, hash)
);

create table session (
  id text primary key,
  hash text not null unique,                   -- SHA-256 of the cookie's secret
  person text not null references person (id),
  stage text not null,                         -- password (second factor still missing), full
  csrf text not null,
  created_at bigint not null,
  seen_at bigint not null,
  rotated_at bigint not null,
  idle_until bigint not null,
  ends_at bigint not null,
  agent text not null default '',
  address text not null default '',
  previous_hash text,                          -- still good for a moment after rotation
  revoked_at bigint
);
create index session_person on session (person);

create table api_token (
  id text primary key,
  hash text not null unique,
  person text not null references person (id),
  name text not null,
  rights text not null,                        -- JSON array of rights
  expires_at bigint not null,
  used_at bigint,
  revoked_at bigint,
  created_at bigint not null
);

-- A one-time link: one person, one purpose, one subject. Opening it shows; only an explicit act uses it up.
create table one_time_link (
  id text primary key,
  hash text not null unique,
  person text not null references person (id),
  purpose text not null,                       -- read, acknowledge, answer, verify-channel
  subject text not null,
  expires_at bigint not null,
  opened_at bigint,
  used_at bigint,
  revoked_at bigint,
  created_at bigint not null
);
create index one_time_link_person on one_time_link (person);

create table idempotency (
  key text not null,
  person text not null,
  digest text not null,                        -- of the request
  status bigint not null,
  response text not null,
  at bigint not null,
  primary key (person, key)
);
