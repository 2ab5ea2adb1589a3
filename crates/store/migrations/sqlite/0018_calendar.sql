-- Secret links to calendars of turns: one's own, or those of a post. Of the secret only a digest is kept.
create table calendar (
  id text primary key,
  person text not null references person (id), -- who made it: what they may see is what it shows
  post text references post (id),              -- null: their own turns
  digest text not null unique,
  at bigint not null,
  revoked_at bigint
);
create index calendar_person on calendar (person, revoked_at);

-- How often the shifts of a post were written anew, and when last: calendars tell by it that their entries changed.
alter table post add column roster_version bigint not null default 0;
alter table post add column roster_at bigint;

-- Who takes turns in what was published: whose absence it concerns.
create table roster_publication_person (
  publication text not null references roster_publication (id),
  person text not null references person (id),
  primary key (publication, person)
);
create index roster_publication_person_person on roster_publication_person (person);
insert into roster_publication_person (publication, person)
  select r.id, p.id from roster_publication r join person p on r.layers like '%"' || p.id || '"%';
