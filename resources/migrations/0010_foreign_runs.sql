-- Runs that came out of a capsule. They are for reading: never watched, never sent, never changed.
-- The file itself is kept, so that it can be given on byte for byte.
ALTER TABLE runs ADD COLUMN is_foreign INTEGER NOT NULL DEFAULT 0;

CREATE TABLE capsules (
    run         INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE,
    imported_ms INTEGER NOT NULL,
    file        BLOB NOT NULL  -- packed
) STRICT;
