-- A draft that waits for its signer: since when, asked by whom; and if it came back unsigned, by whom and why.
alter table report add column asked_at bigint;
alter table report add column asked_by text references person (id);
alter table report add column returned_at bigint;
alter table report add column returned_by text references person (id);
alter table report add column returned_why text;
