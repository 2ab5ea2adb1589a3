-- Reports up and reply letters. Files lie with the blobs, under the digests kept here.
create table report (
  id text primary key,
  kind text not null,                          -- campaign, reply
  body text not null references body (id),     -- who reports
  campaign text not null references campaign (id),
  assignment text references assignment (id),  -- what it answers: handed up to who issued that
  state text not null,                         -- draft, signed
  draft text not null,                         -- JSON of domain::report::Draft
  version bigint not null default 1,           -- optimistic lock
  created_at bigint not null,
  created_by text references person (id),
  changed_at bigint not null,
  changed_by text references person (id),
  signed_at bigint,
  signed_by text references person (id),
  made_at bigint,                              -- the moment its figures are of
  digest text,                                 -- of what it was made from
  basis text references blob (sha256),         -- JSON of domain::report::Basis
  model text references blob (sha256),         -- JSON of letter::model::Document
  pdf text references blob (sha256),
  docx text references blob (sha256)
);
create index report_body on report (body, changed_at);
create index report_campaign on report (campaign, changed_at);
create index report_assignment on report (assignment);
create index report_pdf on report (pdf);
create index report_docx on report (docx);
