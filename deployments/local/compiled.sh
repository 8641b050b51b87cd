#!/bin/sh
# Keep the packages' compiled files for the next environment from the same lock, or take them from there:
#   compiled.sh keep|restore
# The first start of everything spends a third of its time on compiling. They stay in CACHE/wine, for one lock alone.
# Python compares each with its source and compiles again what does not fit, so a loss or a mistake costs time only.
set -eu
cd "$(dirname "$0")/../.."
folder=${XDG_CACHE_HOME:-${HOME:-/proc}/.cache}/wine
key=$(.venv/bin/python -c 'import sys, zlib
print(zlib.crc32(open("uv.lock", "rb").read()), sys.implementation.cache_tag, sep="-")')
archive=$folder/compiled-$key.tar

keep() {
  [ ! -e "$archive" ] || return 0
  mkdir -p "$folder"
  rm -f "$folder"/compiled-*
  find .venv/lib -name '*.pyc' >"$archive.$$.list"
  tar -cf "$archive.$$" -T "$archive.$$.list" && mv "$archive.$$" "$archive"
  rm -f "$archive.$$" "$archive.$$.list"
}

# Only what belongs to a source that is here: the environment that kept them may have held more packages, and a
# folder of a package that is not installed can be imported, and is empty.
restore() {
  [ -e "$archive" ] || return 0
  lists=$(mktemp -d) || return
  find .venv/lib -name '*.py' | sed "s|\([^/]*\)\.py\$|__pycache__/\1.${key#*-}.pyc|" | LC_ALL=C sort >"$lists/fitting"
  tar -tf "$archive" | LC_ALL=C sort | LC_ALL=C comm -12 - "$lists/fitting" >"$lists/wanted"
  [ ! -s "$lists/wanted" ] || tar -xf "$archive" -T "$lists/wanted"
  rm -rf "$lists"
}

case ${1:-} in
  keep | restore) "$1" 2>/dev/null || : ;; # a cache that cannot be used is no reason to stop
  *) echo "Usage: $0 keep|restore" >&2; exit 2 ;;
esac
