CREATE TABLE turn (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;
CREATE TABLE sticky (
    conversation TEXT NOT NULL, upstream TEXT NOT NULL, model TEXT NOT NULL, account TEXT NOT NULL,
    used_ms INTEGER NOT NULL, PRIMARY KEY (conversation, upstream, model)
) STRICT;
CREATE INDEX sticky_used ON sticky (used_ms);
