-- The tabs of the window, in their order: which action each one shows. What was put into their forms
-- is in `drafts`, under the same place.
CREATE TABLE open_tabs (
    profile_id        TEXT NOT NULL,
    place             TEXT NOT NULL,
    position          INTEGER NOT NULL,
    is_current        INTEGER NOT NULL,
    app_id            TEXT NOT NULL,  -- these are empty where nothing was chosen yet
    app_title         TEXT NOT NULL,
    hex_color         TEXT NOT NULL,
    action_type       TEXT NOT NULL,
    action_key        TEXT NOT NULL,
    action_title      TEXT NOT NULL,
    authentication_id TEXT,
    PRIMARY KEY (profile_id, place)
) STRICT;
