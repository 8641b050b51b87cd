#!/bin/sh
# Write what each image and the host hold as CycloneDX: sbom.sh [FOLDER]. From the lock, so from what is installed.
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/.local/tools/bin:$HOME/.local/bin:$PATH
folder=${1:-sbom}
mkdir -p "$folder"

# inventory NAME GROUP…: the groups that NAME is made with
inventory() {
    name=$1
    shift
    groups=
    for group in "$@"; do groups="$groups --group $group"; done
    # shellcheck disable=SC2086 # options, one word each
    uv export --quiet --locked --no-default-groups $groups --no-emit-project \
        --format cyclonedx1.5 --output-file "$folder/$name.cdx.json"
    echo "$folder/$name.cdx.json"
}

inventory serving serving
inventory tracker tracker
inventory flows flows dask
inventory host flows dask tracker
