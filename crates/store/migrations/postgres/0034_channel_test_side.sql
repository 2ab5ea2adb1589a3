-- Whom a day's test went to: a body's own people, whoever gave it its order, or both.
alter table channel_test add column side text not null default 'own';
