#!/usr/bin/env bash
# Make this Debian host the team's tracker, Prefect server and worker, behind a TLS proxy.
#
#   sudo deployments/ec2/install.sh            install, repair or upgrade to the tree this script lies in
#
# Run it as often as you like: what is right already is left alone, and the last line says how many
# things were changed. Settings come from /etc/wine/host.env (the first run writes it and stops);
# secrets are made once and kept in /etc/wine/secrets.env. docs/host.md describes the host.
set -Eeuo pipefail
shopt -s lastpipe # `… | put` counts its changes in this shell
trap 'printf "\nStopped at line %s: %s\nPut that right and run this script again: it goes on from there.\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
FILES=$SOURCE/deployments/ec2/files
CONFIG=/etc/wine
HOME_DIR=/opt/wine
STATE=/var/lib/wine
UV_VERSION=0.13.9
PACKAGES=(ca-certificates caddy curl libgomp1 nftables openssh-server openssl postgresql python3 python3-venv)
RELEASE_PATHS=(configuration deployments flows pricing serving tests/model tracker prefect.yaml pyproject.toml README.md uv.lock)
KEEP_RELEASES=2
CHANGES=0
declare -A RESTART=()

# shellcheck source=deployments/ec2/configuration.sh
. "$SOURCE/deployments/ec2/configuration.sh"

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*"; }
changed() { CHANGES=$((CHANGES + 1)); say "changed: $*"; }
fail() { trap - ERR; printf '\n%s\n' "$*" >&2; exit 1; }

# put FILE MODE GROUP [SERVICE…]: standard input becomes FILE; the services are restarted if it differs.
put() {
    local file=$1 mode=$2 group=$3 new service
    shift 3
    new=$(mktemp)
    cat >"$new"
    if ! cmp --silent "$new" "$file"; then
        install -D --mode "$mode" --owner root --group "$group" "$new" "$file"
        changed "$file"
        for service in "$@"; do RESTART[$service]=1; done
    fi
    rm -f "$new"
}

setting() { { cat $CONFIG/host.env $CONFIG/secrets.env 2>/dev/null || true; } | sed -n "s/^$1=//p" | tail -n 1; }

required() {
    local value
    value=$(setting "$1")
    case $value in
        '' | *'<'*) fail "$1 is not set in $CONFIG/host.env (example: $2). Set it and run this script again." ;;
    esac
    printf '%s' "$value"
}

check_host() {
    local path
    for path in "${RELEASE_PATHS[@]}"; do
        [ -e "$SOURCE/$path" ] || fail "$SOURCE lacks $path: this is not a complete release of the project."
    done
    [ "$(id -u)" = 0 ] || fail "This script changes the host: run it with sudo."
    command -v apt-get >/dev/null || fail "This script knows Debian 12 and newer; here there is no apt-get."
    if [ ! -e "$CONFIG/host.env" ]; then
        install -D --mode 0600 "$FILES/host.env" "$CONFIG/host.env"
        fail "Wrote $CONFIG/host.env. Fill it in (docs/host.md explains each line), then run this script again."
    fi
    if [ "$(stat --format %a:%U $CONFIG/host.env)" != 600:root ]; then
        chown root:root $CONFIG/host.env
        chmod 0600 $CONFIG/host.env
        changed "only root may read $CONFIG/host.env"
    fi
}

install_packages() {
    local missing=() package
    for package in "${PACKAGES[@]}"; do
        dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed \
            || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "installing ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get update --quiet=2
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}" >/dev/null
    changed "packages ${missing[*]}"
}

make_user() {
    id wine >/dev/null 2>&1 && return
    useradd --system --home-dir $STATE --create-home --shell /usr/sbin/nologin wine
    chown wine:wine $STATE # where it stood before the user
    changed "user wine"
}

make_secrets() {
    local name
    [ -e "$CONFIG/secrets.env" ] || install --mode 0600 /dev/null "$CONFIG/secrets.env"
    for name in MLFLOW_AUTH_ADMIN_PASSWORD MLFLOW_FLASK_SERVER_SECRET_KEY PREFECT_PASSWORD; do
        [ -n "$(setting $name)" ] && continue
        printf '%s=%s\n' "$name" "$(openssl rand -hex 24)" >>"$CONFIG/secrets.env"
        changed "secret $name"
    done
}

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
    python3 -m compileall -q "$release/configuration" "$release/pricing" "$release/flows" "$release/tracker" "$release/deployments"
    touch "$release/.complete"
    changed "release $RELEASE"
}

as_postgres() { (cd / && runuser --user postgres -- psql --no-psqlrc --quiet --tuples-only --no-align "$@"); }

