CREATE TABLE trace (
    request_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER,
    upstream TEXT, account TEXT, model TEXT, reason TEXT, scope TEXT, action TEXT, wait_ms INTEGER, position INTEGER,
    said TEXT, PRIMARY KEY (request_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE content (
    request_id TEXT NOT NULL, part TEXT NOT NULL, made_ms INTEGER NOT NULL, kept_until_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (request_id, part)
) STRICT;
CREATE INDEX content_until ON content (kept_until_ms);
CREATE INDEX content_made ON content (made_ms);
CREATE TABLE replay (request_id TEXT PRIMARY KEY, original TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX replay_original ON replay (original);
