-- A delivery is one message to one address. What has none yet is spread over its recipients by whoever claims it.
create table delivery_new (
  id text primary key,
  intent text not null references intent (id),
  channel text not null,           -- kind of channel
  person text references person (id),
  name text,
  lang text,
  address text,                    -- null: not spread yet
  place bigint not null default 0, -- in the person's order; those after it wait until it fails
  hurry bigint not null default 1, -- 0 urgent, 1 normal, 2 low: in this order they are sent
  state text not null,             -- due, claimed, sent, acknowledged, failed, spared
  due bigint not null,
  lease bigint not null default 0,
  tries bigint not null default 0,
  receipt text,
  why text,
  sent_at bigint,
  revised_at bigint                -- the message was changed after somebody else answered
);
insert into delivery_new (id, intent, channel, state, due, lease, tries, receipt, why, sent_at)
  select id, intent, channel, state, due, lease, tries, receipt, why, sent_at from delivery;
drop table delivery;
alter table delivery_new rename to delivery;
create index delivery_due on delivery (state, hurry, due);
create index delivery_intent on delivery (intent, person, place);
