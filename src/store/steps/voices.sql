-- What was said in discussions, sealed for this machine, so that one seat can be given to another model later.
CREATE TABLE voices (
    request_id TEXT PRIMARY KEY, made_ms INTEGER NOT NULL, kept_until_ms INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX voices_until ON voices (kept_until_ms);
