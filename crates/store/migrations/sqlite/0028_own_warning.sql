-- Warnings that agencies write themselves, with every version; the day by which a warning itself wants flaws mended; the
-- day on which it was last looked whether support of systems ended.
alter table warning add column due_at bigint;
alter table judge_mark add column day text;
create table own_advisory (
  id text primary key references warning (id),
  number text not null unique,                 -- CB-2026-0007
  content text not null,                       -- JSON of domain::own::Own
  version bigint not null
);
create table own_advisory_version (
  advisory text not null references own_advisory (id),
  version bigint not null,
  kind text not null,                          -- published, edited, withdrawn
  at bigint not null,
  by_person text references person (id),
  why text not null,
  content text not null,
  primary key (advisory, version)
);
