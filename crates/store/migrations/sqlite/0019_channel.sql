-- Where a message really goes, if that differs from what people see: a chat with the bot, a browser's subscription.
alter table channel add column target text;
create index channel_target on channel (kind, target);
create index channel_check_digest on channel_check (digest);

-- When a person wants to hear of nothing that does not hurry: minutes of the day.
create table quiet_hours (
  person text primary key references person (id),
  from_minute bigint not null,
  to_minute bigint not null
);

-- What a body decided about its messages; no row = nothing leaves the country but that there is something.
create table body_sending (
  body text primary key references body (id),
  details_abroad boolean not null
);

-- Systems of a body that hear what it is told.
create table webhook (
  id text primary key,
  body text not null references body (id),
  name text not null,
  url text not null,
  shape text not null,                         -- canh, alertmanager, alertmanager-alerts
  details boolean not null,                    -- whether it hears what, or only that
  secret text not null,                        -- sealed with the instance key
  secret_before text,                          -- the one before, while it is being changed
  before_until bigint,
  code text,                                   -- digest of the code on its way there
  code_until bigint,
  tries bigint not null default 0,
  verified_at bigint,
  created_at bigint not null,
  closed_at bigint
);
create index webhook_body on webhook (body, closed_at);

-- Small secrets that change by themselves: tokens of a provider. Sealed with the instance key.
create table kept (
  name text primary key,
  value text not null,
  changed_at bigint not null
);

-- What came in from a channel, once each, and whether it was dealt with.
create table incoming (
  source text not null,                        -- telegram, voice
  number text not null,                        -- unique within the source
  body text not null,
  received_at bigint not null,
  lease bigint not null default 0,
  tries bigint not null default 0,
  done_at bigint,
  primary key (source, number)
);
create index incoming_waiting on incoming (received_at) where done_at is null;
