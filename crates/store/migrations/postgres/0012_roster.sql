-- Posts, the layers of turns at them, and what people changed by hand.
create table post (
  id text primary key,
  body text not null references body (id),     -- whose post it is
  name text not null,
  folded text not null,                        -- for search
  sort_key text not null,
  presence text not null,                      -- on-site, on-call, covered
  covered_by text references post (id),        -- the post that watches this one too
  needed bigint not null,                      -- how many first in line at once
  backup boolean not null,                     -- whether somebody must be behind them
  check_in text not null,                      -- JSON of domain::roster::CheckIn
  created_at bigint not null,
  closed_at bigint,
  version bigint not null default 1            -- optimistic lock
);
create index post_body on post (body, sort_key);

-- Bodies whose post it is too: one roster for several.
create table post_share (
  post text not null references post (id),
  body text not null references body (id),
  primary key (post, body)
);
create index post_share_body on post_share (body);

create table roster_layer (
  id text primary key,
  post text not null references post (id),
  content text not null,                       -- JSON of domain::roster::rules::Layer
  at bigint not null,
  by_person text references person (id),
  retired_at bigint
);
create index roster_layer_post on roster_layer (post, retired_at);

create table roster_override (
  id text primary key,
  post text not null references post (id),
  line text not null,
  from_at bigint not null,
  to_at bigint not null,
  people text not null,                        -- JSON list of person ids
  why text not null,
  at bigint not null,
  by_person text references person (id),
  withdrawn_at bigint
);
create index roster_override_post on roster_override (post, to_at);

create table swap (
  id text primary key,
  post text not null references post (id),
  giver text not null references person (id),
  taker text not null references person (id),
  from_at bigint not null,
  to_at bigint not null,
  why text not null,
  state text not null,                         -- asked, agreed, approved, refused, withdrawn
  at bigint not null,
  by_person text references person (id),
  decided_at bigint,
  decided_by text references person (id)
);
create index swap_post on swap (post, to_at);

create table absence (
  id text primary key,
  person text not null references person (id),
  body text not null references body (id),     -- who may see and change it
  from_at bigint not null,
  to_at bigint not null,
  why text not null,
  at bigint not null,
  by_person text references person (id),
  withdrawn_at bigint
);
create index absence_person on absence (person, to_at);

-- A roster that people rely on: the layers as they were then, and what was wrong with it.
create table roster_publication (
  id text primary key,
  post text not null references post (id),
  from_at bigint not null,
  to_at bigint not null,
  layers text not null,                        -- JSON list of domain::roster::rules::Layer
  troubles text not null,                      -- JSON list of domain::roster::coverage::Trouble, as at publishing
  forced text,                                 -- why a head published it with a gap
  at bigint not null,
  by_person text references person (id)
);
create index roster_publication_post on roster_publication (post, from_at);

-- The shifts of what was published, with every change by hand in them.
create table shift (
  post text not null references post (id),
  line text not null,
  person text not null references person (id),
  from_at bigint not null,
  to_at bigint not null,
  why text not null,                           -- JSON of domain::roster::Why
  primary key (post, line, person, from_at)
);
create index shift_time on shift (post, to_at);
create index shift_person on shift (person, to_at);

create table check_in (
  id text primary key,
  post text not null references post (id),
  person text not null references person (id),
  at bigint not null,
  way text not null,                           -- page, link, api
  note text not null
);
create index check_in_post on check_in (post, at);

create table hand_over (
  id text primary key,
  post text not null references post (id),
  giver text not null references person (id),
  taker text references person (id),           -- who accepted it
  at bigint not null,
  note text not null,
  items text not null,                         -- JSON list of what is open
  accepted_at bigint
);
create index hand_over_post on hand_over (post, at);

-- A check-in that was missed, and who was woken for it.
create table missed_check_in (
  post text not null references post (id),
  person text not null references person (id),
  due bigint not null,
  missed bigint not null,
  step bigint not null,                        -- how many steps of waking were taken
  answered_at bigint,
  answered_by text references person (id),
  primary key (post, person, due)
);
create index missed_check_in_open on missed_check_in (post, answered_at);

-- A provider's commitment of people for a window.
create table commitment (
  id text primary key,
  provider text not null references body (id),
  body text not null references body (id),     -- to whom
  contract text not null,
  people bigint not null,                      -- on each shift
  licence text not null,
  licence_to text,                             -- last day, ISO date
  from_at bigint not null,
  to_at bigint not null,
  at bigint not null,
  by_person text references person (id),
  withdrawn_at bigint
);
create index commitment_provider on commitment (provider, to_at);
create index commitment_body on commitment (body, to_at);
