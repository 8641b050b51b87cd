#!/bin/sh
# Build an image of this repository: build.sh tracker|serving|flows [TAG]. With docker, or buildah where it is missing.
# BASE replaces the base image (a local one, where no registry can be reached).
set -eu
cd "$(dirname "$0")/../.."
case ${1:-} in
    tracker) file=tracker/Dockerfile ;;
    serving) file=deployments/huggingface/Dockerfile ;;
    flows) file=deployments/ecs/Dockerfile ;;
    *) echo "Usage: $0 tracker|serving|flows [TAG]" >&2; exit 2 ;;
esac
tag=${2:-wine-$1:local}
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
    exec docker build --file "$file" --tag "$tag" ${BASE:+--build-arg "BASE=$BASE"} .
fi
exec buildah build --layers --format docker --file "$file" --tag "$tag" ${BASE:+--build-arg "BASE=$BASE"} .
