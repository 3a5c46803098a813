#!/usr/bin/env bash
# Runs the tests that take long. They repeat, with more cases, what tests/run.sh looks at.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
# Simulated histories and kills; a failing seed is printed and replayed with HUMANITARIAN_SEED or HUMANITARIAN_CRASH_SEED.
export HUMANITARIAN_SEEDS=${HUMANITARIAN_SEEDS:-5000} HUMANITARIAN_KILLS=${HUMANITARIAN_KILLS:-200}
dotnet build Humanitarian.sln -c Release --nologo -v q || exit 1
ended=0
for project in tests/*.Tests/*.Tests.csproj; do
  dotnet run --project "$project" -c Release --no-build -- -trait "Category=Soak" -noLogo || ended=1
done
exit $ended
