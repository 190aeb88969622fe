-- Everything can be deleted at once: a row for each of a million runs, and nothing more than that.
CREATE TABLE deleted_runs_now (
    run      INTEGER PRIMARY KEY,
    deletion INTEGER NOT NULL  -- deletions.number
) STRICT;
INSERT INTO deleted_runs_now SELECT run, deletion FROM deleted_runs;
DROP TABLE deleted_runs;
ALTER TABLE deleted_runs_now RENAME TO deleted_runs;
