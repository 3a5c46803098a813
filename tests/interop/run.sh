#!/usr/bin/env bash
# Builds a chain with the project, then checks its export and a proof with viem, ethers, OpenZeppelin and RFC 9162 libraries.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HUMANITARIAN_INTEROP_FOLDER=$folder

fail() { echo "$1"; echo "0 passed, 1 failed"; exit 1; }
dotnet run -c Release --project ../Humanitarian.Chain.Tests -- -class "*InteropFiles" > "$folder/build.log" 2>&1 \
  || { cat "$folder/build.log"; fail "The chain could not be built."; }
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log"; fail "The libraries could not be installed."; }
fi
node --test --test-reporter=tap interop.test.mjs | tee "$folder/tap.log"
status=${PIPESTATUS[0]}
count() { sed -n "s/^# $1 //p" "$folder/tap.log" | tail -1; }
passed=$(count pass) failed=$(count fail)
echo "${passed:-0} passed, ${failed:-1} failed"
exit "$status"
