# Sourced by the scripts beside it: where downloads are kept, and one set-up at a time.
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

# The lock is a folder that every Debian has, so that all users share it and no file is left behind. The scripts that a
# locked one calls inherit its lock.
one_at_a_time() {
    [[ ${MESHGEN_SETUP_LOCKED:-} ]] || MESHGEN_SETUP_LOCKED=1 exec flock --close /var/cache/apt "$0" "$@"
}

# link TARGET NAME points .cache/NAME at TARGET, and leaves a link that is right alone.
link() {
    local name=$root/.cache/$2
    [[ $(readlink "$name" || true) == "$1" ]] && return
    mkdir -p "$(dirname "$name")"
    ln -sfn "$1" "$name"
}
