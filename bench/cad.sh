#!/usr/bin/env bash
# What is meshed, beside bare Gmsh; see bench/README.md.
#
#   make bench-cad                                  every file of ../shared/testdata/cad, as many at once as there are processors
#   CAD_DIR=parts make bench-cad
#   QUICK=1 make bench-cad                          bare Gmsh's default and Meshgen only, 10 s a file, no result kept
#
# Further arguments go to bench/cad.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/cache.sh
source bench/python.sh
peers bench-cad-python bench/cad/requirements.txt

out=bench/results/cad.md
[[ -z ${QUICK:-} ]] || out=-
exec go run ./bench/cad -jobs "$(nproc)" -python "$venv/bin/python" -cad "${CAD_DIR:-../shared/testdata/cad}" ${QUICK:+-quick} -out "$out" "$@"
