#!/usr/bin/env bash
# What a change costs; see bench/README.md.
#
#   make bench
#   PART=part.step EDGE=2.5 LABEL=mine make bench
#
# LABEL names the result, bench/results/changes-$LABEL.md; further arguments go to bench/changes. PART is the STEP file (default: the sample in examples/).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/cache.sh
source bench/python.sh
peers bench-python bench/warm/requirements.txt

go run ./bench/changes -python "$venv/bin/python" -part "${PART:-examples/filleted-bracket.step}" ${EDGE:+-edge "$EDGE"} \
    -out "bench/results/changes${LABEL:+-$LABEL}.md" "$@"
[[ -n ${LABEL:-} ]] || go run ./bench/plot # the README's picture of it
