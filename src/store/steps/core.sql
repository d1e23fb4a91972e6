CREATE TABLE request (
    id TEXT PRIMARY KEY, parent TEXT, started_ms INTEGER NOT NULL, ended_ms INTEGER, purpose TEXT NOT NULL,
    repo TEXT, branch TEXT, asked_model TEXT NOT NULL, asked_effort TEXT NOT NULL, redacted INTEGER NOT NULL,
    stream INTEGER NOT NULL, outcome TEXT, upstream TEXT, account TEXT, model TEXT
) STRICT;
CREATE INDEX request_started ON request (started_ms);
CREATE INDEX request_parent ON request (parent) WHERE parent IS NOT NULL;
CREATE TABLE attempt (
    request_id TEXT NOT NULL, number INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER,
    first_content_ms INTEGER, provider TEXT NOT NULL, upstream TEXT NOT NULL, account TEXT NOT NULL,
    model TEXT NOT NULL, maker TEXT NOT NULL, dialect TEXT NOT NULL, status INTEGER,
    failure_kind TEXT, failure_scope TEXT, failure TEXT,
    input INTEGER, cache_read INTEGER, cache_write_short INTEGER, cache_write_long INTEGER, output INTEGER,
    reasoning INTEGER, usage_source TEXT, cost_nano INTEGER, cost_source TEXT,
    finish TEXT, effort_sent TEXT, effort_confirmed INTEGER, upstream_id TEXT,
    PRIMARY KEY (request_id, number)
) STRICT;
CREATE INDEX attempt_started ON attempt (started_ms);
CREATE TABLE cool_down (key TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, cause TEXT NOT NULL, source TEXT NOT NULL, set_ms INTEGER NOT NULL) STRICT;
CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_ms INTEGER NOT NULL) STRICT;
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
