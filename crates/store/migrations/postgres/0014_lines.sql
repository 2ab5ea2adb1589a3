-- What is said of a line besides its name. Its own mark finds it again in files and in reports by machine.
alter table line add column code text not null default '';
alter table line add column capacity text not null default '';
alter table line add column hotline text not null default '';
create unique index line_code on line (body, code) where code <> '' and closed_at is null;

-- What an outage did, and what was said of it before it was corrected.
alter table outage add column effect text not null default '';
create table outage_was (
  outage text not null references outage (id),
  revision bigint not null,
  from_at bigint not null,
  to_at bigint,
  cause text not null,
  effect text not null,
  by_person text references person (id),
  until_at bigint not null,                    -- when it was said otherwise
  primary key (outage, revision)
);
