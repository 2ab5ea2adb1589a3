-- The daily test of channels: what was sent where, and whether the next station took it. Whoever has no channel at all
-- stands here too, with an empty kind.
create table channel_test (
  day text not null,               -- in the zone of the law
  channel text not null,           -- its id, or the person's where there is none; no reference: channels go, tests stay
  body text not null references body (id),
  kind text not null,
  person text not null references person (id),
  contact boolean not null default false, -- the body's named contact
  intent text,
  at bigint not null,
  outcome text,                    -- null: not known yet; ok, failed
  settled_at bigint,
  primary key (day, body, channel)
);
create index channel_test_waits on channel_test (day) where outcome is null;
