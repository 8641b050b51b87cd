#!/bin/bash
# Run both commands of the README on a bare Debian, as an ordinary user: nothing but python3, venv, make, git and
# certificates is installed there.
#   fresh-drill.sh [SUITE] [PART…]    SUITE: bookworm (Python 3.11), trixie (3.13) or another of Debian
#   PART: up            make up, its printed request, make down; with the caches warm after the first time
#         test          make test, with what needs a program skipped
#         test-tools    make test-tools as root, then make test again: nothing may be skipped
# Needs root (or sudo), debootstrap and a kernel that allows mount namespaces; fresh-drill.sh --possible succeeds there.
# The roots and the users' caches stay in FRESH_ROOTS (/var/tmp/fresh-roots); COLD=1 empties the caches first.
# TESTS=tests/unit runs only these tests; MIRROR is another Debian mirror; PREFECT_PORT, MLFLOW_PORT and SERVING_PORT
# are for where 14200, 15000 and 17860 are taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(id -u)" = 0 ] || exec sudo --non-interactive --preserve-env=FRESH_ROOTS,COLD,MIRROR,TESTS,PREFECT_PORT,MLFLOW_PORT,SERVING_PORT "$0" "$@"
roots=${FRESH_ROOTS:-/var/tmp/fresh-roots}
packages=python3,python3-venv,make,git,ca-certificates
certificates=/etc/ssl/certs/ca-certificates.crt

possible() {
  command -v debootstrap >/dev/null && unshare --mount --pid --fork true 2>/dev/null
}

make_root() {
  local root=$roots/$1
  [ -e "$root.complete" ] && return
  rm -rf "$root"
  mkdir -p "$roots"
  debootstrap --variant=minbase --include="$packages" "$1" "$root" "${MIRROR:-http://deb.debian.org/debian}" >"$root.log"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # packages start no servers
  chmod +x "$root/usr/sbin/policy-rc.d"
  chroot "$root" useradd --create-home --shell /bin/bash --uid 1717 visitor
  touch "$root.complete"
}

# What this machine's package clients are told about the registry, and nothing else, goes in.
registry_settings() {
  env | grep -E '^(PIP_(INDEX_URL|EXTRA_INDEX_URL|CERT|TRUSTED_HOST|DEFAULT_TIMEOUT)|UV_(DEFAULT_INDEX|INDEX|INDEX_URL|NATIVE_TLS)|SSL_CERT_FILE|[a-zA-Z]*_(proxy|PROXY))=' || true
}

# inside ROOT USER COMMAND: run it in the root, with a /proc, /dev and process table of its own, which end with this script.
inside() {
  local root=$1 user=$2 settings
  mapfile -t settings < <(registry_settings)
  shift 2
  # shellcheck disable=SC2016 # expanded by the inner shell
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child bash -euc '
    root=$1 user=$2 certificates=$3; shift 3
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    [ ! -e "$certificates" ] || mount --bind "$certificates" "$root$certificates"
    cp --remove-destination --dereference /etc/resolv.conf "$root/etc/resolv.conf"
    # not chroot: whoever is in one may make no namespaces of their own, as a test of full disks does
    cd "$root"
    pivot_root . .
    umount --lazy .
    cd /
    exec setpriv --reuid="$user" --regid="$user" --clear-groups --pdeathsig KILL "$@"
  ' inside "$root" "$user" "$certificates" \
    env -i HOME="$(home "$user")" USER="$user" LOGNAME="$user" LANG=C.UTF-8 \
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin "${settings[@]}" \
    PREFECT_PORT="${PREFECT_PORT:-14200}" MLFLOW_PORT="${MLFLOW_PORT:-15000}" SERVING_PORT="${SERVING_PORT:-17860}" "$@"
}

home() { [ "$1" = root ] && echo /root || echo "/home/$1"; }

visitor() { inside "$root" visitor bash -euo pipefail -c "cd ~/wine; $1"; }

step() { printf '\n--- %s: %s (%(%H:%M:%S)T)\n' "$suite" "$1" -1; }

clone() {
  rm -rf "$root/home/visitor/wine"
  git -c safe.directory='*' clone --quiet --no-hardlinks --no-local "$PWD" "$root/home/visitor/wine"
  chown -R --no-dereference 1717:1717 "$root/home/visitor/wine"
}

up() {
  step "make up"
  # The request is the one that make up prints, with curl, or with Python where there is no curl.
  # shellcheck disable=SC2016 # expanded in the root
  visitor 'make up | tee ../up.txt
    sed -n "/Price it again/,/^make status/p" ../up.txt | sed "1d;\$d" >../request.sh
    bash ../request.sh | tee ../answer.json
    echo
    grep --quiet "\"prediction\"" ../answer.json
    make status
    make down
    printf "The environment takes %s MB, %s with compiled files.\n" \
      "$(du -sm --exclude=__pycache__ .venv | cut -f1)" "$(du -sm .venv | cut -f1)"'
}

# Whatever make test prints at its end has to say what it did not do: nothing failed, and, with `nothing`, nothing skipped.
tests() {
  step "make test, skipping $1"
  visitor "make test SUITE='${TESTS:-tests}' | tee ../test.txt"
  if [ "$1" = nothing ] && grep --quiet --extended-regexp '^=+ .*[0-9]+ skipped' "$root/home/visitor/test.txt"; then
    echo "Tests were skipped although make test-tools has been run." >&2
    exit 1
  fi
}

tools() {
  step "make test-tools"
  inside "$root" root make --directory /home/visitor/wine test-tools
}

[ "${1:-}" != --possible ] || { possible; exit; }
possible || { echo "The drill needs root, debootstrap and a kernel that allows mount namespaces." >&2; exit 1; }
suite=${1:-bookworm}
root=$roots/$suite
shift || true
step "root"
make_root "$suite"
[ -z "${COLD:-}" ] || rm -rf "$root/home/visitor/.cache"
clone
for part in "${@:-up}"; do
  case $part in
    up) up ;;
    test) tests "what needs a program" ;;
    test-tools) tools; tests nothing ;;
    *) echo "Unknown part $part: up, test or test-tools" >&2; exit 2 ;;
  esac
done
step "done"
