create table account (
  person text primary key references person (id),
  login text not null unique,                  -- folded user name
  password_hash text,                          -- argon2id PHC string; null until the first sign-in
  password_changed_at bigint,
  first_code_hash text,                        -- digest of the first-login code
  first_code_expires bigint,
  totp_secret blob,                            -- sealed with the instance key
  totp_confirmed_at bigint,                    -- null: offered, not yet proved
  totp_last_step bigint,                       -- a code is good once
  signed_in_at bigint,                         -- last time
  disabled_at bigint,
  created_at bigint not null
);

create table recovery_code (
  person text not null references person (id),
  hash text not null,
  used_at bigint,
  primary key (person, hash)
);

-- Failed sign-ins: a growing wait per (account, source), never a locked account. Keys are digests.
create table sign_in_try (key text primary key, failures bigint not null, until_at bigint not null, seen_at bigint not null);
create index sign_in_try_seen on sign_in_try (seen_at);

create table session (
  id text primary key,
  hash text not null unique,                   -- SHA-256 of the cookie's secret
  previous_hash text,                          -- the secret before the last rotation
  previous_until bigint,                       -- how long it is still good; null: until the new one is seen
  person text not null references person (id),
  stage text not null,                         -- second (factor missing), set-up, full
  tries bigint not null default 0,             -- wrong second factors
  created_at bigint not null,
  seen_at bigint not null,
  rotated_at bigint not null,
  idle_until bigint not null,
  ends_at bigint not null,
  agent text not null default '',
  address text not null default '',
  revoked_at bigint
);
create index session_person on session (person, created_at);
create index session_previous on session (previous_hash);
create index session_ends on session (ends_at);

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
create index api_token_person on api_token (person, created_at);

-- A one-time link: one person, one purpose, one subject. Opening it shows; only an explicit act uses it up.
-- Its address holds the id and a MAC of it under the instance key: no secret is kept here.
create table one_time_link (
  id text primary key,
  person text not null references person (id),
  purpose text not null,                       -- read, acknowledge, answer
  subject text not null,
  expires_at bigint not null,
  opened_at bigint,
  used_at bigint,
  revoked_at bigint,
  created_at bigint not null
);
create index one_time_link_person on one_time_link (person);
create index one_time_link_subject on one_time_link (subject);

-- Creates through the API, so that a repeated request is answered and not repeated.
create table idempotency (
  person text not null,
  key text not null,
  digest text not null,                        -- of the request
  status bigint not null,                      -- 0: under way
  response text not null,
  at bigint not null,
  primary key (person, key)
);
create index idempotency_at on idempotency (at);
