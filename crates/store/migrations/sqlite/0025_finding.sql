-- Flaws on hosts, as the judge found them, and what people decided of them.
create table host_flaw (
  host text not null references host (id),
  flaw text not null,                          -- CVE number, or the advisory's own where it names none
  state text not null,                         -- affected, not-effective, unknown, fixed, not-affected
  weak boolean not null,
  revision bigint not null,                    -- of the inventory it was judged at
  severity text not null,
  exploited boolean not null,
  likely bigint,                               -- in millionths
  fix text,                                    -- what would mend it
  because text not null,                       -- JSON: the verdicts, each with its reasons
  first_seen bigint,
  fixed_at bigint,
  reopened bigint not null default 0,
  due_at bigint,
  owner text references person (id),
  excused_until bigint,
  excused_by text references person (id),
  excused_why text,
  workaround text,
  workaround_by text references person (id),
  workaround_at bigint,
  primary key (host, flaw)
);
create index host_flaw_flaw on host_flaw (flaw, state);
create index host_flaw_due on host_flaw (state, due_at);
create table host_flaw_event (
  host text not null references host (id),
  flaw text not null,
  at bigint not null,
  kind text not null,                          -- found, fixed, reopened, taken-back, excused, worked-around
  by_person text references person (id),
  text text not null default '',
  primary key (host, flaw, at, kind)
);
create index host_flaw_event_at on host_flaw_event (at);
-- When a host was last judged, and by which inventory.
create table host_judged (
  host text primary key references host (id),
  revision bigint not null,
  inventory_at bigint not null,
  judged_at bigint not null
);
-- The words under which advisories find a host; as of its last judgement.
create table host_word (
  key text not null,
  host text not null references host (id),
  primary key (key, host)
);
create index host_word_host on host_word (host);
-- A warning and a host, counted up by the judge: pages read only this.
create table warning_host (
  warning text not null references warning (id),
  host text not null references host (id),
  body text not null references body (id),
  open bigint not null,                        -- flaws neither mended nor worked around
  handled bigint not null,
  unclear bigint not null,                     -- of which nobody can tell
  due_at bigint,                               -- the earliest of the open ones
  judged_at bigint not null,
  primary key (warning, host)
);
create index warning_host_body on warning_host (warning, body);
create index warning_host_host on warning_host (host);
-- How far the judge has followed the changes of inventories.
create table judge_mark (
  id bigint primary key,
  revision bigint not null,
  host text
);
insert into judge_mark (id, revision) values (1, 0);
