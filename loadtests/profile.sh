#!/usr/bin/env bash
# Where the time goes: runs a scenario and watches both it and the machine with Linux perf, from a moment on that the run prints.
#   loadtests/profile.sh OUT.txt 'transfers: measuring' 15 run transfers --duration 40
# OUT.txt has five tables: by thread, by library, by namespace, by function alone, and by function of the ledger with all that it calls.
# Functions that the compiler made are named (DOTNET_PerfMapEnabled); 'perf' needs root or kernel.perf_event_paranoid <= 0.
set -euo pipefail
[ $# -ge 5 ] || { sed -n '2,6s/^# \?//p' "$0"; exit 2; }
command -v perf >/dev/null || { echo "Linux perf is not here (linux-perf, linux-tools)."; exit 2; }
out=$(realpath -m "$1") after=$2 seconds=$3
shift 3
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
running=
trap '[ -z "$running" ] || kill "$running" 2>/dev/null; rm -rf "$folder" /tmp/perf-"${tool:-none}".map /tmp/perfinfo-"${tool:-none}".map' EXIT
dotnet build loadtests -c Release --nologo -v q
# Copies of compiled code for writing would be samples without a name.
DOTNET_PerfMapEnabled=1 DOTNET_EnableWriteXorExecute=0 dotnet loadtests/bin/Release/net10.0/Humanitarian.LoadTests.dll "$@" > "$folder/run.txt" 2>&1 &
tool=$! running=$!
until grep -qa "$after" "$folder/run.txt"; do
  kill -0 "$tool" 2>/dev/null || { running=; cat "$folder/run.txt"; exit 1; }
  sleep 0.2
done
sleep 3
perf record -a -F 497 -g -o "$folder/data" -- sleep "$seconds" > "$folder/perf.txt" 2>&1 || { cat "$folder/perf.txt"; exit 1; }
wait "$tool" || { running=; cat "$folder/run.txt"; exit 1; }
running=
# Where a pattern is nowhere, its table is empty; and 'head' may end before its input.
set +o pipefail
report() { perf report -i "$folder/data" --stdio -g none "$@" 2>/dev/null | sed -n 's/^ *\([0-9.]*%\) */\1 /p' | sed 's/\[[^]]*\] *//g; s/  */ /g; s/ \(instance\|class\|valuetype\|static\) / /g; s/(.*//'; }
{
  echo "$(date -u +%F), commit $(git rev-parse --short HEAD): '$*', $seconds s from 3 s after '$after'; shares of all processors of the machine."
  grep -a 'per_second' "$folder/run.txt" | tr -d '│' | sed 's/  */ /g; s/^ /  /' | head -12
  echo; echo "== by thread"; report --percent-limit 0.5 --no-children --sort comm
  echo; echo "== by library; code that the compiler made at run time stands under [JIT]"
  perf report -i "$folder/data" --stdio -g none --percent-limit 0.3 --no-children --sort dso 2>/dev/null | sed -n 's/^ *\([0-9.]*%\) */\1 /p' | sed 's/ tid [0-9]*//; s/ *$//'
  echo; echo "== by namespace, of code that the compiler made"
  report --no-children --sort sym | grep -oE '^[0-9.]+|(Humanitarian|Orleans|GraphQL|GraphQLParser|System|Microsoft|Npgsql|SQLitePCL)(\.[A-Z][A-Za-z]+)?' | awk '
    /^[0-9.]+$/ { share = $1; next } share != "" { sum[$1] += share; share = "" } END { for (name in sum) if (sum[name] >= 0.3) printf "%.1f%% %s\n", sum[name], name }' | sort -rn
  echo; echo "== by function, alone"; report --percent-limit 0.4 --no-children --sort sym | grep -v ' 0x' | cut -c1-180 | head -50
  echo; echo "== by function of the ledger, with all that it calls"; report --percent-limit 0.8 --children --sort sym | grep Humanitarian | sed 's/^\([0-9.]*%\) [0-9.]*%/\1/' | cut -c1-180 | head -50
} > "$out"
echo "$out"
