#!/bin/sh
# Install the host from a bare Debian in a container and put it through its drills: an hour on 2 cores, needs root.
#   host-drill.sh [PYTEST-ARGUMENTS…]    for example: host-drill.sh -k test_03
set -eu
cd "$(dirname "$0")/../.."
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update --quiet=2
DEBIAN_FRONTEND=noninteractive $sudo apt-get install --quiet=2 --yes --no-install-recommends \
    curl debootstrap git iproute2 nftables openssh-client postgresql systemd-container
deployments/ci/environment.sh dev
$sudo env HOST_DRILL=1 PATH="$HOME/.local/bin:$PATH" \
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$PWD" \
    .venv/bin/python -m pytest tests/drills/host -x "$@"
