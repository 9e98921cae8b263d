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

# Python and its packages serve as the peer that is measured, and for nothing else.
venv=$cache/bench-python
if ! cmp --silent bench/warm/requirements.txt "$venv/requirements.txt"; then
    say "installing the Python packages of the peer"
    command -v python3 >/dev/null || scripts/debian python3 python3-venv
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --no-deps --only-binary=:all: --require-hashes --requirement bench/warm/requirements.txt
    cp bench/warm/requirements.txt "$venv/"
fi

label=${LABEL:-${BASE_URL:+compose}}
label=${label:-run}
exec go run ./bench/warm -python "$venv/bin/python" -part "${PART:-examples/filleted-bracket.step}" ${EDGE:+-edge "$EDGE"} \
    -label "$label" -out "bench/results/warm-$label.md" "$@"
