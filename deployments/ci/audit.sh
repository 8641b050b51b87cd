#!/bin/sh
# Look every package of the lock up in the database of known vulnerabilities (OSV): audit.sh
# audit-exceptions.txt beside this file names what is accepted, until a date. OSV_URL is another database, AUDIT_DAY another
# day than today (UTC).
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/.venv/bin:$PWD/.local/tools/bin:$HOME/.local/bin:$PATH
exceptions=${1:-deployments/ci/audit-exceptions.txt}
accepted=$(awk -v today="${AUDIT_DAY:-$(date -u +%F)}" '!/^#/ && NF && $2 >= today { print "--ignore-vuln " $1 }' "$exceptions")
locked=$(mktemp)
said=$(mktemp)
trap 'rm -f "$locked" "$said"' EXIT
uv export --quiet --locked --all-groups --no-emit-project --format requirements-txt --output-file "$locked"
code=0
# shellcheck disable=SC2086 # options, one word each
pip-audit --strict --disable-pip --require-hashes --progress-spinner off --vulnerability-service osv \
    ${OSV_URL:+--osv-url "$OSV_URL"} $accepted --requirement "$locked" 2>"$said" || code=$?
if grep --quiet 'ConnectionError\|ConnectTimeout\|ReadTimeout' "$said"; then
    echo "The database of known vulnerabilities (${OSV_URL:-OSV}) cannot be reached, so nothing was looked up:" >&2
    tail -n 1 "$said" | cut -c 1-300 >&2
    echo "Run make audit again with a connection; behind a proxy, set https_proxy." >&2
    exit 3
fi
cat "$said" >&2
exit "$code"
