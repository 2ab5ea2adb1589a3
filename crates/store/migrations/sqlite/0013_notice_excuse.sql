-- Somebody to whom a notice goes and who cannot be expected to answer: who said so, when, and why.
alter table notice_recipient add column excused_at bigint;
alter table notice_recipient add column excused_by text references person (id);
alter table notice_recipient add column excused_reason text;
-- Told apart: opened, committed and passed count those who are not excused.
alter table notice_sum add column excused bigint not null default 0;
