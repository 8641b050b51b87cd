#!/bin/sh
# Declare the deployments, triggers and automations of this release; run again, it changes nothing.
# Needs PREFECT_API_URL (and PREFECT_API_AUTH_STRING where the server asks for it).
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/.venv/bin:$PATH
# the worker makes the pool too: whoever comes second finds it there
prefect --no-prompt work-pool create ec2-host --type process 2>&1 | grep -v 'already exists' || true
prefect --no-prompt deploy --all
python -m deployments.run_limits queue
python -m deployments.automations
[ -z "${ECS_DEPLOYMENTS:-}" ] || python -m deployments.ecs
