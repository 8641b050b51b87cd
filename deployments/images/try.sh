#!/bin/sh
# Start an image as it will be run, read-only but for its user's home, and ask it: try.sh tracker|serving|flows [TAG].
set -eu
cd "$(dirname "$0")/../.."
name=${1:-}
tag=${2:-wine-$name:local}
run="docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges"

# what CONTAINER answers to PATH; its log where it never does
ask() {
    address=$(docker port "$1" "$2/tcp" | head -n 1)
    curl --silent --show-error --max-time 5 --retry 60 --retry-delay 1 --retry-all-errors "http://$address$3" && return
    docker logs "$1" >&2
    return 1
}

case $name in
    serving)
        container=$($run --detach --tmpfs /home/user:uid=1000 --publish 127.0.0.1::7860 "$tag")
        trap 'docker rm --force "$container" >/dev/null' EXIT
        ask "$container" 7860 /health/live
        ask "$container" 7860 /health | grep --quiet '"status"' # without a model it says so
        ;;
    tracker) # without its settings it names them all, and ends
        said=$($run --rm "$tag" 2>&1) && { echo "The tracker started without settings: $said" >&2; exit 1; }
        echo "$said" | grep --quiet BACKEND_STORE_URI
        ;;
    flows) $run --rm --tmpfs /home/flows:uid=10002 "$tag" python -c 'import flows.training.train_run, flows.gate.promote_run, flows.monitoring.drift_run' ;;
    *) echo "Usage: $0 tracker|serving|flows [TAG]" >&2; exit 2 ;;
esac
echo "$tag answers as it should."
