-- As before, but for rows whose writer counts them himself, many together: their process is an empty text.
DROP TRIGGER attempt_whole;
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
