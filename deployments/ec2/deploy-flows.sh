#!/bin/sh
# Declare the deployments, triggers and automations of this release; run again, it changes nothing.
# Needs PREFECT_API_URL (and PREFECT_API_AUTH_STRING where the server asks for it).
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/.venv/bin:$PATH
prefect --no-prompt work-pool inspect ec2-host >/dev/null 2>&1 || prefect --no-prompt work-pool create ec2-host --type process
prefect --no-prompt deploy --all
python -m deployments.automations
