-- What proves that something was done instead of mending a flaw: a file, beside what was said of it.
alter table host_flaw_event add column sha256 text references blob (sha256);
alter table host_flaw_event add column file_name text;
