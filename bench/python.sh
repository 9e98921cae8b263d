# Sourced by benchmarks after scripts/cache.sh. Python and its packages serve as peers that are measured, each in a process of its own, and for nothing else:
# no program of the project runs or contains them, whatever their licences.

# peers NAME FILE... makes $venv, a Python with the packages that these files of requirements pin.
peers() {
    local name=$1 file
    shift
    venv=$cache/$name
    if cmp --silent <(cat "$@") "$venv/requirements.txt"; then return; fi
    say "installing the Python packages of the peers"
    command -v python3 >/dev/null || scripts/debian python3 python3-venv
    python3 -m venv --clear "$venv"
    for file; do "$venv/bin/pip" install --quiet --no-deps --only-binary=:all: --require-hashes --requirement "$file"; done
    cat "$@" >"$venv/requirements.txt"
}