make_databases() {
    local database
    systemctl enable --quiet --now postgresql
    as_postgres --command "SELECT 1 FROM pg_roles WHERE rolname = 'wine'" | grep -qx 1 || {
        as_postgres --command 'CREATE ROLE wine LOGIN'
        changed "database role wine"
    }
    for database in mlflow prefect; do
        as_postgres --command "SELECT 1 FROM pg_database WHERE datname = '$database'" | grep -qx 1 && continue
        as_postgres --command "CREATE DATABASE $database OWNER wine"
        as_postgres --dbname $database --command 'CREATE EXTENSION IF NOT EXISTS pg_trgm'
        changed "database $database"
    done
}

switch_release() {
    local current
    current=$(readlink $HOME_DIR/current 2>/dev/null || true)
    PREVIOUS=${current##*/}
    [ "$current" = "releases/$RELEASE" ] && return
    # the worker finishes what it runs before its code is changed under it (ExecStop drains)
    systemctl stop wine-worker 2>/dev/null || true
    ln --symbolic --force --no-dereference "releases/$RELEASE" $HOME_DIR/current
    changed "current release is $RELEASE"
    RESTART[wine-tracker]=1 RESTART[wine-prefect]=1 RESTART[wine-worker]=1
}

enable_services() {
    systemctl daemon-reload
    systemctl enable --quiet nftables postgresql wine-tracker wine-prefect wine-worker caddy
    systemctl enable --quiet --now wine-backup.timer
}

start_services() {
    local service
    for service in "$@"; do
        if [ -n "${RESTART[$service]:-}" ]; then
            say "restarting $service"
            systemctl restart "$service"
        elif ! systemctl is-active --quiet "$service"; then
            systemctl start "$service"
            changed "started $service"
        fi
    done
}

healthy() {
    local url
    for url in http://127.0.0.1:5000/health http://127.0.0.1:4200/api/health; do
        curl --silent --fail --output /dev/null --retry 90 --retry-delay 1 --retry-all-errors --max-time 5 "$url" || return 1
    done
}

roll_back() {
    case $PREVIOUS in
        '' | "$RELEASE") fail "The services did not become healthy: journalctl -u 'wine-*' says why." ;;
    esac
    ln --symbolic --force --no-dereference "releases/$PREVIOUS" $HOME_DIR/current
    systemctl restart wine-tracker wine-prefect wine-worker
    fail "Release $RELEASE did not become healthy; $PREVIOUS runs again. journalctl -u 'wine-*' says why."
}

deploy_flows() {
    local stamp=$STATE/deployed
    [ "$(cat $stamp 2>/dev/null)" = "$RELEASE $(sha256sum <$CONFIG/worker.env)" ] && return
    say "deploying the flows"
    systemd-run --quiet --wait --pipe --collect --uid wine --working-directory $HOME_DIR/current \
        --property EnvironmentFile=$CONFIG/worker.env "$HOME_DIR/current/deployments/ec2/deploy-flows.sh"
    printf '%s\n' "$RELEASE $(sha256sum <$CONFIG/worker.env)" >$stamp
    changed "deployments and automations"
}

remove_old_releases() {
    local path
    find $HOME_DIR/releases -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort --numeric-sort --reverse \
        | tail -n +$((KEEP_RELEASES + 1)) | sed -n "\\|/$RELEASE\$|d; s/^[^ ]* //p" \
        | xargs --no-run-if-empty rm -rf
    for path in "$HOME_DIR"/environments/*; do
        find $HOME_DIR/releases -maxdepth 2 -name .venv -lname "$path" | grep -q . || rm -rf "$path"
    done
}

check_host
TRACKER_HOST=$(required TRACKER_HOST mlflow.my-team.org)
PREFECT_HOST=$(required PREFECT_HOST prefect.my-team.org)
required ARTIFACT_ROOT s3://my-bucket/mlflow >/dev/null
required ARTIFACT_DATA s3://my-bucket/wine/ >/dev/null
required TLS me@my-team.org >/dev/null
RUN_RETENTION_DAYS=$(setting RUN_RETENTION_DAYS)
EVENT_RETENTION_DAYS=$(setting EVENT_RETENTION_DAYS)
install_packages
make_user
make_secrets
RELEASE=$(release_id)
install_uv
build_environment
build_release
make_databases
write_configuration
switch_release
enable_services
start_services systemd-journald nftables ssh wine-tracker wine-prefect caddy
healthy || roll_back
start_services wine-worker
deploy_flows
remove_old_releases
say "done: $CHANGES changes. https://$PREFECT_HOST and https://$TRACKER_HOST; passwords in $CONFIG/secrets.env"
