-- An answer that showed a secret is not kept, only that it was given. Those kept before this may hold some.
alter table idempotency add column told_once boolean not null default false;
update idempotency set response = '', told_once = true where status <> 0;

-- A second factor on its way to another telephone: offered to one session for a short time, sealed as the other.
alter table account add column totp_next bytea;
alter table account add column totp_next_session text;
alter table account add column totp_next_until bigint;
