# shellcheck shell=bash disable=SC2154 # sourced by install.sh, which sets the names in capitals
# The files that the services, the proxy and the firewall read, made from the host's settings.

# variable NAME VALUE: one line of a systemd environment file; an empty value leaves the variable out.
variable() {
    local value=${2//\\/\\\\}
    [ -z "$2" ] || printf '%s="%s"\n' "$1" "${value//\"/\\\"}"
}

passed_on() { local name; for name in "$@"; do variable "$name" "$(setting "$name")"; done; }

AWS=(AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)

tracker_environment() {
    variable BACKEND_STORE_URI "postgresql:///mlflow?host=/run/postgresql"
    variable TRACKER_HOSTS "$TRACKER_HOST"
    variable TRACKER_STATE "$STATE/tracker"
    passed_on ARTIFACT_ROOT BACKUP_URI BACKUP_PING_URL MLFLOW_AUTH_ADMIN_PASSWORD MLFLOW_FLASK_SERVER_SECRET_KEY \
        TRACKER_FLOWS_PASSWORD TRACKER_SERVICE_PASSWORD "${AWS[@]}"
}

prefect_environment() {
    cat "$FILES/prefect.env"
    variable PREFECT_HOME "$STATE/prefect"
    variable PREFECT_SERVER_API_AUTH_STRING "prefect:$(setting PREFECT_PASSWORD)"
    variable PREFECT_UI_STATIC_DIRECTORY "$STATE/prefect/ui"
    variable PREFECT_UI_API_URL "https://$PREFECT_HOST/api"
    variable PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD "$((${RUN_RETENTION_DAYS:-90} * 86400))"
    variable PREFECT_SERVER_EVENTS_RETENTION_PERIOD "P${EVENT_RETENTION_DAYS:-7}D"
}

worker_environment() {
    cat "$FILES/worker.env"
    variable PREFECT_HOME "$STATE/worker"
    variable PREFECT_API_AUTH_STRING "prefect:$(setting PREFECT_PASSWORD)"
    variable PREFECT_UI_URL "https://$PREFECT_HOST"
    variable MLFLOW_TRACKING_USERNAME wine-flows
    variable MLFLOW_TRACKING_PASSWORD "$(setting TRACKER_FLOWS_PASSWORD)"
    variable MLFLOW_PUBLIC_URI "https://$TRACKER_HOST"
    variable FLOWS_STATE "$STATE/flows"
    variable GIT_COMMIT "$RELEASE"
    variable WORKER_LIMIT "${WORKER_LIMIT:-2}"
    variable BACKUP_FOLDER /var/backups/wine
    passed_on BACKUP_URI DRIFT_PING_URL ARCHIVE_URI
    passed_on ARTIFACT_DATA NEON_URI SERVING_URL DRIFT_THRESHOLD DASK_ADDRESS ALERT_WEBHOOK_URL ALERT_EMAIL_URL "${AWS[@]}"
    passed_on ECS_DEPLOYMENTS ECS_IMAGE ECS_CLUSTER ECS_VPC_ID ECS_CPU ECS_MEMORY ECS_EXECUTION_ROLE_ARN ECS_TASK_ROLE_ARN ECS_SECRETS
}

# The proxy asks for Prefect's own credential in front of the whole site. bcrypt salts: hash only a new one.
hash_password() {
    local password fingerprint file="$CONFIG/prefect.bcrypt"
    password=$(setting PREFECT_PASSWORD)
    fingerprint=$(printf '%s' "$password" | sha256sum | cut -c 1-64)
    grep -qs "^$fingerprint " "$file" \
        || printf '%s %s\n' "$fingerprint" "$(printf '%s\n' "$password" | caddy hash-password)" | put "$file" 0600 root
}

write_configuration() {
    local unit
    tracker_environment | put "$CONFIG/tracker.env" 0600 root wine-tracker
    prefect_environment | put "$CONFIG/prefect.env" 0600 root wine-prefect
    worker_environment | put "$CONFIG/worker.env" 0600 root wine-worker
    for unit in wine-tracker wine-prefect wine-worker; do
        put /etc/systemd/system/$unit.service 0644 root $unit <"$FILES/$unit.service"
    done
    for unit in wine-rescuer.service wine-backup.service wine-backup.timer wine-doctor.service wine-doctor.timer wine-failure@.service; do
        put /etc/systemd/system/$unit 0644 root <"$FILES/$unit"
    done
    for unit in caddy postgresql@; do
        put /etc/systemd/system/$unit.service.d/wine.conf 0644 root <"$FILES/restart.conf"
    done
    put /etc/apt/apt.conf.d/52wine 0644 root <"$FILES/apt.conf"
    put /usr/local/sbin/wine-run 0755 root <"$FILES/wine-run"
    put /etc/systemd/journald.conf.d/wine.conf 0644 root systemd-journald <"$FILES/journald.conf"
    put /etc/ssh/sshd_config.d/wine.conf 0644 root ssh <"$FILES/sshd.conf"
    put /etc/nftables.conf 0755 root nftables <"$FILES/nftables.conf"
    hash_password
    sed -e "s|@TRACKER_HOST@|$TRACKER_HOST|; s|@PREFECT_HOST@|$PREFECT_HOST|; s|@TLS@|$(setting TLS)|" \
        -e "s|@PREFECT_HASH@|$(cut -d ' ' -f 2 "$CONFIG/prefect.bcrypt")|" "$FILES/Caddyfile" \
        | put /etc/caddy/Caddyfile 0640 caddy caddy
    install -d --mode 0700 --owner wine --group wine "$STATE/tracker" "$STATE/prefect"
    # everybody may see how old the backups are; the dumps are their owner's alone
    install -d --mode 0755 --owner wine --group wine /var/backups/wine
    case $(setting ARTIFACT_ROOT) in /*) install -d --mode 0700 --owner wine --group wine "$(setting ARTIFACT_ROOT)" ;; esac
}
