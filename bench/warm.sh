#!/usr/bin/env bash
# What warmth saves; see bench/README.md. With BASE_URL it measures a service that runs already, such as compose's:
#
#   make bench-warm
#   BASE_URL=http://localhost:8080 RESTART_WORKER='docker compose -f docker-compose.cloud.yml restart worker' make bench-warm
#
# LABEL names the result, bench/results/warm-$LABEL.md; further arguments go to bench/warm. PART is the STEP file (default: the sample in examples/).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/cache.sh

source bench/python.sh
peers bench-python bench/warm/requirements.txt

label=${LABEL:-${BASE_URL:+compose}}
label=${label:-run}
exec go run ./bench/warm -python "$venv/bin/python" -part "${PART:-examples/filleted-bracket.step}" ${EDGE:+-edge "$EDGE"} \
    -label "$label" -out "bench/results/warm-$label.md" "$@"
