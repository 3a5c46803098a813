CREATE TABLE documents (
    kind    text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL,
    owner   text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    json    text NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE INDEX documents_by_owner ON documents (kind, owner, key);

CREATE TABLE list_rows (
    list      uuid NOT NULL,
    line      bigint NOT NULL,
    account   uuid NOT NULL,
    household uuid NOT NULL,
    amount    bigint NOT NULL,
    size      integer NOT NULL,
    site      text NOT NULL,
    is_new    boolean NOT NULL,
    file_line bigint NOT NULL,
    PRIMARY KEY (list, line)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON documents, list_rows TO ledger_run;

-- Keyed hashes of identifiers are personal data: a schema apart, for a role of their own.
CREATE SCHEMA matching;

CREATE TABLE matching.persons (
    organisation uuid NOT NULL,
    identifier   bytea NOT NULL CHECK (octet_length(identifier) = 32),
    account      uuid NOT NULL,
    household    uuid NOT NULL,
    PRIMARY KEY (organisation, identifier)
);

GRANT USAGE ON SCHEMA matching TO ledger_match;
GRANT SELECT, INSERT, DELETE ON matching.persons TO ledger_match;
