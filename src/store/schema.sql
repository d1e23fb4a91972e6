CREATE TABLE request (
    id TEXT PRIMARY KEY, parent TEXT, started_ms INTEGER NOT NULL, ended_ms INTEGER, purpose TEXT NOT NULL,
    repo TEXT, branch TEXT, asked_model TEXT NOT NULL, asked_effort TEXT NOT NULL, redacted INTEGER NOT NULL,
    stream INTEGER NOT NULL, outcome TEXT, upstream TEXT, account TEXT, model TEXT
, caller TEXT, commit_id TEXT, draft TEXT, process TEXT) STRICT;
CREATE INDEX request_started ON request (started_ms);
CREATE INDEX request_parent ON request (parent) WHERE parent IS NOT NULL;
CREATE TABLE attempt (
    request_id TEXT NOT NULL, number INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER,
    first_content_ms INTEGER, provider TEXT NOT NULL, upstream TEXT NOT NULL, account TEXT NOT NULL,
    model TEXT NOT NULL, maker TEXT NOT NULL, dialect TEXT NOT NULL, status INTEGER,
    failure_kind TEXT, failure_scope TEXT, failure TEXT,
    input INTEGER, cache_read INTEGER, cache_write_short INTEGER, cache_write_long INTEGER, output INTEGER,
    reasoning INTEGER, usage_source TEXT, cost_nano INTEGER, cost_source TEXT,
    finish TEXT, effort_sent TEXT, effort_confirmed INTEGER, upstream_id TEXT, process TEXT, priced TEXT, scene INTEGER, sent_bytes INTEGER, received_bytes INTEGER,
    PRIMARY KEY (request_id, number)
) STRICT;
CREATE INDEX attempt_started ON attempt (started_ms);
CREATE TABLE cool_down (key TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, cause TEXT NOT NULL, source TEXT NOT NULL, set_ms INTEGER NOT NULL, strikes INTEGER NOT NULL DEFAULT 1, probe_ms INTEGER, waits INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_ms INTEGER NOT NULL) STRICT;
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE limit_seen (
    upstream TEXT NOT NULL, account TEXT NOT NULL, model TEXT NOT NULL, what TEXT NOT NULL, unit TEXT NOT NULL,
    ceiling INTEGER, remaining INTEGER, reset_ms INTEGER, seen_ms INTEGER NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (upstream, account, model, what)
) STRICT;
CREATE TABLE ticket (
    id INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL, purpose TEXT NOT NULL, model TEXT NOT NULL,
    wants TEXT NOT NULL, process TEXT, since_ms INTEGER NOT NULL, beat_ms INTEGER NOT NULL, wakes_ms INTEGER,
    gives_up_ms INTEGER NOT NULL, running INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ticket_wants ON ticket (wants);
CREATE TABLE ticket_key (wants TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (wants, key)) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_key_key ON ticket_key (key, wants);
CREATE TABLE vendor_seen (
    upstream TEXT NOT NULL, account TEXT NOT NULL, source TEXT NOT NULL, asked_ms INTEGER NOT NULL, failure TEXT,
    said TEXT, said_ms INTEGER, PRIMARY KEY (upstream, account, source)
) STRICT;
CREATE INDEX request_draft ON request (repo, draft) WHERE draft IS NOT NULL;
CREATE INDEX attempt_open ON attempt (started_ms) WHERE ended_ms IS NULL;
CREATE TABLE scene (
    id INTEGER PRIMARY KEY, upstream TEXT NOT NULL, account TEXT NOT NULL, model TEXT NOT NULL, repo TEXT NOT NULL,
    branch TEXT NOT NULL, caller TEXT NOT NULL, commit_id TEXT NOT NULL,
    UNIQUE (upstream, account, model, repo, branch, caller, commit_id)
) STRICT;
CREATE TABLE spent (
    slot INTEGER NOT NULL, scene INTEGER NOT NULL, attempts INTEGER NOT NULL,
    input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_short INTEGER NOT NULL,
    cache_write_long INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
    exact INTEGER NOT NULL, exact_nano INTEGER NOT NULL, guessed INTEGER NOT NULL, guessed_nano INTEGER NOT NULL,
    local INTEGER NOT NULL, unpriced INTEGER NOT NULL,
    PRIMARY KEY (slot, scene)
) STRICT, WITHOUT ROWID;
CREATE TABLE reserve (
    request_id TEXT NOT NULL, account TEXT NOT NULL, repo TEXT NOT NULL, started_ms INTEGER NOT NULL,
    nano INTEGER NOT NULL, process TEXT, caller TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (request_id, account)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER attempt_new AFTER INSERT ON attempt WHEN NEW.scene IS NULL BEGIN
    INSERT INTO scene (upstream, account, model, repo, branch, caller, commit_id)
        SELECT NEW.upstream, NEW.account, NEW.model, coalesce(r.repo, ''), coalesce(r.branch, ''), coalesce(r.caller, ''),
               coalesce(r.commit_id, '')
        FROM (SELECT 1) LEFT JOIN request AS r ON r.id = NEW.request_id WHERE true ON CONFLICT DO NOTHING;
    UPDATE attempt SET scene = (
        SELECT s.id FROM (SELECT 1) LEFT JOIN request AS r ON r.id = NEW.request_id CROSS JOIN scene AS s
        WHERE s.upstream = NEW.upstream AND s.account = NEW.account AND s.model = NEW.model
          AND s.repo = coalesce(r.repo, '') AND s.branch = coalesce(r.branch, '') AND s.caller = coalesce(r.caller, '')
          AND s.commit_id = coalesce(r.commit_id, ''))
    WHERE request_id = NEW.request_id AND number = NEW.number;
END;
CREATE TRIGGER request_commit AFTER UPDATE OF commit_id ON request WHEN NEW.commit_id IS NOT OLD.commit_id BEGIN
    INSERT INTO scene (upstream, account, model, repo, branch, caller, commit_id)
        SELECT DISTINCT s.upstream, s.account, s.model, s.repo, s.branch, s.caller, coalesce(NEW.commit_id, '')
        FROM attempt AS a JOIN scene AS s ON s.id = a.scene WHERE a.request_id = NEW.id ON CONFLICT DO NOTHING;
    UPDATE attempt SET scene = (
        SELECT t.id FROM scene AS s CROSS JOIN scene AS t
          ON t.upstream = s.upstream AND t.account = s.account AND t.model = s.model AND t.repo = s.repo
          AND t.branch = s.branch AND t.caller = s.caller AND t.commit_id = coalesce(NEW.commit_id, '')
        WHERE s.id = attempt.scene)
    WHERE request_id = NEW.id;
END;
CREATE TRIGGER spent_takes AFTER UPDATE ON attempt
WHEN OLD.scene IS NOT NULL AND (OLD.usage_source IS NOT NULL OR OLD.cost_nano IS NOT NULL) BEGIN
    UPDATE spent SET attempts = attempts - 1,
        input = input - min(coalesce(OLD.input, 0), 1000000000000000),
        cache_read = cache_read - min(coalesce(OLD.cache_read, 0), 1000000000000000),
        cache_write_short = cache_write_short - min(coalesce(OLD.cache_write_short, 0), 1000000000000000),
        cache_write_long = cache_write_long - min(coalesce(OLD.cache_write_long, 0), 1000000000000000),
        output = output - min(coalesce(OLD.output, 0), 1000000000000000),
        reasoning = reasoning - min(coalesce(OLD.reasoning, 0), 1000000000000000),
        exact = exact - (OLD.cost_nano IS NOT NULL AND coalesce(OLD.cost_source, '') IN ('reported', 'computed')),
        exact_nano = exact_nano - iif(coalesce(OLD.cost_source, '') IN ('reported', 'computed'), min(coalesce(OLD.cost_nano, 0), 1000000000000000), 0),
        guessed = guessed - (OLD.cost_nano IS NOT NULL AND coalesce(OLD.cost_source, '') NOT IN ('reported', 'computed', 'local')),
        guessed_nano = guessed_nano - iif(coalesce(OLD.cost_source, '') NOT IN ('reported', 'computed', 'local'), min(coalesce(OLD.cost_nano, 0), 1000000000000000), 0),
        local = local - (OLD.cost_nano IS NOT NULL AND coalesce(OLD.cost_source, '') = 'local'),
        unpriced = unpriced - (OLD.cost_nano IS NULL)
    WHERE slot = OLD.started_ms / 900000 AND scene = OLD.scene;
    DELETE FROM spent WHERE slot = OLD.started_ms / 900000 AND scene = OLD.scene AND attempts = 0;
END;
CREATE TRIGGER spent_gone AFTER DELETE ON attempt
WHEN OLD.scene IS NOT NULL AND (OLD.usage_source IS NOT NULL OR OLD.cost_nano IS NOT NULL) BEGIN
    UPDATE spent SET attempts = attempts - 1,
        input = input - min(coalesce(OLD.input, 0), 1000000000000000),
        cache_read = cache_read - min(coalesce(OLD.cache_read, 0), 1000000000000000),
        cache_write_short = cache_write_short - min(coalesce(OLD.cache_write_short, 0), 1000000000000000),
        cache_write_long = cache_write_long - min(coalesce(OLD.cache_write_long, 0), 1000000000000000),
        output = output - min(coalesce(OLD.output, 0), 1000000000000000),
        reasoning = reasoning - min(coalesce(OLD.reasoning, 0), 1000000000000000),
        exact = exact - (OLD.cost_nano IS NOT NULL AND coalesce(OLD.cost_source, '') IN ('reported', 'computed')),
        exact_nano = exact_nano - iif(coalesce(OLD.cost_source, '') IN ('reported', 'computed'), min(coalesce(OLD.cost_nano, 0), 1000000000000000), 0),
        guessed = guessed - (OLD.cost_nano IS NOT NULL AND coalesce(OLD.cost_source, '') NOT IN ('reported', 'computed', 'local')),
        guessed_nano = guessed_nano - iif(coalesce(OLD.cost_source, '') NOT IN ('reported', 'computed', 'local'), min(coalesce(OLD.cost_nano, 0), 1000000000000000), 0),
        local = local - (OLD.cost_nano IS NOT NULL AND coalesce(OLD.cost_source, '') = 'local'),
        unpriced = unpriced - (OLD.cost_nano IS NULL)
    WHERE slot = OLD.started_ms / 900000 AND scene = OLD.scene;
    DELETE FROM spent WHERE slot = OLD.started_ms / 900000 AND scene = OLD.scene AND attempts = 0;
END;
CREATE TRIGGER spent_adds AFTER UPDATE ON attempt
WHEN NEW.scene IS NOT NULL AND (NEW.usage_source IS NOT NULL OR NEW.cost_nano IS NOT NULL) BEGIN
    INSERT INTO spent VALUES (
        NEW.started_ms / 900000, NEW.scene, 1,
        min(coalesce(NEW.input, 0), 1000000000000000), min(coalesce(NEW.cache_read, 0), 1000000000000000),
        min(coalesce(NEW.cache_write_short, 0), 1000000000000000), min(coalesce(NEW.cache_write_long, 0), 1000000000000000),
        min(coalesce(NEW.output, 0), 1000000000000000), min(coalesce(NEW.reasoning, 0), 1000000000000000),
        NEW.cost_nano IS NOT NULL AND coalesce(NEW.cost_source, '') IN ('reported', 'computed'),
        iif(coalesce(NEW.cost_source, '') IN ('reported', 'computed'), min(coalesce(NEW.cost_nano, 0), 1000000000000000), 0),
        NEW.cost_nano IS NOT NULL AND coalesce(NEW.cost_source, '') NOT IN ('reported', 'computed', 'local'),
        iif(coalesce(NEW.cost_source, '') NOT IN ('reported', 'computed', 'local'), min(coalesce(NEW.cost_nano, 0), 1000000000000000), 0),
        NEW.cost_nano IS NOT NULL AND coalesce(NEW.cost_source, '') = 'local',
        NEW.cost_nano IS NULL
    ) ON CONFLICT (slot, scene) DO UPDATE SET
        attempts = attempts + 1,
        input = min(input + excluded.input, 9000000000000000000),
        cache_read = min(cache_read + excluded.cache_read, 9000000000000000000),
        cache_write_short = min(cache_write_short + excluded.cache_write_short, 9000000000000000000),
        cache_write_long = min(cache_write_long + excluded.cache_write_long, 9000000000000000000),
        output = min(output + excluded.output, 9000000000000000000),
        reasoning = min(reasoning + excluded.reasoning, 9000000000000000000),
        exact = exact + excluded.exact,
        exact_nano = min(exact_nano + excluded.exact_nano, 9000000000000000000),
        guessed = guessed + excluded.guessed,
        guessed_nano = min(guessed_nano + excluded.guessed_nano, 9000000000000000000),
        local = local + excluded.local,
        unpriced = unpriced + excluded.unpriced;
END;
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
CREATE TABLE turn (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;
CREATE TABLE sticky (
    conversation TEXT NOT NULL, upstream TEXT NOT NULL, model TEXT NOT NULL, account TEXT NOT NULL,
    used_ms INTEGER NOT NULL, PRIMARY KEY (conversation, upstream, model)
) STRICT;
CREATE INDEX sticky_used ON sticky (used_ms);
CREATE TABLE masked (
    request_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, caller TEXT NOT NULL, rule TEXT NOT NULL,
    kind TEXT NOT NULL, action TEXT NOT NULL, confidence REAL NOT NULL, checksum TEXT NOT NULL, start INTEGER NOT NULL,
    stop INTEGER NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (request_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX masked_at ON masked (at_ms);
CREATE TABLE caller (
    name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, made_ms INTEGER NOT NULL, used_ms INTEGER,
    models TEXT NOT NULL, per_minute INTEGER, at_once INTEGER, day_nano INTEGER, month_nano INTEGER,
    secrets TEXT, restore TEXT
) STRICT;
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
CREATE TABLE voices (
    request_id TEXT PRIMARY KEY, made_ms INTEGER NOT NULL, kept_until_ms INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX voices_until ON voices (kept_until_ms);
CREATE TRIGGER attempt_whole AFTER INSERT ON attempt
WHEN NEW.scene IS NOT NULL AND NEW.process IS NULL AND (NEW.usage_source IS NOT NULL OR NEW.cost_nano IS NOT NULL) BEGIN
    INSERT INTO spent VALUES (
        NEW.started_ms / 900000, NEW.scene, 1,
        min(coalesce(NEW.input, 0), 1000000000000000), min(coalesce(NEW.cache_read, 0), 1000000000000000),
        min(coalesce(NEW.cache_write_short, 0), 1000000000000000), min(coalesce(NEW.cache_write_long, 0), 1000000000000000),
        min(coalesce(NEW.output, 0), 1000000000000000), min(coalesce(NEW.reasoning, 0), 1000000000000000),
        NEW.cost_nano IS NOT NULL AND (NEW.cost_source IS 'reported' OR NEW.cost_source IS 'computed'),
        iif(NEW.cost_source IS 'reported' OR NEW.cost_source IS 'computed', min(coalesce(NEW.cost_nano, 0), 1000000000000000), 0),
        NEW.cost_nano IS NOT NULL AND NEW.cost_source IS NOT 'reported' AND NEW.cost_source IS NOT 'computed' AND NEW.cost_source IS NOT 'local',
        iif(NEW.cost_source IS NOT 'reported' AND NEW.cost_source IS NOT 'computed' AND NEW.cost_source IS NOT 'local', min(coalesce(NEW.cost_nano, 0), 1000000000000000), 0),
        NEW.cost_nano IS NOT NULL AND NEW.cost_source IS 'local',
        NEW.cost_nano IS NULL
    ) ON CONFLICT (slot, scene) DO UPDATE SET
        attempts = attempts + 1,
        input = min(input + excluded.input, 9000000000000000000),
        cache_read = min(cache_read + excluded.cache_read, 9000000000000000000),
        cache_write_short = min(cache_write_short + excluded.cache_write_short, 9000000000000000000),
        cache_write_long = min(cache_write_long + excluded.cache_write_long, 9000000000000000000),
        output = min(output + excluded.output, 9000000000000000000),
        reasoning = min(reasoning + excluded.reasoning, 9000000000000000000),
        exact = exact + excluded.exact,
        exact_nano = min(exact_nano + excluded.exact_nano, 9000000000000000000),
        guessed = guessed + excluded.guessed,
        guessed_nano = min(guessed_nano + excluded.guessed_nano, 9000000000000000000),
        local = local + excluded.local,
        unpriced = unpriced + excluded.unpriced;
END;
