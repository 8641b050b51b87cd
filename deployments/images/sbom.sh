#!/bin/sh
# Write what each image and the host hold as CycloneDX: sbom.sh [FOLDER]. From the lock, so from what is installed.
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/.local/tools/bin:$HOME/.local/bin:$PATH
folder=${1:-sbom}
mkdir -p "$folder"

# What the file of an image leaves out, as uv's other command says it.
left_out() { grep --only-matching -e '--no-install-package [a-z0-9-]*' "$1" | sed 's/-install-/-emit-/' || true; }

# inventory NAME OPTION GROUP…: the groups that NAME is made with, and what is left out of them
inventory() {
    name=$1 groups=$2
    shift 2
    for group in "$@"; do groups="$groups --group $group"; done
    # shellcheck disable=SC2086 # options, one word each
    uv export --quiet --locked --no-default-groups $groups --no-emit-project \
        --format cyclonedx1.5 --output-file "$folder/$name.cdx.json"
    echo "$folder/$name.cdx.json"
}

inventory serving "$(left_out deployments/huggingface/Dockerfile)" serving
inventory tracker "$(left_out tracker/Dockerfile)" tracker
inventory flows "$(left_out deployments/ecs/Dockerfile)" flows dask
inventory host "" flows dask tracker
