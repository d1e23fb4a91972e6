ALTER TABLE cool_down ADD COLUMN waits INTEGER NOT NULL DEFAULT 1;
CREATE TABLE ticket (
    id INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL, purpose TEXT NOT NULL, model TEXT NOT NULL,
    wants TEXT NOT NULL, process TEXT, since_ms INTEGER NOT NULL, beat_ms INTEGER NOT NULL, wakes_ms INTEGER,
    gives_up_ms INTEGER NOT NULL, running INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ticket_wants ON ticket (wants);
CREATE TABLE ticket_key (wants TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (wants, key)) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_key_key ON ticket_key (key, wants);
