-- Dossier, papers, plan, place and services of a system: JSON of domain::level::Detail.
alter table system add column detail text not null default '{}';
