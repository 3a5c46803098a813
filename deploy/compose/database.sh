#!/usr/bin/env bash
# Runs once, inside the database's container, when its volume is empty.
set -euo pipefail
psql --username postgres --set ledger=humanitarian --file /bootstrap.sql
for role in owner run match; do
  psql --username postgres --set ON_ERROR_STOP=1 --set role="humanitarian_$role" --set password="$(cat "/run/secrets/database_$role")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
