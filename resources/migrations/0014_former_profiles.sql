-- The names of profiles that were removed: their runs stay, and are called after them.
CREATE TABLE former_profiles (
    profile_id TEXT PRIMARY KEY,
    name       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
