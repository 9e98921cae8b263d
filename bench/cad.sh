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

venv=$cache/bench-cad-python
if ! cmp --silent bench/cad/requirements.txt "$venv/requirements.txt"; then
    say "installing the Python packages of the peer"
    command -v python3 >/dev/null || scripts/debian python3 python3-venv
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --no-deps --only-binary=:all: --require-hashes --requirement bench/cad/requirements.txt
    cp bench/cad/requirements.txt "$venv/"
fi

out=bench/results/cad.md
[[ -z ${QUICK:-} ]] || out=-
exec go run ./bench/cad -jobs "$(nproc)" -python "$venv/bin/python" -cad "${CAD_DIR:-../shared/testdata/cad}" ${QUICK:+-quick} -out "$out" "$@"
