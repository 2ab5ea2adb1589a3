-- Sigma rules that were imported: a file each, as it was written, so that author and licence stay with it.
create table rule_file (
  id text primary key,                         -- of its first rule; where that has none, its title
  origin text not null,                        -- where it came from: sigma.zip!/rules/windows/…
  content text not null,
  imported_at bigint not null,
  changed_at bigint not null                   -- when what it says was last changed
);

-- Rules that are switched off, imported or our own, by their ids.
create table rule_off (
  rule text primary key,
  reason text not null,
  person text references person (id),          -- null: by a command on the machine
  at bigint not null
);
