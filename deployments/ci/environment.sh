#!/bin/sh
# Make .venv from the lock with the group given (deploy by default), with uv in the version that wrote it.
set -eu
cd "$(dirname "$0")/../.."
command -v uv >/dev/null || python3 -m pip install --quiet --disable-pip-version-check --user --break-system-packages uv==0.13.9
PATH=$HOME/.local/bin:$PATH
uv sync --quiet --locked --no-default-groups --group "${1:-deploy}"
