-- What was fetched from a server and can be fetched again; keyed by profile.

CREATE TABLE apps (
    profile_id   TEXT NOT NULL,
    id           TEXT NOT NULL,
    rank         INTEGER NOT NULL,  -- place by popularity; found by a search only: far behind
    round        INTEGER NOT NULL,  -- the pass over the directory that saw it last
    title        TEXT NOT NULL,
    description  TEXT NOT NULL,
    hex_color    TEXT NOT NULL,
    image        TEXT NOT NULL,
    categories   TEXT NOT NULL,     -- JSON list
    action_types TEXT NOT NULL,     -- JSON list
    connect_url  TEXT,
    links_filled INTEGER NOT NULL,
    UNIQUE (profile_id, id)
) STRICT;
CREATE INDEX apps_by_rank ON apps (profile_id, rank);

CREATE TABLE catalogue_progress (
    profile_id  TEXT PRIMARY KEY,
    round       INTEGER NOT NULL,
    next_url    TEXT,
    loaded      INTEGER NOT NULL,
    total       INTEGER,
    fetched_ms  INTEGER NOT NULL,
    is_complete INTEGER NOT NULL
) STRICT;

CREATE TABLE action_lists (
    number     INTEGER PRIMARY KEY,
    profile_id TEXT NOT NULL,
    app_id     TEXT NOT NULL,
    fetched_ms INTEGER NOT NULL,
    UNIQUE (profile_id, app_id)
) STRICT;

CREATE TABLE actions (
    list        INTEGER NOT NULL REFERENCES action_lists (number) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    id          TEXT NOT NULL,
    key         TEXT NOT NULL,
    app_id      TEXT NOT NULL,
    action_type TEXT NOT NULL,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    is_instant  INTEGER NOT NULL,
    PRIMARY KEY (list, position)
) STRICT;

-- Connections, field definitions and choices: one packed JSON document for each question.
CREATE TABLE answers (
    number     INTEGER PRIMARY KEY,
    profile_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    question   TEXT NOT NULL,  -- JSON list
    fetched_ms INTEGER NOT NULL,
    body       BLOB NOT NULL,
    UNIQUE (profile_id, kind, question)
) STRICT;
CREATE INDEX answers_by_age ON answers (profile_id, kind, fetched_ms);
