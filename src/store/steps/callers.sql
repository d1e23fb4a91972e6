-- Keys of those who call monster serve. `day_nano` and `month_nano` are budgets; NULL = no limit, or as settings say.
CREATE TABLE caller (
    name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, made_ms INTEGER NOT NULL, used_ms INTEGER,
    models TEXT NOT NULL, per_minute INTEGER, at_once INTEGER, day_nano INTEGER, month_nano INTEGER,
    secrets TEXT, restore TEXT
) STRICT;
-- Whose call it is for which something is reserved.
ALTER TABLE reserve ADD COLUMN caller TEXT NOT NULL DEFAULT '';
