-- What an answer says was handled, where something can be counted.
alter table request add column handled bigint;
alter table request add column total bigint;
