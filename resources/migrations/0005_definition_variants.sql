-- Which form an action has may depend on the connection and on values; only like forms are compared.
-- `variant` is empty for the form as it is before anything is filled in, else a hash of the values
-- that brought it, PASSWORD values left out.
ALTER TABLE definition_sightings ADD COLUMN authentication_id TEXT NOT NULL DEFAULT '';
ALTER TABLE definition_sightings ADD COLUMN variant TEXT NOT NULL DEFAULT '';
