#!/usr/bin/env bash
# How soon a million triangles are seen and a million tetrahedra are cut in the page, beside other viewers; see bench/README.md.
#
#   make bench-viewer            writes bench/results/viewer.md
#   ROUNDS=2 make bench-viewer   each viewer twice (default 5)
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/cache.sh
scripts/debian chromium
scripts/web

# The other viewers are measured, and serve for nothing else.
peers=bench/viewer/peers
if ! cmp --silent $peers/package-lock.json $peers/node_modules/.meshgen-lock; then
    say "installing the viewers of the peers"
    (cd $peers && npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.meshgen-lock)
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/samples"
(cd $peers && npx vite build --logLevel error --outDir "$scratch/pages")
CGO_ENABLED=0 go build -trimpath -o bin/ ./internal/devstack ./bench/viewer/samples
bin/samples -peers "$scratch/samples"
(cd web && SAMPLES=$scratch/samples PEERS=$scratch/pages RESULTS=$scratch/results.json npx vitest run --config vitest.bench.config.ts)
go run ./bench/viewer -results "$scratch/results.json" -samples "$scratch/samples" | tee bench/results/viewer.md
