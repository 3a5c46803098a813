-- The hash itself is in the block: its first 8 bytes find the transaction, and whoever asks compares the rest.
CREATE TABLE prefixes (
    prefix   BLOB NOT NULL,
    height   INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (prefix, height, position)
) STRICT, WITHOUT ROWID;

INSERT INTO prefixes SELECT substr(hash, 1, 8), height, position FROM transactions ORDER BY hash;
DROP TABLE transactions;
ALTER TABLE prefixes RENAME TO transactions;
