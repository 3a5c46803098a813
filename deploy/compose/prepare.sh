#!/usr/bin/env sh
# Makes the passwords of the database's roles, once, as root; those that exist stay. Each is readable by the process that needs it alone.
set -eu
cd "$(dirname "$0")"
if [ "$(id -u)" != 0 ]; then
  echo "Run it as root, since each password belongs to its container's user: sudo $0" >&2
  exit 1
fi
database_user=999
silo_user=1654
umask 077
mkdir -p secrets/database secrets/silo
for role in postgres owner run match; do
  if [ ! -s "secrets/database/$role" ]; then
    head -c 32 /dev/urandom | base64 | tr -d '\n=+/' > "secrets/database/$role"
  fi
  cp "secrets/database/$role" "secrets/silo/$role"
done
rm secrets/silo/postgres
chmod 711 secrets secrets/database secrets/silo
chmod 400 secrets/database/* secrets/silo/*
chown "$database_user" secrets/database/*
chown "$silo_user" secrets/silo/*
echo "Passwords are in $(pwd)/secrets. Next: docker compose up --detach --wait"
