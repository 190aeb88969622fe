-- Whether the sandbox ran it. Any profile can be on the sandbox, and be moved to another server later; before
-- this only the profile called sandbox was.
ALTER TABLE runs ADD COLUMN in_sandbox INTEGER NOT NULL DEFAULT 0;
