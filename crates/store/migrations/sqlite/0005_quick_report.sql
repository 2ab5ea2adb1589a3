-- Quick reports: at the hours a campaign sets each body confirms what Canh knows, or that nothing happened.

-- What a campaign asks for. Each row governs the rounds that open from from_at on; the first governs from the beginning.
create table quick_rule (
  campaign text not null references campaign (id),
  from_at bigint not null,
  rule text not null,                          -- JSON of domain::quick_reports::Rule
  made_by text references person (id),         -- null: the legal pack's default, kept as it stood
  primary key (campaign, from_at)
);

-- One version of one body's report of one round; never changed once written, but for superseded_at.
create table quick_report (
  id text primary key,
  campaign text not null references campaign (id),
  assignment text not null references assignment (id),
  body text not null references body (id),
  round_at bigint not null,                    -- the round's hour
  due_at bigint not null,
  version bigint not null,
  nil boolean not null,
  late boolean not null,                       -- the first version came after the due time
  content text not null,                       -- JSON of domain::quick_reports::Content, exactly as digested
  digest text not null,                        -- SHA-256 of content; also in the audit log
  how text not null,                           -- page, api, link
  entry bigint not null,                       -- the audit entry that carries the digest
  confirmed_at bigint not null,
  confirmed_by text not null references person (id),
  superseded_at bigint,
  unique (assignment, round_at, version)
);
create index quick_report_round on quick_report (campaign, round_at);

-- Reminders that went out: each step once for each body and round.
create table quick_chase (
  assignment text not null references assignment (id),
  round_at bigint not null,
  step bigint not null,                        -- its place in the rule that governs the round
  audience text not null,                      -- body, head, superior
  at bigint not null,
  people bigint not null,                      -- to how many
  primary key (assignment, round_at, step)
);
