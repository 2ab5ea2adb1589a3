-- Maintenance: until then a monitor's silence, or what is reported at an inlet, calls nobody.
alter table monitor add column paused_until bigint;
alter table monitor add column paused_why text;
alter table inlet add column paused_until bigint;
alter table inlet add column paused_why text;
