#!/usr/bin/env bash
# Runs the tests that take long. They repeat, with more cases, what tests/run.sh looks at.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
dotnet build Humanitarian.sln -c Release --nologo -v q || exit 1
ended=0
for project in tests/*.Tests/*.Tests.csproj; do
  dotnet run --project "$project" -c Release --no-build -- -trait "Category=Soak" -noLogo || ended=1
done
exit $ended
