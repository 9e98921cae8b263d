# Sourced by benchmarks: makes $venv, a Python with the packages of the backend that is replaced.
# Python and its packages serve as the peer that is measured, and for nothing else.
venv=$cache/bench-python
if ! cmp --silent bench/warm/requirements.txt "$venv/requirements.txt"; then
    say "installing the Python packages of the peer"
    command -v python3 >/dev/null || scripts/debian python3 python3-venv
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --no-deps --only-binary=:all: --require-hashes --requirement bench/warm/requirements.txt
    cp bench/warm/requirements.txt "$venv/"
fi
