-- Judged again is what something else is said of: flaws, on the hosts they concern; hosts wholly where more is different.
create table flaw_dirty (
  flaw text primary key,
  gathered boolean not null                    -- the hosts it concerns are on the list
);
drop table advisory_dirty;
alter table host_dirty add column whole boolean not null default true;
-- What a finding's own advisories want installed, before one installation does for several.
alter table host_flaw add column wants text;
insert into host_dirty (host) select host from host_inventory where 1 = 1 on conflict (host) do nothing;
-- The OpenPGP keys by one of which every file of a feed must be signed.
alter table feed add column key text;
