#!/usr/bin/env bash
# Builds a chain with the project, then checks its export and a proof with viem, ethers, OpenZeppelin and RFC 9162 libraries; serves a
# ledger, audits its GraphQL over HTTP with graphql-http, follows it with graphql-ws and graphql-sse, compares its schema with the
# published and the released one, signs in with openid-client, signs requests with http-message-signatures and viem, asks it through a
# typed client, checks its webhooks with standardwebhooks, opens GraphiQL and makes a passkey in Chromium, and speaks with it through nginx.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")"
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server"; } 2>/dev/null; rm -rf "$folder"' EXIT
export HUMANITARIAN_INTEROP_FOLDER=$folder

fail() { echo "$1"; echo "0 passed, 1 failed"; exit 1; }
dotnet run -c Release --project ../Humanitarian.Chain.Tests -- -class "*InteropFiles" > "$folder/build.log" 2>&1 \
  || { cat "$folder/build.log"; fail "The chain could not be built."; }
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log"; fail "The libraries could not be installed."; }
fi
host=$(cd ../../src/Humanitarian.Host && pwd)
dotnet build "$host" -c Release --nologo -v q > "$folder/build.log" 2>&1 || { cat "$folder/build.log"; fail "The program could not be built."; }
mkdir "$folder/ledger"
# Passkeys belong to pages whose port the settings name. Below those that the system gives to whoever asks for any.
port=$(node -e 'const take = () => { const port = 10_000 + Math.floor(Math.random() * 20_000); const s = require("net").createServer().on("error", take).listen(port, "127.0.0.1", () => { console.log(port); s.close(); }); }; take()')
export HUMANITARIAN__API__URL=http://127.0.0.1:$port HUMANITARIAN__API__WEBHOOKS__ALLOWEDNETWORKS__0=127.0.0.0/8 HUMANITARIAN__API__IDE=true HUMANITARIAN__API__TRUSTEDPROXIES__0=127.0.0.1
export HUMANITARIAN__SIGNIN__PASSKEYS__RELYINGPARTY=localhost HUMANITARIAN__SIGNIN__PASSKEYS__ORIGINS__0=http://localhost:$port
(cd "$folder/ledger" && exec dotnet "$host/bin/Release/net10.0/Humanitarian.Host.dll" serve) > "$folder/serve.log" 2>&1 &
server=$!
until grep -q '^GraphQL at ' "$folder/serve.log"; do
  kill -0 "$server" 2>/dev/null || { cat "$folder/serve.log"; fail "The server did not start."; }
  sleep 0.1
done
export HUMANITARIAN_INTEROP_URL=$(sed -n 's/^GraphQL at \([^,]*\),.*/\1/p' "$folder/serve.log")
export HUMANITARIAN_INTEROP_KEY=$(sed -n "s/^ *administrator's API key *\(hum_.*\)/\1/p" "$folder/serve.log")
export HUMANITARIAN_INTEROP_MEMBER=$(sed -n "s/^ *administrator  *\([0-9a-f]\{32\}\)$/\1/p" "$folder/serve.log")
export HUMANITARIAN_INTEROP_PASSPHRASE=$(sed -n "s/^ *administrator's passphrase *\(.*\)/\1/p" "$folder/serve.log")
export HUMANITARIAN_INTEROP_SIGNING_KEY=$(sed -n "s/^ *administrator's signing key *\(0x.*\)/\1/p" "$folder/serve.log")
node --test --test-reporter=tap browser.test.mjs interop.test.mjs graphql-http.test.mjs live.test.mjs proxy.test.mjs sample.test.mjs schema.test.mjs sign-in.test.mjs typed.test.mjs webhooks.test.mjs | tee "$folder/tap.log"
status=${PIPESTATUS[0]}
count() { sed -n "s/^# $1 //p" "$folder/tap.log" | tail -1; }
passed=$(count pass) failed=$(count fail)
echo "${passed:-0} passed, ${failed:-1} failed"
exit "$status"
