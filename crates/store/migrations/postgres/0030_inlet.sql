-- Outside systems that report: Alertmanager and the like. What one reports starts a call-out, and ends it.
create table inlet (
  id text primary key,
  body text not null references body (id),
  name text not null,
  sort_key text not null,
  tongue text not null,                        -- alertmanager, signed
  digest text not null unique,                 -- SHA-256 of the secret in its address
  secret text not null,                        -- sealed: what signed messages are checked with; empty for others
  severity text not null,                      -- where a report names none
  last_at bigint,                              -- the last report
  created_at bigint not null,
  closed_at bigint
);
create index inlet_body on inlet (body, closed_at);

-- The call-out of each group that was reported and is not over.
create table inlet_group (
  inlet text not null references inlet (id),
  digest text not null,                        -- SHA-256 of the group's name there
  callout text not null references callout (id),
  message text not null,                       -- the id of the signed message that began it
  at bigint not null,
  primary key (inlet, digest)
);
