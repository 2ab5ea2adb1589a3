-- Knowledge of flaws: feeds, advisories as `review` reads them, what is exploited; and the warnings made of them.
create table feed (
  id text primary key,
  name text not null,
  kind text not null,
  place text not null unique,
  etag text,
  signed text not null default 'no',
  tried_at bigint,
  read_at bigint,
  changed_at bigint,
  trouble text,
  trouble_where text,
  advisories bigint not null default 0,
  created_at bigint not null,
  closed_at bigint
);
-- What was read of each file, so that what did not change is not read again.
create table feed_file (
  feed text not null references feed (id),
  name text not null,
  sha256 text not null,
  primary key (feed, name)
);
create table advisory (
  id text primary key,
  feed text not null references feed (id),
  file text not null,
  number text not null,
  source text not null,
  title text not null,
  folded text not null,
  severity text,
  published text,
  withdrawn boolean not null,
  digest text not null,
  content text not null,
  changed_at bigint not null
);
create index advisory_file on advisory (feed, file);
create index advisory_published on advisory (published);
-- The words under which advisories and hosts find each other: numbers, products, packages, vendors.
create table advisory_key (
  key text not null,
  advisory text not null references advisory (id),
  primary key (key, advisory)
);
create index advisory_key_advisory on advisory_key (advisory);
-- Advisories changed since the hosts were last judged by them.
create table advisory_dirty (
  advisory text primary key
);
-- What is known to be exploited, and how likely the rest is to be, in millionths; by CVE number and feed.
create table flaw_signal (
  flaw text not null,
  feed text not null references feed (id),
  file text not null,
  exploited boolean not null,
  added text,
  due text,
  ransomware boolean not null,
  likely bigint,
  primary key (flaw, feed, file)
);
create index flaw_signal_file on flaw_signal (feed, file);
-- A warning: what somebody warned of, by an order's letter or by hand, and the flaws that comes to.
create table warning (
  id text primary key,
  body text not null references body (id),     -- who warns
  campaign text unique references campaign (id),
  title text not null,
  folded text not null,                        -- for search
  on_day text not null,                        -- its date
  is_open boolean not null,                    -- "như: …": the list is never complete
  created_at bigint not null,
  closed_at bigint
);
create index warning_body on warning (body, created_at);
create table warning_item (
  warning text not null references warning (id),
  n bigint not null,
  content text not null,                       -- JSON of domain::warning::Item
  primary key (warning, n)
);
create table warning_flaw (
  warning text not null references warning (id),
  flaw text not null,
  n bigint not null,                           -- the item it comes from
  because text not null,                       -- the advisory or warning by which it was found; the number itself if named
  since bigint not null,
  primary key (warning, flaw)
);
create index warning_flaw_flaw on warning_flaw (flaw);
-- Campaigns that stand under a warning: its own, and those that pass it on.
create table warning_campaign (
  campaign text primary key references campaign (id),
  warning text not null references warning (id)
);
-- Hosts that must be judged again.
create table host_dirty (
  host text primary key
);
