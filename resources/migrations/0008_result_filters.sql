-- JMESPath expressions that were used on results.
CREATE TABLE result_filters (
    number      INTEGER PRIMARY KEY,
    app_id      TEXT NOT NULL,
    action_type TEXT NOT NULL,
    action_key  TEXT NOT NULL,
    expression  TEXT NOT NULL,
    used_ms     INTEGER NOT NULL,
    UNIQUE (app_id, action_type, action_key, expression)
) STRICT;
