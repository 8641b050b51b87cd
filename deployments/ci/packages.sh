#!/bin/sh
# Install the programs that tests need besides Python packages. For Debian and Ubuntu; asks for nothing but sudo's word.
# PostgreSQL and the SSH server begin to run with the system; the tests use their programs alone.
set -eu
browser=chromium
if ! apt-cache show chromium >/dev/null 2>&1 && apt-cache show chromium-browser >/dev/null 2>&1; then
  browser=chromium-browser # Ubuntu's name
fi
packages="$browser ca-certificates curl debian-archive-keyring debootstrap default-jdk-headless libatomic1 nginx openssh-client openssh-server pgbouncer postgresql shellcheck wrk"
install="apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends $packages"
if [ "$(id -u)" = 0 ]; then
  echo "$install"
  exec sh -c "$install"
fi
install="sudo sh -c '$install'"
echo "$install"
if ! command -v sudo >/dev/null; then
  echo "There is no sudo here: let an administrator run what stands between the quotes." >&2
  exit 1
fi
exec sh -c "$install"
