-- `account` is whose token sent the run, as the server names its accounts; empty where it did not tell.
ALTER TABLE runs ADD COLUMN account TEXT NOT NULL DEFAULT '';
