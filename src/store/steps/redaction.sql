CREATE TABLE masked (
    request_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, caller TEXT NOT NULL, rule TEXT NOT NULL,
    kind TEXT NOT NULL, action TEXT NOT NULL, confidence REAL NOT NULL, checksum TEXT NOT NULL, start INTEGER NOT NULL,
    stop INTEGER NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (request_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX masked_at ON masked (at_ms);
