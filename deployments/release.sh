#!/bin/sh
# The release that runs here, as the version of the deployments: the package's version and the commit, which is
# GIT_COMMIT where there is no repository. A tree with changes that are not committed is marked -dirty.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
commit=${GIT_COMMIT:-$(git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || true)}
case $commit in
    *-dirty) commit=$(printf %.12s "$commit")-dirty ;;
    *) commit=$(printf %.12s "$commit") ;;
esac
echo "$version${commit:++$commit}"
