# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # sourced by install.sh, which sets the names in capitals
# An upgrade, and all of it back: files, databases, release. $UPGRADE holds what was before until the new release
# is healthy; it outlives a power cut, so that the next run goes on, or back, from there.

UPGRADE=$HOME_DIR/upgrade
DATABASES=(mlflow prefect)
SERVERS=(wine-tracker wine-prefect)

begin_upgrade() {
    local current
    current=$(readlink $HOME_DIR/current 2>/dev/null || true)
    if [ -d "$UPGRADE" ]; then
        say "the upgrade before this one did not end; this one goes on from there"
    else
        install -d --mode 0700 "$UPGRADE" "$UPGRADE/files"
        printf '%s\n' "${current##*/}" >"$UPGRADE/previous"
        : >"$UPGRADE/new"
    fi
    PREVIOUS=$(cat "$UPGRADE/previous")
    trap 'roll_back "line $LINENO: $BASH_COMMAND"' ERR
}

# keep FILE: remember how FILE was before this upgrade.
keep() {
    [ -d "$UPGRADE" ] || return 0
    if [ ! -e "$1" ]; then
        grep -qxF "$1" "$UPGRADE/new" || printf '%s\n' "$1" >>"$UPGRADE/new"
    elif [ ! -e "$UPGRADE/files$1" ] && ! grep -qxF "$1" "$UPGRADE/new"; then
        install -d --mode 0700 "$(dirname "$UPGRADE/files$1")"
        cp --preserve "$1" "$UPGRADE/files$1"
    fi
}

back_up_databases() {
    local database
    for database in "${DATABASES[@]}"; do
        [ -e "$UPGRADE/$database.dump" ] && continue
        (cd / && runuser --user postgres -- pg_dump --format=custom "$database") >"$UPGRADE/$database.part"
        mv "$UPGRADE/$database.part" "$UPGRADE/$database.dump"
    done
    say "the databases as they were are in $UPGRADE"
}

# schema RELEASE WHAT [ARGUMENTS…]: deployments.ec2.schema of this release, in the environment of RELEASE.
schema() {
    local python=$HOME_DIR/releases/$1/.venv/bin/python
    shift
    systemd-run --quiet --wait --pipe --collect --uid wine --working-directory "$HOME_DIR/releases/$RELEASE" \
        --property EnvironmentFile=$CONFIG/tracker.env --property EnvironmentFile=$CONFIG/prefect.env \
        "$python" -m deployments.ec2.schema "$@"
}

# Bring the databases to this release: forward by its own migrations, back by those of the release that made them.
migrate() {
    local status=0
    schema "$RELEASE" upgrade || status=$?
    if [ $status = 3 ] && [ -n "$PREVIOUS" ]; then
        say "taking the databases back to what release $RELEASE works with"
        # shellcheck disable=SC2046 # one word a schema
        schema "$PREVIOUS" downgrade $(schema "$RELEASE" heads)
        status=0
        schema "$RELEASE" upgrade || status=$?
    fi
    return $status
}

switch_release() {
    [ "$(readlink $HOME_DIR/current 2>/dev/null)" = "releases/$RELEASE" ] && [ ! -e "$UPGRADE/switched" ] && return
    # the worker finishes what it runs before its code is changed under it (ExecStop drains)
    systemctl stop wine-worker "${SERVERS[@]}" 2>/dev/null || true
    back_up_databases
    touch "$UPGRADE/switched"
    ln --symbolic --force --no-dereference "releases/$RELEASE" $HOME_DIR/current
    changed "current release is $RELEASE"
    migrate
    RESTART[wine-tracker]=1 RESTART[wine-prefect]=1 RESTART[wine-worker]=1
}

answers() { # URL STATUS [OPTIONS…]
    local url=$1 status=$2 end=$((SECONDS + 120))
    shift 2
    until [ "$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' "$@" "$url")" = "$status" ]; do
        [ $SECONDS -lt $end ] || { say "$url does not answer with $status"; return 1; }
        sleep 1
    done
}

