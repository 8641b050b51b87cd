#!/bin/sh
# Build an image again in BuildKit and push it with its SBOM and provenance: push.sh tracker|serving|flows.
# Needs IMAGE_REGISTRY (ghcr.io/my-team); without it nothing is pushed. IMAGE_REGISTRY_USER and
# IMAGE_REGISTRY_PASSWORD log in. The tag is the commit.
set -eu
cd "$(dirname "$0")/../.."
case ${1:-} in
    tracker) file=tracker/Dockerfile ;;
    serving) file=deployments/huggingface/Dockerfile ;;
    flows) file=deployments/ecs/Dockerfile ;;
    *) echo "Usage: $0 tracker|serving|flows" >&2; exit 2 ;;
esac
[ -n "${IMAGE_REGISTRY:-}" ] || { echo "IMAGE_REGISTRY is not set: nothing is pushed."; exit 0; }
if [ -n "${IMAGE_REGISTRY_PASSWORD:-}" ]; then
    printf '%s' "$IMAGE_REGISTRY_PASSWORD" \
        | docker login --username "$IMAGE_REGISTRY_USER" --password-stdin "${IMAGE_REGISTRY%%/*}"
fi
docker buildx inspect wine >/dev/null 2>&1 || docker buildx create --name wine --driver docker-container >/dev/null
exec docker buildx build --builder wine --file "$file" --tag "$IMAGE_REGISTRY/wine-$1:$(git rev-parse HEAD)" \
    --sbom=true --provenance=mode=max --push .
