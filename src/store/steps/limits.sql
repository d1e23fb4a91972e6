CREATE TABLE limit_seen (
    upstream TEXT NOT NULL, account TEXT NOT NULL, model TEXT NOT NULL, what TEXT NOT NULL, unit TEXT NOT NULL,
    ceiling INTEGER, remaining INTEGER, reset_ms INTEGER, seen_ms INTEGER NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (upstream, account, model, what)
) STRICT;
