-- `again_of` names the run (its id) that was sent again by this one. `forgotten_ms` is when the server
-- forgets the run, by the server's own clock; NULL where it never accepted it, and in older rows.
ALTER TABLE runs ADD COLUMN again_of TEXT;
ALTER TABLE runs ADD COLUMN forgotten_ms INTEGER;
CREATE INDEX runs_sent_again ON runs (again_of) WHERE again_of IS NOT NULL;
