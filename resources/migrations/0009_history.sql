-- What a person adds to runs, and how runs are found among a million.

-- A place is a combination of profile, app, action and connection that runs have: there are few.
-- Whatever is asked for of these is a number of places, each a stretch of an index in page order.
-- The titles are those of the newest run.
CREATE TABLE run_places (
    number               INTEGER PRIMARY KEY,
    profile_id           TEXT NOT NULL,
    app_id               TEXT NOT NULL,
    action_type          TEXT NOT NULL,
    action_key           TEXT NOT NULL,
    authentication_id    TEXT NOT NULL,  -- empty: without a connection
    app_title            TEXT NOT NULL,
    action_title         TEXT NOT NULL,
    authentication_title TEXT NOT NULL,
    UNIQUE (profile_id, app_id, action_type, action_key, authentication_id)
) STRICT;

ALTER TABLE runs ADD COLUMN place INTEGER NOT NULL DEFAULT 0;  -- run_places.number
ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN is_baseline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';  -- JSON: what is in run_labels

INSERT INTO run_places (
    profile_id, app_id, action_type, action_key, authentication_id, app_title, action_title,
    authentication_title
)
SELECT profile_id, app_id, action_type, action_key, coalesce(authentication_id, ''), app_title,
    action_title, authentication_title
FROM runs WHERE number IN (
    SELECT max(number) FROM runs
    GROUP BY profile_id, app_id, action_type, action_key, coalesce(authentication_id, '')
);
UPDATE runs SET place = (
    SELECT run_places.number FROM run_places
    WHERE (run_places.profile_id, run_places.app_id, run_places.action_type,
           run_places.action_key, run_places.authentication_id)
        = (runs.profile_id, runs.app_id, runs.action_type, runs.action_key,
           coalesce(runs.authentication_id, ''))
);

DROP INDEX runs_by_app;
CREATE INDEX runs_by_place ON runs (place, created_ms);
CREATE INDEX runs_by_place_and_status ON runs (place, status, created_ms);
CREATE INDEX runs_pinned ON runs (created_ms) WHERE pinned;
-- One run of an action is the known good one.
CREATE UNIQUE INDEX runs_baseline ON runs (profile_id, app_id, action_type, action_key)
    WHERE is_baseline;

CREATE TABLE run_labels (
    label TEXT NOT NULL,
    at_ms INTEGER NOT NULL,  -- when the run was ordered
    run   INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    PRIMARY KEY (label, at_ms, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_labels_by_run ON run_labels (run);

-- Deleted runs stay, out of sight, until the deletion can no longer be undone.
CREATE TABLE deletions (
    number   INTEGER PRIMARY KEY,
    final_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE deleted_runs (
    run      INTEGER PRIMARY KEY,
    deletion INTEGER NOT NULL REFERENCES deletions (number) ON DELETE CASCADE
) STRICT;
CREATE INDEX deleted_runs_by_deletion ON deleted_runs (deletion);

CREATE TABLE saved_filters (
    number     INTEGER PRIMARY KEY,
    profile_id TEXT NOT NULL,
    name       TEXT NOT NULL,
    filter     TEXT NOT NULL,  -- JSON
    UNIQUE (profile_id, name)
) STRICT;
