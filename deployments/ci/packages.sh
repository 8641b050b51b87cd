#!/bin/sh
# Install what the tests need besides Python: PostgreSQL, PgBouncer, Chromium, wrk, curl. For Debian and Ubuntu.
set -eu
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update --quiet=2
DEBIAN_FRONTEND=noninteractive $sudo apt-get install --quiet=2 --yes --no-install-recommends \
    ca-certificates curl openssh-server pgbouncer postgresql postgresql-client shellcheck wrk
command -v chromium || command -v google-chrome || $sudo apt-get install --quiet=2 --yes chromium
