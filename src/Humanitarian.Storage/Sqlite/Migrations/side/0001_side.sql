CREATE TABLE documents (
    kind    TEXT NOT NULL,
    key     TEXT NOT NULL,
    owner   TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    json    TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX documents_by_owner ON documents (kind, owner, key);

CREATE TABLE list_rows (
    list      BLOB NOT NULL,
    line      INTEGER NOT NULL,
    account   BLOB NOT NULL,
    household BLOB NOT NULL,
    amount    INTEGER NOT NULL,
    size      INTEGER NOT NULL,
    site      TEXT NOT NULL,
    is_new    INTEGER NOT NULL,
    file_line INTEGER NOT NULL,
    PRIMARY KEY (list, line)
) STRICT, WITHOUT ROWID;
