-- Outside systems that say again and again that they live.
create table monitor (
  id text primary key,
  body text not null references body (id),
  name text not null,
  sort_key text not null,
  digest text not null unique,                 -- SHA-256 of the secret in its address
  every_minutes bigint not null,
  grace_minutes bigint not null,
  severity text not null,
  last_at bigint,
  created_at bigint not null,
  closed_at bigint
);
create index monitor_body on monitor (body, closed_at);
