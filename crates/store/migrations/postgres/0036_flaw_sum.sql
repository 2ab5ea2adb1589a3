-- Findings as lists of hundreds of thousands are read: narrow rows, each with the keys lists are ordered by; what they
-- rest on beside them; and how many there are counted up by host, so that no page counts them one by one.
create table host_flaw_new (
  host text not null references host (id),
  flaw text not null,
  state text not null,
  shelf bigint not null,                       -- 0 open, 1 unknown, 2 fixed, 3 not affected
  weak boolean not null,
  revision bigint not null,
  severity text not null,
  rank bigint not null,                        -- of the severity: 0 is the gravest
  exploited boolean not null,
  likely bigint,
  fix text,
  digest text not null,                        -- of what it rests on; empty: not known
  first_seen bigint,
  age bigint not null,                         -- first_seen turned round, so that the newest come first
  fixed_at bigint,
  reopened bigint not null default 0,
  due_at bigint,
  due bigint not null,                         -- due_at; the largest number there is if none
  owner text references person (id),
  excused_until bigint,
  excused_by text references person (id),
  excused_why text,
  workaround text,
  workaround_by text references person (id),
  workaround_at bigint,
  primary key (host, flaw)
);
insert into host_flaw_new (host, flaw, state, shelf, weak, revision, severity, rank, exploited, likely, fix, digest,
    first_seen, age, fixed_at, reopened, due_at, due, owner, excused_until, excused_by, excused_why, workaround,
    workaround_by, workaround_at)
  select host, flaw, state,
    case when state in ('affected', 'not-effective') then 0 when state = 'unknown' then 1 when state = 'fixed' then 2 else 3 end,
    weak, revision, severity,
    case severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 when 'low' then 3 else 4 end,
    exploited, likely, fix, '', first_seen, -coalesce(first_seen, 0), fixed_at, reopened, due_at,
    coalesce(due_at, 9223372036854775807), owner, excused_until, excused_by, excused_why, workaround, workaround_by,
    workaround_at
  from host_flaw;
-- What a finding rests on: JSON, the verdicts, each with its reasons.
create table flaw_verdict (
  host text not null references host (id),
  flaw text not null,
  because text not null,
  primary key (host, flaw)
);
insert into flaw_verdict (host, flaw, because) select host, flaw, because from host_flaw;
drop table host_flaw;
alter table host_flaw_new rename to host_flaw;
create index host_flaw_by_due on host_flaw (shelf, due, flaw, host, state);
create index host_flaw_by_rank on host_flaw (shelf, rank, due, flaw, host, state);
create index host_flaw_by_age on host_flaw (shelf, age, flaw, host, state);
create index host_flaw_flaw on host_flaw (flaw, shelf, due, host);
create index host_flaw_excused on host_flaw (excused_until) where excused_until is not null;
-- Every flaw that was ever found, for search.
create table flaw_known (
  flaw text primary key,
  folded text not null
);
insert into flaw_known (flaw, folded) select distinct flaw, lower(flaw) from host_flaw;
-- Findings of a host counted up: all of them (no warning), and those of each warning that reaches it.
create table flaw_sum (
  host text not null references host (id),
  warning text not null,
  shelf bigint not null,
  state text not null,
  severity text not null,
  due bigint not null,
  n bigint not null,
  around bigint not null,                      -- of these worked around
  seen bigint not null,                        -- of these ever found open
  primary key (host, warning, shelf, state, severity, due)
);
insert into flaw_sum (host, warning, shelf, state, severity, due, n, around, seen)
  select f.host, '', f.shelf, f.state, f.severity, f.due, count(*),
    sum(case when f.workaround_at is null then 0 else 1 end), sum(case when f.first_seen is null then 0 else 1 end)
  from host_flaw f group by f.host, f.shelf, f.state, f.severity, f.due;
insert into flaw_sum (host, warning, shelf, state, severity, due, n, around, seen)
  select f.host, w.warning, f.shelf, f.state, f.severity, f.due, count(*),
    sum(case when f.workaround_at is null then 0 else 1 end), sum(case when f.first_seen is null then 0 else 1 end)
  from warning_host w join warning_flaw x on x.warning = w.warning join host_flaw f on f.host = w.host and f.flaw = x.flaw
  group by f.host, w.warning, f.shelf, f.state, f.severity, f.due;
-- What would mend what is open on a host, counted up likewise; no name where nobody names anything.
create table fix_sum (
  host text not null references host (id),
  warning text not null,
  fix text not null,
  n bigint not null,
  exploited bigint not null,
  due bigint not null,
  primary key (host, warning, fix)
);
create index fix_sum_fix on fix_sum (fix, warning, host);
insert into fix_sum (host, warning, fix, n, exploited, due)
  select f.host, '', coalesce(f.fix, ''), count(*), sum(case when f.exploited = true then 1 else 0 end), min(f.due)
  from host_flaw f where f.shelf = 0 and f.workaround_at is null group by f.host, coalesce(f.fix, '');
insert into fix_sum (host, warning, fix, n, exploited, due)
  select f.host, w.warning, coalesce(f.fix, ''), count(*), sum(case when f.exploited = true then 1 else 0 end), min(f.due)
  from warning_host w join warning_flaw x on x.warning = w.warning join host_flaw f on f.host = w.host and f.flaw = x.flaw
  where f.shelf = 0 and f.workaround_at is null group by f.host, w.warning, coalesce(f.fix, '');
-- What came and went on a day of Hà Nội, by the body whose machine it was.
create table flaw_day (
  body text not null references body (id),
  day bigint not null,                         -- days since 1970
  found bigint not null,
  fixed bigint not null,
  primary key (body, day)
);
insert into flaw_day (body, day, found, fixed)
  select h.body, (e.at + 25200000000) / 86400000000,
    sum(case when e.kind in ('found', 'reopened') then 1 else 0 end), sum(case when e.kind = 'fixed' then 1 else 0 end)
  from host_flaw_event e join host h on h.id = e.host where e.kind in ('found', 'reopened', 'fixed')
  group by h.body, (e.at + 25200000000) / 86400000000;
-- Which words of hosts are kept: those of an inventory's revision, as this number of a judge makes them.
alter table host_judged add column words bigint not null default 0;
-- Moves with whatever hosts are judged by, so that a judge knows when what it holds in memory is old.
alter table judge_mark add column knowledge bigint not null default 0;
