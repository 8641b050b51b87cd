#!/bin/sh
# Write what each image holds as CycloneDX: sbom.sh [FOLDER]. From the lock, so from what is installed.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-sbom}
mkdir -p "$folder"
for group in serving tracker flows; do
    uv export --quiet --locked --no-default-groups --group "$group" --no-emit-project \
        --format cyclonedx1.5 --output-file "$folder/$group.cdx.json"
    echo "$folder/$group.cdx.json"
done
