-- What a task showed and since when: the readiness over time, and afterwards what was met when.
create table verdict_change (
  task text not null references task (id),
  at bigint not null,
  campaign text not null references campaign (id),
  was text not null,                           -- '' at the first verdict
  state text not null,
  handled bigint not null,
  total bigint not null,
  primary key (task, at)
);
create index verdict_change_campaign on verdict_change (campaign, at);
insert into verdict_change (task, at, campaign, was, state, handled, total)
  select id, evaluated_at, campaign, '', state, handled, total from task where evaluated_at is not null;

-- A campaign to be made again: duties with due times relative to a window, lines with their bodies.
create table template (
  id text primary key,
  body text not null references body (id),     -- whose it is
  name text not null,
  folded text not null,                        -- for search
  made_from text references campaign (id),
  content text not null,                       -- JSON of domain::order::template::Template
  version bigint not null default 1,           -- optimistic lock
  changed_at bigint not null,
  changed_by text references person (id),
  retired_at bigint
);
create index template_body on template (body, folded);

-- What was learnt from a campaign, and what of it went into a template.
create table lesson (
  id text primary key,
  campaign text not null references campaign (id),
  body text not null references body (id),     -- who issued the campaign
  text text not null,
  change text not null,                        -- JSON of domain::order::template::Change; null where only words
  at bigint not null,
  by_person text references person (id),
  template text references template (id),      -- into which it went
  applied_at bigint
);
create index lesson_campaign on lesson (campaign, at);
