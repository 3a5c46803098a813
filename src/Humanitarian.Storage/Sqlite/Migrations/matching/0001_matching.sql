CREATE TABLE persons (
    organisation BLOB NOT NULL,
    identifier   BLOB NOT NULL,
    account      BLOB NOT NULL,
    household    BLOB NOT NULL,
    PRIMARY KEY (organisation, identifier)
) STRICT, WITHOUT ROWID;
