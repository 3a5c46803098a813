-- Group roles without login: whoever logs in is made a member of what it needs (see deploy/sql/bootstrap.sql). Roles belong to the
-- server, so the databases of several ledgers share them; who may connect to a database is granted database by database.
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['ledger_run', 'ledger_read', 'ledger_redact', 'ledger_match'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- Another database's migration was faster.
            END;
        END IF;
    END LOOP;
END $$;

CREATE TABLE blocks (
    height   bigint PRIMARY KEY CHECK (height >= 0),
    hash     bytea NOT NULL CHECK (octet_length(hash) = 32),
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    bytes    bytea NOT NULL
);

-- Hashes, salts and signatures do not compress.
ALTER TABLE blocks ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The owner, who has every privilege, is held by these; taking them away is a deliberate act, which verification then finds.
CREATE FUNCTION block_never_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a block is never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER blocks_never_deleted BEFORE DELETE OR TRUNCATE ON blocks
    FOR EACH STATEMENT EXECUTE FUNCTION block_never_changed();

CREATE TRIGGER blocks_never_moved BEFORE UPDATE OF height, hash, previous ON blocks
    FOR EACH STATEMENT EXECUTE FUNCTION block_never_changed();

-- Closed parts go under an ordered redaction record, by who has taken the role on for it: SET ROLE ledger_redact.
CREATE TRIGGER blocks_never_updated BEFORE UPDATE OF bytes ON blocks
    FOR EACH ROW WHEN (CURRENT_USER <> 'ledger_redact') EXECUTE FUNCTION block_never_changed();

GRANT SELECT, INSERT ON blocks TO ledger_run;
GRANT SELECT, UPDATE (bytes) ON blocks TO ledger_redact;
GRANT SELECT ON blocks TO ledger_read;
GRANT SELECT ON schema_version TO ledger_run, ledger_read;
