-- Everything here is derived from the blocks. Ids are 128 bits in big-endian order, which is how uuid sorts; texts sort by bytes.

CREATE TABLE progress (
    one    integer PRIMARY KEY CHECK (one = 1),
    height bigint NOT NULL
);

CREATE TABLE records (
    kind    integer NOT NULL,
    id      uuid NOT NULL,
    parent  uuid NOT NULL,
    version bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE INDEX records_by_parent ON records (kind, parent, id);

CREATE TABLE entries (
    account   uuid NOT NULL,
    number    bigint NOT NULL,
    unit      text COLLATE "C" NOT NULL,
    available bigint NOT NULL,
    held      bigint NOT NULL,
    height    bigint NOT NULL,
    position  integer NOT NULL,
    kind      integer NOT NULL,
    time      bigint NOT NULL,
    PRIMARY KEY (account, number, unit)
);

-- Space in each page lets a changed balance stay where it is, without a change to any index.
CREATE TABLE balances (
    account   uuid NOT NULL,
    unit      text COLLATE "C" NOT NULL,
    lot       uuid NOT NULL,
    available bigint NOT NULL,
    held      bigint NOT NULL,
    PRIMARY KEY (account, unit, lot)
) WITH (fillfactor = 80);

CREATE INDEX balances_by_lot ON balances (lot, account) WHERE lot <> '00000000-0000-0000-0000-000000000000';

CREATE TABLE transactions (
    hash     bytea PRIMARY KEY,
    height   bigint NOT NULL,
    position integer NOT NULL
);

CREATE TABLE claims (
    claim    uuid PRIMARY KEY,
    height   bigint NOT NULL,
    position integer NOT NULL
);

CREATE TABLE flows (
    lot    uuid NOT NULL,
    flow   integer NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (lot, flow)
) WITH (fillfactor = 80);

CREATE TABLE due (
    time bigint NOT NULL,
    kind integer NOT NULL,
    id   uuid NOT NULL,
    PRIMARY KEY (time, kind, id)
);

GRANT SELECT ON progress, records, entries, balances, transactions, claims, flows, due TO ledger_read;

-- TRUNCATE is for rebuild.
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON progress, records, entries, balances, transactions, claims, flows, due TO ledger_run;
