-- Kept for the room of this name.
select 1;
