create table notice (
  id text primary key,
  body text not null references body (id),     -- who issues it
  campaign text references campaign (id),
  template text,                               -- the topic it began from
  lang text not null,
  title text not null,
  text text not null,
  folded text not null,                        -- for search
  quiz text not null,                          -- JSON of domain::notice::Quiz
  audience text not null,                      -- JSON of domain::notice::Audience
  state text not null,                         -- draft, issued, closed, cancelled
  opens_at bigint,
  closes_at bigint,
  issued_at bigint,
  issued_by text references person (id),
  cursor text not null default '',             -- how far the recipients have been gathered
  gathered_at bigint,                          -- all recipients are known
  queued bigint not null default 0,            -- letters handed to the outbox
  sent_at bigint,                              -- all of them are
  closed_at bigint,
  created_at bigint not null,
  created_by text references person (id),
  version bigint not null default 1            -- optimistic lock
);
create index notice_body on notice (body, created_at);
create index notice_campaign on notice (campaign);

-- One person to whom a notice goes. Answers of a quiz are not kept, only what came of the last attempt.
create table notice_recipient (
  id text primary key,
  notice text not null references notice (id),
  body text not null references body (id),
  person text references person (id),          -- null: from an imported list
  key text not null,                           -- e-mail address, or person:ID: nobody gets a notice twice
  name text not null,
  sort_key text not null,
  folded text not null,
  email text,
  queued_at bigint,
  delivered_at bigint,                         -- the mail server took it
  failed_at bigint,                            -- no mail server takes it
  opened_at bigint,                            -- the button was pressed
  committed_at bigint,
  receipt bigint,                              -- the audit entry of the commitment
  how text,                                    -- link, page
  attempts bigint not null default 0,
  score bigint,
  wrong text not null default '[]',            -- numbers of the questions
  passed_at bigint,
  reminded bigint not null default 0,          -- rounds of reminders
  unique (notice, key)
);
create index notice_recipient_body on notice_recipient (notice, body, sort_key, id);
create index notice_recipient_name on notice_recipient (notice, sort_key, id);
create index notice_recipient_key on notice_recipient (key);
create index notice_recipient_person on notice_recipient (person) where person is not null;
create index notice_recipient_unsent on notice_recipient (notice, id) where queued_at is null and email is not null;

-- The figures of one body, moved by every act in its own transaction.
create table notice_sum (
  notice text not null references notice (id),
  body text not null references body (id),
  recipients bigint not null,
  without_address bigint not null default 0,
  delivered bigint not null default 0,
  failed bigint not null default 0,
  opened bigint not null default 0,
  committed bigint not null default 0,
  passed bigint not null default 0,
  told text,                                   -- the figures of the fact that counts
  fact text,                                   -- that fact
  primary key (notice, body)
);
create index notice_sum_body on notice_sum (body);

create table staff_list (
  id text primary key,
  body text not null references body (id),     -- whose list it is
  name text not null,
  people bigint not null default 0,
  created_at bigint not null,
  created_by text references person (id)
);
create index staff_list_body on staff_list (body, created_at);
create table staff_member (
  list text not null references staff_list (id),
  place bigint not null,                       -- row of the file
  name text not null,
  email text not null,
  body text not null references body (id),
  primary key (list, place)
);

create table bulletin (
  id text primary key,
  body text not null references body (id),     -- who issues it
  campaign text references campaign (id),
  template text,
  lang text not null,
  title text not null,
  text text not null,
  folded text not null,
  per_minute bigint not null,                  -- reading speed it was reckoned with
  seconds bigint not null,
  first_day text not null,
  last_day text not null,
  times text not null,                         -- JSON list of HH:MM
  tops text not null,                          -- JSON list of bodies below which the communes are
  state text not null,                         -- draft, issued, closed, cancelled
  issued_at bigint,
  issued_by text references person (id),
  told text,
  fact text,
  closed_at bigint,
  created_at bigint not null,
  created_by text references person (id),
  version bigint not null default 1
);
create index bulletin_issuer on bulletin (body, created_at);
create index bulletin_campaign on bulletin (campaign);

-- A commune that is asked to broadcast.
create table bulletin_body (
  bulletin text not null references bulletin (id),
  body text not null references body (id),
  sent_at bigint,                              -- told by mail
  chased bigint not null default 0,            -- rounds of reminders
  told text,
  fact text,
  primary key (bulletin, body)
);
create index bulletin_body_body on bulletin_body (body);

-- A receipt: which cluster of loudspeakers read it when, and who says so.
create table broadcast (
  id text primary key,
  bulletin text not null references bulletin (id),
  body text not null references body (id),
  slot_at bigint not null,                     -- the broadcast of the schedule that it answers
  aired_at bigint not null,
  cluster text not null,
  by_name text not null,                       -- who switched it on
  note text not null default '',
  sha256 text references blob (sha256),        -- recording or photo
  file_name text,
  receipt bigint not null,                     -- audit entry
  recorded_at bigint not null,
  recorded_by text references person (id),
  unique (bulletin, body, slot_at, cluster)
);
