-- Fields that a person marked as sensitive: their values are treated like passwords from then on. An
-- action has the same fields in every profile.
CREATE TABLE sensitive_fields (
    app_id      TEXT NOT NULL,
    action_type TEXT NOT NULL,
    action_key  TEXT NOT NULL,
    field_id    TEXT NOT NULL,
    PRIMARY KEY (app_id, action_type, action_key, field_id)
) STRICT, WITHOUT ROWID;
