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
stopped() { printf '\nStopped at line %s: %s\nPut that right and run this script again: it goes on from there.\n' "$@" >&2; }
trap 'stopped "$LINENO" "$BASH_COMMAND"' ERR

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
FILES=$SOURCE/deployments/ec2/files
CONFIG=/etc/wine
HOME_DIR=/opt/wine
STATE=/var/lib/wine
UV_VERSION=0.13.9
PACKAGES=(ca-certificates caddy curl libgomp1 nftables openssh-server openssl postgresql python3 python3-venv
    unattended-upgrades)
RELEASE_PATHS=(configuration deployments flows pricing serving tests/model tracker prefect.yaml pyproject.toml README.md uv.lock)
CHANGES=0
declare -A RESTART=()

# shellcheck source=deployments/ec2/configuration.sh
. "$SOURCE/deployments/ec2/configuration.sh"
# shellcheck source=deployments/ec2/release.sh
. "$SOURCE/deployments/ec2/release.sh"
# shellcheck source=deployments/ec2/upgrade.sh
. "$SOURCE/deployments/ec2/upgrade.sh"

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
        keep "$file"
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

# The servers are run by one user and the flows by another: flows reach neither the tracker's database nor its
# administrator's password.
make_users() {
    local user
    for user in wine wine-flows; do
        id "$user" >/dev/null 2>&1 && continue
        useradd --system --user-group --home-dir $STATE --no-create-home --shell /usr/sbin/nologin "$user"
        changed "user $user"
    done
    install -d --mode 0755 --owner wine --group wine $STATE
    own_state
}

# What the worker and its flows keep belongs to whom the worker's unit names.
own_state() {
    local user folder
    user=$(sed -n 's/^User=//p' /etc/systemd/system/wine-worker.service 2>/dev/null || true)
    user=${user:-wine-flows}
    for folder in $STATE/worker $STATE/flows; do
        install -d --mode 0700 --owner "$user" --group "$user" "$folder"
        find "$folder" ! -user "$user" -exec chown --no-dereference "$user:$user" {} +
    done
}

make_secrets() {
    local name
    [ -e "$CONFIG/secrets.env" ] || install --mode 0600 /dev/null "$CONFIG/secrets.env"
    for name in MLFLOW_AUTH_ADMIN_PASSWORD MLFLOW_FLASK_SERVER_SECRET_KEY PREFECT_PASSWORD \
        TRACKER_FLOWS_PASSWORD TRACKER_SERVICE_PASSWORD; do
        [ -n "$(setting $name)" ] && continue
        printf '%s=%s\n' "$name" "$(openssl rand -hex 24)" >>"$CONFIG/secrets.env"
        changed "secret $name"
    done
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

enable_services() {
    systemctl daemon-reload
    systemctl enable --quiet nftables postgresql wine-tracker wine-prefect wine-worker wine-rescuer caddy
    systemctl enable --quiet --now wine-backup.timer wine-doctor.timer apt-daily.timer apt-daily-upgrade.timer
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

as_flows() {
    systemd-run --quiet --wait --pipe --collect --uid wine-flows --working-directory $HOME_DIR/current \
        --property EnvironmentFile=$CONFIG/worker.env "$@"
}

deploy_flows() {
    local stamp=$HOME_DIR/deployed wanted
    wanted="$RELEASE $(sha256sum <$CONFIG/worker.env)"
    [ "$(cat $stamp 2>/dev/null)" = "$wanted" ] && return
    say "deploying the flows"
    rm -f "$stamp"
    touch "$UPGRADE/deployed"
    as_flows "$HOME_DIR/current/deployments/ec2/deploy-flows.sh"
    printf '%s\n' "$wanted" >$stamp
    changed "deployments and automations"
}

# A host without a single backup has one before the first night.
first_backup() {
    compgen -G '/var/backups/wine/tracker-*.dump' >/dev/null && return
    systemctl start wine-backup.service || fail "The services run, but their first backup failed: journalctl -u wine-backup. Is BACKUP_URI right?"
    changed "first backup"
}

check_host
TRACKER_HOST=$(required TRACKER_HOST mlflow.my-team.org)
PREFECT_HOST=$(required PREFECT_HOST prefect.my-team.org)
required ARTIFACT_ROOT s3://my-bucket/mlflow >/dev/null
required ARTIFACT_DATA s3://my-bucket/wine/ >/dev/null
required TLS me@my-team.org >/dev/null
RUN_RETENTION_DAYS=$(setting RUN_RETENTION_DAYS)
EVENT_RETENTION_DAYS=$(setting EVENT_RETENTION_DAYS)
WORKER_LIMIT=$(setting WORKER_LIMIT)
install_packages
make_users
make_secrets
RELEASE=$(release_id)
install_uv
build_environment
build_release
make_databases
begin_upgrade
write_configuration
switch_release
own_state
enable_services
start_services systemd-journald nftables ssh wine-tracker wine-prefect caddy
healthy
start_services wine-worker
worker_listens
deploy_flows
end_upgrade
first_backup
remove_old_releases
remove_forgotten_trees
say "done: $CHANGES changes. https://$PREFECT_HOST and https://$TRACKER_HOST; passwords in $CONFIG/secrets.env"
