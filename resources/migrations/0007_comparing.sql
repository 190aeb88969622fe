-- Places in results that a person chose to leave out of comparisons, by action.
CREATE TABLE ignored_places (
    number      INTEGER PRIMARY KEY,
    profile_id  TEXT NOT NULL,
    app_id      TEXT NOT NULL,
    action_type TEXT NOT NULL,
    action_key  TEXT NOT NULL,
    pattern     TEXT NOT NULL,  -- JSON list of names; "*" is any place in a list
    UNIQUE (profile_id, app_id, action_type, action_key, pattern)
) STRICT;
