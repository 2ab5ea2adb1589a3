create table letter (
  id text primary key,
  body text not null references body (id),     -- who received it
  state text not null,                         -- read, confirmed, issued, filed
  received_at bigint not null,
  source text not null,                        -- upload, paste, api, issued (our own going down)
  file_name text,
  sha256 text references blob (sha256),        -- the original
  text text not null,
  reading text not null,                       -- what the reader read, as it read it
  corrected text not null,                     -- the reading a person works on
  edits text not null default '{}',            -- JSON pointer → {by, at}: what people changed, kept on re-reading
  number text,
  symbol text,
  date text,
  issuer text,
  subject text,
  folded text not null,                        -- for search
  parent_letter text references letter (id),
  confirmed_at bigint,
  confirmed_by text references person (id),
  version bigint not null default 1            -- optimistic lock
);
create index letter_body on letter (body, received_at);
create index letter_reference on letter (symbol, number, date);

create table campaign (
  id text primary key,
  body text not null references body (id),     -- who issues it
  letter text references letter (id),
  parent_assignment text,                      -- the assignment that is passed on, if it is
  name text not null,
  folded text not null,                        -- for search
  occasion text,
  window_from bigint,
  window_to bigint,
  window_by text,                              -- paper, announced, rule, person: on what the window rests
  state text not null,                         -- draft, issued, cancelled, closed
  scope text not null default '{}',            -- JSON of domain::system::SystemScope
  contact text not null default '[]',          -- JSON: whom to ask
  note text,
  issued_at bigint,
  issued_by text references person (id),
  closed_at bigint,
  revision bigint not null default 0,
  created_at bigint not null
);
create index campaign_body on campaign (body, created_at);
create index campaign_parent on campaign (parent_assignment);

create table campaign_duty (
  id text primary key,
  campaign text not null references campaign (id),
  place bigint not null,                       -- order within the campaign
  code text not null,
  path text not null,                          -- the item's numbering in the letter; '' if added
  quote text not null,                         -- the words of the letter, or of who added it
  actor text,                                  -- for whom, as written; null = all addressees
  due_at bigint,                               -- null in a draft: by the catalogue's rule, reckoned when issued
  evidence text not null default '',           -- what is asked for, beyond the catalogue
  standing boolean not null default false,     -- proposed by Canh, not ordered by the letter
  withdrawn_at bigint                          -- taken out by an amendment
);
create index campaign_duty_campaign on campaign_duty (campaign, place);

-- Lines of Kính gửi and actors, each resolved to bodies by a person.
create table campaign_line (
  campaign text not null references campaign (id),
  line text not null,
  role text not null,                          -- to, actor
  place bigint not null,
  resolved boolean not null,
  primary key (campaign, role, line)
);
create table campaign_line_body (
  campaign text not null references campaign (id),
  line text not null,
  role text not null,
  body text not null references body (id),
  primary key (campaign, role, line, body)
);

create table assignment (
  id text primary key,
  campaign text not null references campaign (id),
  body text not null references body (id),
  parent text references assignment (id),      -- the issuing body's own assignment: the chain
  received_at bigint not null,
  read_at bigint,
  acknowledged_at bigint,
  acknowledged_by text references person (id),
  ack_how text,
  triaged_at bigint,
  triage text,                                 -- affected, not-affected, unknown
  triage_note text,
  passed_on_at bigint,
  cancelled_at bigint,
  chased bigint not null default 0,            -- reminders sent
  chased_at bigint,                            -- the last of them
  unique (campaign, body)
);
create index assignment_body on assignment (body, received_at);
create index assignment_parent on assignment (parent);

-- One duty of one assignment: a cell of the board. The verdict stands beside it.
create table task (
  id text primary key,
  assignment text not null references assignment (id),
  campaign text not null references campaign (id),
  body text not null references body (id),
  duty text not null references campaign_duty (id),
  code text not null,
  due_at bigint not null,
  state text not null default 'not-yet-due',
  rank bigint not null default 3,              -- domain::evidence::State::rank
  handled bigint not null default 0,
  total bigint not null default 0,
  because text not null default '[]',
  next_check bigint,
  evaluated_at bigint,
  withdrawn_at bigint,
  unique (assignment, duty)
);
create index task_campaign on task (campaign, body);
create index task_next_check on task (next_check) where next_check is not null;
create index task_unevaluated on task (id) where evaluated_at is null;

create table submission (
  id text primary key,
  task text not null references task (id),
  body text not null references body (id),
  kind text not null,                          -- file, note, link
  text text not null default '',
  url text,
  sha256 text references blob (sha256),
  file_name text,
  handled bigint,
  total bigint,
  state text not null,                         -- submitted, accepted, returned, withdrawn
  submitted_at bigint not null,
  submitted_by text references person (id),
  decided_at bigint,
  decided_by text references person (id),
  reason text
);
create index submission_task on submission (task, submitted_at);
create index submission_state on submission (state, body);

create table question (
  id text primary key,
  assignment text not null references assignment (id),
  task text references task (id),              -- null: the whole order
  kind text not null,                          -- question, difficulty
  text text not null,
  asked_at bigint not null,
  asked_by text references person (id),
  answer text,
  answered_at bigint,
  answered_by text references person (id)
);
create index question_assignment on question (assignment, asked_at);

create table excuse (
  id text primary key,
  task text not null references task (id),
  kind text not null,                          -- excused, not-applicable
  reason text not null,
  approved_by text references person (id),
  from_at bigint not null,
  until_at bigint,
  ended_at bigint
);
create index excuse_task on excuse (task);

-- Reminders that went out. due_at: of which due time they spoke; 0 where of none.
create table chase (
  assignment text not null references assignment (id),
  kind text not null,                          -- domain::order::chase::Reminder
  due_at bigint not null,
  n bigint not null,                           -- the how-many-th of its kind
  at bigint not null,
  by_person text references person (id),       -- who pressed the button; null: the clock
  primary key (assignment, kind, due_at, n)
);

-- What an amendment or cancellation changed; the campaign row holds the present.
create table campaign_revision (
  campaign text not null references campaign (id),
  revision bigint not null,
  at bigint not null,
  made_by text references person (id),
  kind text not null,                          -- issued, amended, cancelled, closed
  note text not null,
  before text not null,                        -- JSON
  primary key (campaign, revision)
);
