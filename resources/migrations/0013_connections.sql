-- The connection that was used last, for each app of a profile.
CREATE TABLE last_connections (
    profile_id        TEXT NOT NULL,
    app_id            TEXT NOT NULL,
    authentication_id TEXT NOT NULL,
    used_ms           INTEGER NOT NULL,
    PRIMARY KEY (profile_id, app_id)
) STRICT, WITHOUT ROWID;

-- Attempts at making a connection from credentials; the credentials themselves are nowhere.
CREATE TABLE connection_attempts (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    profile_id TEXT NOT NULL,
    owner_id   TEXT NOT NULL,
    app_id     TEXT NOT NULL,
    title      TEXT NOT NULL,
    names      TEXT NOT NULL,  -- JSON: the names of its fields
    known_ids  TEXT NOT NULL,  -- JSON: the connections there were before, or null
    status     TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX connection_attempts_by_app ON connection_attempts (profile_id, app_id, created_ms);
