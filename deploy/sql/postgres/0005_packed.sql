-- How many bytes a block has; null where bytes are not packed.
ALTER TABLE blocks ADD COLUMN size integer CHECK (size > 0);

DROP TRIGGER blocks_never_updated ON blocks;
CREATE TRIGGER blocks_never_updated BEFORE UPDATE OF bytes, size ON blocks
    FOR EACH ROW WHEN (CURRENT_USER <> 'ledger_redact') EXECUTE FUNCTION block_never_changed();

GRANT UPDATE (size) ON blocks TO ledger_redact;

-- The hash itself is in the block: its first 8 bytes, as a signed number, find the transaction, and whoever asks compares the rest.
ALTER TABLE transactions DROP CONSTRAINT transactions_pkey;
ALTER TABLE transactions ALTER COLUMN hash TYPE bigint USING ('x' || encode(substring(hash FROM 1 FOR 8), 'hex'))::bit(64)::bigint;
ALTER TABLE transactions RENAME COLUMN hash TO prefix;
CREATE INDEX transactions_by_prefix ON transactions (prefix);
