#!/usr/bin/env bash
# Act on the host over SSH, from a laptop or a CI job.
#
#   deployments/ec2/remote.sh install [COMMIT]         send the tree of a commit and install it (upgrade in place)
#   deployments/ec2/remote.sh run REPORTS ARGUMENTS…   python -m deployments.run ARGUMENTS on the host; its
#                                                      reports are brought back to the folder REPORTS
#   deployments/ec2/remote.sh release REPORTS ARGUMENTS…   install HEAD and run, with nobody else's commit in between
#
# Whoever installs has the host for himself: others wait, in the order in which they came.
#
# Needs EC2_HOST, EC2_HOST_KEY (the host's line of known_hosts: ssh-keyscan -t ed25519 HOST, compared with
# what the host's console shows) and EC2_SSH_PRIVATE_KEY (the key itself; without it the agent is asked).
# EC2_USER defaults to admin, Debian's; EC2_PORT to 22.
set -Eeuo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATHS=(configuration deployments flows pricing serving tests/model tracker prefect.yaml pyproject.toml README.md uv.lock)

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

# send COMMIT: its tree is now in the folder $TREE of the host.
send() {
    # shellcheck disable=SC2016 # expanded there
    TREE=$(git -C "$SOURCE" archive --format=tar "$1" -- "${PATHS[@]}" | "${SSH[@]}" \
        'set -e; tree=$(sudo mktemp -d /srv/wine.XXXXXX); sudo chmod 755 "$tree"; sudo tar -x -C "$tree"; echo "$tree"')
}

# alone COMMAND|'': run it on the host with the tree that was sent in /srv/wine, when nobody else does.
alone() {
    local script
    script="rm -rf /srv/wine && mv $TREE /srv/wine && /srv/wine/deployments/ec2/install.sh${1:+ && $1}"
    "${SSH[@]}" "sudo flock --verbose /run/lock/wine-deploy sh -c $(printf '%q' "$script")"
}

run_command() { printf 'wine-run deployments.run --reports %s%s' "$FOLDER" "$(printf ' %q' "$@")"; }

# with_reports REPORTS COMMAND…: what the host's command writes to $FOLDER comes to REPORTS, whatever its outcome.
with_reports() {
    local reports=$1 status=0
    shift
    "$@" || status=$?
    mkdir -p "$reports"
    "${SSH[@]}" "sudo tar -c -C $FOLDER . && sudo rm -rf $FOLDER" | tar -x -C "$reports"
    return $status
}

new_folder() {
    FOLDER=$("${SSH[@]}" 'sudo mktemp -d')
    "${SSH[@]}" "sudo chmod 1777 $FOLDER"
}

usage() { sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

case ${1:-} in
    install) connect; send "${2:-HEAD}"; alone '' ;;
    run) [ $# -ge 3 ] || usage
        shift; connect; new_folder; with_reports "$1" "${SSH[@]}" "sudo $(run_command "${@:2}")" ;;
    release) [ $# -ge 3 ] || usage
        shift; connect; send HEAD; new_folder; with_reports "$1" alone "$(run_command "${@:2}")" ;;
    *) usage ;;
esac
