-- Answers that commands need again, sealed with this machine's key, and what calibrating a model showed.
CREATE TABLE cache (
    name TEXT PRIMARY KEY,
    request_id TEXT,
    made_ms INTEGER NOT NULL,
    kept_until_ms INTEGER NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX cache_until ON cache (kept_until_ms);
CREATE TABLE calibration (
    model TEXT PRIMARY KEY,
    prompt TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    result TEXT NOT NULL
) WITHOUT ROWID;
