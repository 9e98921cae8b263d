# Sourced by the scripts beside it: where downloads are kept, and one run at a time.
#
# What is fetched is kept in $MESHGEN_CACHE (by default the user's cache folder), so that a second checkout, an image
# build or a CI run finds it there. A checkout sees it through links at fixed places under .cache/, because cgo
# directives can only name a path relative to their package.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${MESHGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/meshgen}

say() { echo "setup: $*"; }

die() {
    echo "setup: $*" >&2
    exit 1
}

# alone_in FOLDER ARGUMENT... starts the script again under a lock on the folder, once. Locking a folder leaves no lock
# file behind. A script called by one that holds the lock inherits it; the servers that a package may start do not.
alone_in() {
    local held=${MESHGEN_SETUP_LOCKS:-}
    [[ " $held " == *" $1 "* ]] || MESHGEN_SETUP_LOCKS="$held $1" exec flock --close "$1" "$0" "${@:2}"
}

# link TARGET NAME points .cache/NAME at TARGET, and leaves a link that is right alone.
link() {
    local name=$root/.cache/$2
    [[ $(readlink "$name" || true) == "$1" ]] && return
    mkdir -p "$(dirname "$name")"
    ln -sfn "$1" "$name"
}
