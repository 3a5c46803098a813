-- Clustered by key (WITHOUT ROWID), rows narrow: writing these tables is what limits the ledger's speed.
-- STRICT also turns a sum beyond 64 bits, which SQLite would silently make a floating-point number, into an error.

CREATE TABLE progress (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    height INTEGER NOT NULL
) STRICT;

CREATE TABLE records (
    kind    INTEGER NOT NULL,
    id      BLOB NOT NULL,
    parent  BLOB NOT NULL,
    version INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX records_by_parent ON records (kind, parent, id);

CREATE TABLE entries (
    account   BLOB NOT NULL,
    number    INTEGER NOT NULL,
    unit      TEXT NOT NULL,
    available INTEGER NOT NULL,
    held      INTEGER NOT NULL,
    height    INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    time      INTEGER NOT NULL,
    PRIMARY KEY (account, number, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
    account   BLOB NOT NULL,
    unit      TEXT NOT NULL,
    lot       BLOB NOT NULL,
    available INTEGER NOT NULL,
    held      INTEGER NOT NULL,
    PRIMARY KEY (account, unit, lot)
) STRICT, WITHOUT ROWID;

CREATE INDEX balances_by_lot ON balances (lot, account) WHERE lot <> x'00000000000000000000000000000000';

-- Empty between batches: it finds the balances that a batch brought to zero without a look at any other.
CREATE INDEX balances_at_zero ON balances (account, unit, lot) WHERE available = 0 AND held = 0;

CREATE TABLE transactions (
    hash     BLOB PRIMARY KEY NOT NULL,
    height   INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
    claim    BLOB PRIMARY KEY NOT NULL,
    height   INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE flows (
    lot    BLOB NOT NULL,
    flow   INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (lot, flow)
) STRICT, WITHOUT ROWID;

CREATE TABLE due (
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    id   BLOB NOT NULL,
    PRIMARY KEY (time, kind, id)
) STRICT, WITHOUT ROWID;
