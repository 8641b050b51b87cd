# shellcheck shell=bash disable=SC2086,SC2153,SC2154 # sourced by install.sh, which sets the names in capitals
# Releases and the environments that they share.

SENT=/srv # where remote.sh puts the trees that it sends

release_id() {
    (cd "$SOURCE" && find "${RELEASE_PATHS[@]}" -type f ! -name '*.pyc' -print0 \
        | LC_ALL=C sort --zero-terminated | xargs --null sha256sum | sha256sum | cut -c 1-12)
}

install_uv() {
    "$HOME_DIR/tools/bin/uv" --version 2>/dev/null | grep -qF "uv $UV_VERSION" && return
    python3 -m venv "$HOME_DIR/tools"
    "$HOME_DIR/tools/bin/pip" install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    changed "uv $UV_VERSION"
}

# The environment belongs to the lock: releases that need the same packages share it.
build_environment() {
    ENVIRONMENT=$HOME_DIR/environments/$(cat "$SOURCE/pyproject.toml" "$SOURCE/uv.lock" | sha256sum | cut -c 1-12)
    [ -e "$ENVIRONMENT/.complete" ] && return
    say "building environment ${ENVIRONMENT##*/}"
    (cd "$SOURCE" && UV_PROJECT_ENVIRONMENT=$ENVIRONMENT UV_CACHE_DIR=${UV_CACHE_DIR:-/var/cache/wine/uv} \
        "$HOME_DIR/tools/bin/uv" sync --quiet --locked --no-default-groups --group flows --group dask --group tracker \
        --no-install-project --compile-bytecode)
    touch "$ENVIRONMENT/.complete"
    # what is installed is what is kept: the cache would grow with every upgrade
    [ -n "${UV_CACHE_DIR:-}" ] || rm -rf /var/cache/wine/uv
    changed "environment ${ENVIRONMENT##*/}"
}

build_release() {
    local release=$HOME_DIR/releases/$RELEASE
    [ -e "$release/.complete" ] && return
    rm -rf "$release"
    mkdir -p "$release"
    (cd "$SOURCE" && tar --create --exclude __pycache__ "${RELEASE_PATHS[@]}") \
        | tar --extract --no-same-owner --directory "$release"
    ln --symbolic "$ENVIRONMENT" "$release/.venv"
    python3 -m compileall -q "$release/configuration" "$release/pricing" "$release/flows" "$release/serving" "$release/tracker" "$release/deployments"
    touch "$release/.complete"
    changed "release $RELEASE"
}

# What a power cut leaves of it must not pass for whole.
discard() {
    rm -f "$1/.complete"
    rm -rf "$1"
}

# Kept are this release and the one that ran before it, with their environments.
remove_old_releases() {
    local path before
    before=$(cat "$HOME_DIR/upgrade.last/previous" 2>/dev/null || true)
    for path in "$HOME_DIR"/releases/*; do
        case ${path##*/} in "$RELEASE" | "$before") ;; *) discard "$path" ;; esac
    done
    for path in "$HOME_DIR"/environments/*; do
        find $HOME_DIR/releases -maxdepth 2 -name .venv -lname "$path" | grep -q . || discard "$path"
    done
}

# Trees of jobs that were cancelled while they waited for the host.
remove_forgotten_trees() { find "$SENT" -mindepth 1 -maxdepth 1 -type d -name 'wine.*' -mtime +1 -exec rm -rf {} +; }
