#!/usr/bin/env bash
# How fast a lattice fills a surface, and what it makes of dirt, beside peers in the same run; see bench/README.md.
#
#   make bench-lattice
#   make bench-lattice OUT=/tmp/lattice.md
#   bench/lattice.sh /tmp/lattice.md -limit 30s     further arguments go to bench/lattice
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/cache.sh
source bench/python.sh
peers bench-lattice-python bench/warm/requirements.txt bench/lattice/requirements.txt

out=$1
shift
go build -trimpath -o bin/lattice ./bench/lattice
bin/lattice -python "$venv/bin/python" "$@" | tee "$out"