healthy() {
    local host
    answers http://127.0.0.1:5000/health 200 && answers http://127.0.0.1:4200/api/health 200 || return 1
    for host in "$TRACKER_HOST" "$PREFECT_HOST"; do # by the proxy, which asks for a credential
        answers "https://$host/version" 401 --insecure --resolve "$host:443:127.0.0.1" || return 1
    done
}

worker_listens() {
    systemctl is-active --quiet wine-worker
    as_flows "$HOME_DIR/current/.venv/bin/python" -m deployments.ec2.drain wait-for-worker
}

end_upgrade() {
    trap 'stopped "$LINENO" "$BASH_COMMAND"' ERR
    [ -e "$UPGRADE/switched" ] || { rm -rf "$UPGRADE"; return; }
    rm -rf "$HOME_DIR/upgrade.last"
    mv "$UPGRADE" "$HOME_DIR/upgrade.last"
}

put_files_back() {
    local file
    (cd "$UPGRADE/files" && find . -type f -printf '/%P\0') | while IFS= read -r -d '' file; do
        cp --preserve "$UPGRADE/files$file" "$file"
    done
    while IFS= read -r file; do rm -f "$file"; done <"$UPGRADE/new"
    systemctl daemon-reload
    own_state
}

# The databases back to the release before: by this release's migrations, which loses nothing, or else from the dumps.
put_databases_back() {
    local heads database
    [ -e "$UPGRADE/switched" ] || return 0
    if heads=$(schema "$PREVIOUS" heads) && schema "$RELEASE" downgrade $heads; then return; fi
    say "restoring the databases as they were"
    for database in "${DATABASES[@]}"; do
        restore_database "$database" || return 1
    done
}

# The database as it was takes the place of the one there is only when it is whole.
restore_database() {
    local made=${1}_restored
    as_postgres --command "DROP DATABASE IF EXISTS $made WITH (FORCE)" \
        && as_postgres --command "CREATE DATABASE $made OWNER wine" \
        && as_postgres --dbname "$made" --command 'CREATE EXTENSION IF NOT EXISTS pg_trgm' \
        && (cd / && runuser --user postgres -- pg_restore --no-owner --no-comments --role wine --exit-on-error \
            --dbname "$made") <"$UPGRADE/$1.dump" \
        && as_postgres --command "DROP DATABASE $1 WITH (FORCE)" \
        && as_postgres --command "ALTER DATABASE $made RENAME TO $1"
}

roll_back() {
    trap - ERR
    printf '\nStopped at %s\n' "$1" >&2
    if [ -z "$PREVIOUS" ]; then
        rm -rf "$UPGRADE"
        fail "There is no release to go back to. journalctl -u 'wine-*' says why; put that right and run this script again."
    fi
    say "going back to $PREVIOUS"
    set +e
    systemctl stop wine-worker "${SERVERS[@]}"
    put_databases_back
    ln --symbolic --force --no-dereference "releases/$PREVIOUS" $HOME_DIR/current
    put_files_back
    systemctl reload nftables ssh
    systemctl restart systemd-journald caddy "${SERVERS[@]}" # caddy's admin end, by which it reloads, is off
    if ! runs_again; then
        fail "Release $RELEASE did not become healthy, and $PREVIOUS does not either. The databases as they were are in $UPGRADE; journalctl -u 'wine-*' says why."
    fi
    rm -rf "$UPGRADE"
    fail "Release $RELEASE did not become healthy; $PREVIOUS runs again, with its settings and databases. journalctl -u 'wine-*' says why."
}

runs_again() {
    healthy && systemctl restart wine-worker || return 1
    [ ! -e "$UPGRADE/deployed" ] || as_flows "$HOME_DIR/current/deployments/ec2/deploy-flows.sh"
}
