-- A delivery is one message to one address. What has none yet is spread over its recipients by whoever claims it.
alter table delivery drop constraint delivery_intent_channel_key;
alter table delivery add column person text references person (id);
alter table delivery add column name text;
alter table delivery add column lang text;
alter table delivery add column address text;                    -- null: not spread yet
alter table delivery add column place bigint not null default 0; -- in the person's order; those after it wait until it fails
alter table delivery add column hurry bigint not null default 1; -- 0 urgent, 1 normal, 2 low: in this order they are sent
alter table delivery add column revised_at bigint;               -- the message was changed after somebody else answered
drop index delivery_due;
create index delivery_due on delivery (state, hurry, due);
create index delivery_intent on delivery (intent, person, place);
