-- How a letter came and what its file tells besides its words.
create table letter_origin (
  letter text primary key references letter (id),
  origin text not null default '{}',           -- JSON: file name, or from, subject, date, message-id of the mail
  scan text,                                   -- JSON: read from pictures; words the reader was not sure of
  signatures text                              -- JSON: {"found": true} if the file carries one, which is not checked
);

-- What came in by itself, and what became of it. `key` says where it lay, never what it holds: a paper marked secret
-- has one too.
create table inbox_item (
  id text primary key,
  body text not null references body (id),
  key text not null unique,
  source text not null,                        -- folder, mail
  at bigint not null,
  state text not null,                         -- taken, attached, duplicate, trouble, secret
  reason text,                                 -- why, of a trouble
  name text,
  origin text not null default '{}',
  letter text references letter (id),
  sha256 text references blob (sha256),
  settled_at bigint,
  settled_by text references person (id)
);
create index inbox_item_body on inbox_item (body, at);
create index inbox_item_letter on inbox_item (letter);

-- The ways in themselves: when each was looked at, how far, and what is wrong with it.
create table inbox_source (
  source text primary key,
  body text not null references body (id),
  checked_at bigint,
  trouble text,
  trouble_since bigint,
  validity bigint,                             -- UIDVALIDITY of the mailbox
  last_uid bigint
);
