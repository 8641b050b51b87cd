#!/bin/sh
# Install this commit on the host; then, where DEPLOYMENT names one, run it there and await it and THEN, which a trigger
# starts next. Nobody else's commit comes in between. What the runs write comes to the folder reports. A job that is run
# again awaits the run of before.
set -eu
cd "$(dirname "$0")/../.."
[ -n "${DEPLOYMENT:-}" ] || exec deployments/ec2/remote.sh install
set -- "$DEPLOYMENT"
[ -z "${THEN:-}" ] || set -- "$@" --then "$THEN"
[ -z "${GITHUB_RUN_ID:-}" ] || set -- "$@" --key "$GITHUB_RUN_ID-${GITHUB_RUN_ATTEMPT:-1}"
exec deployments/ec2/remote.sh release reports "$@"
