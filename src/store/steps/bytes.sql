-- What a call weighed that was passed on as it came.
ALTER TABLE attempt ADD COLUMN sent_bytes INTEGER;
ALTER TABLE attempt ADD COLUMN received_bytes INTEGER;
