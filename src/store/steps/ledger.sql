-- Who asked, the commit it ended in, and while it runs who runs it and what it would be the draft of.
ALTER TABLE request ADD COLUMN caller TEXT;
ALTER TABLE request ADD COLUMN commit_id TEXT;
ALTER TABLE request ADD COLUMN draft TEXT;
ALTER TABLE request ADD COLUMN process TEXT;
ALTER TABLE attempt ADD COLUMN process TEXT;
ALTER TABLE attempt ADD COLUMN priced TEXT;
ALTER TABLE attempt ADD COLUMN scene INTEGER;
UPDATE request SET caller = CASE purpose WHEN 'commit' THEN 'monster commit' WHEN 'hook' THEN 'git hook'
    WHEN 'review' THEN 'monster review' WHEN 'check' THEN 'monster login' ELSE 'monster ask' END;
UPDATE request SET repo = rtrim(repo, '/') WHERE repo LIKE '%_/';
CREATE INDEX request_draft ON request (repo, draft) WHERE draft IS NOT NULL;
CREATE INDEX attempt_open ON attempt (started_ms) WHERE ended_ms IS NULL;

-- What sums are made by, once for all attempts that share it. Empty = none.
CREATE TABLE scene (
    id INTEGER PRIMARY KEY, upstream TEXT NOT NULL, account TEXT NOT NULL, model TEXT NOT NULL, repo TEXT NOT NULL,
    branch TEXT NOT NULL, caller TEXT NOT NULL, commit_id TEXT NOT NULL,
    UNIQUE (upstream, account, model, repo, branch, caller, commit_id)
) STRICT;

-- The sums of attempts that used something, by quarter of an hour: the day of every time zone begins with one.
-- The triggers below keep it equal to the rows, whoever writes them. One attempt counts at most 10^15 of anything,
-- and a sum stays below 2^63: beyond that SQLite counts in floats, which this table refuses.
CREATE TABLE spent (
    slot INTEGER NOT NULL, scene INTEGER NOT NULL, attempts INTEGER NOT NULL,
    input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_short INTEGER NOT NULL,
    cache_write_long INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
    exact INTEGER NOT NULL, exact_nano INTEGER NOT NULL, guessed INTEGER NOT NULL, guessed_nano INTEGER NOT NULL,
    local INTEGER NOT NULL, unpriced INTEGER NOT NULL,
    PRIMARY KEY (slot, scene)
) STRICT, WITHOUT ROWID;

-- What calls that run may still cost, where a budget holds.
CREATE TABLE reserve (
    request_id TEXT NOT NULL, account TEXT NOT NULL, repo TEXT NOT NULL, started_ms INTEGER NOT NULL,
    nano INTEGER NOT NULL, process TEXT,
    PRIMARY KEY (request_id, account)
) STRICT, WITHOUT ROWID;

INSERT INTO scene (upstream, account, model, repo, branch, caller, commit_id)
    SELECT DISTINCT a.upstream, a.account, a.model, coalesce(r.repo, ''), coalesce(r.branch, ''), coalesce(r.caller, ''), ''
    FROM attempt AS a LEFT JOIN request AS r ON r.id = a.request_id;
UPDATE attempt SET scene = (
    SELECT s.id FROM (SELECT 1) LEFT JOIN request AS r ON r.id = attempt.request_id CROSS JOIN scene AS s
    WHERE s.upstream = attempt.upstream AND s.account = attempt.account AND s.model = attempt.model
      AND s.repo = coalesce(r.repo, '') AND s.branch = coalesce(r.branch, '') AND s.caller = coalesce(r.caller, '')
      AND s.commit_id = '');

INSERT INTO spent
    SELECT started_ms / 900000, scene, count(*),
        sum(min(coalesce(input, 0), 1000000000000000)), sum(min(coalesce(cache_read, 0), 1000000000000000)),
        sum(min(coalesce(cache_write_short, 0), 1000000000000000)), sum(min(coalesce(cache_write_long, 0), 1000000000000000)),
        sum(min(coalesce(output, 0), 1000000000000000)), sum(min(coalesce(reasoning, 0), 1000000000000000)),
        sum(cost_nano IS NOT NULL AND coalesce(cost_source, '') IN ('reported', 'computed')),
        sum(iif(coalesce(cost_source, '') IN ('reported', 'computed'), min(coalesce(cost_nano, 0), 1000000000000000), 0)),
        sum(cost_nano IS NOT NULL AND coalesce(cost_source, '') NOT IN ('reported', 'computed', 'local')),
        sum(iif(coalesce(cost_source, '') NOT IN ('reported', 'computed', 'local'), min(coalesce(cost_nano, 0), 1000000000000000), 0)),
        sum(cost_nano IS NOT NULL AND coalesce(cost_source, '') = 'local'), sum(cost_nano IS NULL)
    FROM attempt WHERE usage_source IS NOT NULL OR cost_nano IS NOT NULL GROUP BY 1, 2;

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

-- A request that ended in a commit takes its attempts to that commit's sums.
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
