-- The run log. `runs` is slim, so that pages of it are; large texts are in tables of their own.
-- Columns that hold "packed" bytes start with one byte: 0 = as is, 1 = zlib.

CREATE TABLE runs (
    number               INTEGER PRIMARY KEY,
    id                   TEXT NOT NULL UNIQUE,  -- made from the nonce: the same nonce is one run
    profile_id           TEXT NOT NULL,
    owner_id             TEXT NOT NULL,
    kind                 TEXT NOT NULL,
    status               TEXT NOT NULL,
    app_id               TEXT NOT NULL,
    action_type          TEXT NOT NULL,
    action_key           TEXT NOT NULL,
    app_title            TEXT NOT NULL,
    action_title         TEXT NOT NULL,
    authentication_id    TEXT,
    authentication_title TEXT NOT NULL,
    created_ms           INTEGER NOT NULL,
    sent_ms              INTEGER,
    accepted_ms          INTEGER,
    ended_ms             INTEGER,
    run_id               TEXT,
    server_status        TEXT NOT NULL DEFAULT '',
    headline             TEXT NOT NULL DEFAULT '',
    resolution           TEXT,
    resolution_note      TEXT NOT NULL DEFAULT ''
) STRICT;

-- The rowid (number) is the last column of every index, so each one is in page order.
CREATE INDEX runs_by_time ON runs (created_ms);
CREATE INDEX runs_by_profile ON runs (profile_id, created_ms);
CREATE INDEX runs_by_status ON runs (profile_id, status, created_ms);
CREATE INDEX runs_by_app ON runs (profile_id, app_id, created_ms);
CREATE INDEX runs_open ON runs (status, owner_id) WHERE status IN ('submitting', 'waiting');

CREATE TABLE run_bodies (
    run            INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE,
    inputs         BLOB NOT NULL,  -- packed JSON: as sent, but for PASSWORD values
    inputs_sha256  BLOB NOT NULL,  -- of the unpacked bytes
    fields         BLOB,           -- packed JSON: the definition the form was made from
    labels         TEXT NOT NULL,  -- JSON: {field id: label of the choice}
    results        BLOB,           -- packed, as received
    results_sha256 BLOB,
    errors         TEXT NOT NULL DEFAULT '[]',  -- JSON: what the API said about the run
    report         TEXT                         -- JSON: what zapdesk says about the outcome
) STRICT;

CREATE TABLE run_events (
    number INTEGER PRIMARY KEY,
    run    INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    at_ms  INTEGER NOT NULL,
    status TEXT NOT NULL,
    text   TEXT NOT NULL
) STRICT;
CREATE INDEX run_events_by_run ON run_events (run);

CREATE TABLE exchanges (
    number           INTEGER PRIMARY KEY,
    run              INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    purpose          TEXT NOT NULL,
    method           TEXT NOT NULL,
    url              TEXT NOT NULL,
    request_headers  TEXT NOT NULL,  -- JSON: [[name, value]]
    request_body     BLOB NOT NULL,  -- packed
    status           INTEGER,
    response_headers TEXT NOT NULL,
    response_body    BLOB NOT NULL,  -- packed
    body_size        INTEGER NOT NULL,
    started_ms       INTEGER NOT NULL,
    connected_ms     REAL,
    sent_ms          REAL,
    first_byte_ms    REAL,
    ended_ms         REAL,
    failure          TEXT NOT NULL,
    repeated         INTEGER NOT NULL DEFAULT 0,  -- how often the same answer came again
    last_ms          INTEGER NOT NULL             -- when it was asked for the last time
) STRICT;
CREATE INDEX exchanges_by_run ON exchanges (run);

-- rowid = runs.number. Only the index is kept: the texts are in the tables above. Without the
-- prefixes the first letters typed would read every word there is (400 ms in 60,000 runs).
CREATE VIRTUAL TABLE run_text USING fts5 (
    text, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
