#!/bin/sh
# Install the host from a bare Debian in a container and put it through its drills: ten minutes, needs root.
set -eu
cd "$(dirname "$0")/../.."
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update --quiet=2
DEBIAN_FRONTEND=noninteractive $sudo apt-get install --quiet=2 --yes --no-install-recommends \
    debootstrap iproute2 nftables systemd-container
deployments/ci/environment.sh dev
$sudo env HOST_DRILL=1 PATH="$HOME/.local/bin:$PATH" .venv/bin/python -m pytest tests/drills/host -x
