-- What others count of a body's machines and people, beside the register. Newest first within source and kind counts.
create table machine_count (
  id text primary key,
  body text not null references body (id),
  source text not null,                        -- directory, dhcp, anti-malware, staff, other
  kind text not null,                          -- servers, workstations, all, staff
  n bigint not null,
  counted_on text not null,                    -- the day of the list, not of its arrival
  note text not null default '',
  sha256 text references blob (sha256),        -- the list itself, where there is one
  file_name text,
  left_out text not null default '{}',         -- JSON: reason → lines that did not count
  at bigint not null,
  by_person text references person (id),       -- null: by the command line
  withdrawn_at bigint,
  withdrawn_by text references person (id),
  withdrawn_why text
);
create index machine_count_body on machine_count (body, at);

-- A body's own version of the checklist; the legal pack's where there is none.
create table checklist (
  body text not null references body (id),
  version bigint not null,
  items text not null,                         -- JSON of domain::inspection::Checklist
  at bigint not null,
  by_person text references person (id),
  primary key (body, version)
);

create table visit (
  id text primary key,
  inspector text not null references body (id),  -- who inspects
  body text not null references body (id),       -- who is inspected
  state text not null,                         -- planned, under-way, done, cancelled
  planned_at bigint not null,
  place text not null default '',
  note text not null default '',
  checklist text not null,                     -- JSON: the items as they stood when the visit was planned
  announced_at bigint,                         -- when the body was last written to
  started_at bigint,
  done_at bigint,
  done_by text references person (id),
  cancelled_at bigint,
  why text,                                    -- of the cancelling
  met_by text not null default '',             -- who received the team, by name and position
  opinion text not null default '',            -- what the inspected body says
  conclusion text not null default '',
  items bigint not null default 0,             -- of the checklist
  answered bigint not null default 0,
  bad bigint not null default 0,
  made_at bigint not null,
  made_by text references person (id),
  version bigint not null default 1            -- optimistic lock of what is planned and concluded
);
create index visit_inspector on visit (inspector, planned_at);
create index visit_body on visit (body, planned_at);

create table visit_member (
  visit text not null references visit (id),
  person text not null references person (id),
  place bigint not null,                       -- 0 leads
  primary key (visit, person)
);

-- The answers as they stand; every earlier one stays in visit_answer_was.
create table visit_answer (
  visit text not null references visit (id),
  item text not null,
  answer text not null,                        -- ok, bad, none; '' = taken back
  note text not null default '',
  answered_at bigint not null,                 -- by the clock of the device
  learnt_at bigint not null,                   -- when it reached us
  by_person text references person (id),
  version bigint not null,
  op text not null,                            -- the device's own number of this act: sent twice, done once
  primary key (visit, item)
);
create table visit_answer_was (
  visit text not null,
  item text not null,
  version bigint not null,
  answer text not null,
  note text not null,
  answered_at bigint not null,
  learnt_at bigint not null,
  by_person text,
  op text not null,
  primary key (visit, item, version)
);
create index visit_answer_was_op on visit_answer_was (visit, op);

create table visit_photo (
  id text primary key,                         -- given by the device
  visit text not null references visit (id),
  item text not null,
  sha256 text not null references blob (sha256),
  name text not null,
  bytes bigint not null,
  taken_at bigint not null,                    -- by the clock of the device
  learnt_at bigint not null,
  by_person text references person (id),
  removed_at bigint
);
create index visit_photo_visit on visit_photo (visit, item);

create table finding (
  id text primary key,
  visit text not null references visit (id),
  item text not null,
  inspector text not null references body (id),
  body text not null references body (id),
  severity text not null,                      -- high, medium, low
  text text not null,
  owner text references person (id),           -- null: whoever is the body's contact
  due_on text not null,
  due_at bigint not null,                      -- the end of that day
  state text not null,                         -- open, fixed, closed
  made_at bigint not null,
  fixed_at bigint,
  closed_at bigint,
  version bigint not null default 1
);
create index finding_body on finding (body, state, due_at);
create index finding_inspector on finding (inspector, state, due_at);
create index finding_visit on finding (visit);

-- What happened to a finding, in order: made, changed, fixed, returned, closed, reopened.
create table finding_event (
  finding text not null references finding (id),
  n bigint not null,
  kind text not null,
  at bigint not null,
  by_person text references person (id),
  text text not null default '',
  sha256 text references blob (sha256),
  file_name text,
  primary key (finding, n)
);

-- Reminders that went out about a finding with one due time.
create table finding_chase (
  finding text not null references finding (id),
  due_at bigint not null,
  step text not null,
  at bigint not null,
  primary key (finding, due_at, step)
);
