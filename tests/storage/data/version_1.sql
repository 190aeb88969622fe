-- A log as the first version wrote it: rows with and without optional facts, one run that was
-- never finished, text beyond ASCII. Blobs: byte 0, then the text as it is.
PRAGMA application_id = 1514229828;
PRAGMA user_version = 1;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, profile_id TEXT NOT NULL,
    owner_id TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, app_id TEXT NOT NULL,
    action_type TEXT NOT NULL, action_key TEXT NOT NULL, app_title TEXT NOT NULL,
    action_title TEXT NOT NULL, authentication_id TEXT, authentication_title TEXT NOT NULL,
    created_ms INTEGER NOT NULL, sent_ms INTEGER, accepted_ms INTEGER, ended_ms INTEGER,
    run_id TEXT, server_status TEXT NOT NULL DEFAULT '', headline TEXT NOT NULL DEFAULT '',
    resolution TEXT, resolution_note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX runs_by_time ON runs (created_ms);
CREATE INDEX runs_by_profile ON runs (profile_id, created_ms);
CREATE INDEX runs_by_status ON runs (profile_id, status, created_ms);
CREATE INDEX runs_by_app ON runs (profile_id, app_id, created_ms);
CREATE INDEX runs_open ON runs (status, owner_id) WHERE status IN ('submitting', 'waiting');
CREATE TABLE run_bodies (
    run INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE, inputs BLOB NOT NULL,
    inputs_sha256 BLOB NOT NULL, fields BLOB, labels TEXT NOT NULL, results BLOB,
    results_sha256 BLOB, errors TEXT NOT NULL DEFAULT '[]', report TEXT
) STRICT;
CREATE TABLE run_events (
    number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL, status TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX run_events_by_run ON run_events (run);
CREATE TABLE exchanges (
    number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    purpose TEXT NOT NULL, method TEXT NOT NULL, url TEXT NOT NULL, request_headers TEXT NOT NULL,
    request_body BLOB NOT NULL, status INTEGER, response_headers TEXT NOT NULL,
    response_body BLOB NOT NULL, body_size INTEGER NOT NULL, started_ms INTEGER NOT NULL,
    connected_ms REAL, sent_ms REAL, first_byte_ms REAL, ended_ms REAL, failure TEXT NOT NULL,
    repeated INTEGER NOT NULL DEFAULT 0, last_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX exchanges_by_run ON exchanges (run);
CREATE VIRTUAL TABLE run_text USING fts5 (
    text, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO runs VALUES
    (1, 'aa00000000000000000000000000000a', 'sandbox', 'o1', 'run', 'success', 'tables', 'WRITE',
     'add_row', 'Tables', 'Zeile hinzufügen', 'c1', 'Mine', 1000, 1001, 1002, 1003, 'r-1',
     'success', 'Done', NULL, ''),
    (2, 'bb00000000000000000000000000000b', 'sandbox', 'o1', 'run', 'unknown', 'tables', 'WRITE',
     'add_row', 'Tables', 'Add a row', NULL, '', 2000, 2001, NULL, 2002, NULL, '', '',
     'did_not', 'looked there'),
    (3, 'cc00000000000000000000000000000c', 'zapier', 'o2', 'test', 'submitting', 'mail', 'WRITE',
     'send', 'Mail', 'Send', NULL, '', 3000, NULL, NULL, NULL, NULL, '', '', NULL, '');
INSERT INTO run_bodies VALUES
    (1, x'007B2261223A2231227D',
     x'9afeb0f2b203f254312ec8ded441d0318b7c34c57f8695ede42d2215a30c0960',
     x'005B5D', '{"a":"Eins"}', x'005B7B2278223A317D5D',
     x'45fa679977289675167a1e277c1febba4c59b00c64853a8462116f46f1a5f4f7', '[]', NULL),
    (2, x'007B7D',
     x'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', NULL, '{}', NULL, NULL, '[]',
     '["No answer came.","","network","","ReadError",[]]'),
    (3, x'007B7D',
     x'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', NULL, '{}', NULL, NULL, '[["throttled","","Later",5]]', NULL);
INSERT INTO run_events VALUES
    (1, 1, 1000, 'submitting', ''), (2, 1, 1003, 'success', ''), (3, 2, 2002, 'unknown', 'cut off');
INSERT INTO exchanges VALUES
    (1, 1, 'poll', 'GET', 'https://x/1', '[["a","b"]]', x'00', 200, '[]', x'007B7D', 2, 1001,
     NULL, 0.5, 1.5, 2.0, '', 4, 1900);
INSERT INTO run_text (rowid, text) VALUES (1, 'Tables Zeile'), (2, 'Tables Add'), (3, 'Mail Send');
