#!/usr/bin/env bash
# Act on the host over SSH, from a laptop or a CI job.
#
#   deployments/ec2/remote.sh install [COMMIT]         send the tree of a commit and install it (upgrade in place)
#   deployments/ec2/remote.sh run REPORTS ARGUMENTS…   python -m deployments.run ARGUMENTS on the host; its
#                                                      reports are brought back to the folder REPORTS
#
# Needs EC2_HOST, EC2_HOST_KEY (the host's line of known_hosts: ssh-keyscan -t ed25519 HOST, compared with
# what the host's console shows) and EC2_SSH_PRIVATE_KEY (the key itself; without it the agent is asked).
# EC2_USER defaults to admin, Debian's; EC2_PORT to 22.
set -Eeuo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATHS=(deployments flows pricing serving tests/model tracker prefect.yaml pyproject.toml README.md uv.lock)

needed() {
    [ -n "${!1:-}" ] || { printf '%s is not set: %s\n' "$1" "$2" >&2; exit 2; }
}

connect() {
    needed EC2_HOST "the host's name, for example ec2-203-0-113-7.eu-west-3.compute.amazonaws.com"
    needed EC2_HOST_KEY "the host's public key, one line of known_hosts; without it anybody could answer for it"
    KEYS=$(mktemp -d)
    trap 'rm -rf "$KEYS"' EXIT
    printf '%s\n' "$EC2_HOST_KEY" >"$KEYS/known_hosts"
    SSH=(ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$KEYS/known_hosts"
        -o ConnectTimeout=20 -o ServerAliveInterval=30 -p "${EC2_PORT:-22}")
    if [ -n "${EC2_SSH_PRIVATE_KEY:-}" ]; then
        (umask 077 && printf '%s\n' "$EC2_SSH_PRIVATE_KEY" >"$KEYS/identity")
        SSH+=(-o IdentitiesOnly=yes -i "$KEYS/identity")
    fi
    SSH+=("${EC2_USER:-admin}@$EC2_HOST")
}

install_commit() {
    git -C "$SOURCE" archive --format=tar "${1:-HEAD}" -- "${PATHS[@]}" | "${SSH[@]}" \
        'set -e; sudo rm -rf /srv/wine.new; sudo mkdir -p /srv/wine.new; sudo tar -x -C /srv/wine.new; sudo rm -rf /srv/wine; sudo mv /srv/wine.new /srv/wine; sudo /srv/wine/deployments/ec2/install.sh'
}

run_deployment() {
    local reports=$1 folder status=0
    shift
    folder=$("${SSH[@]}" 'sudo -u wine-flows mktemp -d')
    "${SSH[@]}" "sudo wine-run deployments.run --reports $folder $(printf ' %q' "$@")" || status=$?
    mkdir -p "$reports"
    "${SSH[@]}" "sudo tar -c -C $folder . && sudo rm -rf $folder" | tar -x -C "$reports"
    return $status
}

case ${1:-} in
    install) connect && install_commit "${2:-HEAD}" ;;
    run) [ $# -ge 3 ] || { sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
        shift && connect && run_deployment "$@" ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
