-- What people put into forms before sending, and what forms looked like. PASSWORD values are in none
-- of these tables. "Packed" bytes start with one byte: 0 = as is, 1 = zlib.

-- One unsent form for each place where one can be open; `place` tells two tabs apart.
CREATE TABLE drafts (
    number            INTEGER PRIMARY KEY,
    profile_id        TEXT NOT NULL,
    place             TEXT NOT NULL,
    app_id            TEXT NOT NULL,
    action_type       TEXT NOT NULL,
    action_key        TEXT NOT NULL,
    authentication_id TEXT,
    filling           BLOB NOT NULL,  -- packed JSON
    saved_ms          INTEGER NOT NULL,
    UNIQUE (profile_id, place, app_id, action_type, action_key)
) STRICT;

-- Named fillings. A deleted one stays until the deletion can no longer be undone.
CREATE TABLE presets (
    number      INTEGER PRIMARY KEY,
    profile_id  TEXT NOT NULL,
    app_id      TEXT NOT NULL,
    action_type TEXT NOT NULL,
    action_key  TEXT NOT NULL,
    name        TEXT NOT NULL,
    filling     BLOB NOT NULL,  -- packed JSON
    definition  BLOB NOT NULL,  -- packed JSON: the form it was saved from
    saved_ms    INTEGER NOT NULL,
    deleted_ms  INTEGER
) STRICT;
CREATE UNIQUE INDEX presets_by_name ON presets (profile_id, app_id, action_type, action_key, name)
    WHERE deleted_ms IS NULL;

-- Every definition that was ever fetched, once.
CREATE TABLE definitions (
    hash     BLOB PRIMARY KEY,  -- sha-256 of the unpacked text
    document BLOB NOT NULL      -- packed JSON
) STRICT;

-- When which definition was seen, for the form as it is before anything is filled in.
CREATE TABLE definition_sightings (
    number      INTEGER PRIMARY KEY,
    profile_id  TEXT NOT NULL,
    app_id      TEXT NOT NULL,
    action_type TEXT NOT NULL,
    action_key  TEXT NOT NULL,
    hash        BLOB NOT NULL REFERENCES definitions (hash),
    first_ms    INTEGER NOT NULL,
    last_ms     INTEGER NOT NULL
) STRICT;
CREATE INDEX definition_sightings_by_action
    ON definition_sightings (profile_id, app_id, action_type, action_key);
