#!/bin/sh
# Make .venv from uv.lock with the packages of a group: environment.sh GROUP
# or say where uv is, after installing it if need be: environment.sh --uv
# PYTHON names the interpreter. Without it one that fits is taken from this machine, and uv fetches one where
# there is none. What is missing is said before anything is downloaded.
set -eu
cd "$(dirname "$0")/../.."
group=$1
tools=$PWD/.local/tools
kept=${XDG_CACHE_HOME:-${HOME:-/proc}/.cache}/wine/uv  # for the next clone: making an environment for it takes seconds

say() { echo "$*" >&2; }

stop() {
  say "$*"
  exit 1
}

interrupted() {
  trap '' INT
  say "
Interrupted while the environment was being made. The same command continues from here."
  exit 130
}

# The command that installs a package here, by the names it has on Debian, Fedora and macOS.
install_command() {
  sudo=$([ "$(id -u)" = 0 ] || echo "sudo ")
  if command -v apt-get >/dev/null; then echo "${sudo}apt install $1"
  elif command -v dnf >/dev/null; then echo "${sudo}dnf install $2"
  elif command -v brew >/dev/null; then echo "brew install $3"
  else echo "the package manager of this system ($1)"
  fi
}

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

version() { "$1" --version 2>&1 || echo "not there"; }

# uv from the PATH if it is new enough, else the one in the tool environment, if that is there.
find_uv() {
  for candidate in uv "$tools/bin/uv"; do
    if is_new_uv "$candidate"; then command -v "$candidate"; return; fi
  done
}

is_new_uv() {
  case $("$1" --version 2>/dev/null) in
    "uv 0."[0-9].*) false ;;
    "uv "*) ;;
    *) false ;;
  esac
}

check_machine() {
  command -v git >/dev/null || stop "git is missing. Install it: $(install_command git git git)"
  [ -n "$(find_uv)" ] || is_new_uv "$kept" || find_venv
  [ "$(uname)" != Darwin ] || check_libomp
  check_folders
}

# Sets `python`. A Python of any age can install uv, if it has venv, which Debian keeps in a package of its own.
find_venv() {
  for python in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
  done
  stop "Python or its module venv is missing. Install both: $(install_command "python3 python3-venv" python3 python)"
}

# Only Linux's wheels bring an OpenMP runtime that LightGBM can use.
check_libomp() {
  for folder in /opt/homebrew/opt/libomp/lib /usr/local/opt/libomp/lib /opt/local/lib/libomp; do
    if [ -e "$folder/libomp.dylib" ]; then return; fi
  done
  stop "LightGBM needs the OpenMP runtime. Install it: brew install libomp"
}

check_folders() {
  if ! { mkdir -p .local && [ -w .local ] && [ -w . ]; } 2>/dev/null; then
    stop "$PWD cannot be written by $(id -un 2>/dev/null || id -u). Clone the project into a folder of your own."
  fi
  cache=${UV_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/proc}/.cache}/uv}
  if ! { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null; then
    export UV_CACHE_DIR="$PWD/.local/cache/uv"
    say "$cache cannot be written: packages are kept in $UV_CACHE_DIR. UV_CACHE_DIR names another folder."
  fi
}

install_uv() {
  if is_new_uv "$kept" && mkdir -p "$tools/bin" && cp "$kept" "$tools/bin/uv"; then return; fi
  say "Installing uv into .local/tools"
  find_venv
  "$python" -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check 'uv>=0.10' ||
    stop "uv could not be installed. Is the package index reachable? pip's own settings (PIP_INDEX_URL, PIP_CERT) count."
  { mkdir -p "${kept%/*}" && cp "$tools/bin/uv" "$kept.$$" && mv "$kept.$$" "$kept"; } 2>/dev/null || rm -f "$kept.$$" 2>/dev/null
}

# Sets `python`, the interpreter for .venv.
choose_python() {
  if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" || stop "PYTHON=$PYTHON is $(version "$PYTHON"); this needs Python 3.11 to 3.14. Without PYTHON, a fitting one is looked for."
    python=$(command -v "$PYTHON")
    return
  fi
  for python in .venv/bin/python python3; do
    if fits "$python"; then return; fi
  done
  python=$(other_python) || fetch_python
  say "python3 is $(version python3), and this needs Python 3.11 to 3.14: using $python"
}

other_python() {
  for candidate in python3.13 python3.12 python3.11 python3.14; do
    if fits "$candidate"; then command -v "$candidate"; return; fi
  done
  "$uv" python find --quiet --no-python-downloads --no-project '>=3.11,<3.15'
}

fetch_python() {
  say "No Python 3.11 to 3.14 is here: uv fetches one"
  "$uv" python install --quiet --no-bin 3.13 || stop "uv could not fetch Python 3.13 (it comes from GitHub, or from UV_PYTHON_INSTALL_MIRROR).
Install one, then say for example: make up PYTHON=python3.13"
  python=$("$uv" python find --quiet --no-project 3.13)
}

trap interrupted INT
check_machine
[ -n "$(find_uv)" ] || install_uv
uv=$(find_uv)
if [ "$group" = --uv ]; then
  echo "$uv"
  exit
fi
choose_python
[ -d .venv ] || say "Making the environment from uv.lock; with an empty cache this downloads about 1 GB"
"$uv" sync --quiet --locked --inexact --no-default-groups --group "$group" \
  --python "$("$python" -c 'import sys; print(sys.executable)')"
# 170 MB that nothing here runs, taken out once after each change of the lock.
if [ "$group" = local ] && [ -z "$(find .venv/trimmed -newer uv.lock 2>/dev/null)" ]; then
  deployments/images/trim.sh --in-use .venv
  deployments/local/compiled.sh restore
  touch .venv/trimmed
fi
