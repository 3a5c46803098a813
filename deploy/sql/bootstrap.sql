-- Prepares a PostgreSQL server (15 or newer) for one ledger; once, by a superuser:
--
--   psql -v ledger=humanitarian -f deploy/sql/bootstrap.sql
--
-- It makes the database and five roles named after it: NAME_owner (migrations), NAME_run (the server), NAME_read (auditors: verify,
-- export, head, proof), NAME_match (matching) and NAME_redact (redaction). None has a password: give each one with \password, or
-- let pg_hba.conf decide. Then 'humanitarian migrate' as NAME_owner makes the tables and grants the groups what each may do.
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I NOLOGIN', role)
FROM unnest(ARRAY['ledger_run', 'ledger_read', 'ledger_match', 'ledger_redact']) role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

SELECT format('CREATE ROLE %I LOGIN', :'ledger' || suffix)
FROM unnest(ARRAY['_owner', '_run', '_read', '_match', '_redact']) suffix \gexec

-- What is redacted is redacted by who has deliberately taken that role on.
SELECT format('ALTER ROLE %I NOINHERIT', :'ledger' || '_redact') \gexec

SELECT format('GRANT %I TO %I', 'ledger' || suffix, :'ledger' || suffix)
FROM unnest(ARRAY['_run', '_read', '_match', '_redact']) suffix \gexec

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING UTF8 LOCALE %L', :'ledger', :'ledger' || '_owner', 'C') \gexec
REVOKE ALL ON DATABASE :"ledger" FROM PUBLIC;

-- Temporary tables carry batches of projections.
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', :'ledger', :'ledger' || '_run') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', :'ledger', :'ledger' || suffix)
FROM unnest(ARRAY['_read', '_match', '_redact']) suffix \gexec
