CREATE TABLE blocks (
    height   INTEGER PRIMARY KEY CHECK (height >= 0),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    bytes    BLOB NOT NULL
) STRICT;

CREATE TRIGGER blocks_never_updated BEFORE UPDATE ON blocks
BEGIN
    SELECT RAISE(ABORT, 'a block is never changed');
END;

CREATE TRIGGER blocks_never_deleted BEFORE DELETE ON blocks
BEGIN
    SELECT RAISE(ABORT, 'a block is never deleted');
END;

-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER blocks_never_replaced BEFORE INSERT ON blocks
WHEN EXISTS (SELECT 1 FROM blocks WHERE height = NEW.height)
BEGIN
    SELECT RAISE(ABORT, 'a block is never replaced');
END;
