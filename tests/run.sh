#!/usr/bin/env bash
# Runs every test of the project and ends with "N passed, N failed". Installs what is missing where it may.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

install() {
  command -v apt-get >/dev/null || return 1
  if [ -z "${apt_updated:-}" ]; then as_root apt-get update -qq >/dev/null 2>&1; apt_updated=1; fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

# Without it signatures are made in managed code: the same bytes, slower.
if ! ldconfig -p 2>/dev/null | grep -q libsecp256k1; then
  install libsecp256k1-1 || install libsecp256k1-2 || install libsecp256k1-6 || echo "libsecp256k1 is not here: signatures take the slower way"
fi
# A trace of system calls shows that what is acknowledged is synced.
command -v strace >/dev/null || install strace || echo "strace is not here: one test is skipped"
# Tests start private servers from its binaries; the one that the package starts is not used.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || install postgresql \
  || echo "PostgreSQL is not here: the tests of its storage will fail"
command -v npm >/dev/null || install nodejs npm || echo "node and npm are not here: the interoperation tests will fail"
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null || install chromium || echo "Chromium is not here: the tests in a browser are skipped"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || install nginx-light || install nginx || echo "nginx is not here: the tests behind a proxy are skipped"

# The client with which the load tests confirm a result.
[ -d loadtests/outside/node_modules ] || npm ci --prefix loadtests/outside --no-audit --no-fund >/dev/null 2>&1 || echo "autocannon is not here: one test is skipped"

passed=0
failed=0
broken=()
reds=$(mktemp)

echo "== build"
if ! dotnet build Humanitarian.sln -c Release --nologo -v q; then
  echo "0 passed, 1 failed"
  exit 1
fi

# Adds a runner's own counts; one that ends without any, or badly without a failed test, counts as one failure.
count() {
  local name=$1 ended=$2 p=$3 f=$4
  if [ -z "$p$f" ] || { [ "$ended" != 0 ] && [ "${f:-0}" = 0 ]; }; then
    broken+=("$name")
    f=$(( ${f:-0} + 1 ))
    { echo "$name ended with $ended, having printed last:"; tail -n 40 "$log"; } >>"$reds"
  fi
  # xunit: "    Some.Test [FAIL]"; node --test: "not ok 12 - some test". Named again at the end, where a cut log still shows them.
  sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -A 12 -E '\[FAIL\]|^ *not ok ' >>"$reds"
  passed=$(( passed + ${p:-0} ))
  failed=$(( failed + ${f:-0} ))
}

log=$(mktemp)
trap 'rm -f "$log" "$reds"' EXIT
for project in tests/*.Tests/*.Tests.csproj; do
  name=$(basename "$project" .csproj)
  echo "== $name"
  dotnet run --project "$project" -c Release --no-build -- -trait- "Category=Soak" -noLogo 2>&1 | tee "$log"
  ended=${PIPESTATUS[0]}
  # xunit: "   Humanitarian.X.Tests  Total: 12, Errors: 0, Failed: 0, Skipped: 0, Not Run: 1, Time: 0.4s"
  totals=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' | tail -1)
  if [ -n "$totals" ]; then
    read -r total errors fails skipped notrun <<<"$(grep -oE '[0-9]+' <<<"$totals" | tr '\n' ' ')"
    count "$name" "$ended" $(( total - fails - skipped - notrun )) $(( fails + errors ))
  elif grep -qE 'Total: 0$' <<<"$(sed 's/\x1b\[[0-9;]*m//g' "$log")"; then
    count "$name" 0 0 0
  else
    count "$name" "$ended" "" ""
  fi
done

if [ -x tests/interop/run.sh ]; then
  echo "== interop"
  tests/interop/run.sh 2>&1 | tee "$log"
  ended=${PIPESTATUS[0]}
  # node --test: "# pass 12" / "# fail 0" (tap) or "ℹ pass 12" (spec); else "12 passed, 0 failed"
  p=$(grep -oE '^(#|ℹ) pass [0-9]+|[0-9]+ passed' "$log" | grep -oE '[0-9]+' | tail -1)
  f=$(grep -oE '^(#|ℹ) fail [0-9]+|[0-9]+ failed' "$log" | grep -oE '[0-9]+' | tail -1)
  count interop "$ended" "$p" "$f"
fi

[ -s "$reds" ] && { echo "== failed"; head -c 6000 "$reds"; echo; }
for name in "${broken[@]}"; do echo "$name ended badly"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
