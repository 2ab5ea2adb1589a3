-- Call-outs: what somebody must answer, who was called for it, and what was done.
create table escalation_policy (
  id text primary key,
  body text not null references body (id),     -- for call-outs of this body and of those below it
  rule text not null,                          -- JSON of domain::paging::Rule
  name text not null,
  sort_key text not null,
  at bigint not null,
  by_person text references person (id),
  retired_at bigint,
  version bigint not null default 1            -- optimistic lock
);
create index escalation_policy_body on escalation_policy (body, retired_at);

create table callout (
  id text primary key,
  key text not null unique,                    -- the same reason twice is one call-out
  about text not null,                         -- check-in, monitor, drill, test-call
  subject text not null,                       -- noun:id of what it is about
  body text not null references body (id),
  post text references post (id),
  person text references person (id),          -- whom it is about: target `same`
  severity text not null,
  words text not null,                         -- JSON map: variables of its sentences and messages
  policy text not null,                        -- JSON of domain::paging::Policy, as it was then
  standing text not null,                      -- open, acknowledged, resolved, expired
  since bigint not null,                       -- the beginning of this round
  taken bigint not null,                       -- steps of it that were taken
  round bigint not null,
  touched bigint not null,                     -- last sign of progress
  at bigint not null,
  taker text references person (id),           -- who took it last
  taken_at bigint,
  taken_via text,
  ended_at bigint
);
create index callout_body on callout (body, standing, at);
create index callout_standing on callout (standing, at);
create index callout_subject on callout (subject, standing);

create table callout_event (
  callout text not null references callout (id),
  seq bigint not null,
  at bigint not null,
  what text not null,                          -- raised, called, nobody, passed-over, round, taken, …
  step bigint,
  round bigint,
  person text references person (id),          -- who did it, or was called
  via text not null default '',
  note text not null default '',
  primary key (callout, seq)
);

-- What a person answers with: only the digest is kept.
create table callout_token (
  digest text primary key,
  callout text not null references callout (id),
  person text not null references person (id),
  at bigint not null
);
create index callout_token_person on callout_token (person, callout);
create index callout_token_callout on callout_token (callout);

alter table missed_check_in add column callout text references callout (id);

-- Messages that call somebody; once somebody has it, what has not gone out need not.
alter table intent add column callout text references callout (id);
alter table intent add column over_at bigint;
create index intent_callout on intent (callout);
