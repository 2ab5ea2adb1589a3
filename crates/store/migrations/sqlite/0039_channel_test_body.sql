-- The newest day's test of a body is found without reading all days of all bodies.
create index channel_test_body on channel_test (body, day);
