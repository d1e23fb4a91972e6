CREATE TABLE vendor_seen (
    upstream TEXT NOT NULL, account TEXT NOT NULL, source TEXT NOT NULL, asked_ms INTEGER NOT NULL, failure TEXT,
    said TEXT, said_ms INTEGER, PRIMARY KEY (upstream, account, source)
) STRICT;
